"""Templates rendered once for each shape they take, then filled: a card costs a join of strings.

`fill("card.html", {"operator.name": "Tag35", "operator.phone": ""})` renders the template the first
time with a mark in place of each value that is not empty, and afterwards puts the values where the
marks are; a dotted name is an attribute, "steps.0.name" one of the first of a list. So such a
template may print its values, test whether they are there and loop over its lists, nothing else: no
filter on a value, no comparison. Values that are not `SafeString` are escaped.
"""

import html
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, AnyStr, Final, NamedTuple, TypeVar

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

Text = TypeVar("Text", bound=str)

#: Characters of Unicode's private use, which no template holds.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK: Final = re.compile(f"{_OPEN}([\\w.]+){_CLOSE}")
#: What Django's `escape` replaces.
_SPECIAL: Final = re.compile("[&<>\"']")


class _Mould(NamedTuple):
    """A text with gaps: `parts` has a place for each gap, at every other index.

    `around`: what stands around the gaps, as it is sent.
    """

    parts: tuple[str, ...]
    names: tuple[str, ...]
    around: tuple[bytes, ...]


#: (template, names of the values that are there) -> the text around them.
_MOULDS: Final[dict[tuple[str, ...], _Mould]] = {}


def fill(template: str, values: Mapping[str, str]) -> SafeString:
    """The template with these values, each a text or an empty text."""
    mould = _mould(template, values)
    if set(map(type, values.values())) != _ALL_SAFE:
        values = {name: safe(value) for name, value in values.items()}
    parts = list(mould.parts)
    parts[1::2] = map(values.__getitem__, mould.names)
    return SafeString("".join(parts))


class Pieces(list[str | bytes]):
    """HTML in pieces: what holds the cards of a page need not copy them at each level.

    What is the same on every page is bytes already: to encode a page takes longer than to join it.
    """

    def __bytes__(self) -> bytes:
        return b"".join([one if type(one) is bytes else one.encode() for one in self])  # type: ignore[union-attr]

    def __str__(self) -> str:
        return bytes(self).decode()


def fill_in_pieces(template: str, values: Mapping[str, str | Pieces]) -> Pieces:
    """As `fill`, for values that are HTML, some of them in pieces."""
    mould = _mould(template, values)
    made = Pieces()
    for place, name in enumerate(mould.names):
        value = values[name]
        made.append(mould.around[place])
        if type(value) is Pieces:
            made += value
        else:
            made.append(safe(value))  # type: ignore[arg-type]
    made.append(mould.around[-1])
    return made


class Mould:
    """A template whose values come in the order of `names`, all HTML: for lines by the dozen.

    `Mould("line.html", "name", "url")("Tag35", "/tag35/")`; the same as `fill` otherwise.
    """

    def __init__(self, template: str, *names: str) -> None:
        self._template, self._names = template, names
        self._moulds: dict[tuple[bool, ...], tuple[tuple[str, ...], Callable[..., Any]]] = {}

    def __call__(self, *values: SafeString) -> SafeString:
        shape = tuple(map(bool, values))
        known = self._moulds.get(shape)
        if known is None:
            known = self._cast(values)
            if not settings.DEBUG:
                self._moulds[shape] = known
        mould, in_order = known
        parts = list(mould)
        parts[1::2] = in_order(values)
        return SafeString("".join(parts))

    def _cast(self, values: Iterable[str]) -> tuple[tuple[str, ...], Callable[..., Any]]:
        mould = _cast(self._template, dict(zip(self._names, values, strict=True)))
        at = [self._names.index(name) for name in mould.names]
        return mould.parts, lambda values: [values[number] for number in at]


def safe(text: str) -> SafeString:
    """The text as HTML. Django's `escape` does the same, at several times the cost."""
    if type(text) is SafeString:
        return text
    return SafeString(html.escape(text) if _SPECIAL.search(text) else text)


#: For a value that a template tests and does not print.
YES, NO = SafeString("oui"), SafeString()
#: A value to be put in later: `around(fill(…))` gives what stands before, between and after.
#: No text of PostgreSQL can hold this character.
HOLE: Final = SafeString("\0")
_HOLE_IN_UTF8: Final = HOLE.encode()
_ALL_SAFE: Final = {SafeString}


def around(text: AnyStr) -> list[AnyStr]:
    """What stands around the holes of a filled template, as text or in UTF-8."""
    return text.split(HOLE) if isinstance(text, str) else text.split(_HOLE_IN_UTF8)


def _mould(template: str, values: Mapping[str, object]) -> _Mould:
    """The mould for the values that are there, cast the first time."""
    key = (template, *filter(values.__getitem__, values))
    mould = _MOULDS.get(key)
    if mould is None:
        mould = _cast(template, values)
        if not settings.DEBUG:  # there a template may change
            _MOULDS[key] = mould
    return mould


def _cast(template: str, values: Mapping[str, object]) -> _Mould:
    context: dict[str, Any] = {}
    for name, value in values.items():
        *path, last = name.split(".")
        inner = context
        for part in path:
            inner = inner.setdefault(part, {})
        inner[last] = SafeString(f"{_OPEN}{name}{_CLOSE}") if value else ""
    parts = tuple(_MARK.split(render_to_string(template, _with_lists(context))))
    return _Mould(parts, parts[1::2], tuple(part.encode() for part in parts[::2]))


def _with_lists(context: dict[str, Any]) -> Any:
    """The same, dictionaries of "0", "1"… being lists."""
    made = {
        name: _with_lists(value) if isinstance(value, dict) else value
        for name, value in context.items()
    }
    return list(made.values()) if "0" in made else made


def items(name: str, rows: Iterable[Mapping[str, Text]]) -> dict[str, Text]:
    """Rows as values of a list: {"steps.0.name": "Idée"} of "steps" and [{"name": "Idée"}]."""
    return {
        f"{name}.{number}.{field}": value
        for number, row in enumerate(rows)
        for field, value in row.items()
    }
