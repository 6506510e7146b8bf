"""One page of a search of calls, ready to print: its words, its filters, its rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.safestring import SafeString

from directory.calls import describe
from directory.calls.agenda import left_out
from directory.calls.facets import facets
from directory.calls.filters import ORDERS, URGENT
from directory.calls.search import CallSearch
from directory.explore.describe import Chip, Relaxation
from directory.explore.facets import Facet
from directory.explore.page import Order
from directory.pathway.calls import call_lines
from directory.pathway.shape import CallLine

PER_PAGE = 20


@dataclass(frozen=True)
class CallRow:
    """A call as the list shows it, and why it is there."""

    line: CallLine
    reason: str

    @property
    def html(self) -> SafeString:
        """The row, ready to print."""
        return self.line.html_because(self.reason) if self.reason else self.line.html


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
                ORDERS[value],
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
    """These calls as rows, in that order."""
    lines = call_lines(search.snapshot)
    return [CallRow(lines[pk], search.reason(pk)) for pk in keys]
