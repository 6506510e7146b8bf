"""Free text in French: stems, beginnings of words, acronyms, slips of a letter."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from directory.models import SEARCH_CONFIG, Synonym
from regions.names import words

#: Words beyond these are not looked for: nobody types more, and each costs a look in the index.
MOST_WORDS = 12
#: Names that share at least this part of their trigrams with what was typed are look-alikes.
ALIKE = 0.45

_START, _STOP = "\x02", "\x03"


@dataclass(frozen=True)
class Wanted:
    """What was typed, ready for the index."""

    typed: str
    raw: str

    @property
    def query(self) -> SearchQuery:
        return SearchQuery(self.raw, search_type="raw", config=SEARCH_CONFIG)

    @property
    def key(self) -> str:
        """The typed words without accents, as names are compared."""
        return " ".join(words(self.typed))


def wanted(typed: str, synonyms: Iterable[Synonym]) -> Wanted | None:
    """The query for a text: every word, each as the beginning of a word or as what it stands for.

    None when there is no word in it. "DLA" also looks for "dispositif local d'accompagnement", and
    the other way round.
    """
    found = words(typed)[:MOST_WORDS]
    if not found:
        return None
    text = " ".join(found)
    terms = [f"'{word}':*" for word in found]
    groups = [[term] for term in terms]
    for synonym in synonyms:
        ways = [" ".join(words(way)) for way in (synonym.term, *synonym.equivalents)]
        for way in ways:
            place = _position(way.split(), found)
            if place is not None:
                others = [_phrase(other) for other in ways if other != way]
                _replace(groups, place, len(way.split()), others)
                break
    parts = [" | ".join(group) if len(group) > 1 else group[0] for group in groups if group]
    return Wanted(text, " & ".join(f"({part})" for part in parts))


def _position(way: list[str], found: list[str]) -> int | None:
    for start in range(len(found) - len(way) + 1):
        if found[start : start + len(way)] == way:
            return start
    return None


def _phrase(way: str) -> str:
    return "(" + " <-> ".join(f"'{word}'" for word in way.split()) + ")"


def _replace(groups: list[list[str]], start: int, length: int, others: list[str]) -> None:
    """Words `start`… stand for something: ask for them together, or for what they stand for."""
    together = " & ".join(" | ".join(group) for group in groups[start : start + length] if group)
    groups[start] = [f"({together})", *others]
    for position in range(start + 1, start + length):
        groups[position] = []


def marked(field: str, query: SearchQuery) -> Any:
    """The field with its matched words between two control characters; see `with_marks`."""
    return SearchHeadline(
        field,
        query,
        config=SEARCH_CONFIG,
        start_sel=_START,
        stop_sel=_STOP,
        highlight_all=True,
    )


def with_marks(text: str) -> SafeString:
    """A `marked` text as HTML: everything escaped, the matched words in <mark>."""
    safe = re.sub(_START, "<mark>", re.sub(_STOP, "</mark>", str(escape(text))))
    return mark_safe(safe)  # noqa: S308  (escaped above)
