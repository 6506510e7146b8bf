"""The real settings; only the collected static files lie elsewhere, apart from the demo's."""

import os
from pathlib import Path

from ess_pathways.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["SITE_STATIC_ROOT"])
