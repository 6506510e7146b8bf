"""Exactly what a search shows, to take away: CSV for a spreadsheet, GeoJSON for a map."""

import csv
import datetime
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from directory.explore.exploration import Exploration
from directory.explore.page import reason
from directory.models import Coverage, Operator, Stage
from directory.snapshot.entries import OperatorEntry
from regions.models import Territory, in_force
from regions.wording import covers_sentence

#: A spreadsheet runs what begins with one of these; an apostrophe before it makes it a text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Facts(NamedTuple):
    """What its entry does not say of an operator; a tuple: there may be ten thousand at once."""

    pk: int
    address: str
    postcode: str
    town: str | None
    town_code: str | None
    phone: str
    email: str
    website: str
    verified_on: datetime.date | None
    source: str
    source_date: object
    caveat: str


_READ = {"town": "commune__name", "town_code": "commune__code"}


class Row(NamedTuple):
    """An operator with what the search knows of it. `zone`: (in words, code), in order."""

    entry: OperatorEntry
    facts: Facts
    stages: list[Stage]
    zone: list[tuple[str, str]]
    reason: str


COLUMNS: dict[str, Callable[[Row], str]] = {
    "identifiant": lambda row: row.entry.slug,
    "nom": lambda row: row.entry.name,
    "type": lambda row: row.entry.kind.name,
    "etapes": lambda row: ", ".join(stage.name for stage in row.stages),
    "adresse": lambda row: row.facts.address,
    "code_postal": lambda row: row.facts.postcode,
    "commune": lambda row: (row.facts.town or "").replace("'", "’"),
    "code_insee": lambda row: row.facts.town_code or "",
    "telephone": lambda row: row.facts.phone,
    "courriel": lambda row: row.facts.email,
    "site": lambda row: row.facts.website,
    "zone": lambda row: " ; ".join(words for words, _ in row.zone),
    "zone_codes": lambda row: " ".join(code for _, code in row.zone),
    "pourquoi": lambda row: row.reason,
    "verifie_le": lambda row: row.facts.verified_on.isoformat() if row.facts.verified_on else "",
    "source": lambda row: row.facts.source,
    "source_date": lambda row: str(row.facts.source_date or ""),
    "reserve": lambda row: row.facts.caveat,
}


def as_csv(search: Exploration) -> str:
    """The operators as a table."""
    return write_csv(COLUMNS, _rows(search))


def write_csv(columns: dict[str, Callable[[Any], str]], rows: Iterable[Any]) -> str:
    """UTF-8 with its mark and semicolons, as French spreadsheets expect; no cell is a formula."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(_text_only(read(row)) for read in columns.values())
    return out.getvalue()


def as_geojson(search: Exploration) -> str:
    """A feature per operator; one without a known place has no geometry, and is not lost."""
    features = [
        {
            "type": "Feature",
            "id": row.entry.slug,
            "geometry": _point(row.entry),
            "properties": {name: read(row) for name, read in COLUMNS.items()},
        }
        for row in _rows(search)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _rows(search: Exploration) -> Iterator[Row]:
    """In the order of the search. Three statements, and tuples rather than objects of Django."""
    entries, snapshot = search.operators, search.snapshot
    keys = [entry.pk for entry in entries]
    read = Operator.objects.filter(pk__in=keys).values_list(
        *(_READ.get(name, name) for name in Facts._fields)
    )
    found = {row[0]: Facts._make(row) for row in read}
    zones: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    rows = (
        Coverage.objects.filter(in_force(snapshot.on), operator__in=keys)
        .order_by("excluded", "territory__kind_rank", "territory__code", "pk")
        .values_list("operator", "territory", "excluded")
    )
    for operator, territory, excluded in rows:
        zones[operator].append((territory, excluded))
    named = {territory for zone in zones.values() for territory, _ in zone}
    said = {
        territory.pk: (covers_sentence(territory), territory.key)
        for territory in Territory.objects.filter(pk__in=named).iterator()
    }
    for entry in entries:
        if entry.pk in found:  # not deleted since the snapshot
            zone = [_said(*said[territory], excluded) for territory, excluded in zones[entry.pk]]
            stages = snapshot.stages_of.get(entry.number, [])
            yield Row(entry, found[entry.pk], stages, zone, reason(search, entry.number))


def _said(words: str, code: str, excluded: bool) -> tuple[str, str]:
    return (f"sauf : {words}", f"-{code}") if excluded else (words, code)


def _text_only(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _point(entry: OperatorEntry) -> dict[str, Any] | None:
    if entry.latitude is None:
        return None
    return {"type": "Point", "coordinates": [entry.longitude, entry.latitude]}
