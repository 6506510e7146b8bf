"""Where, and at which stage, does nobody answer? The communes of a territory, stage by stage.

Who serves them is asked of `CoverageIndex.reach`. A commune nobody serves is a gap only where the
Région's directory is filled; elsewhere nothing is known, and that is not the same.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from directory.documentation import REGIONAL_KINDS, Documentation
from directory.models import Stage
from directory.models.serving import Communes, Reach, Within, union
from directory.snapshot import Snapshot
from directory.snapshot.entries import OperatorEntry
from regions.models import Kind, Territory
from regions.names import search_key


class Answer(StrEnum):
    """Who answers a commune at a stage: the nearest of those who do."""

    NEAR = "proximite"
    REGIONAL = "regionale"
    NATIONAL = "nationale"
    NOBODY = "personne"
    UNKNOWN = "inconnu"


ANSWER_LABELS = {
    Answer.NEAR: "Au moins une offre de proximité",
    Answer.REGIONAL: "Seulement une offre régionale",
    Answer.NATIONAL: "Seulement une offre nationale",
    Answer.NOBODY: "Personne",
    Answer.UNKNOWN: "Non documenté",
}


class Counting(StrEnum):
    """Which offers count as an answer. The rule counts them all; an official also wants to see
    what is behind an offer for the whole Région or the whole country."""

    NEAR = "proximite"
    LOCAL = "locales"
    ALL = "toutes"


@dataclass(frozen=True, slots=True)
class CommuneFacts:
    """What the lists and the map say of a commune. `population` is None when not known."""

    pk: int
    code: str
    name: str
    slug: str
    population: int | None

    @property
    def label(self) -> str:
        return self.name.replace("'", "’")


@dataclass(frozen=True)
class Share:
    """So many communes out of so many, and the people who live there."""

    communes: int
    of_communes: int
    population: int
    of_population: int

    @property
    def is_all(self) -> bool:
        return self.communes == self.of_communes

    @property
    def percent(self) -> int:
        """Of the communes, 0 to 100; a part is never rounded to all, nor to nothing."""
        return percent(self.communes, self.of_communes)

    @property
    def population_percent(self) -> int:
        return percent(self.population, self.of_population)


def percent(part: int, whole: int) -> int:
    """Whole per cent: 100 only for all of it, 0 only for none of it."""
    if part <= 0 or whole <= 0:
        return 0
    return 100 if part >= whole else min(99, max(1, round(100 * part / whole)))


@dataclass(frozen=True)
class Landscape:
    """The communes of a territory with their facts, and the territories they are in."""

    territory: Territory
    on: datetime.date
    within: Within
    communes: dict[int, CommuneFacts]  # by name
    around: list[Territory]  # all that touches it, but communes and the country
    on_the_day: dict[int, int]  # how many communes each of these has on that day
    documentations: list[tuple[Documentation, int]]  # of each Région, with its communes of here

    @property
    def is_commune(self) -> bool:
        return self.territory.kind == Kind.COMMUNE

    @cached_property
    def documented(self) -> Communes:
        """Its communes whose Région is filled: only there may a gap be called one."""
        return union(
            self.within.shared[state.region.pk]
            for state, _ in self.documentations
            if state.is_documented and state.region
        )

    @cached_property
    def population(self) -> int:
        return self.people(self.within.communes)

    def people(self, communes: Iterable[int]) -> int:
        return sum(self.communes[pk].population or 0 for pk in communes)

    def share(self, communes: Communes) -> Share:
        """These communes out of all of them, with the people who live there."""
        total = len(self.within.communes)
        return Share(len(communes), total, self.people(communes), self.population)

    def count(self, communes: Communes) -> Share:
        """The same without the people: cheap enough for every operator."""
        return Share(len(communes), len(self.within.communes), 0, 0)

    def listed(self, communes: Communes) -> list[CommuneFacts]:
        """These communes by name."""
        return [facts for pk, facts in self.communes.items() if pk in communes]


def landscape(snapshot: Snapshot, territory: Territory) -> Landscape:
    """What a territory is made of and lies in, on the snapshot's day."""
    places, on = snapshot.places, snapshot.on
    within = snapshot.coverage.within(territory)
    communes = {
        commune.pk: CommuneFacts(
            commune.pk, commune.code, commune.name, commune.slug, commune.population
        )
        for commune in places.communes.among(within.communes)
    }
    around = sorted(
        (places.wider[pk] for pk in within.shared if places.wider[pk].kind != Kind.COUNTRY),
        key=lambda place: (place.kind_rank, search_key(place.name), place.code),
    )
    states = [
        (snapshot.documentation[place.pk], len(within.shared[place.pk]))
        for place in around
        if place.kind in REGIONAL_KINDS
    ]
    on_the_day = {place.pk: len(places.inside(place.pk, on)) for place in around}
    documentations = sorted(states, key=lambda state: -state[1])
    return Landscape(territory, on, within, communes, around, on_the_day, documentations)


