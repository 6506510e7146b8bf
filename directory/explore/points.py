"""Where the operators of a search are: columns for the map's script, small and quick to make.

The map draws thousands of them, so the payload is arrays side by side rather than an object each,
and an operator's details wait until somebody points at it.
"""

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import F

from directory.explore.exploration import Exploration
from directory.maps import outline_url
from directory.models import Coverage, Offer
from directory.snapshot import Snapshot
from directory.snapshot.entries import OperatorEntry
from regions.models import Containment, Kind, Outline, Territory, in_force
from regions.wording import covers_sentence

#: Decimals of a degree that are sent: 4 is about 10 m.
DECIMALS = 4

#: How far an operator reaches; the map tells them apart by shape. The place in the list is sent.
LOCAL, REGIONAL, NATIONAL = range(3)
LEVELS = {LOCAL: "Locale", REGIONAL: "Régionale", NATIONAL: "Nationale"}
_WIDE = {Kind.COUNTRY: NATIONAL, Kind.REGION: REGIONAL, Kind.COLLECTIVITY: REGIONAL}


def unplaced(search: Exploration) -> list[OperatorEntry]:
    """The operators found that no map can show, in the order of the list."""
    return [operator for operator in search.operators if operator.latitude is None]


def levels(snapshot: Snapshot) -> dict[int, int]:
    """Operator -> NATIONAL or REGIONAL, by the widest territory of its offers; others are local."""

    def read() -> dict[int, int]:
        wide: dict[int, int] = {}
        for place in snapshot.places.wider.values():
            level = _WIDE.get(Kind(place.kind), LOCAL)
            if level != LOCAL:
                for pk in snapshot.zones.naming(place.pk):
                    wide[pk] = max(wide.get(pk, LOCAL), level)
        found: dict[int, int] = {}
        for pk, operator in Offer.objects.filter(pk__in=wide).values_list("pk", "operator"):
            if operator in snapshot.operator_of:
                number = snapshot.operator_of[operator].number
                found[number] = max(found.get(number, LOCAL), wide[pk])
        return found

    return snapshot.once("levels", read)


def points(search: Exploration) -> dict[str, Any]:
    """Every operator found, in columns: those with a point, then those without.

    `id`: primary keys, each as the difference from the one before; `lat`, `lon`: degrees times
    10 ** `decimals`; `kind`: index in `kinds`, pairs (letter, name); `level`: index in `levels`;
    `name`. `unplaced`: rows (slug, name, kind, level), by name. `total` counts both. `territory`:
    the one asked for.
    """
    kinds = search.words.kinds
    index = {kind.slug: number for number, kind in enumerate(kinds)}
    level_of = levels(search.snapshot)
    scale = 10**DECIMALS
    ids: list[int] = []
    columns: list[list[Any]] = [[], [], [], [], []]
    latitudes, longitudes, kind_column, level_column, names = columns
    nowhere: dict[int, tuple[str, str, int, int]] = {}
    previous = 0
    entries = search.snapshot.operators
    for operator in sorted([entries[number] for number in search.found]):  # by primary key
        level = level_of.get(operator.number, LOCAL)
        kind = index[operator.kind.slug]
        if operator.latitude is None or operator.longitude is None:
            nowhere[operator.number] = (operator.slug, operator.name, kind, level)
            continue
        ids.append(operator.pk - previous)
        previous = operator.pk
        latitudes.append(round(operator.latitude * scale))
        longitudes.append(round(operator.longitude * scale))
        kind_column.append(kind)
        level_column.append(level)
        names.append(operator.name)
    return {
        "total": len(ids) + len(nowhere),
        "decimals": DECIMALS,
        "kinds": [(kind.letter, kind.expansion or kind.name) for kind in kinds],
        "levels": list(LEVELS.values()),
        "territory": territory_on_map(search),
        "id": ids,
        "lat": latitudes,
        "lon": longitudes,
        "kind": kind_column,
        "level": level_column,
        "name": names,
        "unplaced": [nowhere[number] for number in sorted(nowhere)],
    }


def territory_on_map(search: Exploration) -> dict[str, Any] | None:
    """The territory asked for: its name, and the address of its outline or None."""
    place = search.territory
    return {"label": place.label, "outline": outline_url(place)} if place else None


def card(operator: Any, on: datetime.date) -> dict[str, Any]:
    """What pointing at an operator `with_stages` shows: what it is, and the zone it covers."""
    offers = operator.offers.values_list("pk", flat=True)
    rows = Coverage.objects.of_operator(operator, offers).filter(in_force(on))
    return {
        "id": operator.pk,
        "slug": operator.slug,
        "name": operator.name,
        "url": operator.get_absolute_url(),
        "kind": operator.kind.expansion or operator.kind.name,
        "town": operator.town,
        "is_example": operator.is_example,
        "stages": operator.stages,
        "coverage": list(_zone(rows)),
    }


def _zone(rows: Iterable[Coverage]) -> Iterator[dict[str, Any]]:
    """Each territory once, included ones first, in words and as the address of its outline."""
    seen = set()
    for row in rows:
        key = (row.territory_id, row.excluded)
        if key in seen:
            continue
        seen.add(key)
        place = row.place
        yield {
            "label": f"Sauf {place.label}" if row.excluded else covers_sentence(place),
            "excluded": row.excluded,
            "country": place.kind == Kind.COUNTRY,
            "outline": outline_url(place),
        }


def outlines_around(departement: Territory, on: datetime.date) -> dict[str, Any]:
    """What a map shows of a département seen closer: its EPCI, EPT and Pays, and its communes.

    `territories`: GeoJSON features of all that share a commune with it, so an EPCI on a border is
    in the answer of both sides. `communes`: columns (name, lat, lon), the most populous first.
    2 queries.
    """
    communes = Containment.objects.in_force(on).filter(territory=departement).values("commune")
    sharing = Containment.objects.in_force(on).filter(commune__in=communes).values("territory")
    outlines = (
        Outline.objects.filter(
            territory__kind__in=[Kind.EPCI, Kind.EPT, Kind.PAYS], territory__in=sharing
        )
        .order_by("territory__kind_rank", "territory__code")
        .values_list("territory__kind", "territory__code", "territory__name", "geometry")
    )
    places = (
        Territory.objects.filter(pk__in=communes, latitude__isnull=False)
        .order_by(F("population").desc(nulls_last=True), "code")
        .values_list("name", "latitude", "longitude")
    )
    names, latitudes, longitudes = zip(*places, strict=True) if places else ((), (), ())
    scale = 10**DECIMALS
    return {
        "territories": {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"key": f"{kind}:{code}", "name": name.replace("'", "’")},
                    "geometry": geometry,
                }
                for kind, code, name, geometry in outlines
            ],
        },
        "communes": {
            "decimals": DECIMALS,
            "name": [name.replace("'", "’") for name in names],
            "lat": [round(latitude * scale) for latitude in latitudes],
            "lon": [round(longitude * scale) for longitude in longitudes],
        },
    }
