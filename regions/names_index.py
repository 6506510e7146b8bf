"""The names that lead to a commune, in memory: whole, by their beginning, by their words."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final, NamedTuple

from django.db.models import Case, F, IntegerField, Value, When
from pyroaring import BitMap

from regions.models import Kind, PlaceName

#: Sorts after every key that begins the same: keys are ASCII.
_AFTER: Final = "\x7f"


class Name(NamedTuple):
    """A name and the commune it leads to; `kind` is that of the place that bore it."""

    commune: int
    label: str
    kind: str
    code: str


class NamesIndex:
    """Every name has a position, which is its place in the order of answers: present names before
    former ones, then the more populous commune, then the code."""

    def __init__(self, own_names: Mapping[int, str]) -> None:
        once = {kind.value: kind.value for kind in Kind}
        self._communes = array("I")
        self._labels: list[str] = []
        self._kinds: list[str] = []
        self._codes: list[str] = []
        keys: list[tuple[str, int]] = []
        words: list[tuple[str, int]] = []
        former = Case(
            When(kind=Kind.COMMUNE, then=Value(0)), default=1, output_field=IntegerField()
        )
        rows = PlaceName.objects.order_by(former, F("weight").desc(), "code", "key").values_list(
            "commune", "label", "kind", "code", "key"
        )
        for position, (commune, label, kind, code, key) in enumerate(
            rows.iterator(chunk_size=5000)
        ):
            own = own_names.get(commune, "")
            self._communes.append(commune)
            self._labels.append(own if own == label else label)
            self._kinds.append(once[kind])
            self._codes.append(code)
            keys.append((key, position))
            words += [(once.setdefault(word, word), position) for word in set(key.split())]
        keys.sort()
        words.sort()
        self._keys = [key for key, _ in keys]
        self._at = array("I", (position for _, position in keys))
        self._words = list(dict.fromkeys(word for word, _ in words))
        self._postings = array("I", (position for _, position in words))
        self._starts = array("I", [0])
        self._count_words(words)

    def _count_words(self, words: list[tuple[str, int]]) -> None:
        """Where the postings of each word begin; those of words that begin alike are together."""
        known = iter(self._words)
        current = next(known, None)
        for place, (word, _) in enumerate(words):
            if word != current:
                self._starts.append(place)
                current = next(known, None)
        self._starts.append(len(words))

    def name(self, position: int) -> Name:
        return Name(
            self._communes[position],
            self._labels[position],
            self._kinds[position],
            self._codes[position],
        )

    def whole(self, key: str) -> BitMap:
        """Positions of the names that are exactly this key."""
        return BitMap(self._at[bisect_left(self._keys, key) : bisect_right(self._keys, key)])

    def beginning(self, key: str) -> BitMap:
        """Positions of the names that begin with this key and are longer."""
        return BitMap(
            self._at[bisect_right(self._keys, key) : bisect_left(self._keys, key + _AFTER)]
        )

    def with_words(self, words: list[str]) -> BitMap:
        """Positions of the names that hold all these words, the last one perhaps cut short."""
        *whole, last = words
        first = bisect_left(self._words, last)
        after = bisect_left(self._words, last + _AFTER)
        found = BitMap(self._postings[self._starts[first] : self._starts[after]])
        for word in whole:
            place = bisect_left(self._words, word)
            if place == len(self._words) or self._words[place] != word:
                return BitMap()
            found &= BitMap(self._postings[self._starts[place] : self._starts[place + 1]])
        return found

    def first(self, positions: BitMap, count: int, within: str = "") -> list[int]:
        """The first of these positions; `within` keeps the places whose code begins so."""
        if within:
            kept = (one for one in positions if self._codes[one].startswith(within))
            return list(islice(kept, count))
        return list(positions[:count])

    def count_communes(self, positions: BitMap, within: str = "") -> int:
        """How many communes these names lead to."""
        kept: Iterable[int] = positions
        if within:
            kept = (one for one in positions if self._codes[one].startswith(within))
        return len(set(map(self._communes.__getitem__, kept)))
