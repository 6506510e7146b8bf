"""Reading an XLSX workbook from somebody unknown, within a bounded memory.

An XLSX is a zip of XML files. `inspect` reads it all once as a stream, before openpyxl sees any of
it: unpacked size, document types (entities that blow up), macros, merged cells.
"""

import datetime
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from directory.importing.refusal import (
    MOST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    TOO_LONG,
    TOO_MANY_ROWS,
    FileRefusedError,
)

#: Bytes of all the files of a workbook, unpacked; 10,000 full rows are about 25 MB.
MOST_UNPACKED: Final = 60 * 1024 * 1024
#: Bytes unpacked of the shared texts, which openpyxl keeps in memory.
MOST_SHARED: Final = 30 * 1024 * 1024
MOST_FILES: Final = 500
#: The sheet to read, when a workbook has several; else its first.
SHEET: Final = "Appels"

BOMB: Final = (
    "Ce classeur devient énorme une fois décompressé : recopiez le tableau seul dans un classeur "
    "neuf."
)
BROKEN: Final = "Ce classeur est abîmé : ouvrez-le dans votre tableur et enregistrez-le de nouveau."
MACROS: Final = (
    "Ce classeur contient des macros : enregistrez-le en .xlsx (« Classeur Excel », sans macros)."
)
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:]+)"')
#: Columns looked at beyond the headings, for what was typed beside the table.
_BESIDE: Final = 10
_CHUNK: Final = 256 * 1024
_OVERLAP: Final = 200


def read_workbook(content: bytes) -> list[tuple[int, list[str]]]:
    """The lines of the sheet to read that are not empty, with their numbers; cells as texts.

    Raises FileRefusedError.
    """
    merged = inspect(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            sheet = _sheet(book)
            path = sheet._worksheet_path.lstrip("/")
            if path in merged:
                raise FileRefusedError(
                    f"La feuille « {sheet.title} » contient des cellules fusionnées "
                    f"({merged[path]}) : défusionnez-les, une cellule par valeur."
                )
            sheet.reset_dimensions()
            return list(_lines(sheet))
        finally:
            book.close()
    except FileRefusedError:
        raise
    except (
        *(InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError),
        *(IndexError, AttributeError, EOFError, OSError, OverflowError, NotImplementedError),
    ) as error:
        raise FileRefusedError(BROKEN) from error


def inspect(content: bytes) -> dict[str, str]:
    """Reads every file of the archive as a stream. Gives the first merged cells of each sheet.

    Raises FileRefusedError on what is too big, dangerous, or not a workbook.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            _check_kind(archive, names)
            if len(members) > MOST_FILES or sum(m.file_size for m in members) > MOST_UNPACKED:
                raise FileRefusedError(BOMB)
            return _scan(archive, members)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise FileRefusedError(BROKEN) from error
    except ValueError as error:
        if isinstance(error, FileRefusedError):
            raise
        raise FileRefusedError(BROKEN) from error


def _check_kind(archive: zipfile.ZipFile, names: set[str]) -> None:
    if "mimetype" in names and "content.xml" in names:
        raise FileRefusedError(
            "Ce fichier est un classeur LibreOffice (.ods) : enregistrez-le en .xlsx ou en CSV."
        )
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileRefusedError(MACROS)
    if "[Content_Types].xml" not in names or not any(n.startswith("xl/") for n in names):
        raise FileRefusedError(
            "Ce fichier est une archive, pas un classeur XLSX : envoyez le tableau lui-même."
        )
    with archive.open("[Content_Types].xml") as file:
        if b"macroEnabled" in file.read(_CHUNK):
            raise FileRefusedError(MACROS)


def _scan(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> dict[str, str]:
    merged: dict[str, str] = {}
    unpacked = 0
    for member in members:
        shared, tail = 0, b""
        if member.flag_bits & 1:
            raise FileRefusedError(
                "Ce classeur est protégé par un mot de passe : enregistrez-le sans mot de passe."
            )
        with archive.open(member) as file:
            while chunk := file.read(_CHUNK):
                unpacked += len(chunk)
                shared += len(chunk)
                is_shared = member.filename.lower().endswith("sharedstrings.xml")
                if unpacked > MOST_UNPACKED or (is_shared and shared > MOST_SHARED):
                    raise FileRefusedError(BOMB)
                window = tail + chunk
                _check_xml(member.filename, window, is_first=shared == len(chunk))
                if member.filename not in merged and (found := _MERGED.search(window)):
                    merged[member.filename] = found[1].decode()
                tail = window[-_OVERLAP:]
    return merged


def _check_xml(name: str, window: bytes, *, is_first: bool) -> None:
    if not name.lower().endswith((".xml", ".rels", ".vml")):
        return
    # UTF-16 would hide what follows; no program writes it in a workbook.
    if b"<!DOCTYPE" in window or b"<!ENTITY" in window or (is_first and b"\x00" in window[:200]):
        raise FileRefusedError(BROKEN)


def _sheet(book: Any) -> Any:
    sheets = [s for s in book.worksheets if hasattr(s, "_worksheet_path")]
    if not sheets:
        raise FileRefusedError("Ce classeur n’a aucune feuille de calcul.")
    named = [s for s in sheets if s.title.strip().casefold() == SHEET.casefold()]
    return (named or sheets)[0]


def _lines(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    width = _width(sheet)
    kept = 0
    # Each column asked for is a cell made for each row, be it empty.
    for number, cells in enumerate(sheet.iter_rows(max_col=width + _BESIDE), start=1):
        if number > 2 * MOST_ROWS:
            raise FileRefusedError(TOO_LONG)
        if not any(cell.value is not None for cell in cells):
            continue
        texts = [_text(cell, number, place) for place, cell in enumerate(cells, start=1)]
        if not any(texts):
            continue
        kept += 1
        if kept > MOST_ROWS + 1:
            raise FileRefusedError(TOO_MANY_ROWS)
        if any(texts[width:]):
            raise FileRefusedError(
                f"La ligne {number} a des cellules hors des colonnes qui ont un titre."
            )
        yield number, texts[:width]


def _width(sheet: Any) -> int:
    """The last column of the first row that is not empty: that of the headings."""
    for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
        filled = [place for place, cell in enumerate(cells, start=1) if cell.value is not None]
        if filled:
            return filled[-1]
        if number > 2 * MOST_ROWS:
            raise FileRefusedError(TOO_LONG)
    return 1


def _text(cell: Any, line: int, place: int) -> str:
    """The cell as somebody would type it: dates as 2026-09-15, numbers without ".0"."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise FileRefusedError(
            f"La cellule {get_column_letter(place)}{line} contient une formule : remplacez-la par "
            "sa valeur (copier, puis collage spécial « valeurs »)."
        )
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).replace("\x00", "").strip()
    if len(text) > MOST_CELL:
        raise FileRefusedError(
            f"La cellule {get_column_letter(place)}{line} contient plus de {MOST_CELL} signes."
        )
    return text
