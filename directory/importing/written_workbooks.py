"""Calls as a workbook: the table, then the notice of its columns."""

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
from directory.importing.output import notice_lines
from directory.importing.vocabulary import Vocabulary
from directory.importing.workbooks import SHEET

_HEAD: Final = PatternFill("solid", fgColor="0E4B43")
_ROWS_WITH_LISTS: Final = 2000
#: Columns whose cells hold one term of their list, so that a menu may offer it.
_ONE_OF: Final = ("kind", "publication", "envelope_nature")


def workbook_of(dataset: tablib.Dataset, vocabulary: Vocabulary) -> bytes:
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
