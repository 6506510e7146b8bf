"""The fixture files as plain rows, for tests."""

import csv
from pathlib import Path

from directory.loading import cells
from directory.loading.tables import TABLES


def read(directory: Path, file: str) -> list[dict[str, str]]:
    with (directory / file).open(newline="") as stream:
        return list(csv.DictReader(stream))


def territories_named(directory: Path) -> set[tuple[str, str]]:
    """The (kind, code) of every territory and commune that a file names."""
    named = set()
    for table in TABLES:
        for row in read(directory, table.file):
            for column in table.columns:
                cell = row[column.name]
                if cell and column.read in (cells.territory, cells.regional):
                    kind, code = cell.split(":")
                    named.add((kind, code))
                elif cell and column.read is cells.commune:
                    named.add(("commune", cell))
    return named
