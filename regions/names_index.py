"""The names that lead to a commune, in memory: whole, by their beginning, by their words."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice, product
from typing import Final, NamedTuple

from django.db.models import Case, F, IntegerField, Value, When
from pyroaring import BitMap

from regions.communes import ROWS, Communes, departement_code
from regions.models import Kind, PlaceName
from regions.names import without_article
from regions.packed import Drawers, Numbers, Postings, SortedTexts, Texts
from regions.slips import Slips, shortened, undoubled

_KINDS: Final = tuple(kind.value for kind in Kind)
#: What a typed name can have meant, at the most: two words with a slip have many readings.
MOST_READINGS: Final = 100


class Name(NamedTuple):
    """A name that leads to a commune; `kind` is that of the place that bore it."""

    label: str
    kind: str


class Answers(NamedTuple):
    """Positions of names by how they answer, the best way first; `words` holds the others."""

    whole: BitMap
    beginning: BitMap
    words: BitMap

    @classmethod
    def together(cls, found: Sequence["Answers"]) -> "Answers":
        if len(found) == 1:
            return found[0]
        return cls(*(BitMap.union(*one) for one in zip(*found, strict=True)))


_NOTHING: Final = BitMap()  # never changed
_NONE: Final = Answers(_NOTHING, _NOTHING, _NOTHING)


class NamesIndex:
    """Every name has a position, which is its place in the order of answers: present names before
    former ones, then the more populous commune, then the code."""

    def __init__(self, known: Communes) -> None:
        self._known = known
        self.numbers = array("I")  # of the communes, among those known
        self._firsts = array("I")  # position of the first name of the same commune
        self._labels = Texts()  # empty when it is the commune's own
        self._kinds = bytearray()
        self._departements: dict[str, BitMap] = defaultdict(BitMap)
        keys = Texts()
        firsts: dict[int, int] = {}
        for position, (commune, label, kind, code, key) in enumerate(self._rows()):
            number = known.number(commune)
            self.numbers.append(number)
            self._firsts.append(firsts.setdefault(commune, position))
            self._labels.append("" if known.numbered(number).name == label else label)
            self._departements[departement_code(code)].add(position)
            self._kinds.append(_KINDS.index(kind))
            keys.append(key)
        self._first = BitMap(self._firsts)
        self.present = BitMap(range(self._kinds.count(_KINDS.index(Kind.COMMUNE))))
        self._words = Postings(
            (word, position) for position, key in enumerate(keys) for word in set(key.split())
        )
        order = array("I", sorted(range(len(keys)), key=keys.__getitem__))
        self._keys = SortedTexts(map(keys.__getitem__, order))
        self._positions = Numbers(order)

    @staticmethod
    def _rows() -> Iterable[tuple[int, str, str, str, str]]:
        former = Case(
            When(kind=Kind.COMMUNE, then=Value(0)), default=1, output_field=IntegerField()
        )
        rows = PlaceName.objects.order_by(former, F("weight").desc(), "code", "key")
        columns = rows.values_list("commune", "label", "kind", "code", "key")
        return columns.iterator(chunk_size=ROWS)

    def name(self, position: int) -> Name:
        own = self._known.numbered(self.numbers[position])
        return Name(self._labels[position] or own.name, _KINDS[self._kinds[position]])

    def named(self, full: str) -> Answers:
        """The names that are this key, that begin with it and are longer, that hold its words."""
        holding = self._with_words(without_article(full.split()))
        return Answers(*self._opening(full), holding) if holding else _NONE

    def _opening(self, key: str) -> tuple[BitMap, BitMap]:
        first, last = self._keys.beginning(key)
        longer = first
        while longer < last and len(self._keys[longer]) == len(key):
            longer += 1
        return self._positions.between(first, longer), self._positions.between(longer, last)

    def _with_words(self, words: Sequence[str], *, cut_short: bool = True) -> BitMap:
        """Names that hold all these words, the last one perhaps cut short."""
        *whole, last = words
        found = self._words.beginning(last) if cut_short else self._words.of(last)
        for word in whole:
            if not found:
                break
            found &= self._words.of(word)
        return found

    def with_slips(self, full: str) -> list[Answers]:
        """The same with a slip in one word, or in each of those that no name holds.

        First what differs by spaces or a double letter only, then the rest. The last word may be
        cut short unless it has a slip.
        """
        words = without_article(full.split())
        joined = "".join(words)
        near: list[Answers] = []
        far: list[Answers] = []
        if spaced := self._joined_as([joined]):
            near.append(Answers(spaced, _NOTHING, spaced))
        readings = list(islice(self._readings(words), MOST_READINGS))
        # Alone, it has nothing to go before.
        single = undoubled(words) if len(readings) > 1 else ""
        for reading in readings:
            if holding := self._with_words(reading, cut_short=reading[-1] == words[-1]):
                found = near if single and undoubled(reading) == single else far
                whole, longer = self._opening(" ".join(reading))
                found.append(Answers(whole, longer, holding | longer))
        if not near and not far:  # perhaps a letter instead of a space
            spaced = self._joined_as(shortened(joined))
            far.append(Answers(spaced, _NOTHING, spaced))
        return [Answers.together(found) for found in (near, far) if found]

    def _readings(self, words: list[str]) -> Iterator[tuple[str, ...]]:
        """What these words can have been before the slips."""
        last = len(words) - 1
        unknown = {
            at for at, word in enumerate(words) if not self._is_known(word, cut_short=at == last)
        }
        for slipped in [unknown] if unknown else [{at} for at in range(len(words))]:
            meant = [
                self._slips.of(word) if at in slipped and not word.isdigit() else [word]
                for at, word in enumerate(words)
            ]
            yield from product(*meant)

    def _is_known(self, word: str, *, cut_short: bool) -> bool:
        texts = self._words.texts
        if cut_short:
            first, last = texts.beginning(word)
            return first < last
        return texts.at(word) is not None

    def _joined_as(self, spellings: Iterable[str]) -> BitMap:
        """The names that are one of these but for the spaces."""
        wanted = set(spellings)
        return BitMap(
            [
                self._positions[place]
                for place in self._joined.under(wanted)
                if self._keys[place].replace(" ", "") in wanted
            ]
        )

    @cached_property
    def _slips(self) -> Slips:
        return Slips(self._words.texts)

    @cached_property
    def _joined(self) -> Drawers:
        return Drawers(
            lambda: ((key.replace(" ", ""), place) for place, key in enumerate(self._keys)),
            about=len(self._keys),
        )

    def within(self, found: Answers, departement: str) -> Answers:
        """Those of places of that département or overseas collectivity."""
        there = self._departements.get(departement, BitMap())
        return Answers(*(positions & there for positions in found))

    def count_communes(self, positions: BitMap) -> int:
        """How many communes these names lead to."""
        first = positions & self._first
        again = array("I", map(self._firsts.__getitem__, positions - first))
        return len(first | BitMap(again))
