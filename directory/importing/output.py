"""Calls as files: the template with its notice, and exports that an import takes back unchanged."""

import csv
import io
from typing import Any, Final

import tablib

from directory.importing.columns import COLUMNS, choices_of
from directory.importing.resource import CallResource
from directory.importing.states import read_states
from directory.importing.vocabulary import Vocabulary

#: A spreadsheet runs what begins with one of these; an apostrophe before it makes it a text.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def calls_dataset(editions: Any, vocabulary: Vocabulary) -> tablib.Dataset:
    """The editions of a queryset, one row each, in its order."""
    return CallResource(vocabulary).export_states(read_states(editions).values())


def template_dataset() -> tablib.Dataset:
    """The headings and one example row."""
    dataset = tablib.Dataset(headers=[column.heading for column in COLUMNS])
    dataset.append([column.example for column in COLUMNS])
    return dataset


def as_csv(dataset: tablib.Dataset) -> bytes:
    """UTF-8 with its mark and semicolons, as French spreadsheets expect; no cell is a formula."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(dataset.headers or [])
    for row in dataset:
        writer.writerow(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row)
    return out.getvalue().encode()


def as_xlsx(dataset: tablib.Dataset, vocabulary: Vocabulary) -> bytes:
    """A workbook: the calls, then the notice. Every cell is a text, so none is a formula."""
    # openpyxl takes 6 MB of a process that most of them never need.
    from directory.importing.written_workbooks import workbook_of

    return workbook_of(dataset, vocabulary)


def notice_lines(vocabulary: Vocabulary) -> list[tuple[str, str, str, list[str]]]:
    """(heading, what to write, example, choices) of each column."""
    return [
        (column.heading, column.notice, column.example, choices_of(column, vocabulary))
        for column in COLUMNS
    ]
