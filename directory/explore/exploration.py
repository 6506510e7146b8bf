"""One search of operators. The list, the map, the counts and the downloads all read it."""

from collections.abc import Sequence
from functools import cached_property
from math import dist, inf
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from pyroaring import BitMap

from directory.addresses import address_of
from directory.explore.filters import (
    BY_NAME,
    NEAREST,
    RELEVANCE,
    VERIFIED_WITHIN,
    WHOLE,
    OperatorFilterSet,
    form_class_of,
    read,
)
from directory.explore.reach import Reach, reach_of
from directory.explore.text import Wanted, holding, wanted
from directory.snapshot import Snapshot
from directory.snapshot.entries import OperatorEntry
from directory.snapshot.sets import (
    Layers,
    OperatorSets,
    any_layer_of,
    any_of,
    both,
    flat,
)
from directory.vocabulary import Vocabulary
from regions.atlas import Atlas
from regions.distance import Vector, along_the_ground, vector
from regions.models import Territory

#: Filters that ask something of one and the same offer.
OF_OFFERS = ("territoire", "portee", "etape", "thematique", "profil")
#: Filters that ask something of the operator.
OF_OPERATORS = ("type", "reseau", "verifie", "zone", "q")
ALL = (*OF_OFFERS, *OF_OPERATORS)
#: Words whose answer a snapshot keeps: those who search narrow what they found, or turn the page.
WORDS_KEPT = 100


class Criteria(NamedTuple):
    """What is asked, checked. Empty means "not asked"."""

    q: Wanted | None = None
    territoire: Territory | None = None
    etape: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    thematique: tuple[str, ...] = ()
    profil: tuple[str, ...] = ()
    reseau: tuple[str, ...] = ()
    portee: str = ""
    verifie: bool = False
    zone: tuple[float, float, float, float] | None = None

    def without(self, name: str) -> "Criteria":
        """The same, that filter taken off; without a territory there is no extent either."""
        changes = {name: self._field_defaults[name]}
        if name == "territoire":
            changes["portee"] = ""
        return self._replace(**changes)

    @property
    def asked(self) -> tuple[str, ...]:
        """Names of the filters in use, in the order in which a search says itself."""
        return tuple(name for name in ALL if getattr(self, name))


