"""The application as a WSGI callable: what granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from ess_pathways.memory import give_back, share_one_heap

share_one_heap()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ess_pathways.settings")
application = get_wsgi_application()

from ess_pathways.checks import refuse_wrong_configuration  # noqa: E402  (needs the settings)

refuse_wrong_configuration()

from directory import reading_ahead  # noqa: E402  (models need Django set up)

reading_ahead.begin(give_back)
# A page makes thousands of small objects and hardly a ring of them: looking for rings at every 700
# of them, as Python does by itself, costs a fifth of the page.
gc.set_threshold(20_000, 20, 20)
