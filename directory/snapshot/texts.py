"""Many short texts that are alike, such as cards ready to print, in little memory.

A card takes 200 to 700 bytes instead of some 3,000, and a few microseconds to read again.
"""

import threading
import zlib
from collections.abc import Iterable
from typing import Final, Protocol, TypeVar

#: Bytes kept at most: 10,000 cards or more. Beyond, all are made again when asked for.
MOST: Final = 7_000_000
#: Texts that the others are written from, and how much of them: zlib looks back no further.
_SAMPLES: Final = 4
_WINDOW: Final = 32_000
_RAW: Final = -zlib.MAX_WBITS


class Keyed(Protocol):
    """Whatever is known by a number."""

    @property
    def pk(self) -> int: ...


Entry = TypeVar("Entry", bound=Keyed)


class Texts:
    """Texts by a number, none of which may hold more than a page or so. Shared by threads."""

    def __init__(self) -> None:
        self._kept: dict[int, bytes] = {}
        self._size = 0
        self._samples: list[str] = []
        self._dictionary: bytes | None = None
        self._writing = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, number: int) -> bool:
        return number in self._kept

    def get(self, number: int) -> bytes | None:
        """That text in UTF-8; None when it is not kept."""
        found = self._kept.get(number)
        if found is None or self._dictionary is None:
            return None
        return zlib.decompressobj(_RAW, self._dictionary).decompress(found)

    def part(self, entries: Iterable[Entry]) -> tuple[dict[int, bytes], list[Entry]]:
        """The texts that are kept, by primary key of their entry, and the entries without one."""
        kept: dict[int, bytes] = {}
        missing: list[Entry] = []
        for entry in entries:
            text = self.get(entry.pk)
            if text is None:
                missing.append(entry)
            else:
                kept[entry.pk] = text
        return kept, missing

    def put(self, number: int, text: str) -> None:
        with self._writing:
            if self._dictionary is None:
                self._learn(text)
                return
            pen = zlib.compressobj(zdict=self._dictionary, wbits=_RAW)
            short = pen.compress(text.encode()) + pen.flush()
            if self._size + len(short) > MOST:
                self._kept, self._size = {}, 0
            self._size += len(short) - len(self._kept.get(number, b""))
            self._kept[number] = short

    def _learn(self, text: str) -> None:
        """The first texts are not kept: they are what the next ones are compared with."""
        self._samples.append(text)
        if len(self._samples) == _SAMPLES:
            self._dictionary = "".join(self._samples).encode()[-_WINDOW:]
            self._samples = []
