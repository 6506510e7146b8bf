"""Many short texts, and the numbers they lead to, in little memory.

A Python string takes fifty bytes besides its letters, and the lists of it eight more: for the names
of all communes, several times what they say. Here they stand in one block and are cut on demand.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Final
from zlib import crc32

from pyroaring import BitMap

#: Sorts after every text that begins the same way, when texts are ASCII.
AFTER: Final = "\x7f"


class Texts:
    """A sequence of texts, each made when asked for, in a third of a microsecond."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._block = bytearray()
        self._ends = array("I", [0])
        for text in texts:
            self.append(text)

    def append(self, text: str) -> None:
        self._block += text.encode()
        self._ends.append(len(self._block))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, at: int) -> str:
        """Raises IndexError beyond the end. Places count from the beginning only."""
        return self._block[self._ends[at] : self._ends[at + 1]].decode()

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(len(self)))


class SortedTexts(Texts):
    """Texts in ASCII, given in order: found by halves."""

    #: One text in so many is at hand: the last steps of the search only cut out texts.
    STEP: Final = 16

    def __init__(self, texts: Iterable[str]) -> None:
        super().__init__(texts)
        self._marks = [self[at] for at in range(0, len(self), self.STEP)]

    def after(self, text: str) -> int:
        """The place of the first text that is not before this one."""
        end = bisect_left(self._marks, text) * self.STEP
        return bisect_left(self, text, max(0, end - self.STEP), min(end, len(self)))

    def at(self, text: str) -> int | None:
        """The place of this very text, the first one when it is there several times."""
        place = self.after(text)
        return place if place < len(self) and self[place] == text else None

    def beginning(self, start: str) -> tuple[int, int]:
        """The place of the first text that begins so, and the place after the last."""
        first = self.after(start)
        if first == len(self) or not self[first].startswith(start):
            return first, first
        near = min(first + self.STEP, len(self))
        if near < len(self) and self[near].startswith(start):
            return first, self.after(start + AFTER)
        return first, bisect_left(self, start + AFTER, first, near)


class Numbers:
    """Numbers in a given order, of which any stretch is wanted as a set."""

    #: Sets of so many numbers are at hand: making a set of thousands out of order takes long.
    STEP: Final = 256

    def __init__(self, numbers: "array[int]") -> None:
        self._numbers = numbers
        self._sets = [
            BitMap(numbers[first : first + self.STEP])
            for first in range(0, len(numbers), self.STEP)
        ]

    def __getitem__(self, place: int) -> int:
        return self._numbers[place]

    def between(self, first: int, last: int) -> BitMap:
        """The numbers from the place `first` to before the place `last`."""
        if last - first <= 2 * self.STEP:
            return BitMap(self._numbers[first:last])
        begin, end = -(-first // self.STEP), last // self.STEP
        return BitMap.union(
            BitMap(self._numbers[first : begin * self.STEP]),
            *self._sets[begin:end],
            BitMap(self._numbers[end * self.STEP : last]),
        )


def grouped(
    pairs: Callable[[], Iterable[tuple[int, int]]], count: int
) -> tuple["array[int]", "array[int]"]:
    """Numbers put together by their keys, which go from 0 to `count` - 1.

    Gives where each key's begin (and, last, where they end), and the numbers, in no order within a
    key. `pairs` is called twice: nothing is held but what is given.
    """
    ends = array("I", [0]) * (count + 1)
    for key, _ in pairs():
        ends[key] += 1
    total = 0
    for key in range(count):
        total += ends[key]
        ends[key] = total
    ends[count] = total
    placed = array("I", [0]) * total
    for key, number in pairs():
        ends[key] -= 1
        placed[ends[key]] = number
    return ends, placed


class Postings:
    """What texts in ASCII lead to: sets of numbers."""

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        ids: dict[str, int] = {}
        keys, numbers = array("I"), array("I")
        for text, number in pairs:
            keys.append(ids.setdefault(text, len(ids)))
            numbers.append(number)
        self.texts = SortedTexts(sorted(ids))
        places = array("I", [0]) * len(ids)
        for place, text in enumerate(self.texts):
            places[ids[text]] = place
        keys = array("I", map(places.__getitem__, keys))
        self._ends, placed = grouped(lambda: zip(keys, numbers, strict=True), len(ids))
        self._numbers = Numbers(placed)

    def of(self, text: str) -> BitMap:
        """What this very text leads to."""
        place = self.texts.at(text)
        return BitMap() if place is None else self._between(place, place + 1)

    def beginning(self, start: str) -> BitMap:
        """What the texts that begin so lead to."""
        return self._between(*self.texts.beginning(start))

    def _between(self, first: int, last: int) -> BitMap:
        return self._numbers.between(self._ends[first], self._ends[last])


class Drawers:
    """Numbers filed under texts that are not kept: a drawer can hold strangers."""

    def __init__(self, filed: Callable[[], Iterable[tuple[str, int]]], about: int) -> None:
        """`filed` is called twice. `about`: how many these are, more or less; there are as many
        drawers, so that one holds a stranger or two."""
        self._mask = (1 << about.bit_length()) - 1
        self._ends, self._numbers = grouped(
            lambda: ((crc32(text.encode()) & self._mask, number) for text, number in filed()),
            self._mask + 1,
        )

    def under(self, texts: Iterable[str]) -> set[int]:
        """What is filed under these texts, among others."""
        found: set[int] = set()
        ends, mask = self._ends, self._mask
        for text in texts:
            drawer = crc32(text.encode()) & mask
            found.update(self._numbers[ends[drawer] : ends[drawer + 1]])
        return found
