"""Checking rows and writing them in bulk, with errors that name the row all the same."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from directory.loading.columns import Table
from directory.loading.files import DirectoryFileError
from directory.loading.states import State, pairs


@dataclass(slots=True)
class Row:
    """A row of a file, read: its identity, and the state it asks for."""

    line: int
    key: str
    name: str
    state: State
    many: dict[str, frozenset[int]]

    @property
    def whole(self) -> State:
        return {**self.state, **self.many}


def check(table: Table, state: State, line: int) -> None:
    """Refuses what the fields refuse: lengths, choices, addresses… Names the column."""
    fields = {field.name for field in table.model._meta.fields}
    simple = {column.target: column.name for column in table.stored if column.target in fields}
    try:
        table.model(**state).clean_fields(exclude=fields - simple.keys())
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        shown = f"« {str(state[name])[:80]} » : " if state[name] else ""
        raise DirectoryFileError(
            table.file, shown + " ".join(messages), line, simple[name]
        ) from error
    missing = [
        column.name
        for column in table.stored
        if state[column.target] is None and not _field(table, column.target).null
    ]
    if missing:
        raise DirectoryFileError(
            table.file, "cette cellule ne peut pas être vide.", line, missing[0]
        )


def create(table: Table, rows: list[Row]) -> list[models.Model]:
    """Inserts the rows; gives the new objects in the same order, primary keys included."""
    made = [table.model(**row.state) for row in rows]
    if made:
        with _row_blamed(table, made, rows):
            table.model._default_manager.bulk_create(made)
    return made


def update(table: Table, rows: list[tuple[int, Row]]) -> None:
    """Writes (primary key, row) pairs: the fields of the files and the time, no other field."""
    if not rows:
        return
    fields = [field.name for field in _written(table)]
    changed = [table.model(pk=pk, **row.state) for pk, row in rows]
    if any(field.name == "updated_at" for field in table.model._meta.fields):
        fields.append("updated_at")
        for instance in changed:
            instance.updated_at = timezone.now()  # type: ignore[attr-defined]
    with _row_blamed(table, changed, [row for _, row in rows]):
        table.model._default_manager.bulk_update(changed, fields, batch_size=200)


def _written(table: Table) -> list[Any]:
    names = [*(column.target for column in table.stored), *table.constants]
    return [_field(table, name) for name in names]


def _field(table: Table, name: str) -> Any:
    return table.model._meta.get_field(name)


def set_many(table: Table, rows: list[tuple[int, Row]], base: dict[int, State]) -> None:
    """Adds and removes the pairs of many-to-many fields that differ from the base."""
    for column in table.manies:
        through, source, target = pairs(table, column)
        add: list[models.Model] = []
        for pk, row in rows:
            wanted = row.many[column.target]
            held = base.get(pk, {}).get(column.target, frozenset())
            add += [through(**{source: pk, target: other}) for other in sorted(wanted - held)]
            if held - wanted:
                through._default_manager.filter(
                    **{source: pk, f"{target}__in": held - wanted}
                ).delete()
        if add:
            through._default_manager.bulk_create(add)


@contextmanager
def _row_blamed(
    table: Table, instances: Sequence[models.Model], rows: Sequence[Row]
) -> Iterator[None]:
    """Says which row breaks which constraint, which a bulk write does not."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        for instance, row in zip(instances, rows, strict=True):
            try:
                instance.validate_constraints()
            except ValidationError as broken:
                raise DirectoryFileError(table.file, " ".join(broken.messages), row.line) from error
        raise DirectoryFileError(table.file, str(error)) from error
