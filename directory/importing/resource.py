"""The rows of a file read through django-import-export, and calls written through it.

`CallResource` walks over plain `CallRow` objects: no query per row. Errors come back by column, one
result per row, from `import_data(dry_run=True)`; what rows do is told by `plan.py`.
"""

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import tablib
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource
from import_export.widgets import Widget

from directory.importing.columns import COLUMNS, Column
from directory.importing.states import State
from directory.importing.vocabulary import Vocabulary
from directory.models import CallEdition

Progress = Callable[[int], None]


class CallRow(SimpleNamespace):
    """One row: an attribute for each column that the file has, as far as its cells can be read."""

    pk = None

    def __str__(self) -> str:
        return str(getattr(self, "key", ""))


class CellWidget(Widget):
    """Reads and writes the cells of a column, in the terms of one vocabulary."""

    def __init__(self, column: Column, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.column = column
        self.vocabulary = vocabulary

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:
        return self.column.read(value, self.vocabulary)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.column.write(value, self.vocabulary)


class CallResource(Resource):
    """Calls as the rows of a spreadsheet."""

    class Meta:
        model = CallEdition
        use_bulk = True  # no savepoint for each row
        skip_diff = True  # plan.py compares, with three ways and without a query for each cell
        import_id_fields = ()
        instance_loader_class = BaseInstanceLoader

    def __init__(self, vocabulary: Vocabulary, columns: Iterable[Column] = COLUMNS) -> None:
        super().__init__()
        self.fields = {
            column.name: Field(
                attribute=column.name,
                column_name=column.heading,
                widget=CellWidget(column, vocabulary),
            )
            for column in columns
        }
        self.read_fields = list(self.fields.values())
        self.rows: list[CallRow] = []
        self.progress: Progress | None = None

    def get_import_fields(self) -> list[Field]:
        return self.read_fields

    def get_export_fields(self, selected_fields: Any = None) -> list[Field]:
        return self.read_fields

    def export_resource(
        self, instance: Any, selected_fields: Any = None, **kwargs: Any
    ) -> list[str]:
        return [field.export(instance) for field in self.read_fields]

    def get_instance(self, instance_loader: Any, row: Any) -> None:
        """Rows are read before the base is: nothing to find."""

    def init_instance(self, row: Any = None) -> CallRow:
        return CallRow()

    def after_init_instance(self, instance: CallRow, new: bool, row: Any, **kwargs: Any) -> None:
        self.rows.append(instance)
        if self.progress and len(self.rows) % 100 == 0:
            self.progress(len(self.rows))

    def save_instance(self, instance: CallRow, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Nothing is saved row by row: writing.py does, in bulk."""

    def export_states(self, states: Iterable[State]) -> tablib.Dataset:
        """Editions as a file shows them, one row each."""
        return self.export(queryset=[CallRow(**state.values) for state in states])
