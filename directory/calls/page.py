"""One page of a search of calls, ready to print: its words, its filters, its rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse

from directory.calls import describe
from directory.calls.agenda import left_out
from directory.calls.facets import facets
from directory.calls.filters import BY_AMOUNT, BY_NAME, BY_YEAR, URGENT
from directory.calls.search import CallSearch
from directory.explore.describe import Chip, Relaxation
from directory.explore.facets import Facet
from directory.explore.page import Order
from directory.models import CallStatus
from directory.pathway.calls import call_line
from directory.pathway.shape import CallLine

PER_PAGE = 20

_ORDERS = {
    URGENT: "Les plus urgents",
    BY_YEAR: "Les plus récents",
    BY_AMOUNT: "Les mieux dotés",
    BY_NAME: "Par nom",
}


@dataclass(frozen=True)
class CallRow:
    """A call as the list shows it, and why it is there."""

    line: CallLine
    reason: str


class CallsPage:
    """What the list's template reads: the same names as the page of operators."""

    def __init__(self, search: CallSearch, number: str | None) -> None:
        self.search = search
        self.page_obj = self._page(number)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.search, name)

    @cached_property
    def sentence(self) -> str:
        return describe.sentence(self.search)

    @cached_property
    def chips(self) -> list[Chip]:
        return describe.chips(self.search)

    @cached_property
    def facets(self) -> list[Facet]:
        return facets(self.search)

    @cached_property
    def relaxations(self) -> list[Relaxation]:
        return [] if self.search.total else describe.relaxations(self.search)

    @property
    def orders(self) -> list[Order]:
        return [
            Order(
                value,
                _ORDERS[value],
                value == self.search.order,
                self.search.url(change={"ordre": "" if value == URGENT else value}),
            )
            for value in self.search.orders
        ]

    @property
    def list_url(self) -> str:
        return reverse("call_list")

    @property
    def csv_url(self) -> str:
        return self.search.url("calls_csv")

    @property
    def calendar_url(self) -> str:
        return self.search.url("calls_calendar")

    @property
    def feed_url(self) -> str:
        return self.search.url("calls_feed")

    @cached_property
    def feed_title(self) -> str:
        return describe.title_of(self.search)

    @cached_property
    def without_day(self) -> int:
        """How many of the calls found are not in the calendar, for want of a date."""
        return left_out(self.search)

    def _page(self, number: str | None) -> Page[Any]:
        page: Page[Any] = Paginator(self.search.ordered, PER_PAGE).get_page(number)
        page.object_list = rows(self.search, list(page.object_list))
        return page


def rows(search: CallSearch, keys: list[int]) -> list[CallRow]:
    """These calls as rows, in that order; one query, and one for the territory."""
    names = {stage.pk: stage.name for stage in search.words.stages}
    return [
        CallRow(
            call_line(edition, CallStatus(edition.status_on_day), search.on, names),  # type: ignore[attr-defined]
            search.parts[edition.pk].reason(search.territory) if search.territory else "",
        )
        for edition in search.editions(keys)
    ]
