"""Reading the CSV files: rows with their line number, and errors that say where they are."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFAULT_DIRECTORY: Final = Path(__file__).resolve().parents[2] / "fixtures" / "directory"


class DirectoryFileError(ValueError):
    """A file says something that cannot be loaded. The message, in French, says where and what."""

    def __init__(
        self, file: str, message: str, line: int | None = None, column: str | None = None
    ) -> None:
        where = [file]
        if line is not None:
            where.append(f"ligne {line}")
        if column is not None:
            where.append(f"colonne « {column} »")
        super().__init__(f"{', '.join(where)} : {message}")


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row: the line where it begins, and its cells by column, trimmed."""

    line: int
    cells: dict[str, str]


def read_rows(directory: Path, file: str, columns: Sequence[str]) -> list[FileRow]:
    """The rows of a file that has exactly these columns, in any order; blank lines are skipped.

    Raises DirectoryFileError when the file is missing, is not UTF-8 text, has other columns, or
    has a row with too many or too few cells.
    """
    reader = csv.reader(io.StringIO(_text(directory, file)), strict=True)
    rows: list[FileRow] = []
    begins = 1
    try:
        header = next(reader, [])
        _check_header(file, header, columns)
        begins = reader.line_num + 1
        for cells in reader:
            if any(cells):
                if len(cells) != len(header):
                    raise DirectoryFileError(
                        file,
                        f"{len(cells)} cellules au lieu de {len(header)}. Une cellule qui contient "
                        "une virgule s’écrit entre guillemets droits.",
                        begins,
                    )
                rows.append(FileRow(begins, dict(zip(header, map(str.strip, cells), strict=True))))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise DirectoryFileError(file, f"ce n’est pas du CSV lisible ({error}).", begins) from error
    return rows


def _text(directory: Path, file: str) -> str:
    try:
        text = (directory / file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DirectoryFileError(
            file, f"fichier introuvable ou illisible dans {directory}."
        ) from error
    except UnicodeDecodeError as error:
        raise DirectoryFileError(file, "le fichier n’est pas encodé en UTF-8.") from error
    if "\x00" in text:
        raise DirectoryFileError(file, "le fichier contient un caractère nul.")
    return text


def _check_header(file: str, header: Sequence[str], columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in header]
    unknown = [name for name in header if name not in columns]
    if missing or unknown or len(set(header)) != len(header):
        problems = [
            f"colonnes absentes : {', '.join(missing)}" if missing else "",
            f"colonnes inconnues : {', '.join(unknown)}" if unknown else "",
            "une colonne figure deux fois" if len(set(header)) != len(header) else "",
        ]
        raise DirectoryFileError(file, "; ".join(filter(None, problems)) + ".", 1)
