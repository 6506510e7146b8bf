"""From the bytes of a file to its table, or to the sentence that says why it is refused.

What a file is shows in its content, never in its name. Nothing here asks the database.
"""

import csv
import io
from dataclasses import dataclass, field
from typing import Final

from directory.importing.names import plain
from directory.importing.refusal import (
    MOST_CELL,
    MOST_ROWS,
    TOO_LONG,
    TOO_MANY_ROWS,
    FileRefusedError,
)

#: Bytes of a file as it is sent.
MOST_BYTES: Final = 10 * 1024 * 1024
TOO_BIG: Final = (
    f"Ce fichier dépasse {MOST_BYTES // 1024 // 1024} Mo : coupez-le en plusieurs, par exemple "
    "un par région."
)

_KINDS: Final = (
    (
        b"\xd0\xcf\x11\xe0",
        (
            "Ce fichier est un ancien classeur Excel (.xls), ou protégé par un mot de passe : "
            "enregistrez-le en .xlsx, sans mot de passe."
        ),
    ),
    (b"%PDF", "Ce fichier est un PDF : envoyez le tableau lui-même, en CSV ou en XLSX."),
    (b"<", "Ce fichier est une page web : enregistrez le tableau en CSV ou en XLSX."),
    (b"{\\rtf", "Ce fichier est un document texte : enregistrez le tableau en CSV ou en XLSX."),
)
NOT_A_TABLE: Final = "Ce fichier n’est ni un CSV ni un classeur XLSX : on ne peut pas le lire."
_SEPARATORS: Final = (";", ",", "\t")


@dataclass
class Table:
    """The headings, and the rows with the line where each begins; cells are trimmed texts."""

    headings: list[str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def read_table(content: bytes) -> Table:
    """The table of a file. Raises FileRefusedError, whose message is one sentence in French."""
    if len(content) > MOST_BYTES:
        raise FileRefusedError(TOO_BIG)
    if not content.strip():
        raise FileRefusedError("Ce fichier est vide.")
    if content.startswith(b"PK\x03\x04"):
        # openpyxl takes 6 MB of a process that most of them never need.
        from directory.importing.workbooks import read_workbook

        lines = read_workbook(content)
    else:
        for signature, sentence in _KINDS:
            if content.lstrip()[:8].startswith(signature):
                raise FileRefusedError(sentence)
        lines = _read_text(content)
    if not lines:
        raise FileRefusedError("Ce fichier est vide.")
    (_, headings), *rows = lines
    if not rows:
        raise FileRefusedError("Ce fichier n’a que ses titres de colonnes : aucune ligne à lire.")
    return Table(headings, rows)


def decode(content: bytes) -> str:
    """The text: by its byte-order mark, else UTF-8, else Windows-1252 (what Excel writes)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        codecs = ["utf-16"]
    else:
        codecs = ["utf-8-sig", "cp1252"]
    for codec in codecs:
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise FileRefusedError(
                "Ce fichier contient un caractère nul : ce n’est pas un CSV, ou il est abîmé."
            )
        if sum(not (c.isprintable() or c in "\r\n\t\ufeff\xa0\u202f\xad") for c in text[:4000]) > 8:
            raise FileRefusedError(NOT_A_TABLE)
        return text
    raise FileRefusedError(
        "Les caractères de ce fichier ne se lisent pas : enregistrez-le en « CSV UTF-8 » ou en "
        "XLSX."
    )


def _read_text(content: bytes) -> list[tuple[int, list[str]]]:
    text = decode(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text), strict=True)
    lines: list[tuple[int, list[str]]] = []
    seen, begins, width = 0, 1, 0
    try:
        for cells in reader:
            seen += 1
            if seen > 2 * MOST_ROWS or len(lines) > MOST_ROWS + 1:
                raise FileRefusedError(TOO_MANY_ROWS if len(lines) > MOST_ROWS else TOO_LONG)
            cells = [cell.strip() for cell in cells]
            if any(cells) and not (begins == 1 and cells[0].lower().startswith("sep=")):
                _check_cells(cells, begins, width)
                width = width or len(cells)
                lines.append((begins, cells + [""] * (width - len(cells))))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise FileRefusedError(
            f"Ce n’est pas un CSV lisible : ligne {begins}, un guillemet s’ouvre sans se fermer, "
            "ou une cellule est trop longue."
        ) from error
    return lines


def separator_of(text: str) -> str:
    """What separates the cells: the sign that the line of headings holds most, `;` on a tie."""
    lines = [line for line in text.lstrip("\ufeff").splitlines()[:5] if line.strip()]
    if lines and plain(lines[0]).startswith("sep="):
        sign = lines[0].strip()[4:5]
        return sign if sign in _SEPARATORS else "\t"
    heading = lines[0] if lines else ""
    return max(_SEPARATORS, key=heading.count)


def _check_cells(cells: list[str], line: int, width: int) -> None:
    for number, cell in enumerate(cells, start=1):
        if cell.startswith("="):
            raise FileRefusedError(
                f"La ligne {line} contient une formule, colonne {number} : remplacez-la par sa "
                "valeur (copier, puis collage spécial « valeurs »)."
            )
        if len(cell) > MOST_CELL:
            raise FileRefusedError(
                f"La ligne {line} contient un texte de plus de {MOST_CELL} signes, "
                f"colonne {number}."
            )
    if width and any(cells[width:]):
        raise FileRefusedError(
            f"La ligne {line} a plus de cellules que les titres ({len(cells)} au lieu de "
            f"{width}) : "
            "une cellule qui contient le séparateur s’écrit entre guillemets droits."
        )
    del cells[width or len(cells) :]
