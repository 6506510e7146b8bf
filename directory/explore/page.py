"""One page of a search, ready to print: its words, its filters with their counts, its rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator

from directory.addresses import address_of
from directory.explore import describe
from directory.explore import facets as facet_counts
from directory.explore.exploration import Exploration
from directory.explore.filters import BY_NAME, NEAREST, RELEVANCE
from directory.explore.rows import MadeRow, made_rows, row_html
from directory.explore.text import Marker
from directory.models.facts import french_number
from directory.moulds import Pieces, safe
from directory.snapshot.entries import OperatorEntry
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

    entry: OperatorEntry
    made: MadeRow
    reason: str
    distance_label: str
    marker: Marker | None

    @property
    def html(self) -> Pieces:
        """The row, ready to print."""
        marked = self.marker.marked if self.marker else safe
        return row_html(self.made, self.entry.name, self.reason, self.distance_label, marked)


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
        return address_of("operator_list")

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
        page: Page[Any] = Paginator(self.search.numbers, PER_PAGE).get_page(number)
        page.object_list = self._rows(list(page.object_list))
        return page

    def _rows(self, numbers: list[int]) -> list[OperatorRow]:
        search, snapshot = self.search, self.search.snapshot
        entries = [snapshot.operators[number] for number in numbers]
        made = made_rows(snapshot, entries)
        entries = [entry for entry in entries if entry.pk in made]
        marker = None
        if search.criteria.q:
            texts = [text for one in entries for text in (one.name, made[one.pk].description)]
            marker = Marker(search.criteria.q, texts)
        return [
            OperatorRow(
                entry=entry,
                made=made[entry.pk],
                reason=reason(search, entry.number),
                distance_label=distance_label(search.distance(entry.number)),
                marker=marker,
            )
            for entry in entries
        ]


def reason(search: Exploration, number: int) -> str:
    """ "Intervient sur 12 communes sur 43 de Rennes Métropole": part is never shown as whole."""
    territory, reach = search.territory, search.reach
    if territory is None or reach is None or number not in reach.best:
        return ""
    served, total = reach.best[number].served, reach.total
    if total == 1:
        return f"Intervient à {territory.label}"
    if served == total:
        return f"Intervient sur tout le territoire : {territory.label}"
    communes = "communes" if served > 1 else "commune"
    return (
        f"Intervient sur {french_number(served)} {communes} "
        f"sur {french_number(total)} : {territory.label}"
    )
