"""One search of calls. The page, the counts, the calendar, the feed and the downloads read it."""

import datetime
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.lookups import Unaccent
from django.contrib.postgres.search import SearchQuery, SearchVector, TrigramWordSimilarity
from django.db.models import F, Func, OuterRef, TextField, Value
from django.db.models.functions import Concat, Lower
from django.http import QueryDict
from django.urls import reverse

from directory.calls.filters import BY_AMOUNT, BY_NAME, BY_YEAR, ORDERS, URGENT, CallFilterSet
from directory.calls.index import NONE, CallEntry, Calls, call_index
from directory.calls.territory import Reasons, reasons
from directory.explore.filters import form_class_of, read
from directory.explore.text import ALIKE, Wanted, wanted
from directory.models import SEARCH_CONFIG, CallEdition, EffectiveFunder, Stage
from directory.snapshot import Snapshot
from directory.vocabulary import Vocabulary
from regions.atlas import Atlas
from regions.models import Territory
from regions.names import search_key

#: Filters of several values, in the order in which a search says itself.
LISTS = ("statut", "annee", "type", "etape", "thematique", "profil", "financeur")
ALL = ("q", "territoire", *LISTS)


@dataclass(frozen=True)
class Criteria:
    """What is asked, checked. Empty means "not asked"."""

    q: Wanted | None = None
    territoire: Territory | None = None
    statut: tuple[str, ...] = ()
    annee: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    etape: tuple[str, ...] = ()
    thematique: tuple[str, ...] = ()
    profil: tuple[str, ...] = ()
    financeur: tuple[str, ...] = ()

    def without(self, name: str) -> "Criteria":
        """The same, that filter taken off."""
        changes: dict[str, Any] = {name: Criteria.__dataclass_fields__[name].default}
        return replace(self, **changes)

    @property
    def asked(self) -> tuple[str, ...]:
        """Names of the filters in use."""
        return tuple(name for name in ALL if getattr(self, name))


class CallSearch:
    """A search read from a query string, in a snapshot.

    `form.errors` says what was not understood; then nothing is found, never silently everything.
    """

    def __init__(self, data: QueryDict, snapshot: Snapshot) -> None:
        self.data = data
        self.snapshot = snapshot
        self.index = call_index(snapshot)
        form_class: type[forms.Form] = snapshot.once(
            "calls form",
            lambda: form_class_of(
                CallFilterSet(snapshot.places, snapshot.words, self.index.funders)
            ),
        )
        self.form = read(form_class, data)
        self.is_valid = self.form.is_valid()
        cleaned = self.form.cleaned_data if self.is_valid else {}
        self.order_asked: str = cleaned.get("ordre") or ""
        self.text: str = cleaned.get("q") or ""
        self.criteria = Criteria(
            q=wanted(self.text, self.words.synonyms) if self.text else None,
            territoire=cleaned.get("territoire"),
            **{name: tuple(cleaned.get(name) or ()) for name in LISTS},
        )

    @property
    def on(self) -> datetime.date:
        return self.snapshot.on

    @property
    def words(self) -> Vocabulary:
        return self.snapshot.words

    @property
    def places(self) -> Atlas:
        return self.snapshot.places

    @property
    def territory(self) -> Territory | None:
        return self.criteria.territoire

    @cached_property
    def reasons(self) -> Reasons:
        """Why each call serves the territory asked for; empty without territory."""
        return reasons(self.snapshot, self.territory) if self.territory else {}

    def reason(self, call: int) -> str:
        """Why a call is found for the territory asked for; empty when none is."""
        return self.reasons.get(call, "")

    @cached_property
    def with_words(self) -> Calls:
        """The calls that hold the words; if none does, those whose names look alike."""
        query = self.criteria.q
        if query is None:
            return NONE
        held = _with_text().filter(
            vector=SearchQuery(query.raw, search_type="raw", config=SEARCH_CONFIG)
        )
        if found := frozenset(held.values_list("pk", flat=True)):
            return found
        alike = CallEdition.objects.public().annotate(
            alike=TrigramWordSimilarity(query.key, Lower(Unaccent(_NAMES)))
        )
        return frozenset(alike.filter(alike__gte=ALIKE).values_list("pk", flat=True))

    def found_by(self, criteria: Criteria) -> Calls:
        """The calls that answer these criteria; values of one filter add up."""
        if not self.is_valid:
            return NONE
        found = self.index.everything
        for name in LISTS:
            if values := getattr(criteria, name):
                found &= self.index.having(name, values)
        if criteria.territoire:
            found &= self.reasons.keys()
        if criteria.q:
            found &= self.with_words
        return found

    @cached_property
    def found(self) -> Calls:
        return self.found_by(self.criteria)

    @property
    def total(self) -> int:
        return len(self.found)

    @property
    def order(self) -> str:
        return self.order_asked or URGENT

    @property
    def orders(self) -> list[str]:
        return list(ORDERS)

    @cached_property
    def ordered(self) -> list[int]:
        """What is found, in a total order that never changes by itself."""
        entries = [self.index.entries[pk] for pk in self.found]
        return [entry.pk for entry in sorted(entries, key=_KEYS[self.order])]

    def editions(self, keys: list[int]) -> list[CallEdition]:
        """These editions, in that order, as a line shows them; one query."""
        found = {edition.pk: edition for edition in as_lines(self.on).filter(pk__in=keys)}
        return [found[key] for key in keys if key in found]

    def url(
        self,
        name: str = "call_list",
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
            if values := [value for value in self.data.getlist(name) if value]:
                query.setlist(name, values)
        return query

    @property
    def query_string(self) -> str:
        return self._query().urlencode(safe=":,")


def as_lines(on: datetime.date) -> Any:
    """Public editions with all that a line of a list shows (`pathway.calls.call_line`)."""
    stages = Stage.objects.filter(calls=OuterRef("pk")).order_by("position")
    return (
        CallEdition.objects.public()
        .with_status(on)
        .with_funders()
        .select_related("scheme")
        .annotate(stage_rows=ArraySubquery(stages.values("pk")))
    )


_NAMES = Concat(F("title"), Value(" "), F("scheme__name"), output_field=TextField())


def _with_text() -> Any:
    """With `vector`: names (A), who pays (B), texts (D)."""
    names = EffectiveFunder.objects.filter(edition=OuterRef("pk")).values("funder__name")
    funders = Func(
        ArraySubquery(names), Value(" "), function="array_to_string", output_field=TextField()
    )
    vector = (
        SearchVector("title", "scheme__name", weight="A", config=SEARCH_CONFIG)
        + SearchVector(funders, weight="B", config=SEARCH_CONFIG)
        + SearchVector("scheme__description", "note", weight="D", config=SEARCH_CONFIG)
    )
    return CallEdition.objects.public().annotate(vector=vector)


def _by_year(entry: CallEntry) -> tuple[Any, ...]:
    return (-(entry.year or 0), entry.urgency)


def _by_amount(entry: CallEntry) -> tuple[Any, ...]:
    return (entry.envelope is None, -(entry.envelope or 0), entry.urgency)


def _by_name(entry: CallEntry) -> tuple[Any, ...]:
    return (search_key(entry.title), entry.urgency)


_KEYS = {
    URGENT: lambda entry: (entry.urgency,),
    BY_YEAR: _by_year,
    BY_AMOUNT: _by_amount,
    BY_NAME: _by_name,
}