class Exploration:
    """A search read from a query string, in a snapshot.

    `form.errors` says what was not understood; then nothing is found, never silently everything.
    """

    def __init__(self, data: QueryDict, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.data = data
        self._offers: dict[tuple[Any, ...], Layers | None] = {}
        self._encodings: dict[tuple[str, str], str] = {}
        form_class: type[forms.Form] = snapshot.once(
            "search form", lambda: form_class_of(OperatorFilterSet(snapshot))
        )
        self.form = read(form_class, data)
        self.is_valid = self.form.is_valid()
        cleaned = self.form.cleaned_data if self.is_valid else {}
        self.order_asked: str = cleaned.get("ordre") or ""
        text = cleaned.get("q") or ""
        self.text = text
        self.criteria = Criteria(
            q=wanted(text, self.words.synonyms) if text else None,
            territoire=cleaned.get("territoire"),
            **{
                name: tuple(cleaned.get(name) or ())
                for name in ("etape", "type", "thematique", "profil", "reseau")
            },
            portee=(cleaned.get("portee") or "") if cleaned.get("territoire") else "",
            verifie=bool(cleaned.get("verifie")),
            zone=cleaned.get("zone"),
        )

    @property
    def words(self) -> Vocabulary:
        return self.snapshot.words

    @property
    def places(self) -> Atlas:
        return self.snapshot.places

    @property
    def sets(self) -> OperatorSets:
        return self.snapshot.sets

    @property
    def territory(self) -> Territory | None:
        return self.criteria.territoire

    @cached_property
    def reach(self) -> Reach | None:
        """What each open offer reaches of the territory asked for; asked once of the rule."""
        return reach_of(self.snapshot, self.territory) if self.territory else None

    def offers(self, criteria: Criteria) -> Layers | None:
        """Operators by offer for which all that is asked of one holds; None if nothing is."""
        asked_of_offers = tuple(getattr(criteria, name) for name in OF_OFFERS)
        if not any(asked_of_offers):
            return None
        # Counting the options of a filter of operators asks this again and again.
        if asked_of_offers not in self._offers:
            self._offers[asked_of_offers] = self._find_offers(criteria)
        return self._offers[asked_of_offers]

    def _find_offers(self, criteria: Criteria) -> Layers | None:
        sets, depth = self.sets, self.sets.depth
        asked: list[Layers] = []
        if criteria.etape:
            asked.append(any_layer_of(sets.at_stage, criteria.etape, depth))
        if criteria.thematique:
            asked.append(any_layer_of(sets.on_theme, criteria.thematique, depth))
        if criteria.profil:
            asked.append(any_layer_of(sets.through_door, criteria.profil, depth))
        if criteria.territoire and self.reach:
            asked.append(self._reaching(self.reach, criteria.portee))
        if not asked:
            return None
        found, *others = asked
        for layers in others:
            found = both(found, layers)
        return found

    @staticmethod
    def _reaching(reach: Reach, extent: str) -> Layers:
        """Offers that reach the territory: all of it, a part of it, or either."""
        if not extent:
            return reach.anywhere
        if extent == WHOLE:
            return reach.whole
        return [some - every for some, every in zip(reach.anywhere, reach.whole, strict=True)]

    def of_operators(self, criteria: Criteria) -> BitMap:
        """The operators for which all that is asked of operators holds."""
        found = self.snapshot.everyone
        if criteria.type:
            found = found & any_of(self.sets.of_kind, criteria.type)
        if criteria.reseau:
            found = found & any_of(self.sets.of_network, criteria.reseau)
        if criteria.verifie:
            found = found & self.sets.verified_since(self.snapshot.on - VERIFIED_WITHIN)
        if criteria.zone:
            found = found & self.sets.within(*criteria.zone)
        if criteria.q:
            found = found & self._with_words
        return found

    def operators_for(self, criteria: Criteria) -> BitMap:
        """The operators that answer these criteria, by number: in alphabetical order."""
        operators, offers = self.of_operators(criteria), self.offers(criteria)
        return operators if offers is None else operators & flat(offers)

    @cached_property
    def _relevance(self) -> list[BitMap]:
        """Who answers the words, the best first; look-alikes when no text holds them."""
        query, entries = self.criteria.q, self.snapshot.operator_of
        if query is None:
            return []

        def ask() -> list[BitMap]:
            return [
                BitMap([entries[pk].number for pk in operators if pk in entries])
                for operators in holding(query)
            ]

        return self.snapshot.once_for("words", query.raw, WORDS_KEPT, ask)

    @cached_property
    def _with_words(self) -> BitMap:
        return BitMap.union(BitMap(), *self._relevance)

    @cached_property
    def found(self) -> BitMap:
        """What is found, by number; nothing when a filter was not understood."""
        return self.operators_for(self.criteria) if self.is_valid else BitMap()

    @property
    def order(self) -> str:
        """The order in use: the one asked for when it makes sense, else relevance, rule, name."""
        possible = self.orders
        return self.order_asked if self.order_asked in possible else possible[0]

    @property
    def orders(self) -> list[str]:
        return [
            *([RELEVANCE] if self.criteria.q else []),
            *([NEAREST] if self.territory else []),
            BY_NAME,
        ]

    @cached_property
    def numbers(self) -> Sequence[int]:
        """What is found, in a total order that never changes by itself."""
        if self.order == RELEVANCE:
            return [number for group in self._relevance for number in group & self.found]
        if self.order == NEAREST and self.reach:
            best, away = self.reach.best, self._straight_distance
            return sorted(
                self.found, key=lambda number: (best[number].breadth, away(number), number)
            )
        return cast("Sequence[int]", self.found)  # in alphabetical order already

    @property
    def operators(self) -> list[OperatorEntry]:
        """What is found, in order."""
        return [self.snapshot.operators[number] for number in self.numbers]

    def distance(self, number: int) -> float | None:
        """From the territory asked for to an operator, in km, when both places are known."""
        straight = self._straight_distance(number)
        return None if straight == inf else along_the_ground(straight)

    def _straight_distance(self, number: int) -> float:
        """The same through a globe of radius 1, in the same order; infinite when unknown."""
        here, there = self._here, self.snapshot.vectors[number]
        return dist(here, there) if here and there else inf

    @cached_property
    def _here(self) -> Vector | None:
        place = self.territory
        if place is None or place.latitude is None or place.longitude is None:
            return None
        return vector(place.latitude, place.longitude)

    def url(
        self,
        name: str = "operator_list",
        toggle: tuple[str, str] | None = None,
        change: dict[str, str] | None = None,
    ) -> str:
        """Address of this search at a view; one value toggled, or some parameters set ("": off)."""
        pairs = self._pairs
        if change:
            pairs = [pair for pair in pairs if pair[0] not in change]
            pairs = [*pairs, *((one, value) for one, value in change.items() if value)]
        if toggle:
            kept = [pair for pair in pairs if pair != toggle]
            pairs = kept if len(kept) < len(pairs) else [*pairs, toggle]
        text = "&".join(map(self._encoded, pairs))
        return address_of(name) + (f"?{text}" if text else "")

    def _encoded(self, pair: tuple[str, str]) -> str:
        """A parameter as an address has it; a page says the same one in a dozen addresses."""
        if pair not in self._encodings:
            self._encodings[pair] = urlencode([pair], safe=":,")
        return self._encodings[pair]

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        """The parameters of the search without the page and without the empty ones."""
        return [
            (name, value) for name in (*ALL, "ordre") for value in self.data.getlist(name) if value
        ]

    @property
    def query_string(self) -> str:
        return "&".join(map(self._encoded, self._pairs))
