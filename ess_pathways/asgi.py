"""The application as a ASGI callable, for a host that asks for one."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ess_pathways.settings")
application = get_asgi_application()

from ess_pathways.checks import refuse_wrong_configuration  # noqa: E402  (needs the settings)

refuse_wrong_configuration()
