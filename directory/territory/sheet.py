"""Everything the page of a territory shows; every line is ready to print."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from urllib.parse import urlencode

from django.urls import reverse

from directory.documentation import Documentation
from directory.gaps import (
    Landscape,
    ServingOffer,
    Share,
    StageGaps,
    gaps_of,
    landscape,
    serving_offers,
)
from directory.models import Indicator, Stage
from directory.models.facts import french_number, known_on
from directory.models.serving import union
from directory.operator_sheet import IndicatorLine
from directory.pathway.calls import call_lines
from directory.pathway.shape import CallLine
from directory.provenance import source_of
from directory.snapshot import Snapshot
from regions.models import Territory
from regions.names import search_key

#: Operators of one stage that the page names; the list of operators has them all.
OPERATORS_SHOWN = 8
CALLS_SHOWN = 12

#: How far an operator's zone goes, the nearest first.
NEAR, REGIONAL, NATIONAL = _REACHES = ("", "Toute la région", "Toute la France")


@dataclass(frozen=True)
class OperatorLine:
    """An operator at a stage, and for which part of the territory."""

    name: str
    slug: str
    kind_name: str
    is_example: bool
    reach_label: str  # "Toute la France", "Toute la région", or empty when it is near
    share: Share
    breadth: int

    @property
    def url(self) -> str:
        return reverse("operator", args=[self.slug])

    @property
    def is_national(self) -> bool:
        return self.reach_label == NATIONAL

    @property
    def part_label(self) -> str:
        """ "Tout le territoire", "12 communes sur 23"; empty for a commune."""
        share = self.share
        if share.of_communes <= 1:
            return ""
        return "Tout le territoire" if share.is_all else part_of_communes(share)


def part_of_communes(share: Share) -> str:
    """ "12 communes sur 23"."""
    noun = "communes" if share.communes > 1 else "commune"
    return f"{french_number(share.communes)} {noun} sur {french_number(share.of_communes)}"


@dataclass(frozen=True)
class StageColumn:
    """One stage of the grid: who answers there, the local ones first."""

    gaps: StageGaps
    operators: list[OperatorLine]
    more_url: str
    shown_count: int = OPERATORS_SHOWN

    @property
    def stage(self) -> Stage:
        return self.gaps.stage

    @property
    def total(self) -> int:
        return len(self.operators)

    @property
    def local_count(self) -> int:
        return self.total - self.national_count

    @property
    def national_count(self) -> int:
        return sum(line.is_national for line in self.operators)

    @property
    def shown(self) -> list[OperatorLine]:
        return self.operators[: self.shown_count]

    @property
    def hidden_count(self) -> int:
        return max(0, self.total - self.shown_count)


@dataclass(frozen=True)
class TerritoryCall:
    """A call that is not over, and the part of the territory that may answer it."""

    line: CallLine
    part_label: str


@dataclass(frozen=True)
class FigureGroup:
    """What is said of one measure: several values when sources differ or years go by."""

    label: str
    lines: list[IndicatorLine]


@dataclass(frozen=True)
class TerritorySheet:
    """A territory on a day; what needs queries is read when it is made."""

    land: Landscape
    offers: list[ServingOffer]
    gaps: list[StageGaps]
    columns: list[StageColumn]
    calls: list[TerritoryCall]
    figures: list[FigureGroup]

    @property
    def territory(self) -> Territory:
        return self.land.territory

    @property
    def commune_count(self) -> int:
        return len(self.land.within.communes)

    @property
    def population(self) -> int:
        """That of the official files, else the sum of its communes."""
        return self.territory.population or self.land.population

    @cached_property
    def documentations(self) -> list[tuple[Documentation, int]]:
        return self.land.documentations

    @property
    def is_documented(self) -> bool:
        """The directory is filled for all of its communes."""
        return self.land.documented >= self.land.within.communes

    @property
    def is_partly_documented(self) -> bool:
        return bool(self.land.documented) and not self.is_documented

    @property
    def operator_count(self) -> int:
        return len({offer.operator.pk for offer in self.offers})

    @property
    def operators_url(self) -> str:
        return operators_url(self.territory)

    @property
    def map_url(self) -> str:
        return operators_url(self.territory, on="map")

    @property
    def gap_stages(self) -> list[StageGaps]:
        return [at for at in self.gaps if at.gaps]


def territory_sheet(snapshot: Snapshot, territory: Territory) -> TerritorySheet:
    """The sheet of a territory on the snapshot's day; one query, for its figures."""
    land = landscape(snapshot, territory)
    offers = serving_offers(snapshot, land)
    gaps = gaps_of(land, snapshot.words.stages, offers)
    return TerritorySheet(
        land=land,
        offers=offers,
        gaps=gaps,
        columns=[_column(at, offers) for at in gaps],
        calls=_calls(snapshot, land),
        figures=_figures(territory, snapshot.on),
    )


def _column(at: StageGaps, offers: Iterable[ServingOffer]) -> StageColumn:
    """One line per operator, whatever the number of its offers at the stage."""
    here = sorted(
        (offer for offer in offers if offer.stage_id == at.stage.pk),
        key=lambda offer: offer.operator.number,
    )
    lines = []
    for _, same in groupby(here, key=lambda offer: offer.operator.number):
        made = list(same)
        operator = made[0].operator
        lines.append(
            OperatorLine(
                name=operator.name,
                slug=operator.slug,
                kind_name=operator.kind.name,
                is_example=operator.is_example,
                reach_label=_reach_label(made),
                share=at.landscape.count(union(offer.reach.communes for offer in made)),
                breadth=min(offer.reach.breadth for offer in made),
            )
        )
    lines.sort(key=_most_local_first)
    return StageColumn(at, lines, operators_url(at.landscape.territory, at.stage))


def _reach_label(offers: Iterable[ServingOffer]) -> str:
    made = list(offers)
    if any(offer.reach.near for offer in made):
        return NEAR
    return REGIONAL if any(offer.reach.local for offer in made) else NATIONAL


def _most_local_first(line: OperatorLine) -> tuple[object, ...]:
    return (
        _REACHES.index(line.reach_label),
        -line.share.communes,
        line.breadth,
        search_key(line.name),
        line.slug,
    )


def operators_url(
    territory: Territory, stage: Stage | None = None, on: str = "operator_list"
) -> str:
    """The list of the operators that serve the territory, at that stage when one is given.

    `on`: name of the address, "map" for the same on the map.
    """
    query = {"territoire": territory.key} | ({"etape": stage.slug} if stage else {})
    return f"{reverse(on)}?{urlencode(query, safe=':')}"


def _calls(snapshot: Snapshot, land: Landscape) -> list[TerritoryCall]:
    lines = call_lines(snapshot)
    calls = []
    for pk, reach in snapshot.calls.reach(land.within).items():
        if pk not in lines or lines[pk].is_past:  # it may have come since the lines were read
            continue
        share = land.count(reach.communes)
        calls.append(TerritoryCall(lines[pk], "" if share.is_all else part_of_communes(share)))
    return sorted(calls, key=lambda call: call.line.urgency)


def _figures(territory: Territory, on: datetime.date) -> list[FigureGroup]:
    rows = Indicator.objects.filter(
        known_on(on, "as_of"), territory=territory, operator=None
    ).order_by("slug", "as_of", "value", "pk")
    groups = []
    for _, same in groupby(rows, key=lambda row: row.slug):
        lines = [
            IndicatorLine(
                row.label, row.value_label, row.as_of.label if row.as_of else "", source_of(row, on)
            )
            for row in same
        ]
        groups.append(FigureGroup(lines[0].label, lines))
    return groups
