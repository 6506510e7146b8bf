"""The way in: Régions, then départements, each with the state of its directory; and by name."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.lookups import Unaccent
from django.db.models import Count, F, Q
from django.db.models.functions import Lower

from directory.documentation import (
    REGIONAL_KINDS,
    Documentation,
    documentation_of,
    with_documentation,
)
from directory.models import Operator
from directory.territory.cells import snapped
from directory.territory.lookup import territory_url
from regions.atlas import Atlas
from regions.models import Containment, Kind, Outline, Territory
from regions.names import search_key
from regions.ordering import alphabetical
from regions.search import CommuneHit, search_communes

#: Kinds found by name beside the communes.
WIDER_KINDS = (
    Kind.REGION,
    Kind.COLLECTIVITY,
    Kind.DEPARTEMENT,
    Kind.PAYS,
    Kind.EPCI,
    Kind.EPT,
)
MOST_FOUND = 30
#: Outlines of Régions are seen from afar: points every kilometre or so.
FROM_AFAR = 0.01


@dataclass(frozen=True)
class RegionLine:
    territory: Territory
    documentation: Documentation
    operator_count: int
    departements: list[Territory]

    @property
    def url(self) -> str:
        return territory_url(self.territory)


def region_lines() -> list[RegionLine]:
    """Every Région and overseas collectivity by name, with its départements; 2 queries."""
    regional = with_documentation(
        Territory.objects.filter(kind__in=REGIONAL_KINDS).annotate(
            operator_count=Count("operators", filter=_published())
        )
    ).order_by("-kind_rank", alphabetical("name"), "code")
    pairs = (
        Containment.objects.filter(
            territory__kind=Kind.REGION,
            valid_until=None,
            commune__containments__territory__kind=Kind.DEPARTEMENT,
            commune__containments__valid_until=None,
        )
        .order_by()  # the model's own order would make every pair distinct
        .values_list("territory_id", "commune__containments__territory_id")
        .distinct()
    )
    departements = {
        place.pk: place
        for place in Territory.objects.filter(kind=Kind.DEPARTEMENT).order_by("code")
    }
    inside: dict[int, list[Territory]] = defaultdict(list)
    for region, departement in sorted(pairs, key=lambda pair: departements[pair[1]].code):
        inside[region].append(departements[departement])
    return [
        RegionLine(
            place,
            documentation_of([place]),
            place.operator_count,  # type: ignore[attr-defined]
            inside[place.pk],
        )
        for place in regional
    ]


def _published() -> Q:
    return Q(operators__in=Operator.objects.public().values("pk"))


@dataclass(frozen=True)
class Found:
    """What answers a name: territories wider than a commune, and communes."""

    territories: list[Territory]
    communes: list[CommuneHit]
    hint: str

    @property
    def total(self) -> int:
        return len(self.territories) + len(self.communes)


def find(places: Atlas, text: str) -> Found:
    """Territories whose name holds every word typed, and communes by name or postcode."""
    name: Any = Lower(Unaccent("name"))
    wider = Territory.objects.filter(kind__in=WIDER_KINDS).annotate(plain=name)
    for word in search_key(text).split():
        wider = wider.filter(plain__contains=word)
    if not search_key(text):
        wider = wider.none()
    found = wider.order_by("-kind_rank", F("population").desc(nulls_last=True), "name", "code")
    communes = search_communes(places, text, limit=MOST_FOUND)
    return Found(list(found[:MOST_FOUND]), list(communes.hits), communes.hint)


def regions_collection() -> dict[str, Any]:
    """The outlines of the Régions as GeoJSON, with their state; 2 queries."""
    regional = Territory.objects.filter(kind=Kind.REGION).order_by("code")
    lines = {place.pk: documentation_of([place]) for place in with_documentation(regional)}
    shapes = Outline.objects.filter(territory__in=list(lines)).select_related("territory")
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "nom": shape.territory.label,
                    "url": territory_url(shape.territory),
                    "etat": lines[shape.territory_id].level,
                },
                "geometry": snapped(shape.geometry, FROM_AFAR),
            }
            for shape in shapes.order_by("territory__code")
        ],
    }
