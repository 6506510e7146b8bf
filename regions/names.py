"""How names of places are compared: one normal form for what is stored and what is typed."""

import re
import unicodedata
from typing import Final

#: Longer input is cut: the longest name of a commune has 45 characters.
LONGEST: Final = 200

ARTICLES: Final = frozenset({"l", "la", "las", "le", "les", "los", "aux"})
ABBREVIATIONS: Final = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}

_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})
_NOT_A_WORD: Final = re.compile(r"[^a-z0-9]+")
_ORDINAL: Final = re.compile(r"(\d+)(?:er|ere|e|eme|ieme)")


def words(text: str) -> list[str]:
    """The words of a name in lower-case ASCII, "St" written out, "11e" as "11".

    Takes any text, of any length: what is neither letter nor digit only separates words.
    """
    found = []
    for word in _NOT_A_WORD.sub(" ", plain(text[:LONGEST]))[:LONGEST].split():
        if ordinal := _ORDINAL.fullmatch(word):
            word = ordinal[1]
        found.append(ABBREVIATIONS.get(word, word))
    return found


def plain(text: str) -> str:
    """The text in small letters, without accents nor ligatures."""
    folded = text.casefold()
    if folded.isascii():
        return folded
    apart = unicodedata.normalize("NFKD", folded.translate(_LIGATURES))
    return "".join(char for char in apart if not unicodedata.combining(char))


def full_key(text: str) -> str:
    """The comparable form with its leading article: "L'Haÿ-les-Roses" is "l hay les roses"."""
    return " ".join(words(text))[:LONGEST]


def search_key(text: str) -> str:
    """The comparable form without leading article: "Le Havre" and "havre" are both "havre".

    A text that is nothing but an article keeps it. Empty when there is nothing to compare.
    """
    return " ".join(without_article(words(text)))[:LONGEST]


def without_article(found: list[str]) -> list[str]:
    """The words of a name but its leading article, unless there is nothing else."""
    return found[1:] if len(found) > 1 and found[0] in ARTICLES else found


def search_keys(text: str) -> list[str]:
    """The keys a name is stored under: without its leading article, and with it if it has one."""
    return list(dict.fromkeys(key for key in (search_key(text), full_key(text)) if key))


def slug(text: str) -> str:
    """The name as it stands in an address: "l-hay-les-roses"."""
    return "-".join(words(text))[:LONGEST]
