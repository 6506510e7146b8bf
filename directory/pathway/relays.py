"""Where each offer of a pathway leads on to."""

import datetime
from collections import defaultdict

from django.db.models import F, Q

from directory.models import Operator, Relay
from directory.pathway.shape import Match, RelayLine
from directory.places import Place
from directory.provenance import source_of
from regions.models import in_force

#: The most operators one generic relay ("the DLA") is spelt out into.
SPELT_OUT = 3


def add_relays(matches: list[Match], place: Place, on: datetime.date) -> None:
    """Where each match leads on to: "the DLA" becomes the DLA that serves the commune."""
    operators = {match.operator.pk for match in matches}
    kinds = {match.kind.pk for match in matches}
    networks = {pk for match in matches for pk in match.network_ids}
    here = Q(territory__isnull=True) | Q(territory__in=place.territories)
    relays = (
        Relay.objects.filter(
            Q(from_operator__in=operators) | Q(from_kind__in=kinds) | Q(from_network__in=networks),
            here,
            in_force(on),
        )
        .with_ends()
        .order_by("to_stage__position", F("to_operator").asc(nulls_last=True), "pk")
    )
    ends = _Ends(matches, place)
    for relay in relays:
        lines = _lines_here(relay, ends, on)
        for match in ends.found(relay, "from"):
            _add_lines(match, lines)


class _Ends:
    """The matches by what an end of a relay may name at a stage: an operator, a kind, a network."""

    def __init__(self, matches: list[Match], place: Place) -> None:
        self.breadth = {territory.pk: rank for rank, territory in enumerate(place.territories)}
        self.named: dict[tuple[str, int, int], list[Match]] = defaultdict(list)
        for match in matches:
            stage = match.offer.stage_id
            self.named["operator", match.operator.pk, stage].append(match)
            self.named["kind", match.kind.pk, stage].append(match)
            for network in match.network_ids:
                self.named["network", network, stage].append(match)

    def found(self, relay: Relay, end: str) -> list[Match]:
        """The matches that are that end ("from" or "to") of the relay.

        An end that names a kind or a network is whoever of it covers no more than the relay's
        territory: "the incubator of the Région" is not a national one.
        """
        stage: int = getattr(relay, f"{end}_stage_id")
        if operator := getattr(relay, f"{end}_operator_id"):
            return self.named["operator", operator, stage]
        kind, network = getattr(relay, f"{end}_kind_id"), getattr(relay, f"{end}_network_id")
        if kind is None and network is None:
            return []
        widest = self.breadth.get(relay.territory_id or 0, len(self.breadth))
        of_kind = self.named["kind", kind, stage]
        of_network = self.named["network", network, stage]
        return [
            match
            for match in (of_network if kind is None else of_kind)
            if self.breadth[match.via.pk] <= widest
            and (kind is None or network is None or network in match.network_ids)
        ]


def _add_lines(match: Match, lines: list[RelayLine]) -> None:
    """Add these relays to the match, each destination once, itself only for its own next step."""
    known = {(line.to_name, line.to_anchor) for line in match.relays}
    for line in lines:
        is_itself = line.to_url == match.operator.get_absolute_url()
        if (line.to_name, line.to_anchor) not in known and (line.is_internal or not is_itself):
            match.relays.append(line)


def _lines_here(relay: Relay, ends: _Ends, on: datetime.date) -> list[RelayLine]:
    """The relay, towards those of its kind or network who serve the commune at its stage."""
    if relay.to_operator or not (relay.to_kind_id or relay.to_network_id):
        return [line_to(relay, relay.to_name, relay.to_operator, on)]
    here = {match.operator.pk: match.operator for match in ends.found(relay, "to")}
    return [
        line_to(relay, operator.name, operator, on) for operator in list(here.values())[:SPELT_OUT]
    ] or [line_to(relay, relay.to_name, None, on)]


def line_to(relay: Relay, name: str, operator: Operator | None, on: datetime.date) -> RelayLine:
    """The relay as a line, towards that operator or that name."""
    origin = relay.from_operator
    return RelayLine(
        to_name=name,
        to_url=operator.get_absolute_url() if operator else None,
        to_stage_name=relay.to_stage.name,
        to_anchor=f"#{relay.to_stage.slug}",
        condition=relay.condition,
        is_internal=relay.is_internal,
        source=source_of(relay, on),
        caveat=relay.caveat,
        from_name=relay.from_name,
        from_url=origin.get_absolute_url() if origin else None,
    )
