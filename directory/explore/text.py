"""Free text in French: stems, beginnings of words, acronyms, slips of a letter."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.utils.safestring import SafeString

from directory.models import SEARCH_CONFIG, Synonym
from directory.models.reader import Lane, read
from directory.moulds import safe
from regions.names import plain, words

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
        ways = _ways(synonym.term, *synonym.equivalents)
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


@lru_cache(maxsize=1000)
def _ways(*texts: str) -> list[str]:
    """The ways to say one thing, as they are compared with what is typed."""
    return [" ".join(words(text)) for text in texts]


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
    SELECT array_agg(operator_id)
      FROM directory_searchdocument, to_tsquery('{SEARCH_CONFIG}', %(query)s) query
     WHERE vector @@ query
     GROUP BY ts_rank(vector, query) ORDER BY ts_rank(vector, query) DESC
"""
_ALIKE: Final = """
    SELECT array_agg(operator_id)
      FROM directory_searchdocument, word_similarity(%(key)s, names) likeness
     WHERE %(key)s <%% names AND likeness >= %(alike)s
     GROUP BY likeness ORDER BY likeness DESC
"""


def holding(query: Wanted) -> list[list[int]]:
    """The operators whose texts hold the words: those that answer best, the next best, and so on.

    When none does, those whose names look alike. Two statements at most.
    """
    found = read(_HOLDING, {"query": query.raw}, Lane.SEARCHES)
    found = found or read(_ALIKE, {"key": query.key, "alike": ALIKE}, Lane.SEARCHES)
    return [operators for (operators,) in found]


# -- showing where the words are -----------------------------------------------------------------

_WORD: Final = re.compile(r"[^\W_]+")
#: Words whose stems this process knows; the stems of a word never change.
_STEMS: Final[dict[str, frozenset[str]]] = {}
_STEMS_KEPT: Final = 50_000
_STEM: Final = f"""
    SELECT word, tsvector_to_array(to_tsvector('{SEARCH_CONFIG}', word))
      FROM unnest(%(words)s::text[]) word
"""


def stems_of(wanted: Iterable[str]) -> dict[str, frozenset[str]]:
    """The stems of words in small letters, as the index has them; one statement for new words.

    A word that says nothing, such as "de", has none.
    """
    wanted = set(wanted)
    unknown = [word for word in wanted if word not in _STEMS]
    if unknown:
        if len(_STEMS) > _STEMS_KEPT:
            _STEMS.clear()
            unknown = list(wanted)
        rows = read(_STEM, {"words": unknown}, Lane.SEARCHES)
        _STEMS.update((word, frozenset(stems)) for word, stems in rows)
    return {word: _STEMS[word] for word in wanted}


@lru_cache(maxsize=5_000)
def _beginning(letters: str) -> str:
    """How the stems begin of words that begin with these two letters: French alters endings."""
    return plain(letters)[:2]


class Marker:
    """Puts the words that a search matched between marks, in texts given in advance."""

    def __init__(self, query: Wanted, texts: Iterable[str]) -> None:
        phrases = [word for phrase in query.phrases for word in phrase]
        asked = stems_of([*query.typed.split(), *phrases])
        # Of all the words of twenty descriptions, few can have one of those stems.
        beginnings = tuple({stem[:2] for stems in asked.values() for stem in stems})
        words = set(_WORD.findall("\n".join(texts).lower())) if beginnings else ()
        stems = stems_of(one for one in words if _beginning(one[:2]).startswith(beginnings))
        whole = tuple(stem for word in query.typed.split() for stem in asked[word])
        #: The words of the texts that are themselves matched, in small letters.
        self._matched = [
            word for word, own in stems.items() if any(stem.startswith(whole) for stem in own)
        ]
        #: Of each phrase, for each of its words that say something, the words that are the same.
        self._phrases = [
            [
                {word for word, own in stems.items() if not own.isdisjoint(asked[one])}
                for one in phrase
                if asked[one]
            ]
            for phrase in query.phrases
            if any(asked[one] for one in phrase)
        ]

    def marked(self, text: str) -> SafeString:
        """The text as HTML: everything escaped, the matched words in <mark>."""
        parts, done = [], 0
        for start, end in sorted(self._found(text)):
            parts += [safe(text[done:start]), "<mark>", safe(text[start:end]), "</mark>"]
            done = end
        return SafeString("".join([*parts, safe(text[done:])]))

    def _found(self, text: str) -> set[tuple[int, int]]:
        """Where the matched words are, alone or in one of the phrases."""
        small = text.lower()
        alone = [word for word in self._matched if word in small]
        phrases = [
            phrase
            for phrase in self._phrases
            if all(any(word in small for word in words) for words in phrase)
        ]
        if not alone and not phrases:
            return set()
        # Some letters are two in small: places are those of the text as it is.
        places = [(place.span(), place[0].lower()) for place in _WORD.finditer(text)]
        found = {place for place, word in places if word in alone}
        if phrases:
            stems = stems_of(word for _, word in places)
            places = [(place, word) for place, word in places if stems[word]]
        for phrase in phrases:
            for first in range(len(places) - len(phrase) + 1):
                window = places[first : first + len(phrase)]
                if all(word in words for (_, word), words in zip(window, phrase, strict=True)):
                    found.update(place for place, _ in window)
        return found
