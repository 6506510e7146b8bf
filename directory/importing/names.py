"""Texts compared as people compare them: without case, accents, or the kind of apostrophe."""

import re
import unicodedata
from functools import lru_cache

_SEPARATORS = re.compile(r"[\s_’'`´\-–—/.:()«»?€]+")


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """ "Région  Île-de-France" -> "region ile de france"."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe"))
        text = "".join(c for c in text if not unicodedata.combining(c))
    return _SEPARATORS.sub(" ", text).strip().casefold()
