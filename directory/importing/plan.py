"""What a file would do, row by row and cell by cell. Reads the base, writes nothing.

For each cell three values are compared: the file's, the base's, and the one the last import gave
(`CallImportRow.values`). Where the base differs from the last import, somebody corrected it since:
the correction is kept, and listed, unless whoever confirms asks to overwrite it.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import tablib
from django.core.exceptions import ValidationError

from directory.importing import states
from directory.importing.checks import RowChecks, Scheme, Schemes
from directory.importing.columns import BY_NAME, COLUMNS, Column, column_of
from directory.importing.files import Table
from directory.importing.refusal import FileRefusedError
from directory.importing.resource import CallResource, CallRow, Progress
from directory.importing.rights import Rights
from directory.importing.states import State
from directory.importing.vocabulary import Vocabulary
from directory.models import CallImportRow, ImportState, RowAction

#: line -> column name -> text typed instead of the cell.
Corrections = Mapping[str, Mapping[str, str]]

#: Columns that say which edition it is: never compared.
IDENTITY: Final = ("key", "scheme", "kind")
_ESCAPED: Final = ("'=", "'+", "'-", "'@", "'\t")


@dataclass
class RowPlan:
    """What one row does. `values`: what the file gives, by column; `state`: the edition now."""

    line: int
    key: str
    title: str
    action: RowAction
    values: dict[str, Any] = field(default_factory=dict)
    scheme: Scheme | None = None
    state: State | None = None
    changes: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    imported: dict[str, Any] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        return sum(change["kept"] for change in self.changes)


@dataclass
class Plan:
    """The rows, the new series they need, and the headings of the file that mean nothing here."""

    rows: list[RowPlan]
    new_schemes: list[Scheme]
    ignored: list[str]
    vocabulary: Vocabulary

    def count(self, action: RowAction) -> int:
        return sum(row.action == action for row in self.rows)

    @property
    def kept(self) -> int:
        return sum(row.kept for row in self.rows)

    @property
    def digest(self) -> str:
        """The same for plans that would do the same."""
        made = hashlib.sha256()
        for row in self.rows:
            told = [row.line, row.key, row.action, row.changes, row.errors, row.values]
            made.update(states.digest(told).encode())
        return made.hexdigest()


def make_plan(
    table: Table,
    rights: Rights,
    corrections: Corrections | None = None,
    *,
    lock: bool = False,
    progress: Progress | None = None,
) -> Plan:
    """Compares the table with the base. Some thirty queries, whatever the number of rows.

    `lock` keeps the editions as they are until the commit. Raises FileRefusedError when the
    headings are not those of calls.
    """
    columns, ignored = _columns(table.headings)
    vocabulary = Vocabulary()
    resource = CallResource(vocabulary, [c for c in columns if c])
    resource.progress = progress
    dataset = _dataset(table, columns, corrections or {})
    result = resource.import_data(dataset, dry_run=True)
    if result.base_errors:
        raise result.base_errors[0].error
    checks = RowChecks(vocabulary, rights, Schemes(vocabulary, rights))
    rows = []
    for (line, _), read, outcome in zip(table.rows, resource.rows, result.rows, strict=True):
        if outcome.errors:
            raise outcome.errors[0].error
        rows.append(_identify(line, read, outcome.validation_error, checks))
    present = states.states_of({row.key for row in rows if row.key}, lock=lock)
    last = _last_imported([state.pk for state in present.values()])
    lines: dict[str, int] = {}
    for row in rows:
        row.state = present.get(row.key)
        checks.check(row, lines)
        lines.setdefault(row.key, row.line)
        _compare(row, vocabulary, last.get(row.state.pk, {}) if row.state else {})
    _quote([column.name for column in columns if column], dataset, rows)
    good = [row for row in rows if row.action == RowAction.CREATE and row.scheme]
    new = {row.scheme.slug: row.scheme for row in good if row.scheme and row.scheme.is_new}
    return Plan(rows, list(new.values()), ignored, vocabulary)


def _columns(headings: list[str]) -> tuple[list[Column | None], list[str]]:
    """The column of each heading (None for one that means nothing here), and those headings."""
    columns = [column_of(heading) if heading else None for heading in headings]
    ignored = [h for h, column in zip(headings, columns, strict=True) if h and not column]
    known = [column.name for column in columns if column]
    if not known or not {"key", "scheme"} & set(known):
        raise FileRefusedError(
            "On ne reconnaît pas les titres de colonnes de la première ligne : il faut au moins "
            f"« {BY_NAME['key'].heading} » ou « {BY_NAME['scheme'].heading} ». Partez du modèle."
        )
    twice = next((c for c in columns if c and known.count(c.name) > 1), None)
    if twice:
        raise FileRefusedError(
            f"Deux colonnes disent « {twice.heading} » : gardez-en une seule, ou renommez l’autre."
        )
    return columns, ignored


def _dataset(
    table: Table, columns: list[Column | None], corrections: Corrections
) -> tablib.Dataset:
    """The cells of the known columns, those typed instead in their place."""
    dataset = tablib.Dataset(headers=[column.heading for column in columns if column])
    places = [(place, column) for place, column in enumerate(columns) if column]
    for line, cells in table.rows:
        typed = corrections.get(str(line), {})
        dataset.append([_cell(typed.get(c.name, cells[place])) for place, c in places])
    return dataset


def _cell(text: str) -> str:
    """An export writes an apostrophe before what a spreadsheet would run as a formula."""
    return text[1:] if text.startswith(_ESCAPED) else text


def _identify(
    line: int, read: CallRow, invalid: ValidationError | None, checks: RowChecks
) -> RowPlan:
    values = vars(read)
    row = RowPlan(line, values.get("key", ""), values.get("title", ""), RowAction.LEAVE, values)
    if invalid:
        for name, messages in invalid.message_dict.items():
            row.errors.append(checks.error(name, messages[0]))
    checks.identify(row)
    return row


def _quote(names: list[str], dataset: tablib.Dataset, rows: list[RowPlan]) -> None:
    """Says in each error what the cell holds, and whether the file has that column at all."""
    order = {column.name: place for place, column in enumerate(COLUMNS)}
    for place, row in enumerate(rows):
        if row.errors:
            cells = dict(zip(names, dataset[place], strict=True))
            row.errors.sort(key=lambda error: order[error["name"]])
            for error in row.errors:
                error["value"] = cells.get(error["name"], "")
                error["has_cell"] = error["name"] in cells


def _last_imported(editions: Collection[int]) -> dict[int, dict[str, Any]]:
    """For each edition, the values that its last import, if not undone, gave to its columns."""
    rows = (
        CallImportRow.objects.filter(edition__in=editions, call_import__state=ImportState.DONE)
        .order_by("edition_id", "-call_import__load_order")
        .distinct("edition_id")
    )
    return dict(rows.values_list("edition_id", "values"))


def _compare(row: RowPlan, vocabulary: Vocabulary, last: Mapping[str, Any]) -> None:
    """Fills the action, the changes and what to remember of the row."""
    given = {name: value for name, value in row.values.items() if name not in IDENTITY}
    if not given.get("publication", "-"):
        del given["publication"]
    row.imported = {**last, **given}
    if row.errors:
        row.action = RowAction.WRONG
        return
    if row.state is None:
        row.action = RowAction.CREATE
        row.changes = [
            _change(column, "", column.shown(given[column.name], vocabulary), kept=False)
            for column in COLUMNS
            if given.get(column.name) not in (None, "", [])
        ]
        return
    for name, value in given.items():
        held = row.state.values[name]
        if value != held:
            column = BY_NAME[name]
            kept = name in last and last[name] != held
            old, new = column.shown(held, vocabulary), column.shown(value, vocabulary)
            row.changes.append(_change(column, old, new, kept=kept))
    changed = any(not change["kept"] for change in row.changes)
    row.action = RowAction.CHANGE if changed else RowAction.LEAVE


def _change(column: Column, old: str, new: str, *, kept: bool) -> dict[str, Any]:
    return {
        "name": column.name,
        "column": column.heading,
        "old": old,
        "new": new,
        "kept": kept,
    }
