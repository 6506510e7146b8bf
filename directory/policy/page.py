"""Everything the page of a Région shows on a day; every line is ready to print."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from directory.documentation import Documentation
from directory.gaps import Landscape, StageGaps, gaps_of, landscape, serving_offers
from directory.models import CallStatus, Resource, ResourceKind, Stage
from directory.models.facts import french_number, known_on
from directory.policy.actors import Actor, StageChain, actors_of, kinds_at, networks_at
from directory.policy.agreements import Agreements, agreements_of
from directory.policy.collectives import Collective, collectives_of, told_operators
from directory.policy.figures import (
    Measure,
    MeasureGroup,
    RegionFigures,
    StageServed,
    region_figures,
    served_today,
)
from directory.policy.graph import Graph, draw
from directory.policy.money import RegionCall, SeriesMoney, money_by_series, region_calls
from directory.policy.relays import (
    DeadEnd,
    Handover,
    KindOfDeadEnds,
    dead_ends,
    dead_ends_by_kind,
    handovers,
)
from directory.policy.timeline import Year, timeline
from directory.provenance import Source, source_of
from directory.snapshot import Snapshot
from directory.territory.lookup import territory_url
from directory.vocabulary import Vocabulary
from regions.models import Kind, Territory

#: Figures at the head of the page.
HIGHLIGHTS: Final = 3


@dataclass(frozen=True)
class ResourceLine:
    """Something to read; its address may have been lost."""

    resource: Resource
    source: Source

    @property
    def kind_label(self) -> str:
        return str(ResourceKind(self.resource.kind).label)

    @property
    def published_label(self) -> str:
        day = self.resource.published_on
        return day.label if day else "non daté"


@dataclass(frozen=True)
class CallGroup:
    """The calls of a Région that stand at the same point."""

    title: str
    calls: list[RegionCall]


@dataclass(frozen=True)
class Section:
    """An entry of the page's own contents."""

    anchor: str
    title: str


@dataclass(frozen=True)
class RegionPage:
    """A Région on a day. What needs queries is read when it is made."""

    land: Landscape
    gaps: list[StageGaps]
    actors: list[Actor]
    chain: list[StageChain]
    relays: list[Handover]
    dead_ends: list[DeadEnd]
    dead_ends_by_kind: list[KindOfDeadEnds]
    graph: Graph
    calls: list[RegionCall]
    money: list[SeriesMoney]
    figures: RegionFigures
    served: list[StageServed]
    agreements: Agreements
    collectives: list[Collective]
    resources: list[ResourceLine]
    years: list[Year]

    @property
    def region(self) -> Territory:
        return self.land.territory

    @property
    def on(self) -> datetime.date:
        return self.land.on

    @property
    def title(self) -> str:
        """ "Région Bretagne", "Saint-Barthélemy"."""
        region = self.region
        return f"Région {region.label}" if region.kind == Kind.REGION else region.label

    @property
    def territory_url(self) -> str:
        return territory_url(self.region)

    @property
    def commune_count(self) -> int:
        return len(self.land.within.communes)

    @property
    def population(self) -> int:
        return self.region.population or self.land.population

    @cached_property
    def documentation(self) -> Documentation:
        return next(
            (state for state, _ in self.land.documentations if state.region == self.region),
            Documentation("pas_encore", self.region),
        )

    @property
    def local_actors(self) -> list[Actor]:
        return [actor for actor in self.actors if actor.is_local]

    @property
    def national_count(self) -> int:
        return len(self.actors) - len(self.local_actors)

    @property
    def whole_dead_ends(self) -> int:
        return sum(end.is_whole for end in self.dead_ends)

    @property
    def partial_dead_ends(self) -> list[DeadEnd]:
        return [end for end in self.dead_ends if not end.is_whole]

    @cached_property
    def call_groups(self) -> list[CallGroup]:
        """Those one can answer, those to come, those of unknown dates, then the past."""
        parts = {
            "Ouverts": [call for call in self.calls if call.line.status.is_open],
            "À venir": [call for call in self.calls if call.line.status == CallStatus.COMING],
            "Dates inconnues": [
                call for call in self.calls if call.line.status == CallStatus.UNKNOWN
            ],
        }
        return [CallGroup(title, calls) for title, calls in parts.items() if calls]

    @property
    def past_calls(self) -> list[RegionCall]:
        """The editions that are over, the latest first."""
        past = [call for call in self.calls if call.line.is_past]
        return sorted(past, key=lambda call: (-(call.year or 0), call.line.title))

    @cached_property
    def money_figures(self) -> list[MeasureGroup]:
        """The figures about money that the amounts of the calls do not tell already."""
        told = {(amount.year, amount.amount) for one in self.money for amount in one.amounts}
        groups = []
        for group in self.figures.money:
            years = [(one, one.indicator.as_of) for one in group.measures]
            rest = [
                one for one, date in years if (date and date.year, one.indicator.value) not in told
            ]
            if rest:
                groups.append(replace(group, measures=rest))
        return groups

    @cached_property
    def highlights(self) -> list[Measure]:
        """What to know first: of each subject, its earliest figure, best with its total."""
        figures = self.figures
        told = [figures.coverage, figures.money, figures.agreements, *figures.of_collectives]
        found: list[Measure] = []
        seen: set[int] = set()
        for groups in told:
            measures = [one for group in groups for one in group.measures]
            measures = [one for one in measures if one.indicator.pk not in seen]
            measures.sort(key=_telling)
            seen |= {one.indicator.pk for one in measures[:1]}
            found += measures[:1]
        return found[:HIGHLIGHTS]

    @property
    def calls_without_money(self) -> int:
        """Editions the Région pays for of which no amount is known."""
        told = {amount.call.edition.pk for series in self.money for amount in series.amounts}
        return sum(call.is_paid_by_region and call.edition.pk not in told for call in self.calls)

    @property
    def is_bare(self) -> bool:
        """Nothing of its policy is known: only what the directory computes."""
        figures = self.figures
        return not (
            self.money
            or self.agreements.is_known
            or self.collectives
            or self.resources
            or figures.all_measures
            or self.relays
        )

    @cached_property
    def in_words(self) -> list[str]:
        """The chain in two or three sentences, from what is known."""
        local = len(self.local_actors)
        if not local:
            return ["Aucune structure de la région n’est encore connue de l’annuaire."]
        structures = f"{french_number(local)} structure{'s' if local > 1 else ''}"
        words = [f"L’annuaire connaît {structures} de cette région"]
        count = len(self.relays)
        words[0] += (
            f" et {french_number(count)} passage{'s' if count > 1 else ''} de relais."
            if count
            else ", et aucun passage de relais."
        )
        paid = {call.edition.scheme_id for call in self.calls if call.is_paid_by_region}
        if paid:
            noun = "dispositifs" if len(paid) > 1 else "dispositif"
            words.append(f"La Région y finance {french_number(len(paid))} {noun} connus.")
        return words

    @property
    def sections(self) -> list[Section]:
        """The parts of the page, for its contents; those that have nothing to say are there too."""
        titles = {
            "etapes": "Étape par étape",
            "relais": "Qui passe le relais à qui",
            "argent": "Appels et moyens",
            "couverture": "Couverture",
            "chiffres": "Chiffres",
            "conventions": "Conventions",
            "collectifs": "Collectifs",
            "lire": "En savoir plus",
            "dates": "Au fil des années",
        }
        return [Section(anchor, title) for anchor, title in titles.items()]


