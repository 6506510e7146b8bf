"""The directory in memory: entries of all operators at work, their offers, relays and calls.

Made in a dozen queries when the data or the day changed, then asked without any. What only shown
cards need is read when they are shown, and kept up to a bound (`directory.snapshot.content`).
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, TypeVar

from django.db.models import Q
from django.db.models.functions import Coalesce

from directory.documentation import Documentation, documentation_by_region, documentation_of
from directory.models import CallEdition, Offer, Operator, Relay, Stage, Stamp
from directory.models.facts import known_on
from directory.models.serving import CoverageIndex
from directory.places import Place, geography
from directory.snapshot.content import Contents
from directory.snapshot.entries import OfferEntry, OperatorEntry, RelayEntry
from directory.snapshot.sets import OperatorSets
from directory.vocabulary import Vocabulary, vocabulary
from regions.atlas import Atlas
from regions.distance import Vector, vector
from regions.models import in_force
from regions.ordering import alphabetical

Made = TypeVar("Made")

_POINT: Final = ("at_latitude", "at_longitude")


class Snapshot:
    """Operators are in alphabetical order, offers by operator then title: `number` is that order.

    Everything is of one stamp and one day. Nothing in it may be changed: requests share it.
    """

    def __init__(self, stamp: Stamp, on: datetime.date) -> None:
        self.stamp, self.on = stamp, on
        self.places: Atlas = geography(stamp)
        self.words: Vocabulary = vocabulary(stamp)
        self.operators: list[OperatorEntry] = self._read_operators()
        self.operator_of = {operator.pk: operator for operator in self.operators}
        self.offers: list[OfferEntry] = self._read_offers()
        self.offer_of = {offer.pk: offer for offer in self.offers}
        self.coverage: CoverageIndex = Offer.objects.open_on(on).coverage(self.places, on)
        self.contents = Contents(on)
        self._made: dict[str, Any] = {}

    def _read_operators(self) -> list[OperatorEntry]:
        kinds = {kind.pk: kind for kind in self.words.kinds}
        networks = _grouped(Operator.networks.through.objects.values_list("operator", "network"))
        reachable = ~Q(phone="", email="", website="", address="")
        rows = (
            Operator.objects.at_work(self.on)
            .annotate(
                at_latitude=Coalesce("latitude", "commune__latitude"),
                at_longitude=Coalesce("longitude", "commune__longitude"),
                reachable=reachable,
            )
            .order_by(alphabetical("name"), "pk")
            .values_list(
                *("pk", "slug", "name", "kind", "commune", *_POINT, "reachable", "is_example"),
            )
        )
        return [
            OperatorEntry(pk, number, slug, name, kinds[kind], networks.get(pk, ()), commune, *rest)
            for number, (pk, slug, name, kind, commune, *rest) in enumerate(rows)
        ]

    def _read_offers(self) -> list[OfferEntry]:
        themes = _grouped(Offer.themes.through.objects.values_list("offer", "theme"))
        once: dict[tuple[str, ...], tuple[str, ...]] = {}

        def shared(values: Iterable[str]) -> tuple[str, ...]:
            key = tuple(values)
            return once.setdefault(key, key)

        rows = (
            Offer.objects.open_on(self.on)
            .order_by(alphabetical("operator__name"), "operator", "title", "pk")
            .values_list("pk", "operator", "stage", "title", "entry_modes", "services")
        )
        return [
            OfferEntry(
                *(number, pk, self.operator_of[operator], stage, title),
                *(shared(entry_modes), shared(services), themes.get(pk, ())),
            )
            for number, (pk, operator, stage, title, entry_modes, services) in enumerate(rows)
        ]

    @cached_property
    def stages_of(self) -> dict[int, list[Stage]]:
        """Operator, by number -> the stages of its open offers, in order."""
        found: dict[int, set[int]] = defaultdict(set)
        for offer in self.offers:
            found[offer.operator.number].add(offer.stage)
        return {
            number: [stage for stage in self.words.stages if stage.pk in stages]
            for number, stages in found.items()
        }

    @cached_property
    def vectors(self) -> list[Vector | None]:
        """Where each operator is, by number; None when nobody knows."""
        return [
            None
            if operator.latitude is None or operator.longitude is None
            else vector(operator.latitude, operator.longitude)
            for operator in self.operators
        ]

    @cached_property
    def sets(self) -> OperatorSets:
        """The operators as sets, for filters and counts."""
        return OperatorSets(self)

    # -- places --------------------------------------------------------------------------------

    @cached_property
    def documentation(self) -> dict[int, Documentation]:
        """How far each Région's directory is filled, by its primary key. One query."""
        return documentation_by_region(self.on)

    def place(self, commune: int) -> Place:
        """A commune with what encloses it on the snapshot's day."""
        enclosing = self.places.enclosing(commune, self.on)
        territories = [self.places.territory(pk) for pk in enclosing]
        return Place(territories[0], territories, documentation_of(territories, self.documentation))

    # -- relays ----------------------------------------------------------------------------------

    @cached_property
    def _relays(self) -> dict[int | None, dict[tuple[str, int], list[RelayEntry]]]:
        """The relays in force by territory, then by what their "from" end names. One query."""
        position = {stage.pk: stage.position for stage in self.words.stages}
        known = known_on(self.on, "valid_from")
        relays = Relay.objects.filter(in_force(self.on), known).select_related(
            "to_operator", "to_kind", "to_network"
        )
        found: dict[int | None, dict[tuple[str, int], list[RelayEntry]]] = {}
        for relay in relays:
            last = relay.to_operator_id or float("inf")
            entry = RelayEntry(
                order=(position[relay.to_stage_id], last, relay.pk),
                from_operator=relay.from_operator_id,
                from_kind=relay.from_kind_id,
                from_network=relay.from_network_id,
                from_stage=relay.from_stage_id,
                to_operator=relay.to_operator_id,
                to_kind=relay.to_kind_id,
                to_network=relay.to_network_id,
                to_stage=relay.to_stage_id,
                territory=relay.territory_id,
                to_name=relay.to_name,
                to_slug=relay.to_operator.slug if relay.to_operator else "",
                condition=relay.condition,
                is_internal=relay.is_internal,
            )
            for end, named in (
                ("operator", entry.from_operator),
                ("kind", entry.from_kind),
                ("network", entry.from_network),
            ):
                if named:
                    here = found.setdefault(entry.territory, {})
                    here.setdefault((end, named), []).append(entry)
                    break
        return found

    def relays_from(
        self, ends: Iterable[tuple[str, int]], territories: Iterable[int]
    ) -> list[RelayEntry]:
        """The relays that start from these ends, such as ("kind", 3), there or wherever; each once.

        In the order of their destinations, whatever they start from.
        """
        by_end = [self._relays[place] for place in (None, *territories) if place in self._relays]
        found = [relay for end in ends for here in by_end for relay in here.get(end, ())]
        return sorted(found, key=attrgetter("order"))

    def once(self, name: str, read: Callable[[], Made]) -> Made:
        """What `read` makes of this snapshot, made the first time and kept with it."""
        if name not in self._made:
            self._made.setdefault(name, read())  # the first of two threads wins
        made: Made = self._made[name]
        return made

    # -- calls -----------------------------------------------------------------------------------

    @cached_property
    def calls(self) -> CoverageIndex:
        """Which calls are open where. One query."""
        return CallEdition.objects.public().known_on(self.on).coverage(self.places, self.on)

    def stage(self, pk: int) -> Stage:
        return self._stages[pk]

    @cached_property
    def _stages(self) -> dict[int, Stage]:
        return {stage.pk: stage for stage in self.words.stages}


def _grouped(pairs: Iterable[Any]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = defaultdict(list)
    for one, other in pairs:
        found[one].append(other)
    return {one: tuple(others) for one, others in found.items()}
