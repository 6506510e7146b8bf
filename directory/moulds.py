"""Templates rendered once for each shape they take, then filled: a card costs a join of strings.

`fill("card.html", {"operator.name": "Tag35", "operator.phone": ""})` renders the template the first
time with a mark in place of each value that is not empty, and afterwards puts the values where the
marks are; a dotted name is an attribute. So such a template may print its values and test whether
they are there, nothing else: no filter on them, no loop over them. Values that are not `SafeString`
are escaped.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

#: Characters of Unicode's private use, which no text of ours holds.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK: Final = re.compile(f"{_OPEN}([\\w.]+){_CLOSE}")

#: (template, names of the values that are there) -> text and names in turn, from text to text.
_MOULDS: Final[dict[tuple[str, ...], tuple[list[str], list[str]]]] = {}


def fill(template: str, values: Mapping[str, str]) -> SafeString:
    """The template with these values, each a text or an empty text."""
    present = [name for name, value in values.items() if value]
    key = (template, *present)
    mould = _MOULDS.get(key)
    if mould is None:
        mould = _cast(template, values)
        if not settings.DEBUG:  # there a template may change
            _MOULDS[key] = mould
    texts, names = mould
    parts = texts.copy()
    parts[1::2] = [
        value if type(value := values[name]) is SafeString else conditional_escape(value)
        for name in names
    ]
    return mark_safe("".join(parts))  # noqa: S308  (the template's own text, and escaped values)


def _cast(template: str, values: Mapping[str, str]) -> tuple[list[str], list[str]]:
    context: dict[str, Any] = {}
    for name, value in values.items():
        *path, last = name.split(".")
        inner = context
        for part in path:
            inner = inner.setdefault(part, {})
        inner[last] = mark_safe(f"{_OPEN}{name}{_CLOSE}") if value else ""  # noqa: S308
    texts = _MARK.split(render_to_string(template, context))
    return texts, texts[1::2]
