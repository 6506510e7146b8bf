"""Where each offer of a pathway leads on to."""

import datetime

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
    breadth = {territory.pk: rank for rank, territory in enumerate(place.territories)}
    for relay in relays:
        widest = breadth.get(relay.territory_id or 0, len(breadth))
        local = [match for match in matches if breadth[match.via.pk] <= widest]
        for match in matches:
            if relay.from_stage_id == match.offer.stage_id and (
                _is_operator(relay, "from", match)
                or (match in local and _is_generic(relay, "from", match))
            ):
                _add_lines(match, _lines_here(relay, local, on))


def _add_lines(match: Match, lines: list[RelayLine]) -> None:
    """Add these relays to the match, each destination once, itself only for its own next step."""
    known = {(line.to_name, line.to_anchor) for line in match.relays}
    for line in lines:
        is_itself = line.to_url == match.operator.get_absolute_url()
        if (line.to_name, line.to_anchor) not in known and (line.is_internal or not is_itself):
            match.relays.append(line)


def _is_operator(relay: Relay, end: str, match: Match) -> bool:
    """Whether that end ("from" or "to") of the relay names the operator of the match."""
    return getattr(relay, f"{end}_operator_id") == match.operator.pk


def _is_generic(relay: Relay, end: str, match: Match) -> bool:
    """Whether that end of the relay names a kind or a network that the match is of."""
    kind, network = getattr(relay, f"{end}_kind_id"), getattr(relay, f"{end}_network_id")
    return (
        (kind or network) is not None
        and kind in (None, match.kind.pk)
        and (network is None or network in match.network_ids)
    )


def _lines_here(relay: Relay, local: list[Match], on: datetime.date) -> list[RelayLine]:
    """The relay, towards those of its kind or network who serve the commune at its stage.

    `local` are the matches that cover no more than the relay's territory: "the incubator of the
    Région" is not a national one.
    """
    if relay.to_operator or not (relay.to_kind_id or relay.to_network_id):
        return [line_to(relay, relay.to_name, relay.to_operator, on)]
    here = {
        match.operator.pk: match.operator
        for match in local
        if match.offer.stage_id == relay.to_stage_id and _is_generic(relay, "to", match)
    }
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
