"""The application as a WSGI callable: what granian serves."""

import ctypes
import gc
import os

from django.core.wsgi import get_wsgi_application


def share_one_heap() -> None:
    """Threads take memory from the same place, so that what one lets go serves the others.

    The GNU C library would give each its own: a quarter more memory in all. Others have no such
    setting, nor that name.
    """
    m_arena_max = -8  # of malloc.h
    try:
        ctypes.CDLL(None).mallopt(m_arena_max, 1)
    except (AttributeError, OSError, TypeError):
        return


share_one_heap()

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ess_pathways.settings")
application = get_wsgi_application()

from ess_pathways.checks import refuse_wrong_configuration  # noqa: E402  (needs the settings)

refuse_wrong_configuration()

from directory import reading_ahead  # noqa: E402  (models need Django set up)

reading_ahead.begin()
# A page makes thousands of small objects and hardly a ring of them: looking for rings at every 700
# of them, as Python does by itself, costs a fifth of the page.
gc.set_threshold(20_000, 20, 20)
