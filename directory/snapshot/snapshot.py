"""The directory in memory: entries of all operators at work, their offers, relays and calls.

Made in a dozen queries when the data or the day changed, then asked without any. What only shown
cards need is read when they are shown, and kept up to a bound (`directory.snapshot.content`).
"""

import datetime
import gc
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, TypeVar

from django.db import DatabaseError
from django.db.models import F, Func, Q, TextField, Value
from pyroaring import BitMap

from directory.documentation import Documentation, documentation_by_region, documentation_of
from directory.models import CallEdition, Offer, Operator, Relay, Stage, Stamp
from directory.models.facts import known_on
from directory.models.serving import CoverageIndex
from directory.places import Place, geography
from directory.snapshot.aside import begun
from directory.snapshot.content import Contents
from directory.snapshot.entries import OfferEntry, OperatorEntry, RelayEntry
from directory.snapshot.sets import OperatorSets
from directory.vocabulary import Vocabulary, vocabulary
from regions.atlas import Atlas
from regions.distance import Vector, vector
from regions.models import in_force
from regions.ordering import alphabetical

Made = TypeVar("Made")

_NO_OFFER: Final = BitMap()


class Snapshot:
    """Operators are in alphabetical order, offers by operator then title: `number` is that order.

    Everything is of one stamp and one day. Nothing in it may be changed: requests share it.
    """

    def __init__(self, stamp: Stamp, on: datetime.date) -> None:
        self.stamp, self.on = stamp, on
        self.places: Atlas = geography(stamp)
        # Half of that is PostgreSQL's work, which the other core does meanwhile.
        zones = begun(self._read_zones)
        self.words: Vocabulary = vocabulary(stamp)
        with without_looking_for_rings():
            self.operators: list[OperatorEntry] = self._read_operators()
        self._zones_begun = zones
        self.operator_of = {operator.pk: operator for operator in self.operators}
        self.contents = Contents(on)
        self._made: dict[str, Any] = {}
        #: Nothing of it is left to be read when a page asks, but for cards (`reading_ahead`).
        self.is_whole = False

    def read_parts(self) -> None:
        """Read now what would be read when a page first needs it."""
        for part in (self.coverage, self.sets, self.calls, self._relays, self.documentation):
            del part

    def _read_operators(self) -> list[OperatorEntry]:
        kinds = {kind.pk: kind for kind in self.words.kinds}
        networks = _grouped(Operator.networks.through.objects.values_list("operator", "network"))
        reachable = ~Q(phone="", email="", website="", address="")
        rows = (
            Operator.objects.at_work(self.on)
            .annotate(reachable=reachable)
            .order_by(alphabetical("name"), "pk")
            .values_list(
                *("pk", "slug", "name", "kind", "commune", "latitude", "longitude"),
                *("reachable", "is_example"),
            )
        )
        communes = self.places.communes
        entries = []
        made, none = OperatorEntry._make, ()
        for number, (pk, slug, name, kind, commune, latitude, longitude, *rest) in enumerate(rows):
            if latitude is None and commune is not None:
                latitude, longitude = communes.point(commune)
            place = (commune, latitude, longitude)
            known = (pk, number, slug, name, kinds[kind], networks.get(pk, none))
            entries.append(made((*known, *place, *rest)))
        return entries

    @cached_property
    def offers(self) -> list[OfferEntry]:
        """The open offers of these operators. Two queries."""
        with without_looking_for_rings():
            return self._read_offers()

    def _read_offers(self) -> list[OfferEntry]:
        themes = _grouped(Offer.themes.through.objects.values_list("offer", "theme"))
        once: dict[str, tuple[str, ...]] = {"": ()}

        def shared(text: str) -> tuple[str, ...]:
            if text not in once:
                once[text] = tuple(text.split(","))
            return once[text]

        rows = (
            Offer.objects.open_on(self.on)
            .order_by("operator", "title", "pk")
            .values_list(
                "pk", "operator", "stage", "title", _joined("entry_modes"), _joined("services")
            )
        )
        # An operator may have been published since: its offers are of the next snapshot.
        known = [(self.operator_of[row[1]], row) for row in rows if row[1] in self.operator_of]
        known.sort(key=lambda pair: pair[0].number)
        return [
            OfferEntry(
                *(number, pk, operator, stage, title),
                *(shared(entry_modes), shared(services), themes.get(pk, ())),
            )
            for number, (operator, (pk, _, stage, title, entry_modes, services)) in enumerate(known)
        ]

    @cached_property
    def offer_of(self) -> dict[int, OfferEntry]:
        return {offer.pk: offer for offer in self.offers}

    def at_stage(self, stage: Stage) -> BitMap:
        """The offers of a stage, by primary key."""
        return self._by_stage.get(stage.pk, _NO_OFFER)

    @cached_property
    def _by_stage(self) -> dict[int, BitMap]:
        found: dict[int, list[int]] = defaultdict(list)
        for offer in self.offers:
            found[offer.stage].append(offer.pk)
        return {stage: BitMap(offers) for stage, offers in found.items()}

    @cached_property
    def zones(self) -> CoverageIndex:
        """`coverage`, without the certainty that the offers are known: they are not read for it."""
        if self._zones_begun is not None:
            # Else, or asked again after that failed, it is read here.
            with suppress(DatabaseError):
                return self._zones_begun.result()
        return self._read_zones()

    def _read_zones(self) -> CoverageIndex:
        with without_looking_for_rings():
            return Offer.objects.open_on(self.on).coverage(self.places, self.on)

    @cached_property
    def coverage(self) -> CoverageIndex:
        """Which of these offers serve where. One query."""
        return self.zones.among(self.offer_of)

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
    def everyone(self) -> BitMap:
        """The operators, by number."""
        return BitMap(range(len(self.operators)))

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
        rows = (
            Relay.objects.filter(in_force(self.on), known_on(self.on, "valid_from"))
            .order_by()
            .with_destination()
            .values_list(
                *("pk", "from_operator", "from_kind", "from_network", "from_stage"),
                *("to_operator", "to_kind", "to_network", "to_stage"),
                *("territory", "destination", "destination_slug", "condition", "is_internal"),
            )
        )
        found: dict[int | None, dict[tuple[str, int], list[RelayEntry]]] = {}
        for pk, *ends in rows:
            to_operator, to_stage = ends[4], ends[7]
            order = (position[to_stage], to_operator or float("inf"), pk)
            entry = RelayEntry(order, *ends)
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

    def once_for(self, name: str, key: Hashable, most: int, read: Callable[[], Made]) -> Made:
        """The same for each of many keys, of which so many are kept: the oldest go."""
        kept: dict[Hashable, Made] = self.once(name, dict)
        found = kept.get(key)
        if found is None:
            found = read()
            for oldest in list(kept)[: max(0, len(kept) + 1 - most)]:
                kept.pop(oldest, None)
            kept[key] = found
        return found

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


def _joined(field: str) -> Func:
    """An array of words as one text: to read a text is much quicker than to read an array."""
    return Func(F(field), Value(","), function="array_to_string", output_field=TextField())


@contextmanager
def without_looking_for_rings() -> Iterator[None]:
    """Tens of thousands of objects that stay would make Python look for garbage among them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _grouped(pairs: Iterable[Any]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = defaultdict(list)
    for one, other in pairs:
        found[one].append(other)
    return {one: tuple(others) for one, others in found.items()}
