"""The calls: one search as a list, a table, a calendar and a feed; and everything known of one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from directory.calls.agenda import as_calendar
from directory.calls.downloads import as_csv
from directory.calls.feed import CallsFeed
from directory.calls.html import call_list_page
from directory.calls.page import CallsPage
from directory.calls.search import CallSearch
from directory.calls.sheet import call_page
from directory.explore.places import PlaceChoice
from directory.paging import public_page, stamp_of
from directory.snapshot import snapshot


def search_of(request: HttpRequest) -> CallSearch:
    """The search that the address asks for, as of today."""
    return CallSearch(request.GET, snapshot(stamp_of(request), timezone.localdate()))


@public_page
def call_list(request: HttpRequest) -> HttpResponse:
    """The calls that answer a search, most urgent first, with the counts of every filter."""
    search = search_of(request)
    page = CallsPage(search, request.GET.get("page"))
    place = PlaceChoice(request.GET.get("lieu", ""), search)
    html = call_list_page(page, place, request)
    return HttpResponse(html, status=200 if search.is_valid else 400)


def _answer(
    request: HttpRequest, write: Callable[[CallSearch], bytes | str], content_type: str
) -> HttpResponse:
    """A search as a file; 400 and plain words when a filter was not understood."""
    search = search_of(request)
    if not search.is_valid:
        errors = [str(one) for errors in search.form.errors.values() for one in errors]
        plain = "text/plain; charset=utf-8"
        return HttpResponse(" ".join(errors), status=400, content_type=plain)
    return HttpResponse(write(search), content_type=content_type)


@public_page
def calls_csv(request: HttpRequest) -> HttpResponse:
    """Exactly the calls of a search, for a spreadsheet."""
    response = _answer(request, as_csv, "text/csv; charset=utf-8")
    if response.status_code == 200:
        response["Content-Disposition"] = 'attachment; filename="appels.csv"'
    return response


@public_page
def calendar(request: HttpRequest) -> HttpResponse:
    """The openings and closings of a search, for a calendar that subscribes to it."""
    root = f"{request.scheme}://{request.get_host()}"
    return _answer(
        request, lambda search: as_calendar(search, root), "text/calendar; charset=utf-8"
    )


@public_page
def feed(request: HttpRequest) -> HttpResponse:
    """What opens, closes soon or changed in a search, for a feed reader."""
    return _answer(
        request,
        lambda search: CallsFeed(search)(request).content,
        "application/atom+xml; charset=utf-8",
    )


@public_page
def call_series(request: HttpRequest, slug: str) -> HttpResponse:
    """A series, and its current edition in full."""
    return _page(request, slug, None)


@public_page
def call(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    """Everything known of one year of a series."""
    return _page(request, slug, year)


def _page(request: HttpRequest, slug: str, year: int | None) -> HttpResponse:
    page = call_page(snapshot(stamp_of(request), timezone.localdate()), slug, year)
    context = {"page": page, "map_data": page.map_data}
    return render(request, "calls/call_detail.html", context)
