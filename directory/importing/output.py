"""Calls as files: the template with its notice, and exports that an import takes back unchanged."""

import csv
import io
from collections.abc import Iterable
from typing import Any, Final

import tablib
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from directory.importing.columns import COLUMNS, choices_of
from directory.importing.resource import CallResource
from directory.importing.states import read_states
from directory.importing.vocabulary import Vocabulary
from directory.importing.workbooks import SHEET

#: A spreadsheet runs what begins with one of these; an apostrophe before it makes it a text.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_HEAD: Final = PatternFill("solid", fgColor="0E4B43")
_ROWS_WITH_LISTS: Final = 2000
#: Columns whose cells hold one term of their list, so that a menu may offer it.
_ONE_OF: Final = ("kind", "publication", "envelope_nature")
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
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "C2"
    for place, column in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
        choices = choices_of(column, vocabulary)
        if column.name in _ONE_OF and sum(map(len, choices)) < 200:
            menu = DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=True)
            menu.showErrorMessage = False
            letter = get_column_letter(place)
            menu.add(f"{letter}2:{letter}{_ROWS_WITH_LISTS}")
            sheet.data_validations.append(menu)
    sheet.append(_cells(sheet, dataset.headers or [], head=True))
    for row in dataset:
        sheet.append(_cells(sheet, row))
    _add_notice(book, vocabulary)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _add_notice(book: Workbook, vocabulary: Vocabulary) -> None:
    sheet = book.create_sheet("Notice")
    for letter, width in (("A", 24), ("B", 80), ("C", 34), ("D", 70)):
        sheet.column_dimensions[letter].width = width
    sheet.append(_cells(sheet, ["Colonne", "Ce qu’on y écrit", "Exemple", "Choix"], head=True))
    for name, notice, example, choices in notice_lines(vocabulary):
        sheet.append(_cells(sheet, [name, notice, example, " ; ".join(choices)]))


def notice_lines(vocabulary: Vocabulary) -> list[tuple[str, str, str, list[str]]]:
    """(heading, what to write, example, choices) of each column."""
    return [
        (column.heading, column.notice, column.example, choices_of(column, vocabulary))
        for column in COLUMNS
    ]


def _cells(sheet: Any, texts: Iterable[str], *, head: bool = False) -> list[WriteOnlyCell]:
    cells = []
    for text in texts:
        cell = WriteOnlyCell(sheet, value=text or None)
        if text:
            cell.data_type = "s"  # a text that begins with "=" too
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        if head:
            cell.font = Font(bold=True, color="FFFFFF")
            cell.fill = _HEAD
        cells.append(cell)
    return cells
