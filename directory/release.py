"""What this program is known by: two releases never answer for one another's pages."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

#: What pages are made from, below the folder of the project.
MADE_FROM: Final = (
    *("directory/**/*.py", "regions/**/*.py", "ess_pathways/**/*.py"),
    *("templates/**/*.html", "static/**/*.*"),
)
#: Settings that pages show.
SHOWN: Final = ("TILE_URL", "TILE_ATTRIBUTION", "STATIC_URL")


@cache
def release() -> str:
    """The same for every process that runs the same code with the same settings."""
    digest = hashlib.sha256(repr([getattr(settings, name) for name in SHOWN]).encode())
    folder = Path(settings.BASE_DIR)
    for file in sorted(one for pattern in MADE_FROM for one in folder.glob(pattern)):
        digest.update(str(file.relative_to(folder)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
