"""The texts that one slip of the hand parts from what was typed.

A slip is a letter that is missing, too many, changed, or exchanged with the next. Two texts are one
slip apart only if they can become the same when each may lose a letter: so texts are filed under
what is left of them, and looked up under what is left of what was typed.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from regions.packed import Drawers, Texts

#: Letters of a word of a name, on average and a little more.
_LETTERS: Final = 8
_DOUBLE: Final = re.compile(r"(.)\1+")


class Slips:
    """Texts filed under themselves, and under what is left of them without any one letter."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._drawers = Drawers(
            lambda: ((rest, place) for place, text in enumerate(texts) for rest in _rests(text)),
            about=_LETTERS * len(texts),
        )

    def of(self, typed: str) -> list[str]:
        """The texts one slip away from what was typed, and itself if it is one of them."""
        found = self._drawers.under(_rests(typed))
        texts = (self._texts[place] for place in sorted(found))
        return [text for text in texts if is_slip(typed, text)]


def _rests(text: str) -> set[str]:
    return {text, *shortened(text)}


def shortened(text: str) -> Iterator[str]:
    """What is left of a text without one letter; nothing for a single letter."""
    if len(text) > 1:
        for at in range(len(text)):
            yield text[:at] + text[at + 1 :]


def is_slip(typed: str, meant: str) -> bool:
    """Whether one slip at most parts the two."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    at = 0
    for ours, theirs in zip(typed, meant, strict=False):
        if ours != theirs:
            break
        at += 1
    ours, theirs = typed[at:], meant[at:]
    return (
        ours[1:] in (theirs, theirs[1:])
        or ours == theirs[1:]
        or (ours[1::-1] == theirs[:2] and ours[2:] == theirs[2:])
    )


def undoubled(words: Iterable[str]) -> str:
    """The words with every double letter once."""
    return _DOUBLE.sub(r"\1", " ".join(words))
