"""Brings the files into the database: all or nothing, only what changed, nothing corrected undone.

For each row three states are compared: the file's, the base's, and the one the last load left
(`LoadedRow`). Where the base is as the last load left it, the file wins; where somebody changed
it since, the base wins and the report says so.
"""

import datetime
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from directory.loading.cells import CellError, ParentRemovedError, Places
from directory.loading.files import DEFAULT_DIRECTORY, DirectoryFileError, FileRow, read_rows
from directory.loading.tables import TABLES, Column, Table
from directory.models.loading import LoadedRow
from regions.models import Territory

#: Any number, the same in every process: two loads wait for each other.
LOCK: Final = 0x6469_7265

State = dict[str, Any]
Step = Callable[[str], None]


@dataclass
class LoadReport:
    """What a load did. The lists hold "file, line: name", ready to print."""

    created: dict[str, int] = field(default_factory=dict)
    updated: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0
    removed: int = 0
    kept: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    by_hand: dict[str, int] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        return sum(self.created.values()) + sum(self.updated.values()) + self.removed


@dataclass(slots=True)
class _Row:
    """A row of a file, read: its identity, and the state it asks for."""

    line: int
    key: str
    name: str
    state: State
    many: dict[str, frozenset[int]]

    @property
    def whole(self) -> State:
        return {**self.state, **self.many}


