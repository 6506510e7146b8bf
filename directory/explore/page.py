"""One page of a search, ready to print: its words, its filters with their counts, its rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from directory.explore import describe
from directory.explore import facets as facet_counts
from directory.explore.exploration import Exploration
from directory.explore.filters import BY_NAME, NEAREST, RELEVANCE
from directory.explore.text import marked, with_marks
from directory.models import Operator
from directory.models.facts import french_number
from directory.provenance import Source, source_of
from regions.models import Territory
from regions.wording import distance_label

PER_PAGE = 20

_ORDERS = {
    RELEVANCE: "Les plus pertinentes",
    NEAREST: "Les plus proches du terrain",
    BY_NAME: "Par nom",
}


@dataclass(frozen=True)
class Order:
    value: str
    label: str
    selected: bool
    url: str


@dataclass(frozen=True)
class OperatorRow:
    """An operator as the list shows it, and why it is there."""

    operator: Operator
    name_html: SafeString
    summary_html: SafeString
    stages: list[dict[str, str]]
    reason: str
    distance_label: str
    source: Source

    def __getattr__(self, name: str) -> Any:
        return getattr(self.operator, name)


class _KnownCount(Paginator):
    """A paginator that is told how many there are: the facets counted already."""

    def __init__(self, rows: Any, per_page: int, known: int) -> None:
        super().__init__(rows, per_page)
        self.known = known

    @cached_property
    def count(self) -> int:
        return self.known


class SearchPage:
    """What the list's template reads; everything is counted in one query."""

    def __init__(self, search: Exploration, number: str | None) -> None:
        self.search = search
        self._counts = facet_counts.count(search)
        self.page_obj = self._page(number)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.search, name)

    @property
    def total(self) -> int:
        return self._counts.get(("total", ""), 0)

    @cached_property
    def sentence(self) -> str:
        return describe.sentence(self.search, self.total)

    @cached_property
    def chips(self) -> list[describe.Chip]:
        return describe.chips(self.search)

    @cached_property
    def facets(self) -> list[facet_counts.Facet]:
        return facet_counts.facets(self.search, self._counts)

    @cached_property
    def extent(self) -> facet_counts.Facet | None:
        return facet_counts.extent_facet(self.search, self._counts)

    @property
    def verified_count(self) -> int:
        return self._counts.get(("verifie", "1"), 0)

    @cached_property
    def relaxations(self) -> list[describe.Relaxation]:
        return [] if self.total else describe.relaxations(self.search)

    @property
    def orders(self) -> list[Order]:
        return [
            Order(
                value,
                _ORDERS[value],
                value == self.search.order,
                self.search.url(change={"ordre": value}),
            )
            for value in self.search.orders
        ]

    @property
    def list_url(self) -> str:
        return reverse("operator_list")

    @property
    def csv_url(self) -> str:
        return self.search.url("operators_csv")

    @property
    def geojson_url(self) -> str:
        return self.search.url("operators_geojson")

    @property
    def map_url(self) -> str:
        return self.search.url("map")

    def _page(self, number: str | None) -> Page[Any]:
        query = self.search.criteria.q
        operators = self.search.operators.with_stages()
        if query:
            operators = operators.annotate(
                marked_name=marked("name", query.query),
                marked_description=marked("description", query.query),
            )
        page = _KnownCount(operators, PER_PAGE, self.total).get_page(number)
        page.object_list = [self._row(operator) for operator in page.object_list]
        return page

    def _row(self, operator: Any) -> OperatorRow:
        query = self.search.criteria.q
        return OperatorRow(
            operator=operator,
            name_html=with_marks(operator.marked_name) if query else _plain(operator.name),
            summary_html=with_marks(operator.marked_description)
            if query
            else _plain(operator.description),
            stages=operator.stages,
            reason=reason(self.search, operator.pk),
            distance_label=distance_label(getattr(operator, "distance", None)),
            source=source_of(operator, self.search.on),
        )


def reason(search: Exploration, operator: int) -> str:
    """ "Intervient sur 12 communes sur 43 de Rennes Métropole": part is never shown as whole."""
    territory: Territory | None = search.territory
    if territory is None:
        return ""
    best = search.best_reach.get(operator)
    if best is None:
        return ""
    if best.total == 1:
        return f"Intervient à {territory.label}"
    if best.is_whole:
        return f"Intervient sur tout le territoire : {territory.label}"
    communes = "communes" if best.served > 1 else "commune"
    return (
        f"Intervient sur {french_number(best.served)} {communes} "
        f"sur {french_number(best.total)} : {territory.label}"
    )


def _plain(text: str) -> SafeString:
    return mark_safe(escape(text))  # noqa: S308
