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
    SELECT operator_id, ts_rank(vector, query)
      FROM directory_searchdocument, to_tsquery('{SEARCH_CONFIG}', %(query)s) query
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
    found = read(_HOLDING, {"query": query.raw}, Lane.SEARCHES)
    return found or read(_ALIKE, {"key": query.key, "alike": ALIKE}, Lane.SEARCHES)


# -- showing where the words are -----------------------------------------------------------------

_WORD: Final = re.compile(r"\w+")
#: Words whose stems this process knows; the stems of a word never change.
_STEMS: Final[dict[str, frozenset[str]]] = {}
_STEMS_KEPT: Final = 50_000
_STEM: Final = f"""
    SELECT word, tsvector_to_array(to_tsvector('{SEARCH_CONFIG}', word))
      FROM unnest(%(words)s::text[]) word
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
        rows = read(_STEM, {"words": unknown}, Lane.SEARCHES)
        _STEMS.update((word, frozenset(stems)) for word, stems in rows)
    return {word: _STEMS[word] for word in wanted}


class Marker:
    """Puts the words that a search matched between marks, in texts given in advance."""

    def __init__(self, query: Wanted, texts: Iterable[str]) -> None:
        texts = list(texts)
        phrases = [" ".join(phrase) for phrase in query.phrases]
        self._stems = stems_of([query.typed, *phrases, *texts])
        beginnings = tuple(stem for word in query.typed.split() for stem in self._stems[word])
        self._phrases = [
            stems
            for phrase in query.phrases
            if (stems := [self._stems[word] for word in phrase if self._stems[word]])
        ]
        #: The words of the texts that are themselves matched, in small letters.
        self._matched = {
            word
            for word, stems in self._stems.items()
            if beginnings and any(stem.startswith(beginnings) for stem in stems)
        }
        either = "|".join(map(re.escape, sorted(self._matched, key=len, reverse=True)))
        self._alone = re.compile(rf"(?<!\w)(?:{either})(?!\w)") if either else None

    def marked(self, text: str) -> SafeString:
        """The text as HTML: everything escaped, the matched words in <mark>."""
        parts, done = [], 0
        for start, end in self._in_phrases(text) if self._phrases else self._words_alone(text):
            parts += [safe(text[done:start]), "<mark>", safe(text[start:end]), "</mark>"]
            done = end
        return SafeString("".join([*parts, safe(text[done:])]))

    def _words_alone(self, text: str) -> list[tuple[int, int]]:
        """Where the matched words are."""
        if self._alone is None:
            return []
        small = text.lower()
        if len(small) != len(text):  # a letter whose small form is two characters
            return [
                place for place in _places(text) if text[slice(*place)].lower() in self._matched
            ]
        return [found.span() for found in self._alone.finditer(small)]

    def _in_phrases(self, text: str) -> list[tuple[int, int]]:
        """Where the matched words are, alone or in one of the phrases."""
        found = [(place, text[slice(*place)].lower()) for place in _places(text)]
        matched = {place for place, word in found if word in self._matched}
        telling = [(place, self._stems[word]) for place, word in found if self._stems[word]]
        for phrase in self._phrases:
            for first in range(len(telling) - len(phrase) + 1):
                window = telling[first : first + len(phrase)]
                if all(own & stems for (_, own), stems in zip(window, phrase, strict=True)):
                    matched.update(place for place, _ in window)
        return sorted(matched)


def _places(text: str) -> list[tuple[int, int]]:
    return [word.span() for word in _WORD.finditer(text)]
