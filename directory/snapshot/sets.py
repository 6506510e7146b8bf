"""The operators as sets, so that a filter is an intersection and a count its size.

What is asked of offers must hold for one and the same offer. So offers are in layers, the first
of every operator, the second, and so on: in one layer an operator has one offer at most, and a
condition on offers is a set of operators.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from pyroaring import BitMap

from directory.doors import DOORS
from directory.models import Operator

if TYPE_CHECKING:
    from directory.snapshot.snapshot import Snapshot

#: A set of operators for each layer of offers.
Layers = list[BitMap]

NOBODY = BitMap()


class OperatorSets:
    """Sets of operators, by their number in a snapshot."""

    def __init__(self, snapshot: "Snapshot") -> None:
        # Not the snapshot itself: a ring of references would keep old ones in memory.
        self._operators, self._offers = snapshot.operators, snapshot.offers
        self.operator_of = snapshot.operator_of
        self._words = snapshot.words

    @cached_property
    def of_kind(self) -> dict[str, BitMap]:
        return self._by(lambda operator: (operator.kind.slug,))

    @cached_property
    def of_network(self) -> dict[str, BitMap]:
        networks = {network.pk: network.slug for network in self._words.networks}
        return self._by(
            lambda operator: [networks[pk] for pk in operator.networks if pk in networks]
        )

    @cached_property
    def _layer(self) -> list[int]:
        """Offer, by number -> its layer."""
        layer: list[int] = []
        before = -1
        for offer in self._offers:  # those of an operator follow each other
            layer.append(layer[-1] + 1 if offer.operator.number == before else 0)
            before = offer.operator.number
        return layer

    @cached_property
    def depth(self) -> int:
        return max(self._layer, default=-1) + 1

    @cached_property
    def at_stage(self) -> dict[str, Layers]:
        stages = {stage.pk: stage.slug for stage in self._words.stages}
        return self._layers_by(lambda offer: (stages[offer.stage],))

    @cached_property
    def on_theme(self) -> dict[str, Layers]:
        themes = {theme.pk: theme.slug for theme in self._words.themes}
        return self._layers_by(lambda offer: [themes[pk] for pk in offer.themes if pk in themes])

    @cached_property
    def through_door(self) -> dict[str, Layers]:
        return self._layers_by(
            lambda offer: [door.slug for door in DOORS if door.may_answer(offer)]
        )

    def layers(self, offers: Iterable[int]) -> Layers:
        """Offers, by number, as the sets of their operators."""
        found: list[list[int]] = [[] for _ in range(self.depth)]
        entries, layer = self._offers, self._layer
        for number in offers:
            found[layer[number]].append(entries[number].operator.number)
        return [BitMap(one) for one in found]

    def verified_since(self, day: datetime.date) -> BitMap:
        """Operators verified on that day or later; one query, once a day."""
        known = self.__dict__.setdefault("_verified", {})
        if day not in known:
            keys = Operator.objects.verified_since(day).values_list("pk", flat=True)
            entries = self.operator_of
            known[day] = BitMap(entries[pk].number for pk in keys if pk in entries)
        found: BitMap = known[day]
        return found

    def within(self, south: float, west: float, north: float, east: float) -> BitMap:
        """Operators whose point is in these bounds, in degrees."""
        return BitMap(
            operator.number
            for operator in self._operators
            if operator.latitude is not None
            and operator.longitude is not None
            and south <= operator.latitude <= north
            and west <= operator.longitude <= east
        )

    def _by(self, read) -> dict[str, BitMap]:  # type: ignore[no-untyped-def]
        found: dict[str, list[int]] = defaultdict(list)
        for operator in self._operators:
            for value in read(operator):
                found[value].append(operator.number)
        return {value: BitMap(numbers) for value, numbers in found.items()}

    def _layers_by(self, read) -> dict[str, Layers]:  # type: ignore[no-untyped-def]
        found: dict[str, list[int]] = defaultdict(list)
        for offer in self._offers:
            for value in read(offer):
                found[value].append(offer.number)
        return {value: self.layers(numbers) for value, numbers in found.items()}


def any_of(known: Mapping[str, BitMap], values: Iterable[str]) -> BitMap:
    """The union of the sets of these values."""
    return BitMap.union(NOBODY, *(known.get(value, NOBODY) for value in values))


def any_layer_of(known: Mapping[str, Layers], values: Iterable[str], depth: int) -> Layers:
    """The same, layer by layer."""
    chosen = [known[value] for value in values if value in known]
    return [BitMap.union(NOBODY, *(layers[at] for layers in chosen)) for at in range(depth)]


def both(one: Layers, other: Layers) -> Layers:
    return [here & there for here, there in zip(one, other, strict=True)]


def flat(layers: Layers) -> BitMap:
    """The operators of any layer."""
    return BitMap.union(NOBODY, *layers)
