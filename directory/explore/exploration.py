"""One search of operators. The list, the map, the counts and the downloads all read it."""

import datetime
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from django.contrib.postgres.search import SearchRank, TrigramWordSimilarity
from django.db.models import Case, F, IntegerField, Q, When
from django.http import QueryDict
from django.urls import reverse

from directory.doors import door_of
from directory.explore.filters import (
    BY_NAME,
    NEAREST,
    RELEVANCE,
    VERIFIED_WITHIN,
    WHOLE,
    OperatorFilterSet,
)
from directory.explore.text import ALIKE, Wanted, wanted
from directory.models import Offer, Operator, SearchDocument
from directory.models.operators import OfferQuerySet, OperatorQuerySet
from directory.pathway.offers import distance_from
from directory.vocabulary import Vocabulary
from regions.models import Territory
from regions.ordering import alphabetical

#: Filters that ask something of one and the same offer.
OF_OFFERS = ("territoire", "portee", "etape", "thematique", "profil")
#: Filters that ask something of the operator.
OF_OPERATORS = ("type", "reseau", "verifie", "zone", "q")
ALL = (*OF_OFFERS, *OF_OPERATORS)


@dataclass(frozen=True)
class Criteria:
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
        changes: dict[str, Any] = {name: Criteria.__dataclass_fields__[name].default}
        if name == "territoire":
            changes["portee"] = ""
        return replace(self, **changes)

    @property
    def asked(self) -> tuple[str, ...]:
        """Names of the filters in use, in the order in which a search says itself."""
        return tuple(name for name in ALL if getattr(self, name))


#: What `serving` says of each offer, in the order of `Reach`.
REACHED: tuple[str, ...] = (
    *("pk", "operator_id"),
    *("served_communes", "total_communes", "via_rank"),
)


class Reach(NamedTuple):
    """What an offer reaches of a territory: so many of its communes, through so narrow a one."""

    operator: int
    served: int
    total: int
    via_rank: int

    @property
    def is_whole(self) -> bool:
        return self.served == self.total


