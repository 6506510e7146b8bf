"""The Régions: their list, and the page of each."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from directory.days import day_of
from directory.documentation import documentation_by_level
from directory.paging import public_page, read_only, stamp_of
from directory.places import geography
from directory.policy.lookup import region_or_404, region_url
from directory.policy.page import region_page
from directory.snapshot import snapshot
from regions.models import Territory


@public_page
def region_list(request: HttpRequest) -> HttpResponse:
    """Every Région and overseas collectivity, the filled ones first."""
    return render(request, "regions/index.html", {"levels": documentation_by_level()})


@read_only
def region_by_code(request: HttpRequest, code: str) -> HttpResponse:
    """A bare code leads to the Région's own address, the day kept."""
    return _to_its_own(request, region_or_404(geography(stamp_of(request)), code))


def _to_its_own(request: HttpRequest, region: Territory) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    return redirect(region_url(region) + (f"?{query}" if query else ""), permanent=True)


@public_page
def region(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """The chain as the Région built it, on the day asked for."""
    found = region_or_404(geography(stamp_of(request)), code)
    if request.path != region_url(found):
        return _to_its_own(request, found)
    day = day_of(request)
    page = region_page(snapshot(stamp_of(request), day.on), found)
    context = {"page": page, "day": day}
    return render(request, "regions/region.html", context, status=200 if day.is_valid else 400)
