"""Free text in French: stems, beginnings of words, acronyms, slips of a letter."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from directory.models import SEARCH_CONFIG, Synonym
from regions.names import words

#: Words beyond these are not looked for: nobody types more, and each costs a look in the index.
MOST_WORDS = 12
#: Names that share at least this part of their trigrams with what was typed are look-alikes.
ALIKE = 0.45


@dataclass(frozen=True)
class Wanted:
    """What was typed, ready for the index: words, and the phrases that some of them stand for."""

    typed: str
    raw: str
    phrases: tuple[tuple[str, ...], ...]

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
    phrases: list[tuple[str, ...]] = []
    groups = [[f"'{word}':*"] for word in found]
    for synonym in synonyms:
        ways = [" ".join(words(way)) for way in (synonym.term, *synonym.equivalents)]
        for way in ways:
            place = _position(way.split(), found)
            if place is not None:
                others = [other.split() for other in ways if other != way]
                phrases += map(tuple, others)
                _replace(groups, place, len(way.split()), [_phrase(other) for other in others])
                break
    parts = [" | ".join(group) if len(group) > 1 else group[0] for group in groups if group]
    raw = " & ".join(f"({part})" for part in parts)
    return Wanted(" ".join(found), raw, tuple(phrases))


def _position(way: list[str], found: list[str]) -> int | None:
    for start in range(len(found) - len(way) + 1):
        if found[start : start + len(way)] == way:
            return start
    return None


def _phrase(way: list[str]) -> str:
    return "(" + " <-> ".join(f"'{word}'" for word in way) + ")"


def _replace(groups: list[list[str]], start: int, length: int, others: list[str]) -> None:
    """Words `start`… stand for something: ask for them together, or for what they stand for."""
    together = " & ".join(" | ".join(group) for group in groups[start : start + length] if group)
    groups[start] = [f"({together})", *others]
    for position in range(start + 1, start + length):
        groups[position] = []


_HOLDING: Final = f"""
    SELECT operator_id, ts_rank(vector, query)
      FROM directory_searchdocument, to_tsquery('{SEARCH_CONFIG}', %s) query
     WHERE vector @@ query
"""
_ALIKE: Final = """
    SELECT operator_id, word_similarity(%(key)s, names) FROM directory_searchdocument
     WHERE %(key)s <%% names AND word_similarity(%(key)s, names) >= %(alike)s
"""


def holding(query: Wanted) -> list[tuple[int, float]]:
    """(operator, how well it answers) of those whose texts hold the words.

    When none does, those whose names look alike. Two statements at most.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLDING, [query.raw])
        found = cursor.fetchall()
        if not found:
            cursor.execute(_ALIKE, {"key": query.key, "alike": ALIKE})
            found = cursor.fetchall()
    return found


# -- showing where the words are -----------------------------------------------------------------

_WORD: Final = re.compile(r"\w+")
#: Words whose stems this process knows; the stems of a word never change.
_STEMS: Final[dict[str, frozenset[str]]] = {}
_STEMS_KEPT: Final = 50_000
_STEM: Final = f"""
    SELECT word, tsvector_to_array(to_tsvector('{SEARCH_CONFIG}', word))
      FROM unnest(%s::text[]) word
"""


def stems_of(texts: Iterable[str]) -> dict[str, frozenset[str]]:
    """The stems of every word of these texts, as the index has them; one statement for new words.

    A word that says nothing, such as "de", has none.
    """
    wanted = {word.lower() for text in texts for word in _WORD.findall(text)}
    unknown = [word for word in wanted if word not in _STEMS]
    if unknown:
        if len(_STEMS) > _STEMS_KEPT:
            _STEMS.clear()
            unknown = list(wanted)
        with connection.cursor() as cursor:
            cursor.execute(_STEM, [unknown])
            _STEMS.update((word, frozenset(stems)) for word, stems in cursor.fetchall())
    return {word: _STEMS[word] for word in wanted}


class Marker:
    """Puts the words that a search matched between marks, in texts given in advance."""

    def __init__(self, query: Wanted, texts: Iterable[str]) -> None:
        phrases = [" ".join(phrase) for phrase in query.phrases]
        self._stems = stems_of([query.typed, *phrases, *texts])
        self._beginnings = tuple(stem for word in query.typed.split() for stem in self._stems[word])
        self._phrases = [
            [stems for word in phrase if (stems := self._stems[word])] for phrase in query.phrases
        ]

    def marked(self, text: str) -> SafeString:
        """The text as HTML: everything escaped, the matched words in <mark>."""
        found = [
            (word.start(), word.end(), self._stems[word[0].lower()])
            for word in _WORD.finditer(text)
        ]
        telling = [one for one in found if one[2]]
        matched = (
            {
                start
                for start, _, stems in telling
                if any(stem.startswith(self._beginnings) for stem in stems)
            }
            if self._beginnings
            else set()
        )
        for phrase in filter(None, self._phrases):
            for first in range(len(telling) - len(phrase) + 1):
                window = telling[first : first + len(phrase)]
                if all(one[2] & stems for one, stems in zip(window, phrase, strict=True)):
                    matched.update(one[0] for one in window)
        parts, done = [], 0
        for start, end, _ in found:
            if start in matched:
                parts += [escape(text[done:start]), "<mark>", escape(text[start:end]), "</mark>"]
                done = end
        return mark_safe("".join([*parts, escape(text[done:])]))  # noqa: S308  (escaped above)