class Exploration:
    """A search read from a query string, as of a day.

    `form.errors` says what was not understood; then nothing is found, never silently everything.
    """

    def __init__(self, data: QueryDict, on: datetime.date, words: Vocabulary) -> None:
        self.on = on
        self.words = words
        self.data = data
        filterset = OperatorFilterSet(data, words)
        self.form = filterset.form
        self.is_valid = self.form.is_valid()
        cleaned = self.form.cleaned_data if self.is_valid else {}
        self.order_asked: str = cleaned.get("ordre") or ""
        text = cleaned.get("q") or ""
        self.text = text
        self.criteria = Criteria(
            q=wanted(text, words.synonyms) if text else None,
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
    def territory(self) -> Territory | None:
        return self.criteria.territoire

    @cached_property
    def reach(self) -> dict[int, Reach]:
        """What each open offer reaches of the territory asked for, by offer; one query, once.

        The rest of the search (facets, order, reasons) reads this instead of asking again.
        """
        if self.territory is None:
            return {}
        rows = Offer.objects.open_on(self.on).serving(self.territory, self.on).values_list(*REACHED)
        return {pk: Reach(*reach) for pk, *reach in rows}

    @cached_property
    def _matches_words(self) -> bool:
        """Whether some name or text holds the words; if none does, look-alikes are tried."""
        query = self.criteria.q
        return query is None or SearchDocument.objects.filter(vector=query.query).exists()

    @cached_property
    def best_reach(self) -> dict[int, Reach]:
        """Of each operator, the offer that reaches the most communes of the territory."""
        best: dict[int, Reach] = {}
        for reach in self.reach.values():
            known = best.get(reach.operator)
            if known is None or reach.served > known.served:
                best[reach.operator] = reach
        return best

    def offers(self, criteria: Criteria) -> OfferQuerySet:
        """The open offers for which all that is asked of an offer holds at once."""
        offers = Offer.objects.open_on(self.on)
        if criteria.etape:
            offers = offers.at_stages(criteria.etape)
        if criteria.thematique:
            offers = offers.on_themes(criteria.thematique)
        if criteria.profil:
            answers = Q()
            for door in filter(None, map(door_of, criteria.profil)):
                answers |= door.answers | door.unsaid
            offers = offers.filter(answers)
        if criteria.territoire:
            offers = offers.filter(pk__in=self._reaching(criteria.portee))
        return offers

    def _reaching(self, extent: str) -> list[int]:
        """Offers that reach the territory: all of it, a part of it, or either."""
        return [
            pk
            for pk, reach in self.reach.items()
            if not extent or (extent == WHOLE) == reach.is_whole
        ]

    def operators_for(self, criteria: Criteria) -> OperatorQuerySet:
        """The operators that answer these criteria, in no order."""
        operators: OperatorQuerySet = Operator.objects.at_work(self.on)
        if any(getattr(criteria, name) for name in OF_OFFERS):
            operators = operators.offering(self.offers(criteria))
        if criteria.type:
            operators = operators.of_kinds(criteria.type)
        if criteria.reseau:
            operators = operators.in_networks(criteria.reseau)
        if criteria.verifie:
            operators = operators.verified_since(self.on - VERIFIED_WITHIN)
        if criteria.zone:
            operators = operators.within(*criteria.zone)
        if criteria.q:
            operators = self._with_words(operators, criteria.q)
        return operators

    def _with_words(self, operators: OperatorQuerySet, query: Wanted) -> OperatorQuerySet:
        if self._matches_words:
            return operators.filter(document__vector=query.query)
        return operators.alias(alike=TrigramWordSimilarity(query.key, "document__names")).filter(
            document__names__trigram_word_similar=query.key, alike__gte=ALIKE
        )

    @cached_property
    def found(self) -> OperatorQuerySet:
        """What is found, in no order; nothing when a filter was not understood."""
        return self.operators_for(self.criteria) if self.is_valid else Operator.objects.none()

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
    def operators(self) -> OperatorQuerySet:
        """What is found, in a total order that never changes by itself."""
        by_name = [alphabetical("name"), "pk"]
        if self.order == RELEVANCE and self.criteria.q:
            rank: Any = (
                SearchRank(F("document__vector"), self.criteria.q.query)
                if self._matches_words
                else TrigramWordSimilarity(self.criteria.q.key, "document__names")
            )
            return self.found.annotate(relevance=rank).order_by("-relevance", *by_name)
        if self.order == NEAREST and self.territory:
            return self.found.annotate(
                breadth=self._breadth(), distance=distance_from(self.territory, "")
            ).order_by("breadth", F("distance").asc(nulls_last=True), *by_name)
        return self.found.order_by(*by_name)

    def _breadth(self) -> Any:
        """Rank of each operator's narrowest covering territory, as the rule orders them."""
        narrowest: dict[int, int] = {}
        for reach in self.reach.values():
            known = narrowest.get(reach.operator, reach.via_rank)
            narrowest[reach.operator] = min(known, reach.via_rank)
        of_rank: dict[int, list[int]] = defaultdict(list)
        for operator, rank in narrowest.items():
            of_rank[rank].append(operator)
        return Case(
            *(When(pk__in=operators, then=rank) for rank, operators in of_rank.items()),
            default=None,
            output_field=IntegerField(),
        )

    def url(
        self,
        name: str = "operator_list",
        toggle: tuple[str, str] | None = None,
        change: dict[str, str] | None = None,
    ) -> str:
        """Address of this search at a view; one value toggled, or some parameters set ("": off)."""
        query = self._query()
        for parameter, value in (change or {}).items():
            query.setlist(parameter, [value] if value else [])
        if toggle:
            parameter, value = toggle
            values = query.getlist(parameter)
            query.setlist(
                parameter,
                [v for v in values if v != value] if value in values else [*values, value],
            )
        text = query.urlencode(safe=":,")
        return reverse(name) + (f"?{text}" if text else "")

    def _query(self) -> QueryDict:
        """The parameters of the search without the page and without the empty ones."""
        query = QueryDict(mutable=True)
        for name in (*ALL, "ordre"):
            values = [value for value in self.data.getlist(name) if value]
            if values:
                query.setlist(name, values)
        return query

    @property
    def query_string(self) -> str:
        return self._query().urlencode(safe=":,")
