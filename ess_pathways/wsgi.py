"""The application as a WSGI callable: what granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ess_pathways.settings")
application = get_wsgi_application()

from ess_pathways.checks import refuse_wrong_configuration  # noqa: E402  (needs the settings)

refuse_wrong_configuration()