@dataclass(frozen=True)
class StageGaps:
    """One stage over the communes of a territory."""

    stage: Stage
    landscape: Landscape
    served: Communes
    local: Communes  # by an offer that is not for the whole country
    near: Communes  # nor for a whole Région

    @cached_property
    def gaps(self) -> Communes:
        """Communes of a filled Région that no offer serves."""
        return self.landscape.documented - self.served

    @cached_property
    def unknown(self) -> Communes:
        """Communes that no known offer serves, where the directory is not filled."""
        return self.landscape.within.communes - self.served - self.landscape.documented

    @cached_property
    def national_only(self) -> Communes:
        return self.served - self.local

    @cached_property
    def regional_only(self) -> Communes:
        """Communes where an offer for the whole Région is the nearest."""
        return self.local - self.near

    def answered(self, counting: Counting) -> Communes:
        """The communes where one of the offers that count answers."""
        return {Counting.NEAR: self.near, Counting.LOCAL: self.local, Counting.ALL: self.served}[
            counting
        ]

    @cached_property
    def served_share(self) -> Share:
        return self.landscape.share(self.served)

    @cached_property
    def local_share(self) -> Share:
        return self.landscape.share(self.local)

    @cached_property
    def near_share(self) -> Share:
        return self.landscape.share(self.near)

    @cached_property
    def regional_only_share(self) -> Share:
        return self.landscape.share(self.regional_only)

    @cached_property
    def national_only_share(self) -> Share:
        return self.landscape.share(self.national_only)

    @cached_property
    def gap_share(self) -> Share:
        return self.landscape.share(self.gaps)

    @cached_property
    def unknown_share(self) -> Share:
        return self.landscape.share(self.unknown)

    def answer(self, commune: int) -> Answer:
        """Who answers this commune at this stage."""
        if commune in self.near:
            return Answer.NEAR
        if commune in self.local:
            return Answer.REGIONAL
        if commune in self.served:
            return Answer.NATIONAL
        return Answer.NOBODY if commune in self.landscape.documented else Answer.UNKNOWN

    def lacking(self, counting: Counting) -> Communes:
        """The communes of a filled Région where none of the offers that count answers.

        With `Counting.ALL` these are the gaps of the rule.
        """
        return self.landscape.documented - self.answered(counting)


@dataclass(frozen=True)
class ServingOffer:
    """An open offer that serves some of the communes."""

    pk: int
    stage_id: int
    operator: OperatorEntry
    reach: Reach


def serving_offers(snapshot: Snapshot, land: Landscape) -> list[ServingOffer]:
    """The open offers that serve at least one commune of the territory."""
    reaches = snapshot.coverage.reach(land.within)
    entries = sorted((snapshot.offer_of[pk] for pk in reaches), key=lambda offer: offer.number)
    return [
        ServingOffer(offer.pk, offer.stage, offer.operator, reaches[offer.pk]) for offer in entries
    ]


def gaps_of(
    land: Landscape, stages: Sequence[Stage], offers: Iterable[ServingOffer]
) -> list[StageGaps]:
    """Each stage, in order: the communes served by anyone, by someone regional, by someone near."""
    at_stage: dict[int, list[Reach]] = {stage.pk: [] for stage in stages}
    for offer in offers:
        if offer.stage_id in at_stage:
            at_stage[offer.stage_id].append(offer.reach)
    return [
        StageGaps(
            stage,
            land,
            union(reach.communes for reach in at_stage[stage.pk]),
            union(reach.local for reach in at_stage[stage.pk]),
            union(reach.near for reach in at_stage[stage.pk]),
        )
        for stage in stages
    ]


__all__ = [
    "ANSWER_LABELS",
    "Answer",
    "Counting",
    "Landscape",
    "ServingOffer",
    "Share",
    "StageGaps",
    "gaps_of",
    "landscape",
    "percent",
    "serving_offers",
]
