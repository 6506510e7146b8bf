"""The state of a row: what the fields that a file fills hold, comparable with a file's row."""

import datetime
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import models

from directory.loading.columns import Column, Table

State = dict[str, Any]


def states(table: Table) -> dict[int, State]:
    """What the base holds: for each row, the fields the file fills, many-to-many ones included."""
    stored = [*(column.target for column in table.stored), *table.constants]
    held = {
        state.pop("pk"): state
        for state in table.model._default_manager.values("pk", *stored).order_by("pk")
    }
    for column in table.manies:
        through, source, target = pairs(table, column)
        sets: dict[int, set[int]] = {pk: set() for pk in held}
        for pk, other in through._default_manager.values_list(source, target):
            sets[pk].add(other)
        for pk, others in sets.items():
            held[pk][column.target] = frozenset(others)
    return held


def pairs(table: Table, column: Column) -> tuple[type[models.Model], str, str]:
    """The table of pairs of a many-to-many field, and the names of its two columns."""
    many: Any = table.model._meta.get_field(column.target)
    return (
        many.remote_field.through,
        f"{many.m2m_field_name()}_id",
        f"{many.m2m_reverse_field_name()}_id",
    )


def natural_key(table: Table, state: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(_plain(state[column.target]) for column in table.keys)


def _plain(value: Any) -> Any:
    """A value as comparable text, the same from a cell and from the base."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    return None if value is None else value if isinstance(value, bool | int | list) else str(value)


def digest(state: Mapping[str, Any]) -> str:
    """SHA-256 of a state, in hexadecimal."""
    plain = {name: _plain(value) for name, value in state.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