def load_directory(
    directory: Path = DEFAULT_DIRECTORY,
    *,
    force: bool = False,
    prune: bool = False,
    step: Step = lambda label: None,
) -> LoadReport:
    """Loads the files of `directory` in one transaction; whatever is raised, nothing changes.

    `force` lets the files win over what was changed by hand. `prune` removes the rows that an
    earlier load brought and that the files no longer hold. `step` is called with the label of
    each table as it begins. Raises DirectoryFileError, whose message says where and what.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        territories = {
            f"{kind}:{code}": key
            for key, kind, code in Territory.objects.values_list("pk", "kind", "code")
        }
        if not territories:
            raise DirectoryFileError(
                "territoires",
                "la base n’en contient aucun. Chargez d’abord la géographie avec load_territories.",
            )
        loading = _Loading(directory, Places(territories), force, prune)
        for table in TABLES:
            step(table.label)
            loading.table(table)
        for table in reversed(TABLES):
            loading.leftovers(table)
    return loading.report


class _Loading:
    def __init__(self, directory: Path, places: Places, force: bool, prune: bool) -> None:
        self.directory = directory
        self.places = places
        self.force = force
        self.prune = prune
        self.report = LoadReport()
        self.memory: dict[str, dict[str, LoadedRow]] = {table.file: {} for table in TABLES}
        for loaded in LoadedRow.objects.all():
            self.memory.setdefault(loaded.file, {})[loaded.key] = loaded
        self.seen: dict[str, set[str]] = {}

    def table(self, table: Table) -> None:
        """Compares every row of the file with the base, and writes those that differ."""
        rows = self._read(table)
        base = _states(table)
        by_key = {_natural_key(table, state): pk for pk, state in base.items()}
        memory = self.memory[table.file]
        names: dict[str, int | None] = self.places.rows[table.file]
        create: list[_Row] = []
        update: list[tuple[int, _Row]] = []
        settled: list[tuple[int, _Row]] = []
        for row in rows:
            known = memory.get(row.key)
            if known and known.object_id in base:
                pk: int | None = known.object_id
            else:
                pk = by_key.get(_natural_key(table, row.state))
            names[row.name] = pk
            if pk is None:
                if known and not self.force:
                    self._keep(table, row, "supprimée à la main")
                else:
                    create.append(row)
            elif _digest(base[pk]) == _digest(row.whole):
                settled.append((pk, row))
                self.report.unchanged += 1
            elif self.force or (known and known.digest == _digest(base[pk])):
                update.append((pk, row))
            else:
                self._keep(table, row, "modifiée à la main")
        settled += update
        for made, row in zip(_create(table, create), create, strict=True):
            names[row.name] = made.pk
            settled.append((made.pk, row))
        _update(table, update)
        _set_many(table, [(pk, row) for pk, row in settled if row.many], base)
        self._remember(table, settled)
        self._count(self.report.created, table, len(create))
        self._count(self.report.updated, table, len(update))
        loaded = {known.object_id for known in memory.values()} | {pk for pk, _ in settled}
        self._count(self.report.by_hand, table, len(base.keys() - loaded))

    def leftovers(self, table: Table) -> None:
        """Rows that an earlier load brought and that the file no longer holds."""
        gone = [
            known
            for key, known in self.memory[table.file].items()
            if key not in self.seen[table.file]
        ]
        if not gone:
            return
        base = _states(table)
        forget: list[int] = []
        remove: list[int] = []
        for known in gone:
            state = base.get(known.object_id)
            if state is not None and not self.prune:
                self.report.stale.append(f"{table.file}\u00a0: {_readable(known.key)}")
            elif state is not None and not self.force and _digest(state) != known.digest:
                self.report.kept.append(
                    f"{table.file}\u00a0: {_readable(known.key)} (absente du fichier, mais modifiée à la main)"
                )
            else:
                forget.append(known.pk)
                remove += [known.object_id] if state is not None else []
        try:
            if remove:
                table.model._default_manager.filter(pk__in=remove).delete()
        except ProtectedError as error:
            still = ", ".join(str(user) for user in list(error.protected_objects)[:3])
            raise DirectoryFileError(
                table.file, f"impossible de retirer une ligne encore utilisée par {still}."
            ) from error
        if forget:
            LoadedRow.objects.filter(pk__in=forget).delete()
        self.report.removed += len(remove)

    def _read(self, table: Table) -> list[_Row]:
        self.places.rows[table.file] = {}
        self.seen[table.file] = set()
        lines: dict[str, int] = {}
        rows = []
        for file_row in read_rows(self.directory, table.file, [c.name for c in table.columns]):
            key = json.dumps(
                [file_row.cells[column.name] for column in table.keys], ensure_ascii=False
            )
            name = "/".join(file_row.cells[column] for column in table.name)
            if key in lines:
                raise DirectoryFileError(
                    table.file,
                    f"la même ligne figure déjà ligne {lines[key]} "
                    f"({_readable(key)}). Ce qui la distingue\u00a0: "
                    f"{', '.join(column.name for column in table.keys)}.",
                    file_row.line,
                )
            lines[key] = file_row.line
            self.seen[table.file].add(key)
            try:
                rows.append(self._row(table, file_row, key, name))
            except ParentRemovedError:
                self.places.rows[table.file][name] = None
        return rows

    def _row(self, table: Table, file_row: FileRow, key: str, name: str) -> _Row:
        state: State = dict(table.constants)
        many: dict[str, frozenset[int]] = {}
        for column in table.columns:
            cell = file_row.cells[column.name]
            try:
                value = column.read(cell, self.places)
            except CellError as error:
                raise DirectoryFileError(
                    table.file, str(error), file_row.line, column.name
                ) from error
            if column.many:
                many[column.target] = value
            else:
                state[column.target] = value
        _check(table, state, file_row.line)
        return _Row(file_row.line, key, name, state, many)

    def _keep(self, table: Table, row: _Row, why: str) -> None:
        self.report.kept.append(
            f"{table.file}, ligne {row.line}\u00a0: {_readable(row.key)} ({why} depuis le dernier chargement)"
        )

    def _remember(self, table: Table, settled: Iterable[tuple[int, _Row]]) -> None:
        memory = self.memory[table.file]
        new: list[LoadedRow] = []
        changed: list[LoadedRow] = []
        for pk, row in settled:
            known, digest = memory.get(row.key), _digest(row.whole)
            if known is None:
                new.append(LoadedRow(file=table.file, key=row.key, object_id=pk, digest=digest))
                memory[row.key] = new[-1]
            elif (known.object_id, known.digest) != (pk, digest):
                known.object_id, known.digest = pk, digest
                changed.append(known)
        if new:
            LoadedRow.objects.bulk_create(new)
        if changed:
            LoadedRow.objects.bulk_update(changed, ["object_id", "digest"], batch_size=500)

    @staticmethod
    def _count(counts: dict[str, int], table: Table, rows: int) -> None:
        if rows:
            counts[table.label] = rows


def _states(table: Table) -> dict[int, State]:
    """What the base holds: for each row, the fields the file fills, many-to-many ones included."""
    stored = [*(column.target for column in table.stored), *table.constants]
    states = {
        state.pop("pk"): state
        for state in table.model._default_manager.values("pk", *stored).order_by("pk")
    }
    for column in table.manies:
        through, source, target = _through(table, column)
        sets: dict[int, set[int]] = {pk: set() for pk in states}
        for pk, other in through._default_manager.values_list(source, target):
            sets[pk].add(other)
        for pk, others in sets.items():
            states[pk][column.target] = frozenset(others)
    return states


def _through(table: Table, column: Column) -> tuple[type[models.Model], str, str]:
    """The table of pairs of a many-to-many field, and the names of its two columns."""
    many: Any = table.model._meta.get_field(column.target)
    return (
        many.remote_field.through,
        f"{many.m2m_field_name()}_id",
        f"{many.m2m_reverse_field_name()}_id",
    )


def _natural_key(table: Table, state: Mapping[str, Any]) -> tuple[Any, ...]:
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


def _digest(state: Mapping[str, Any]) -> str:
    """SHA-256 of a state, in hexadecimal."""
    plain = {name: _plain(value) for name, value in state.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _readable(key: str) -> str:
    return ", ".join(cell for cell in json.loads(key) if cell)[:150]


def _check(table: Table, state: State, line: int) -> None:
    """Refuses what the fields refuse: lengths, choices, addresses… Names the column."""
    fields = {field.name for field in table.model._meta.fields}
    simple = {column.target: column.name for column in table.stored if column.target in fields}
    try:
        table.model(**state).clean_fields(exclude=fields - simple.keys())
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        shown = f"«\u00a0{str(state[name])[:80]}\u00a0»\u00a0: " if state[name] else ""
        raise DirectoryFileError(
            table.file, shown + " ".join(messages), line, simple[name]
        ) from error
    missing = [
        column.name
        for column in table.stored
        if state[column.target] is None and not table.model._meta.get_field(column.target).null
    ]
    if missing:
        raise DirectoryFileError(
            table.file, "cette cellule ne peut pas être vide.", line, missing[0]
        )


def _create(table: Table, rows: list[_Row]) -> list[models.Model]:
    made = [table.model(**row.state) for row in rows]
    if made:
        with _named_constraints(table, made, rows):
            table.model._default_manager.bulk_create(made)
    return made


def _update(table: Table, rows: list[tuple[int, _Row]]) -> None:
    if not rows:
        return
    fields = [field.name for field in _written(table)]
    changed = [table.model(pk=pk, **row.state) for pk, row in rows]
    if any(field.name == "updated_at" for field in table.model._meta.fields):
        fields.append("updated_at")
        for instance in changed:
            instance.updated_at = timezone.now()  # type: ignore[attr-defined]
    with _named_constraints(table, changed, [row for _, row in rows]):
        table.model._default_manager.bulk_update(changed, fields, batch_size=200)


def _written(table: Table) -> list[Any]:
    names = [*(column.target for column in table.stored), *table.constants]
    return [table.model._meta.get_field(name) for name in names]


class _named_constraints:  # noqa: N801
    """Says which row breaks which constraint, which a bulk write does not."""

    def __init__(self, table: Table, instances: list[models.Model], rows: list[_Row]) -> None:
        self.table, self.instances, self.rows = table, instances, rows
        self.savepoint = transaction.atomic()

    def __enter__(self) -> None:
        self.savepoint.__enter__()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self.savepoint.__exit__(kind, error, trace)
        if not isinstance(error, IntegrityError):
            return
        for instance, row in zip(self.instances, self.rows, strict=True):
            try:
                instance.validate_constraints()
            except ValidationError as broken:
                message = " ".join(broken.messages)
                raise DirectoryFileError(self.table.file, message, row.line) from error
        raise DirectoryFileError(self.table.file, str(error)) from error


def _set_many(table: Table, rows: list[tuple[int, _Row]], base: dict[int, State]) -> None:
    """Adds and removes the pairs of many-to-many fields that differ from the base."""
    for column in table.manies:
        through, source, target = _through(table, column)
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
