"""The operators that serve a Région on a day, with what the chain needs to know of each."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from directory.gaps import Landscape, ServingOffer
from directory.models import Network, OperatorKind, Stage
from directory.models.serving import Communes, union
from directory.snapshot.entries import operator_url
from regions.names import search_key

#: Operators of one kind named at a stage; the list of operators has them all.
NAMED = 3


@dataclass(frozen=True, eq=False)
class Actor:
    """An operator and the communes of the Région that it serves, stage by stage."""

    pk: int
    slug: str
    name: str
    kind: OperatorKind
    networks: tuple[int, ...]
    is_example: bool
    is_local: bool  # not for the whole country
    breadth: int  # communes of the narrowest territory it covers
    stages: dict[int, Communes] = field(repr=False)

    @property
    def url(self) -> str:
        return operator_url(self.slug)

    @cached_property
    def reach(self) -> Communes:
        return union(self.stages.values())

    def __hash__(self) -> int:
        return self.pk

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Actor) and other.pk == self.pk


def actors_of(land: Landscape, offers: Iterable[ServingOffer]) -> list[Actor]:
    """Those who serve at least one commune, the local ones first, then by name."""
    by_operator: dict[int, list[ServingOffer]] = defaultdict(list)
    for offer in offers:
        by_operator[offer.operator.pk].append(offer)
    actors = [_actor(its) for its in by_operator.values()]
    return sorted(actors, key=lambda one: (not one.is_local, search_key(one.name), one.pk))


def _actor(offers: Sequence[ServingOffer]) -> Actor:
    at_stage: dict[int, list[Communes]] = defaultdict(list)
    for offer in offers:
        at_stage[offer.stage_id].append(offer.reach.communes)
    operator = offers[0].operator
    return Actor(
        pk=operator.pk,
        slug=operator.slug,
        name=operator.name,
        kind=operator.kind,
        networks=operator.networks,
        is_example=operator.is_example,
        is_local=any(offer.reach.local for offer in offers),
        breadth=min(offer.reach.breadth for offer in offers),
        stages={stage: union(reaches) for stage, reaches in at_stage.items()},
    )


@dataclass(frozen=True)
class KindAtStage:
    """The operators of one kind at one stage."""

    kind: OperatorKind
    actors: list[Actor]

    @property
    def first(self) -> list[Actor]:
        return self.actors[:NAMED]

    @property
    def hidden_count(self) -> int:
        return max(0, len(self.actors) - NAMED)

    @property
    def label(self) -> str:
        """ "13 Pôles ESS" is said "Pôles ESS"; a single one by its kind."""
        return self.kind.plural if len(self.actors) > 1 else self.kind.name


@dataclass(frozen=True)
class NetworkAtStage:
    network: Network
    count: int


@dataclass(frozen=True)
class StageChain:
    """Who works at one stage in a Région: operators by kind, networks, series of calls."""

    stage: Stage
    kinds: list[KindAtStage]
    networks: list[NetworkAtStage]
    national_count: int
    more_url: str
    schemes: list[Any]  # RegionCall

    @property
    def local_count(self) -> int:
        return sum(len(group.actors) for group in self.kinds)


def kinds_at(stage: Stage, actors: Iterable[Actor]) -> list[KindAtStage]:
    """The local operators at a stage by kind, the most numerous kind first."""
    groups: dict[int, list[Actor]] = defaultdict(list)
    for actor in actors:
        if actor.is_local and stage.pk in actor.stages:
            groups[actor.kind.pk].append(actor)
    found = [KindAtStage(group[0].kind, group) for group in groups.values()]
    return sorted(found, key=lambda group: (-len(group.actors), search_key(group.kind.name)))


def networks_at(
    stage: Stage, actors: Iterable[Actor], networks: Iterable[Network]
) -> list[NetworkAtStage]:
    """The networks the local operators of a stage belong to, the largest first."""
    members: dict[int, int] = defaultdict(int)
    for actor in actors:
        if actor.is_local and stage.pk in actor.stages:
            for network in actor.networks:
                members[network] += 1
    found = [
        NetworkAtStage(network, members[network.pk])
        for network in networks
        if network.pk in members
    ]
    return sorted(found, key=lambda one: (-one.count, search_key(one.network.name)))


__all__ = ["Actor", "KindAtStage", "NetworkAtStage", "StageChain", "actors_of", "kinds_at"]
