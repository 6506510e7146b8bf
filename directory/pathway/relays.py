"""Where each offer of a pathway leads on to."""

import datetime
from collections import defaultdict
from collections.abc import Sequence

from directory.models import Operator, Relay
from directory.pathway.shape import Match, RelayLine
from directory.places import Place
from directory.provenance import source_of
from directory.snapshot import Snapshot
from directory.snapshot.entries import RelayEntry, operator_url

#: The most operators one generic relay ("the DLA") is spelt out into.
SPELT_OUT = 3


def add_relays(snapshot: Snapshot, matches: Sequence[Match], place: Place) -> None:
    """Where each match leads on to: "the DLA" becomes the DLA that serves the commune."""
    ends = _Ends(matches, place)
    for relay in snapshot.relays_from(ends.names, [one.pk for one in place.territories]):
        starts = ends.found(relay, "from")
        if starts:
            lines = _lines_here(snapshot, relay, ends)
            for match in starts:
                _add_lines(match, lines)


class _Ends:
    """The matches by what an end of a relay may name at a stage: an operator, a kind, a network."""

    def __init__(self, matches: Sequence[Match], place: Place) -> None:
        self.breadth = {territory.pk: rank for rank, territory in enumerate(place.territories)}
        self.named: dict[tuple[str, int, int], list[Match]] = defaultdict(list)
        for match in matches:
            entry = match.entry  # below, `id` and not `pk`, which Django looks up anew each time
            self.named["operator", entry.operator.pk, entry.stage].append(match)
            self.named["kind", entry.operator.kind.id, entry.stage].append(match)
            for network in entry.operator.networks:
                self.named["network", network, entry.stage].append(match)

    @property
    def names(self) -> set[tuple[str, int]]:
        return {(end, pk) for end, pk, _ in self.named}

    def found(self, relay: RelayEntry, end: str) -> list[Match]:
        """The matches that are that end ("from" or "to") of the relay.

        An end that names a kind or a network is whoever of it covers no more than the relay's
        territory: "the incubator of the Région" is not a national one.
        """
        operator, kind, network, stage = relay.end(end)
        if operator:
            return self.named.get(("operator", operator, stage), [])
        if kind is None and network is None:
            return []
        widest = self.breadth.get(relay.territory or 0, len(self.breadth))
        name = ("network", network or 0, stage) if kind is None else ("kind", kind, stage)
        return [
            match
            for match in self.named.get(name, [])
            if self.breadth[match.via.pk] <= widest
            and (kind is None or network is None or network in match.entry.operator.networks)
        ]


def _add_lines(match: Match, lines: list[RelayLine]) -> None:
    """Add these relays to the match, each destination once, itself only for its own next step."""
    known = {(line.to_name, line.to_anchor) for line in match.relays}
    for line in lines:
        is_itself = line.to_url == match.entry.operator.url
        if (line.to_name, line.to_anchor) not in known and (line.is_internal or not is_itself):
            match.relays.append(line)


def _lines_here(snapshot: Snapshot, relay: RelayEntry, ends: _Ends) -> list[RelayLine]:
    """The relay, towards those of its kind or network who serve the commune at its stage."""
    if relay.to_operator or not (relay.to_kind or relay.to_network):
        return [_line(snapshot, relay, relay.to_name, relay.to_slug)]
    here = {one.pk: one for one in (match.entry.operator for match in ends.found(relay, "to"))}
    return [
        _line(snapshot, relay, operator.name, operator.slug)
        for operator in list(here.values())[:SPELT_OUT]
    ] or [_line(snapshot, relay, relay.to_name, "")]


def _line(snapshot: Snapshot, relay: RelayEntry, name: str, slug: str) -> RelayLine:
    stage = snapshot.stage(relay.to_stage)
    return RelayLine(
        to_name=name,
        to_url=operator_url(slug) if slug else None,
        to_stage_name=stage.name,
        to_anchor=f"#{stage.slug}",
        condition=relay.condition,
        is_internal=relay.is_internal,
    )


def line_to(relay: Relay, name: str, operator: Operator | None, on: datetime.date) -> RelayLine:
    """The relay of an operator's page as a line, towards that operator or that name."""
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
