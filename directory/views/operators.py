"""The operators: one search as a list and as files, and everything known of one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from directory.explore import Exploration
from directory.explore.downloads import as_csv, as_geojson
from directory.explore.html import operator_results, search_parts
from directory.explore.page import SearchPage
from directory.explore.places import PlaceChoice
from directory.maps import operator_map
from directory.models import Operator
from directory.moulds import fill_in_pieces, safe
from directory.operator_sheet import operator_sheet
from directory.paging import public_page, stamp_of
from directory.snapshot import snapshot
from regions.missing import Nowhere


def explore(request: HttpRequest) -> Exploration:
    """The search that the address asks for, as of today."""
    return Exploration(request.GET, snapshot(stamp_of(request), timezone.localdate()))


@public_page
def operator_list(request: HttpRequest) -> HttpResponse:
    """The operators that answer a search, with the counts of every filter."""
    search = explore(request)
    page = SearchPage(search, request.GET.get("page"))
    place = PlaceChoice(request.GET.get("lieu", ""), search)
    values = {
        **search_parts(page, place, operator_results(page, place)),
        "shown": safe(request.get_full_path()),
    }
    html = fill_in_pieces("directory/operator_list.html", values)
    return HttpResponse(bytes(html), status=200 if search.is_valid else 400)


@public_page
def operators_csv(request: HttpRequest) -> HttpResponse:
    """Exactly the operators of a search, for a spreadsheet."""
    return _download(request, as_csv, "text/csv; charset=utf-8", "csv")


@public_page
def operators_geojson(request: HttpRequest) -> HttpResponse:
    """Exactly the operators of a search, for a map."""
    return _download(request, as_geojson, "application/geo+json; charset=utf-8", "geojson")


def _download(
    request: HttpRequest, write: Callable[[Exploration], str], content_type: str, ending: str
) -> HttpResponse:
    search = explore(request)
    if not search.is_valid:
        errors = [str(message) for messages in search.form.errors.values() for message in messages]
        plain = "text/plain; charset=utf-8"
        return HttpResponse(" ".join(errors), status=400, content_type=plain)
    response = HttpResponse(write(search), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="operateurs.{ending}"'
    return response


@public_page
def operator(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything known of one operator, with the source of each fact."""
    today = timezone.localdate()
    found = Operator.objects.public().for_sheet(today).filter(slug=slug).first()
    if found is None:
        raise Nowhere("Aucun opérateur publié ne porte ce nom. Cherchez-le dans la liste.")
    sheet = operator_sheet(found, today)
    return render(
        request,
        "directory/operator_detail.html",
        {**vars(sheet), "map_data": operator_map(sheet)},
    )
