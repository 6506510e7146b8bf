"""Small geographies in files, one vintage after the other."""

import datetime
from collections import Counter
from pathlib import Path
from typing import Any

from regions.geography import files
from regions.geography.files import PaysMembership, TerritoryRow

Square = tuple[int, int]

PAYS_COLUMNS = "code,name,region_code,epci_codes,source\n"


def commune(code: str, name: str, **fields: Any) -> TerritoryRow:
    """A commune of département 01, région 84 and EPCI e1 unless said otherwise."""
    usual = {"population": "100", "epci": "e1", "departement": "01", "region": "84"}
    return TerritoryRow("commune", code, name, **{**usual, **fields})


def former(code: str, name: str, successor: str) -> TerritoryRow:
    return TerritoryRow("ancienne", code, name, successor=successor)


def write(
    folder: Path,
    year: int,
    rows: list[TerritoryRow],
    *,
    epci: tuple[str, ...] = ("e1", "e2"),
    pays: dict[str, list[PaysMembership]] | None = None,
) -> Path:
    """The five files of a vintage, each commune a square; returns their folder."""
    directory = folder / str(year)
    directory.mkdir(parents=True, exist_ok=True)
    pays = pays or {}
    whole = [
        *rows,
        TerritoryRow("country", "france", "France"),
        TerritoryRow("region", "84", "Auvergne-Rhône-Alpes"),
        TerritoryRow("departement", "01", "Ain"),
        *(TerritoryRow("epci", code, f"Communauté {code}") for code in epci),
    ]
    files.write_territories(directory, whole)
    (directory / files.PAYS).write_text(
        PAYS_COLUMNS + "".join(f"{code},Pays {code},84,,essai\n" for code in pays)
    )
    lines = ["pays_code;member;valid_from;valid_until;source"]
    for parts in pays.values():
        for part in parts:
            dates = (day.isoformat() if day else "" for day in (part.valid_from, part.valid_until))
            member = f"{part.member_kind}:{part.member_code}"
            lines.append(";".join([part.pays_code, member, *dates, part.source]))
    (directory / files.PAYS_MEMBERSHIP).write_text("\n".join(lines) + "\n")
    outlines(directory, [f"commune:{row.code}" for row in rows if row.kind == "commune"])
    counts = Counter(row.kind for row in whole)
    if pays:
        counts["pays"] = len(pays)
    files.write_vintage(
        directory,
        files.Vintage(str(year), datetime.date(year, 1, 1), {"official": "essai"}, dict(counts)),
    )
    return directory


def outlines(directory: Path, keys: list[str]) -> None:
    """One square of a hundredth of a degree after the other, eastwards."""
    ring = [[0, 0], [100, 0], [0, 100], [-100, 0], [0, -100]]
    arcs = [[[100 * n, 0], *ring[1:]] for n, _ in enumerate(keys)]
    geometries = [{"type": "Polygon", "id": key, "arcs": [[n]]} for n, key in enumerate(keys)]
    files.write_outlines(
        directory,
        {
            "type": "Topology",
            "transform": files.TRANSFORM,
            "objects": {"territories": {"type": "GeometryCollection", "geometries": geometries}},
            "arcs": arcs,
        },
    )


def in_pays(
    pays: str,
    member: str,
    valid_from: datetime.date | None = None,
    valid_until: datetime.date | None = None,
) -> PaysMembership:
    kind, _, code = member.partition(":")
    return PaysMembership(pays, kind, code, valid_from, valid_until, "essai")
