"""The compact files of `fixtures/geography`: their names, their columns, their reading and writing.

Writing is deterministic: the same content gives the same bytes, so that a rebuild shows in a diff
only when the data changed.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
import lzma
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Final

DEFAULT_DIRECTORY: Final = Path(__file__).resolve().parents[2] / "fixtures" / "geography"

TERRITORIES: Final = "territories.csv.xz"
OUTLINES: Final = "outlines.topojson.xz"
PAYS: Final = "pays.csv"
PAYS_MEMBERSHIP: Final = "pays_membership.csv"
VINTAGE: Final = "vintage.json"
ALL_FILES: Final = (VINTAGE, TERRITORIES, OUTLINES, PAYS, PAYS_MEMBERSHIP)

#: Coordinates of outlines are whole numbers of this many degrees (about 11 m along a meridian).
GRID: Final = 1e-4
DECIMALS: Final = 4
STEPS_PER_DEGREE: Final = 10**DECIMALS
TRANSFORM: Final = {"scale": [GRID, GRID], "translate": [0, 0]}

#: Bump it when the same files must give other rows: a loaded database is then loaded again.
LOADER_VERSION: Final = 1


class GeographyFileError(ValueError):
    """A file of the geography is missing or does not say what it should; names the file."""


@dataclass(slots=True)
class TerritoryRow:
    """One line of `territories.csv.xz`. Lists are separated by `|`; empty means unknown or none.

    `epci` … `collectivity` are the codes of what encloses a commune; `successor` is the code of
    the current commune that a former one or an arrondissement leads to.
    """

    kind: str
    code: str
    name: str
    liaison: str = ""
    population: str = ""
    latitude: str = ""
    longitude: str = ""
    postcodes: list[str] = field(default_factory=list)
    epci: str = ""
    ept: str = ""
    departement: str = ""
    region: str = ""
    collectivity: str = ""
    successor: str = ""
    former_names: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PaysMembership:
    """One line of `pays_membership.csv`: an EPCI or a commune is in a Pays, for a time."""

    pays_code: str
    member_kind: str
    member_code: str
    valid_from: datetime.date | None
    valid_until: datetime.date | None
    source: str


@dataclass(frozen=True, slots=True)
class Vintage:
    """What `vintage.json` says: which year, since when, and where each kind comes from."""

    name: str
    in_force_from: datetime.date
    sources: dict[str, str]
    counts: dict[str, int]


TERRITORY_COLUMNS: Final = [column.name for column in fields(TerritoryRow)]
LIST_COLUMNS: Final = ("postcodes", "former_names")


def compress(text: str) -> bytes:
    """xz of the text, without date or name inside."""
    return lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)


def _open(directory: Path, name: str) -> str:
    path = directory / name
    try:
        raw = path.read_bytes()
        return (lzma.decompress(raw) if name.endswith(".xz") else raw).decode()
    except (OSError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise GeographyFileError(f"{path}: {error}") from error


def digest(directory: Path) -> str:
    """SHA-256 over the five files and the version of the loader, in hexadecimal."""
    total = hashlib.sha256(f"loader {LOADER_VERSION}\n".encode())
    for name in ALL_FILES:
        try:
            content = (directory / name).read_bytes()
        except OSError as error:
            raise GeographyFileError(f"{directory / name}: {error}") from error
        total.update(f"{name} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()


def read_vintage(directory: Path) -> Vintage:
    try:
        content = json.loads(_open(directory, VINTAGE))
        return Vintage(
            name=content["name"],
            in_force_from=datetime.date.fromisoformat(content["in_force_from"]),
            sources=content["sources"],
            counts=content["counts"],
        )
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, GeographyFileError):
            raise
        raise GeographyFileError(f"{directory / VINTAGE}: {error!r}") from error


def write_vintage(directory: Path, vintage: Vintage) -> None:
    content = {
        "name": vintage.name,
        "in_force_from": vintage.in_force_from.isoformat(),
        "counts": vintage.counts,
        "sources": vintage.sources,
    }
    (directory / VINTAGE).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def read_territories(directory: Path) -> Iterator[TerritoryRow]:
    reader = csv.DictReader(io.StringIO(_open(directory, TERRITORIES)))
    if reader.fieldnames != TERRITORY_COLUMNS:
        raise GeographyFileError(
            f"{directory / TERRITORIES}: columns {reader.fieldnames}, expected {TERRITORY_COLUMNS}"
        )
    for line in reader:
        values: dict[str, Any] = dict(line)
        for column in LIST_COLUMNS:
            values[column] = values[column].split("|") if values[column] else []
        yield TerritoryRow(**values)


def write_territories(directory: Path, rows: Iterable[TerritoryRow]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(TERRITORY_COLUMNS)
    for row in sorted(rows, key=lambda row: (row.kind, row.code)):
        writer.writerow(
            "|".join(value) if isinstance(value, list) else value
            for value in (getattr(row, column) for column in TERRITORY_COLUMNS)
        )
    (directory / TERRITORIES).write_bytes(compress(text.getvalue()))


def read_pays(directory: Path) -> list[dict[str, str]]:
    """The Pays and PETR: code, name, region_code, epci_codes, source."""
    return list(csv.DictReader(io.StringIO(_open(directory, PAYS))))


def read_pays_membership(directory: Path) -> list[PaysMembership]:
    def day(text: str) -> datetime.date | None:
        return datetime.date.fromisoformat(text) if text else None

    rows = []
    for line in csv.DictReader(io.StringIO(_open(directory, PAYS_MEMBERSHIP)), delimiter=";"):
        try:
            kind, _, code = line["member"].partition(":")
            rows.append(
                PaysMembership(
                    pays_code=line["pays_code"],
                    member_kind=kind,
                    member_code=code,
                    valid_from=day(line["valid_from"]),
                    valid_until=day(line["valid_until"]),
                    source=line["source"],
                )
            )
        except (KeyError, TypeError, ValueError) as error:
            raise GeographyFileError(f"{directory / PAYS_MEMBERSHIP}: {line}: {error}") from error
    return rows


def write_outlines(directory: Path, topology: dict[str, Any]) -> None:
    """Writes a topology whose arcs are already delta-encoded on `GRID`."""
    text = json.dumps(topology, separators=(",", ":"), sort_keys=True)
    (directory / OUTLINES).write_bytes(compress(text))


class Outlines:
    """The outlines of the file, as GeoJSON texts.

    One topology holds every level: the border between two communes is one arc, so that a commune,
    its EPCI and its région meet exactly.
    """

    def __init__(self, directory: Path) -> None:
        try:
            topology = json.loads(_open(directory, OUTLINES))
        except json.JSONDecodeError as error:
            raise GeographyFileError(f"{directory / OUTLINES}: {error}") from error
        try:
            self._geometries = topology["objects"]["territories"]["geometries"]
            if topology["transform"] != TRANSFORM:
                raise GeographyFileError(f"{directory / OUTLINES}: not on the grid of {GRID}°")
            arcs = topology["arcs"]
        except (KeyError, TypeError) as error:
            raise GeographyFileError(f"{directory / OUTLINES}: {error!r}") from error
        # A number is written once for all points that have it: half the time of reading.
        self._degrees = cache(lambda steps: repr(steps / STEPS_PER_DEGREE))
        self._arcs = [self._points(arc) for arc in arcs]

    def __len__(self) -> int:
        return len(self._geometries)

    def _points(self, arc: list[list[int]]) -> list[str]:
        # Texts, not numbers: a point is shared by several outlines and is written once.
        degrees = self._degrees
        x = y = 0
        points = []
        for dx, dy in arc:
            x += dx
            y += dy
            points.append(f"[{degrees(x)},{degrees(y)}]")
        return points

    def _ring(self, references: list[int]) -> str:
        points: list[str] = []
        for reference in references:
            arc = self._arcs[reference] if reference >= 0 else self._arcs[~reference][::-1]
            points += arc[1:] if points else arc
        return "[" + ",".join(points) + "]"

    def geojson(self) -> Iterator[tuple[str, str, str]]:
        """(kind, code, GeoJSON geometry as text) of each outline, degrees WGS 84."""
        for geometry in self._geometries:
            kind, _, code = geometry["id"].partition(":")
            if geometry["type"] == "Polygon":
                shape = "[" + ",".join(map(self._ring, geometry["arcs"])) + "]"
            else:
                shape = (
                    "["
                    + ",".join(
                        "[" + ",".join(map(self._ring, polygon)) + "]"
                        for polygon in geometry["arcs"]
                    )
                    + "]"
                )
            yield kind, code, f'{{"type":"{geometry["type"]}","coordinates":{shape}}}'
