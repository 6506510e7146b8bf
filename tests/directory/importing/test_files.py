"""What a file may be: read whatever wrote it, or refused in one French sentence."""

import csv
import datetime
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from directory.importing import files, workbooks
from directory.importing.columns import COLUMNS, column_of
from directory.importing.files import Table, read_table
from directory.importing.refusal import FileRefusedError

HEADINGS = ["Clé", "Série", "Clôture"]
ROW = ["fonds-2026", "Fonds été", "15/09/2026"]
WORD = "Le cœur de l’été"


def as_text(separator: str = ";", *rows: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows or (HEADINGS, ROW))
    return out.getvalue()


def book(*rows: list[Any], change: Callable[[Any], None] | None = None) -> bytes:
    made = Workbook()
    for row in rows or (HEADINGS, ROW):
        made.active.append(row)
    if change:
        change(made.active)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def archive(**members: bytes) -> bytes:
    """A zip of these members, `__` for "/" and `_dot_` for "."."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def repacked(content: bytes, change: dict[str, Callable[[bytes], bytes]]) -> bytes:
    """A workbook with some of its files changed, and others added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        names = old.namelist()
        for name in [*names, *(name for name in change if name not in names)]:
            held = old.read(name) if name in names else b""
            new.writestr(name, change.get(name, lambda same: same)(held))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize(
    ("codec", "mark"),
    [
        ("utf-8", b""),
        ("utf-8-sig", b""),
        ("utf-16", b""),
        ("utf-16-be", b"\xfe\xff"),
        ("cp1252", b""),
    ],
)
def test_any_usual_encoding_and_separator_is_read(separator: str, codec: str, mark: bytes) -> None:
    content = mark + as_text(separator, HEADINGS, ["k", WORD, ""]).encode(codec)
    assert read_table(content) == Table(HEADINGS, [(2, ["k", WORD, ""])])


def test_a_workbook_gives_the_same_texts_as_somebody_would_type() -> None:
    day = datetime.date(2026, 9, 15)
    content = book(["Clé", "Clôture", "Enveloppe", "x"], ["k", day, 120000.0, True], ["l", "", 1.5])
    assert read_table(content).rows == [
        (2, ["k", "2026-09-15", "120000", "oui"]),
        (3, ["l", "", "1.5", ""]),
    ]


def test_the_sheet_of_calls_is_read_wherever_it_is() -> None:
    made = Workbook()
    made.active.append(["autre"])
    made.create_sheet("appels").append(HEADINGS)
    made["appels"].append(ROW)
    out = io.BytesIO()
    made.save(out)
    assert read_table(out.getvalue()).headings == HEADINGS


def test_lines_are_those_of_the_file_blank_ones_and_long_cells_included() -> None:
    text = 'Clé;Titre\r\n\r\na;"deux\nlignes"\r\n;;\r\nb;c\r\n'
    assert [line for line, _ in read_table(text.encode()).rows] == [3, 6]
    made = book(HEADINGS, [], ROW)
    assert [line for line, _ in read_table(made).rows] == [3]


def test_excels_word_on_its_separator_is_heard() -> None:
    assert read_table(b"sep=;\r\nCl\xc3\xa9;a,b,c,d\r\nx;y\r\n").headings == ["Clé", "a,b,c,d"]


def test_headings_are_known_whatever_their_case_accents_and_apostrophes() -> None:
    for column in COLUMNS:
        for typed in (
            column.heading.upper(),
            f" {column.heading.lower()} ",
            column.heading.replace("é", "e").replace("É", "E").replace("’", "'"),
            *column.others,
        ):
            assert column_of(typed) is column, typed


def merged(sheet: Any) -> None:
    sheet.merge_cells("A3:B4")


def formula(sheet: Any) -> None:
    sheet["C5"] = "=1+1"


def array(sheet: Any) -> None:
    sheet["C5"] = ArrayFormula("C5:C6", "=SUM(A1:A2)")


def far(sheet: Any) -> None:
    sheet["A1048576"] = "x"


def bomb() -> bytes:
    """70 MB of spaces in 70 kB, as a sheet."""
    return repacked(book(), {SHEET: lambda sheet: sheet + b" " * 70_000_000})


def liar() -> bytes:
    """The same, that says to be small."""
    content = bytearray(bomb())
    real = (70_000_000).to_bytes(4, "little")
    sheet = len(read_member(book(), SHEET)) + 70_000_000
    size = sheet.to_bytes(4, "little")
    assert content.count(size) == 2
    return bytes(content).replace(size, (1000).to_bytes(4, "little")).replace(real, real)


