"""Templates rendered once for each shape they take, then filled: a card costs a join of strings.

`fill("card.html", {"operator.name": "Tag35", "operator.phone": ""})` renders the template the first
time with a mark in place of each value that is not empty, and afterwards puts the values where the
marks are; a dotted name is an attribute, "steps.0.name" one of the first of a list. So such a
template may print its values, test whether they are there and loop over its lists, nothing else: no
filter on a value, no comparison. Values that are not `SafeString` are escaped.
"""

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

Text = TypeVar("Text", bound=str)

#: Characters of Unicode's private use, which no text of ours holds.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK: Final = re.compile(f"{_OPEN}([\\w.]+){_CLOSE}")

#: (template, names of the values that are there) -> the text, ready for the operator %.
_MOULDS: Final[dict[tuple[str, ...], str]] = {}


def fill(template: str, values: Mapping[str, str]) -> SafeString:
    """The template with these values, each a text or an empty text."""
    key = (template, *filter(values.__getitem__, values))
    mould = _MOULDS.get(key)
    if mould is None:
        mould = _cast(template, values)
        if not settings.DEBUG:  # there a template may change
            _MOULDS[key] = mould
    if set(map(type, values.values())) != {SafeString}:
        values = {name: safe(value) for name, value in values.items()}
    return SafeString(mould % values)


def safe(text: str) -> SafeString:
    """The text as HTML. Django's `escape` does the same, at several times the cost."""
    return text if isinstance(text, SafeString) else SafeString(html.escape(text))


#: For a value that a template tests and does not print.
YES, NO = SafeString("oui"), SafeString()


def _cast(template: str, values: Mapping[str, str]) -> str:
    context: dict[str, Any] = {}
    for name, value in values.items():
        *path, last = name.split(".")
        inner = context
        for part in path:
            inner = inner.setdefault(part, {})
        inner[last] = SafeString(f"{_OPEN}{name}{_CLOSE}") if value else ""
    text = render_to_string(template, _with_lists(context)).replace("%", "%%")
    return _MARK.sub(r"%(\1)s", text)


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
