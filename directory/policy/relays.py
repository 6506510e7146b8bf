"""Who hands over to whom in a Région, and from whom nothing leads on.

An end of a relay is one operator, or whoever of a kind or network serves the place at that stage
and covers no more than the relay's territory. An operator is a dead end when it does not go to the
last stage and no known relay leads from it to someone else, anywhere on its territory.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from directory.gaps import Landscape
from directory.models import OperatorKind, Relay, Stage
from directory.models.facts import known_on
from directory.models.serving import NOWHERE, Communes, union
from directory.policy.actors import Actor
from directory.provenance import Source, source_of
from regions.models import in_force
from regions.names import search_key

End = Literal["from", "to"]


@dataclass(frozen=True)
class Handover:
    """A relay in force in the Région, with the operators that are its ends there."""

    relay: Relay
    givers: list[Actor]
    takers: list[Actor]
    communes: Communes  # where it leads somewhere, as far as is known
    source: Source

    @property
    def from_url(self) -> str:
        return self.relay.from_operator.get_absolute_url() if self.relay.from_operator else ""

    @property
    def to_url(self) -> str:
        return self.relay.to_operator.get_absolute_url() if self.relay.to_operator else ""

    @property
    def giver_names(self) -> list[Actor]:
        """Who "the pôles" are, when the relay names a kind or a network."""
        return [] if self.relay.from_operator else self.givers

    @property
    def taker_names(self) -> list[Actor]:
        return [] if self.relay.to_operator else self.takers

    @property
    def leads_to_nobody_known(self) -> bool:
        """It names a kind or a network of which nobody is known there."""
        relay = self.relay
        return bool((relay.to_kind_id or relay.to_network_id) and not self.takers)


@dataclass(frozen=True)
class DeadEnd:
    """An operator from which no known relay leads on, or not from all of its territory."""

    actor: Actor
    stage: Stage  # the last one it works at
    lacking: int  # communes without a way on
    of_communes: int

    @property
    def is_whole(self) -> bool:
        return self.lacking == self.of_communes


@dataclass(frozen=True)
class KindOfDeadEnds:
    """The dead ends of one kind, out of all of that kind that do not go to the last stage."""

    kind: OperatorKind
    whole: list[DeadEnd]
    partial: list[DeadEnd]
    total: int


def handovers(land: Landscape, actors: Sequence[Actor]) -> list[Handover]:
    """The relays that hold in the Région on that day, in the order of the stages; 1 query."""
    relays = (
        Relay.objects.filter(in_force(land.on), known_on(land.on, "valid_from"))
        .with_ends()
        .select_related("territory")
        .order_by("from_stage__position", "to_stage__position", "pk")
    )
    found = []
    for relay in relays:
        if not _holds_in(land, relay):
            continue
        givers, takers = (_ends(land, actors, relay, end) for end in ("from", "to"))
        if givers or (takers and not _is_named(relay, "from")):
            found.append(
                Handover(
                    relay,
                    givers,
                    takers,
                    _leads_on(land, relay, takers),
                    source_of(relay, land.on),
                )
            )
    return found


def _is_named(relay: Relay, end: End) -> bool:
    """The end is an operator, a kind or a network, and not words only."""
    return any(getattr(relay, f"{end}_{what}_id") for what in ("operator", "kind", "network"))


def _holds_in(land: Landscape, relay: Relay) -> bool:
    return relay.territory_id is None or bool(_place(land, relay))


def _place(land: Landscape, relay: Relay) -> Communes:
    """The communes of the Région where the relay holds."""
    if relay.territory_id is None:
        return land.within.communes
    if relay.territory_id in land.within.communes:
        return Communes([relay.territory_id])
    return land.within.shared.get(relay.territory_id, NOWHERE)


def _ends(land: Landscape, actors: Iterable[Actor], relay: Relay, end: str) -> list[Actor]:
    operator = getattr(relay, f"{end}_operator_id")
    if operator:
        return [actor for actor in actors if actor.pk == operator and actor.is_local]
    kind, network = getattr(relay, f"{end}_kind_id"), getattr(relay, f"{end}_network_id")
    if kind is None and network is None:
        return []
    stage, place = getattr(relay, f"{end}_stage_id"), _place(land, relay)
    widest = relay.territory.commune_count if relay.territory else float("inf")
    return [
        actor
        for actor in actors
        if actor.is_local
        and actor.breadth <= widest
        and kind in (None, actor.kind.pk)
        and (network is None or network in actor.networks)
        and actor.stages.get(stage, NOWHERE) & place
    ]


def _leads_on(land: Landscape, relay: Relay, takers: Sequence[Actor]) -> Communes:
    """Where someone is at the end of it. One named in words or one operator: wherever it holds."""
    place = _place(land, relay)
    if relay.to_operator_id or not _is_named(relay, "to"):
        return place
    return place & union(taker.stages[relay.to_stage_id] for taker in takers)


def dead_ends(
    land: Landscape, actors: Iterable[Actor], relays: Sequence[Handover], stages: Sequence[Stage]
) -> list[DeadEnd]:
    """The local operators from which nothing known leads on, wholly or in part, by stage."""
    found = []
    for actor in actors:
        last = _last_stage(actor, relays, stages)
        if not actor.is_local or last == stages[-1]:
            continue
        reach = actor.reach & land.within.communes
        lacking = len(reach - union(_onward(actor, relays)))
        if lacking:
            found.append(DeadEnd(actor, last, lacking, len(reach)))
    return sorted(found, key=lambda end: (end.stage.position, search_key(end.actor.name)))


def _last_stage(actor: Actor, relays: Iterable[Handover], stages: Sequence[Stage]) -> Stage:
    """The last stage it works at, by its offers or as the next step of its own."""
    reached = {
        one.relay.to_stage_id for one in relays if one.relay.is_internal and actor in one.takers
    }
    return [stage for stage in stages if stage.pk in actor.stages or stage.pk in reached][-1]


def _onward(actor: Actor, relays: Iterable[Handover]) -> Iterable[Communes]:
    """The communes from where each relay leads from this operator to someone else."""
    for handover in relays:
        if handover.relay.is_internal or actor not in handover.givers:
            continue
        if handover.relay.to_operator_id == actor.pk:
            continue
        others = [taker for taker in handover.takers if taker.pk != actor.pk]
        if handover.takers and not others:
            continue
        if len(others) == len(handover.takers) or handover.relay.to_operator_id:
            yield handover.communes
        else:
            to_stage = handover.relay.to_stage_id
            yield handover.communes & union(taker.stages[to_stage] for taker in others)


def dead_ends_by_kind(
    found: Iterable[DeadEnd],
    actors: Iterable[Actor],
    relays: Sequence[Handover],
    stages: Sequence[Stage],
) -> list[KindOfDeadEnds]:
    """The same by kind of operator, beside how many of that kind should lead on."""
    concerned: dict[int, list[Actor]] = {}
    for actor in actors:
        if actor.is_local and _last_stage(actor, relays, stages) != stages[-1]:
            concerned.setdefault(actor.kind.pk, []).append(actor)
    ends = list(found)
    groups = []
    for kind, same in concerned.items():
        its = [end for end in ends if end.actor.kind.pk == kind]
        if its:
            groups.append(
                KindOfDeadEnds(
                    same[0].kind,
                    [end for end in its if end.is_whole],
                    [end for end in its if not end.is_whole],
                    len(same),
                )
            )
    return sorted(groups, key=lambda group: (-len(group.whole), search_key(group.kind.name)))


__all__ = ["DeadEnd", "Handover", "KindOfDeadEnds", "dead_ends", "dead_ends_by_kind", "handovers"]
