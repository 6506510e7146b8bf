"""What a search by territory reaches: how much of it each operator serves, asked of the rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from pyroaring import BitMap

from directory.documentation import REGIONAL_KINDS
from directory.snapshot import Snapshot
from directory.snapshot.sets import Layers, flat
from regions.models import Kind, Territory

#: Whose answer a snapshot keeps for good: they are asked for most, and take longest.
WIDE: Final = frozenset({*REGIONAL_KINDS, Kind.DEPARTEMENT})
#: More than there are of them.
WIDE_KEPT: Final = 200
#: Other territories whose answer it keeps.
OTHERS_KEPT: Final = 50
#: Offers through one territory from which their operators are kept: some hundreds of territories.
MANY: Final = 16


class Reached(NamedTuple):
    """So many communes of a territory are served, through so narrow a one (smaller: narrower)."""

    served: int
    breadth: int


@dataclass(frozen=True)
class Reach:
    """What open offers reach of a territory: the best of each operator, and who reaches it."""

    total: int
    best: dict[int, Reached]
    anywhere: Layers
    whole: Layers


def reach_of(snapshot: Snapshot, territory: Territory) -> Reach:
    """What each open offer reaches of that territory."""
    if territory.kind == Kind.COMMUNE:  # quick, and there are too many to keep
        return _of_commune(snapshot, territory.pk)
    name, most = ("wide", WIDE_KEPT) if territory.kind in WIDE else ("others", OTHERS_KEPT)
    return snapshot.once_for(
        f"reaches: {name}", territory.pk, most, lambda: _of_several(snapshot, territory)
    )


def wide_territories(snapshot: Snapshot) -> Iterator[Territory]:
    """Those whose answer is kept for good."""
    return (place for place in snapshot.places.wider.values() if place.kind in WIDE)


def _of_commune(snapshot: Snapshot, commune: int) -> Reach:
    """There is no part of a commune, and breadth is the rank."""
    enclosing = snapshot.places.enclosing(commune, snapshot.on)
    by_rank = snapshot.coverage.by_rank(enclosing)
    found: list[Layers] = []
    best: dict[int, Reached] = {}
    for rank in reversed(range(len(by_rank))):  # the narrowest has the last word
        if by_rank[rank]:
            layers = _layers(snapshot, enclosing[rank], by_rank[rank])
            best.update(dict.fromkeys(flat(layers), Reached(1, rank)))
            found.append(layers)
    anywhere = [flat([layers[at] for layers in found]) for at in range(snapshot.sets.depth)]
    return Reach(1, best, anywhere, anywhere)


def _layers(snapshot: Snapshot, territory: int, offers: BitMap) -> Layers:
    """The operators of these offers, which serve through a territory.

    Where they are many, they are nearly always all that name it: kept for all its communes.
    """
    is_all = len(offers) == len(snapshot.coverage.naming(territory))
    kept: dict[int, Layers] = snapshot.once("layers by territory", dict)
    if is_all and territory in kept:
        return kept[territory]
    layers = snapshot.sets.layers(snapshot.offer_of[pk].number for pk in offers)
    if is_all and len(offers) >= MANY:
        kept[territory] = layers
    return layers


def _of_several(snapshot: Snapshot, territory: Territory) -> Reach:
    coverage, offer_of = snapshot.coverage, snapshot.offer_of
    within = coverage.within(territory)
    total = len(within.communes)
    alike: dict[Reached, Reached] = {}  # few differ: said once
    offers: list[int] = []
    whole: list[int] = []
    best: dict[int, Reached] = {}
    for pk, reach in coverage.reach(within).items():
        reached = Reached(len(reach.communes), reach.breadth)
        reached = alike.setdefault(reached, reached)
        offer = offer_of[pk]
        offers.append(offer.number)
        if reached.served == total:
            whole.append(offer.number)
        operator = offer.operator.number
        known = best.get(operator)
        if known is None:
            best[operator] = reached
        elif known != reached:
            best[operator] = Reached(
                max(known.served, reached.served), min(known.breadth, reached.breadth)
            )
    return Reach(total, best, snapshot.sets.layers(offers), snapshot.sets.layers(whole))
