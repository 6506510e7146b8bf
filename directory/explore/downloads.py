"""Exactly what a search shows, to take away: CSV for a spreadsheet, GeoJSON for a map."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from directory.explore.exploration import Exploration
from directory.explore.page import reason
from directory.models import Coverage, Operator
from regions.models import in_force
from regions.wording import covers_sentence

#: A spreadsheet runs what begins with one of these; an apostrophe before it makes it a text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

COLUMNS: dict[str, Callable[[Any], str]] = {
    "identifiant": lambda o: o.slug,
    "nom": lambda o: o.name,
    "type": lambda o: o.kind.name,
    "etapes": lambda o: ", ".join(o.stage_names),
    "adresse": lambda o: o.address,
    "code_postal": lambda o: o.postcode,
    "commune": lambda o: o.town,
    "code_insee": lambda o: o.commune.code if o.commune else "",
    "telephone": lambda o: o.phone,
    "courriel": lambda o: o.email,
    "site": lambda o: o.website,
    "zone": lambda o: o.zone_in_words,
    "zone_codes": lambda o: o.zone_in_codes,
    "pourquoi": lambda o: o.reason,
    "verifie_le": lambda o: o.verified_on.isoformat() if o.verified_on else "",
    "source": lambda o: o.source,
    "source_date": lambda o: str(o.source_date or ""),
    "reserve": lambda o: o.caveat,
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
            "id": operator.slug,
            "geometry": _point(operator),
            "properties": {name: read(operator) for name, read in COLUMNS.items()},
        }
        for operator in _rows(search)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _rows(search: Exploration) -> Iterator[Any]:
    entries = search.operators
    keys = [entry.pk for entry in entries]
    found = Operator.objects.select_related("kind", "commune").in_bulk(keys)
    zones: dict[int, list[Coverage]] = defaultdict(list)
    rows = (
        Coverage.objects.filter(in_force(search.snapshot.on), operator__in=keys)
        .select_related("territory")
        .order_by("excluded", "territory__kind_rank", "territory__code", "pk")
    )
    for row in rows:
        zones[row.operator_id or 0].append(row)
    for entry in entries:
        operator: Any = found[entry.pk]
        zone = zones[entry.pk]
        operator.zone_in_words = " ; ".join(
            ("sauf : " if row.excluded else "") + covers_sentence(row.territory) for row in zone
        )
        operator.zone_in_codes = " ".join(
            ("-" if row.excluded else "") + row.territory.key for row in zone
        )
        operator.stage_names = [
            stage.name for stage in search.snapshot.stages_of.get(entry.number, [])
        ]
        operator.reason = reason(search, entry.number)
        yield operator


def _text_only(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def _point(operator: Operator) -> dict[str, Any] | None:
    point = operator.point
    if point is None:
        return None
    latitude, longitude = point
    return {"type": "Point", "coordinates": [longitude, latitude]}
