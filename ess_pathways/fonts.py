"""The site's fonts: taken from their packages, cut down to what French needs, served as WOFF2.

The packages ship whole TrueType files (165 kB for Manrope). Each font becomes two files: what
French is written with (18 and 9 kB), and the rest of the Latin alphabets, which a browser loads
only when a page holds one of its characters: css/tokens.css says the same `unicode-range`.
"""

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

#: What pages in French hold, the names of all communes and words of France's other languages
#: (« Ajañs Diorren ») included.
USUAL: Final = (
    "U+0020-007E,U+00A0,U+00A9,U+00AB,U+00B0,U+00B2,U+00B7,U+00BB,U+00C0,U+00C2,U+00C6-00CB,"
    "U+00CE-00CF,U+00D1,U+00D4,U+00D7,U+00D9,U+00DB-00DC,U+00DF-00E2,U+00E4,U+00E6-00EF,"
    "U+00F1-00F4,U+00F6,U+00F9-00FC,U+00FF,U+0152-0153,U+0178,U+2009,U+2010-2011,U+2013-2014,"
    "U+2018-2019,U+201C-201D,U+2022,U+2026,U+202F,U+20AC,U+2190,U+2192,U+2212"
)
#: The accents of French's neighbours, and rare typographic signs.
RARE: Final = (
    "U+00A1-00A8,U+00AA,U+00AC-00AF,U+00B1,U+00B3-00B6,U+00B8-00BA,U+00BC-00BF,U+00C1,"
    "U+00C3-00C5,U+00CC-00CD,U+00D0,U+00D2-00D3,U+00D5-00D6,U+00D8,U+00DA,U+00DD-00DE,U+00E3,"
    "U+00E5,U+00F0,U+00F5,U+00F7-00F8,U+00FD-00FE,U+0100-0151,U+0154-0177,U+0179-017F,U+02C6,"
    "U+02DA,U+02DC,U+200A,U+2012,U+2015,U+201A-201B,U+201E,U+2020-2021,U+2030,U+2032-2033,"
    "U+2039-203A,U+2116,U+2122,U+2191,U+2193,U+2248,U+2260,U+2264-2265"
)


class Font(NamedTuple):
    """A file of a font package, and what is kept of it. Both families may be modified."""

    package: str
    file: str
    characters: str


#: SIL Open Font License 1.1, no reserved name.
_MANROPE: Final = ("font_manrope", "Manrope-VariableFont_wght.ttf")
#: Apache License 2.0.
_BOLD: Final = ("font_caladea", "Caladea-Bold.ttf")
_ITALIC: Final = ("font_caladea", "Caladea-Italic.ttf")

FONTS: Final = {
    "Manrope.woff2": Font(*_MANROPE, USUAL),
    "Manrope-rare.woff2": Font(*_MANROPE, RARE),
    "Caladea-Bold.woff2": Font(*_BOLD, USUAL),
    "Caladea-Bold-rare.woff2": Font(*_BOLD, RARE),
    "Caladea-Italic.woff2": Font(*_ITALIC, USUAL),
    "Caladea-Italic-rare.woff2": Font(*_ITALIC, RARE),
}
FOLDER: Final = "fonts"
FEATURES: Final = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "lnum", "tnum"]


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
        font = FONTS[name]
        source = Path(str(files(font.package))) / "files" / font.file
        target = Path(self.storage.location) / FOLDER / name
        if not target.exists() or target.stat().st_mtime < Path(__file__).stat().st_mtime:
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f".{name}.{os.getpid()}")
            _subset(source, font.characters, partial)
            partial.replace(target)
        return target


def _subset(source: Path, characters: str, target: Path) -> None:
    from fontTools import subset  # half a second to import: only when a font is made

    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = FEATURES
    options.hinting = False
    options.drop_tables += ["FFTM"]
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(characters))
    subsetter.subset(font)
    subset.save_font(font, str(target), options)
