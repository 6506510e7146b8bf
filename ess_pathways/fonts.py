"""The site's fonts: taken from their packages, cut down to what French needs, served as WOFF2.

The packages ship whole TrueType files (165 kB for Manrope); the subsets weigh 28 and 14 kB.
"""

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage


class Font(NamedTuple):
    """A file of a font package. Both families may be modified under their own name."""

    package: str
    file: str


FONTS: Final = {
    # SIL Open Font License 1.1, no reserved name.
    "Manrope.woff2": Font("font_manrope", "Manrope-VariableFont_wght.ttf"),
    # Apache License 2.0.
    "Caladea-Bold.woff2": Font("font_caladea", "Caladea-Bold.ttf"),
    "Caladea-Italic.woff2": Font("font_caladea", "Caladea-Italic.ttf"),
}
FOLDER: Final = "fonts"
# Latin with the accents of French and its neighbours, typographic signs, arrows, euro.
CHARACTERS: Final = (
    "U+0020-007E,U+00A0-017F,U+02C6,U+02DA,U+02DC,U+2009-200A,U+2010-2015,U+2018-201E,"
    "U+2020-2022,U+2026,U+202F,U+2030,U+2032-2033,U+2039-203A,U+20AC,U+2116,U+2122,"
    "U+2190-2193,U+2212,U+2248,U+2260,U+2264-2265"
)
FEATURES: Final = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "lnum", "tnum", "case"]


class FontFinder(BaseFinder):
    """A staticfiles finder for `fonts/<name>.woff2`."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.BASE_DIR / "var" / "fonts")

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The WOFF2 file of that static path, made at first need."""
        folder, _, name = path.partition("/")
        if folder != FOLDER or name not in FONTS:
            return []
        made = str(self._made(name))
        return [made] if find_all else made

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """What `collectstatic` collects."""
        for name in FONTS:
            self._made(name)
            yield f"{FOLDER}/{name}", self.storage

    def _made(self, name: str) -> Path:
        source = Path(str(files(FONTS[name].package))) / "files" / FONTS[name].file
        target = Path(self.storage.location) / FOLDER / name
        if not target.exists() or target.stat().st_mtime < Path(__file__).stat().st_mtime:
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f".{name}.{os.getpid()}")
            _subset(source, partial)
            partial.replace(target)
        return target


def _subset(source: Path, target: Path) -> None:
    from fontTools import subset  # half a second to import: only when a font is made

    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = FEATURES
    options.hinting = False
    options.drop_tables += ["FFTM"]
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(CHARACTERS))
    subsetter.subset(font)
    subset.save_font(font, str(target), options)
