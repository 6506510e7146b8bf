"""Brings the files into the database: all or nothing, only what changed, nothing corrected undone.

For each row three states are compared: the file's, the base's, and the one the last load left
(`LoadedRow`). Where the base is as the last load left it, the file wins; where somebody changed
it since, the base wins and the report says so.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.db import connection, transaction
from django.db.models import ProtectedError

from directory.loading.cells import CellError, ParentRemovedError, Places
from directory.loading.columns import Table
from directory.loading.files import DEFAULT_DIRECTORY, DirectoryFileError, FileRow, read_rows
from directory.loading.states import State, digest, natural_key, states
from directory.loading.tables import TABLES
from directory.loading.writing import Row, check, create, set_many, update
from directory.models.loading import LoadedRow
from regions.models import Territory

#: Any number, the same in every process: two loads wait for each other.
LOCK: Final = 0x6469_7265

Step = Callable[[str], None]


def _no_step(label: str) -> None:
    """Nobody is watching."""


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


def load_directory(
    directory: Path = DEFAULT_DIRECTORY,
    *,
    force: bool = False,
    prune: bool = False,
    step: Step = _no_step,
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
        base = states(table)
        by_key = {natural_key(table, state): pk for pk, state in base.items()}
        memory = self.memory[table.file]
        names: dict[str, int | None] = self.places.rows[table.file]
        new: list[Row] = []
        changed: list[tuple[int, Row]] = []
        settled: list[tuple[int, Row]] = []
        for row in rows:
            known = memory.get(row.key)
            pk = known.object_id if known else None
            if pk not in base:
                pk = by_key.get(natural_key(table, row.state))
            names[row.name] = pk
            reason = self._reason_to_keep(known, base.get(pk) if pk else None, row)
            if reason:
                self.report.kept.append(
                    f"{table.file}, ligne {row.line} : {_readable(row.key)} ({reason})"
                )
            elif pk is None:
                new.append(row)
            elif digest(base[pk]) == digest(row.whole):
                settled.append((pk, row))
                self.report.unchanged += 1
            else:
                changed.append((pk, row))
        settled += changed
        for made, row in zip(create(table, new), new, strict=True):
            names[row.name] = made.pk
            settled.append((made.pk, row))
        update(table, changed)
        set_many(table, [(pk, row) for pk, row in settled if row.many], base)
        self._remember(table, settled)
        self._count(self.report.created, table, len(new))
        self._count(self.report.updated, table, len(changed))
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
        base = states(table)
        forget: list[int] = []
        remove: list[int] = []
        for known in gone:
            state = base.get(known.object_id)
            if state is not None and not self.prune:
                self.report.stale.append(f"{table.file} : {_readable(known.key)}")
            elif state is not None and not self.force and digest(state) != known.digest:
                self.report.kept.append(
                    f"{table.file} : {_readable(known.key)} "
                    "(absente du fichier, mais modifiée à la main)"
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

    def _read(self, table: Table) -> list[Row]:
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
                    f"({_readable(key)}). Ce qui la distingue : "
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

    def _row(self, table: Table, file_row: FileRow, key: str, name: str) -> Row:
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
        check(table, state, file_row.line)
        return Row(file_row.line, key, name, state, many)

    def _reason_to_keep(self, known: LoadedRow | None, held: State | None, row: Row) -> str:
        """Why the base wins over the file for this row; empty when the file does."""
        if self.force or (held is not None and digest(held) == digest(row.whole)):
            return ""
        if held is None:
            return "supprimée à la main depuis le dernier chargement" if known else ""
        if known and not known.digest:  # the columns of the file changed since: the file wins
            return ""
        if known is None:
            return "déjà saisie en base, avec un autre contenu"
        changed = known.digest != digest(held)
        return "modifiée à la main depuis le dernier chargement" if changed else ""

    def _remember(self, table: Table, settled: Iterable[tuple[int, Row]]) -> None:
        memory = self.memory[table.file]
        new: list[LoadedRow] = []
        changed: list[LoadedRow] = []
        for pk, row in settled:
            known, state = memory.get(row.key), digest(row.whole)
            if known is None:
                new.append(LoadedRow(file=table.file, key=row.key, object_id=pk, digest=state))
                memory[row.key] = new[-1]
            elif (known.object_id, known.digest) != (pk, state):
                known.object_id, known.digest = pk, state
                changed.append(known)
        if new:
            LoadedRow.objects.bulk_create(new)
        if changed:
            LoadedRow.objects.bulk_update(changed, ["object_id", "digest"], batch_size=500)

    @staticmethod
    def _count(counts: dict[str, int], table: Table, rows: int) -> None:
        if rows:
            counts[table.label] = rows


def _readable(key: str) -> str:
    return ", ".join(cell for cell in json.loads(key) if cell)[:150]