def read_member(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return opened.read(name)


def billion_laughs() -> bytes:
    entity = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    return repacked(
        book(), {SHEET: lambda sheet: sheet.replace(b"<worksheet", entity + b"<worksheet", 1)}
    )


def empty_rows() -> bytes:
    rows = b"".join(b'<row r="%d"/>' % number for number in range(10, 1_000_000))
    return repacked(
        book(), {SHEET: lambda sheet: sheet.replace(b"</sheetData>", rows + b"</sheetData>")}
    )


def many_strings() -> bytes:
    return repacked(book(), {"xl/sharedStrings.xml": lambda old: old + b"<si/>" * 7_000_000})


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "Ce fichier est vide."),
    "blank": (lambda: b" \r\n \n", "Ce fichier est vide."),
    "headings only": (lambda: b"Cle;Serie\r\n", "que ses titres de colonnes"),
    "100 MB": (lambda: b"x" * (100 * 1024 * 1024), "dépasse 10 Mo"),
    "PDF": (lambda: b"%PDF-1.7 \xe2\xe3\xcf\xd3", "est un PDF"),
    "image": (lambda: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "caractère nul"),
    "binary": (lambda: bytes(range(1, 256)) * 40, "ne se lisent pas"),
    "control signs": (lambda: b"\x01\x02\x03\x04\x05\x06\x07\x0e\x0f\x10" * 9, "ni un CSV"),
    "web page": (lambda: b"<html><table><tr><td>x", "est une page web"),
    "old Excel, or a password": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ancien classeur"),
    "NUL": (lambda: b"Cle;Serie\r\na\x00b;c\r\n", "caractère nul"),
    "UTF-16 cut in two": (lambda: b"\xff\xfeC\x00l", "ne se lisent pas"),
    "open quote": (lambda: 'Clé;Série\r\n"a;b\r\n'.encode(), "un guillemet s’ouvre"),
    "too many cells": (lambda: b"Cle;Serie\r\na;b;c\r\n", "plus de cellules que les titres"),
    "formula in a CSV": (lambda: b"Cle;Serie\r\na;=1+1\r\n", "La ligne 2 contient une formule"),
    "long cell": (lambda: b"Cle;Serie\r\na;" + b"x" * 20_001, "plus de 20000 signes"),
    "20 000 lines": (lambda: b"Cle;Serie\r\n" + b"a;b\r\n" * 20_000, "plus de 10 000 lignes"),
    "a million blank lines": (lambda: b"Cle;b\r\na;b\r\n" + b";\r\n" * 10**6, "lignes vides"),
    "formula": (lambda: book(change=formula), "La cellule C5 contient une formule"),
    "array formula": (lambda: book(change=array), "La cellule C5 contient une formule"),
    "merged cells": (lambda: book(change=merged), "cellules fusionnées (A3:B4)"),
    "a cell at the end of the sheet": (lambda: book(change=far), "lignes vides"),
    "a million empty rows": (empty_rows, "lignes vides"),
    "too many rows": (lambda: book(HEADINGS, *[ROW] * 10_001), "plus de 10 000 lignes"),
    "bomb": (bomb, "énorme une fois décompressé"),
    "bomb that lies": (liar, "est abîmé"),
    "bomb of texts": (many_strings, "énorme une fois décompressé"),
    "bomb of files": (
        lambda: repacked(book(), {f"xl/{n}.xml": lambda old: b"" for n in range(600)}),
        "énorme une fois décompressé",
    ),
    "entities": (billion_laughs, "est abîmé"),
    "macros": (lambda: repacked(book(), {"xl/vbaProject.bin": lambda old: b"x"}), "des macros"),
    "macros by type": (
        lambda: repacked(
            book(),
            {"[Content_Types].xml": lambda old: old.replace(b"sheet.main", b"sheet.macroEnabled")},
        ),
        "des macros",
    ),
    "LibreOffice": (
        lambda: archive(mimetype=b"application/vnd.oasis", content_dot_xml=b"<x/>"),
        "classeur LibreOffice",
    ),
    "any archive": (lambda: archive(photo_dot_jpg=b"x"), "est une archive"),
    "Word": (
        lambda: archive(word__document_dot_xml=b"<x/>") + b"",
        "est une archive",
    ),
    "cut in two": (lambda: book()[:1500], "est abîmé"),
    "not XML": (lambda: repacked(book(), {SHEET: lambda old: b"<worksheet"}), "est abîmé"),
    "only a signature": (lambda: b"PK\x03\x04", "est abîmé"),
    "cells beyond the headings": (lambda: book(HEADINGS, [*ROW, "x"]), "hors des colonnes"),
}


@pytest.mark.parametrize(("make", "says"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_with_one_sentence(make: Callable[[], bytes], says: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        read_table(make())
    sentence = str(refused.value)
    assert says in sentence.replace("\xa0", " ")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_bomb_is_refused_before_a_spreadsheet_library_opens_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def opened(*args: Any, **options: Any) -> None:
        raise AssertionError("openpyxl was asked")

    monkeypatch.setattr(workbooks.openpyxl, "load_workbook", opened)
    for make in (bomb, liar, many_strings, billion_laughs, lambda: book(change=merged)):
        content = make()
        try:
            workbooks.read_workbook(content)
        except FileRefusedError:
            continue
        except AssertionError:
            assert make not in (bomb, liar, many_strings, billion_laughs)


def test_a_text_that_begins_like_a_formula_is_a_text_in_a_workbook() -> None:
    def change(sheet: Any) -> None:
        sheet["C2"] = "=pas une formule"
        sheet["C2"].data_type = "s"

    assert read_table(book(change=change)).rows[0][1][2] == "=pas une formule"


def test_the_size_limit_is_that_of_the_page() -> None:
    assert "10 Mo" in files.TOO_BIG.replace("\xa0", " ")
    assert files.MOST_BYTES == 10 * 1024 * 1024