def _telling(measure: Measure) -> tuple[bool, bool]:
    """A figure tells more with its total, and with its date."""
    row = measure.indicator
    return row.denominator is None, row.as_of is None


def region_page(snapshot: Snapshot, region: Territory) -> RegionPage:
    """The page of a Région as known on the snapshot's day.

    Seven queries, whatever there is to show: one for each sort of fact that only this page reads
    (relays, amounts, figures, agreements, operators with a story, readings, milestones). The rest
    is in the snapshot.
    """
    on, words = snapshot.on, snapshot.words
    stages = words.stages
    land = landscape(snapshot, region)
    offers = serving_offers(snapshot, land)
    gaps = gaps_of(land, stages, offers)
    actors = actors_of(land, offers)
    relays = handovers(land, actors)
    ends = dead_ends(land, actors, relays, stages)
    calls = region_calls(snapshot, land)
    figures = region_figures(land, actors)
    agreements = agreements_of(region, on, figures.agreements)
    operators = told_operators(snapshot, region)
    return RegionPage(
        land=land,
        gaps=gaps,
        actors=actors,
        chain=[_chain(region, stage, actors, calls, words) for stage in stages],
        relays=relays,
        dead_ends=ends,
        dead_ends_by_kind=dead_ends_by_kind(ends, actors, relays, stages),
        graph=draw(stages, actors, relays, ends, words.networks),
        calls=calls,
        money=money_by_series(calls, on),
        figures=figures,
        served=served_today(land, gaps),
        agreements=agreements,
        collectives=collectives_of(snapshot, operators, figures),
        resources=_resources(region, on),
        years=timeline(region, on, calls, agreements, operators, figures.all_measures),
    )


def _chain(
    region: Territory,
    stage: Stage,
    actors: Sequence[Actor],
    calls: Sequence[RegionCall],
    words: Vocabulary,
) -> StageChain:
    query = urlencode({"territoire": region.key, "etape": stage.slug}, safe=":")
    seen: dict[int, RegionCall] = {}
    for call in calls:  # the most urgent edition of each series the Région pays for
        if stage.pk in call.stage_rows and call.is_paid_by_region:
            seen.setdefault(call.edition.scheme_id, call)
    return StageChain(
        stage=stage,
        kinds=kinds_at(stage, actors),
        networks=networks_at(stage, actors, words.networks),
        national_count=sum(not one.is_local and stage.pk in one.stages for one in actors),
        more_url=f"{reverse('operator_list')}?{query}",
        schemes=list(seen.values()),
    )


def _resources(region: Territory, on: datetime.date) -> list[ResourceLine]:
    rows = Resource.objects.filter(known_on(on, "published_on"), region=region)
    return [ResourceLine(row, source_of(row, on)) for row in rows]
