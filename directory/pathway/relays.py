"""Where each offer of a pathway leads on to."""

import datetime

from django.db.models import Q

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
        .order_by("to_stage__position", "pk")
    )
    for relay in relays:
        for match in matches:
            if relay.from_stage_id == match.offer.stage_id and _is_end(relay, "from", match):
                match.relays.extend(
                    line
                    for line in _lines_here(relay, matches, on)
                    if line.to_url != match.operator.get_absolute_url() or relay.is_internal
                )


def _is_end(relay: Relay, end: str, match: Match) -> bool:
    """Whether the match is that end ("from" or "to") of the relay."""
    if operator := getattr(relay, f"{end}_operator_id"):
        return operator == match.operator.pk
    kind, network = getattr(relay, f"{end}_kind_id"), getattr(relay, f"{end}_network_id")
    return (
        (kind or network) is not None
        and kind in (None, match.kind.pk)
        and (network is None or network in match.network_ids)
    )


def _lines_here(relay: Relay, matches: list[Match], on: datetime.date) -> list[RelayLine]:
    """The relay, towards those of its kind or network who serve the commune at its stage."""
    if relay.to_operator or not (relay.to_kind_id or relay.to_network_id):
        return [line_to(relay, relay.to_name, relay.to_operator, on)]
    here = {
        match.operator.pk: match.operator
        for match in matches
        if match.offer.stage_id == relay.to_stage_id and _is_end(relay, "to", match)
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
