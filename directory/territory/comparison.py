"""Two to four territories of the same kind side by side, on the same grid."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from directory.models import Stage
from directory.snapshot import Snapshot
from directory.territory.sheet import StageColumn, TerritorySheet, territory_sheet
from directory.territory.surroundings import KIND_PLURALS
from regions.models import Containment, Kind, Territory, in_force
from regions.ordering import alphabetical

#: Kinds short enough to choose from a list of all of them.
LISTED_KINDS = (Kind.REGION, Kind.DEPARTEMENT, Kind.PAYS, Kind.EPT, Kind.COLLECTIVITY)

#: The example shown to whoever has chosen nothing.
EXAMPLE = ("region:44", "region:27", "region:53")


@dataclass(frozen=True)
class StageRow:
    """One stage across the territories."""

    stage: Stage
    cells: list[StageColumn]


@dataclass(frozen=True)
class Comparison:
    sheets: list[TerritorySheet]
    rows: list[StageRow]


def compare(snapshot: Snapshot, territories: Sequence[Territory]) -> Comparison:
    """The sheets of these territories, turned stage by stage; one query per territory."""
    stages = snapshot.words.stages
    sheets = [territory_sheet(snapshot, place) for place in territories]
    rows = [
        StageRow(stage, [sheet.columns[number] for sheet in sheets])
        for number, stage in enumerate(stages)
    ]
    return Comparison(sheets, rows)


@dataclass(frozen=True)
class Choice:
    """A territory that may be chosen in the form."""

    key: str
    label: str


@dataclass(frozen=True)
class KindChoice:
    label: str
    url: str
    selected: bool


def comparison_url(territories: Sequence[Territory]) -> str:
    return keys_url([place.key for place in territories])


def keys_url(keys: Sequence[str]) -> str:
    query = urlencode([("t", key) for key in keys], safe=":")
    return f"{reverse('territory_compare')}?{query}"


def kind_to_choose(chosen: Sequence[Territory], asked: str) -> str:
    """The level of the form: that of what is chosen, else what is asked for, else régions."""
    if chosen:
        return chosen[0].kind
    return asked if asked in LISTED_KINDS else Kind.REGION


def kind_choices(current: str) -> list[KindChoice]:
    """The levels one can start from; an EPCI is compared from its own page."""
    address = reverse("territory_compare")
    return [
        KindChoice(KIND_PLURALS[kind].capitalize(), f"{address}?niveau={kind}", kind == current)
        for kind in LISTED_KINDS
    ]


def choices(kind: str, chosen: Sequence[Territory], on: datetime.date) -> list[Choice]:
    """What may stand beside: all of a short level; EPCI and communes of the same Régions or
    département as the first; 1 query."""
    places = Territory.objects.filter(kind=kind)
    if kind not in LISTED_KINDS:
        level = Kind.DEPARTEMENT if kind == Kind.COMMUNE else Kind.REGION
        around = Containment.objects.filter(
            in_force(on),
            territory__kind=level,
            commune__containments__territory=chosen[0],
        ).values("territory")
        inside = Containment.objects.filter(in_force(on), territory__in=around).values("commune")
        near = Territory.objects.filter(
            in_force(on, "members__"), kind=kind, members__commune__in=inside
        ).values("pk")
        places = places.filter(pk__in=near) | Territory.objects.filter(
            pk__in=[place.pk for place in chosen]
        )
    return [
        Choice(place.key, place.label)
        for place in places.order_by(alphabetical("name"), "code").only("kind", "code", "name")
    ]
