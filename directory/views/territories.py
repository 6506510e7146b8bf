"""Territories: the way in, the page of one, its gaps to download, and several side by side."""

from collections.abc import Callable

import orjson
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from directory.days import day_of
from directory.forms import first_errors
from directory.gaps import Counting, gaps_of, landscape, serving_offers
from directory.maps import tiles
from directory.paging import public_page, read_only, stamp_of
from directory.places import geography
from directory.snapshot import snapshot
from directory.territory.cells import cells_of, feature_collection
from directory.territory.comparison import (
    EXAMPLE,
    choices,
    compare,
    keys_url,
    kind_choices,
    kind_to_choose,
)
from directory.territory.forms import (
    MOST,
    ComparisonForm,
    GapsForm,
    SearchForm,
)
from directory.territory.listing import gaps_csv
from directory.territory.lookup import territory_or_404, territory_url
from directory.territory.page import TerritoryPage
from directory.territory.sheet import territory_sheet
from directory.territory.way_in import find, region_lines, regions_collection
from regions.models import Kind, Territory

GEOJSON = "application/geo+json"


@public_page
def territory_index(request: HttpRequest) -> HttpResponse:
    """By name, on a map, or by Région then département."""
    form = SearchForm(request.GET if "q" in request.GET else None)
    found = find(geography(stamp_of(request)), form.cleaned_data["q"]) if form.is_valid() else None
    context = {
        "form": form,
        "found": found,
        "regions": region_lines(),
        "map_data": {"regions": reverse("territory_regions_map"), "tiles": tiles()},
        "example_url": keys_url(EXAMPLE),
    }
    status = 400 if form.is_bound and not form.is_valid() else 200
    return render(request, "territories/index.html", context, status=status)


@public_page
def regions_map(request: HttpRequest) -> HttpResponse:
    """The outlines of the Régions, for the map of the way in."""
    return HttpResponse(orjson.dumps(regions_collection()), content_type=GEOJSON)


@read_only
def territory_by_code(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """A bare, former or misspelt address leads to the territory's own, the choices kept."""
    if kind == Kind.COUNTRY:
        return redirect("territory_index")
    return _to_its_own(request, territory_or_404(kind, code), territory_url)


def _to_its_own(
    request: HttpRequest, place: Territory, address: Callable[[Territory], str]
) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    return redirect(address(place) + (f"?{query}" if query else ""), permanent=True)


@public_page
def territory(request: HttpRequest, kind: str, code: str, slug: str) -> HttpResponse:
    """What exists there, stage by stage, for which share of its communes, and the gaps."""
    if kind == Kind.COUNTRY:
        return redirect("territory_index")
    place = territory_or_404(kind, f"{code}-{slug}")
    if request.path != territory_url(place):
        return _to_its_own(request, place, territory_url)
    day = day_of(request)
    then = snapshot(stamp_of(request), day.on)
    form = GapsForm(request.GET, then.words)
    is_valid = form.is_valid() and day.is_valid
    page = TerritoryPage(
        territory_sheet(then, place),
        form.cleaned_data.get("etape"),
        form.cleaned_data.get("offres") or Counting.NEAR,
    )
    context = {"page": page, "sheet": page.sheet, "form": form, "day": day}
    context["map_data"] = page.map_data
    return render(request, "territories/territory.html", context, status=200 if is_valid else 400)


@public_page
def territory_communes(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """The cells of the choropleth with the class each one falls in."""
    place = territory_or_404(kind, code)
    day = day_of(request)
    if not day.is_valid:
        return _refused(request, day.form)
    then = snapshot(stamp_of(request), day.on)
    land = landscape(then, place)
    gaps = gaps_of(land, then.words.stages, serving_offers(then, land))
    content = feature_collection(cells_of(land, gaps))
    return HttpResponse(orjson.dumps(content), content_type=GEOJSON)


@public_page
def territory_gaps_csv(request: HttpRequest, kind: str, code: str, slug: str) -> HttpResponse:
    """The communes where nobody answers, at one stage or at each of them."""
    place = territory_or_404(kind, f"{code}-{slug}")
    day = day_of(request)
    then = snapshot(stamp_of(request), day.on)
    form = GapsForm(request.GET, then.words)
    if not (form.is_valid() and day.is_valid):
        return _refused(request, form, day.form)
    stage = form.cleaned_data["etape"]
    land = landscape(then, place)
    gaps = gaps_of(land, [stage] if stage else then.words.stages, serving_offers(then, land))
    content = gaps_csv(gaps, form.cleaned_data["offres"] or Counting.ALL)
    return HttpResponse(content, content_type="text/csv; charset=utf-8")


def _refused(request: HttpRequest, *forms: BaseForm) -> HttpResponse:
    reasons = [reason for form in forms for reason in first_errors(form).values()]
    return render(request, "400.html", {"explanation": " ".join(reasons)}, status=400)


@public_page
def territory_compare(request: HttpRequest) -> HttpResponse:
    """Two to four territories of the same kind on one grid."""
    now = snapshot(stamp_of(request), timezone.localdate())
    form = ComparisonForm(request.GET, now.places)
    is_valid = form.is_valid()
    kind = kind_to_choose(form.territories, form.cleaned_data.get("niveau", ""))
    chosen = [place for place in form.territories if place.kind == kind][:MOST]
    context = {
        "form": form,
        "comparison": compare(now, form.territories) if is_valid else None,
        "errors": form.non_field_errors() if form.keys else [],
        "kinds": kind_choices(kind),
        "choices": choices(kind, chosen, now.on),
        "slots": [
            {"number": number + 1, "key": chosen[number].key if number < len(chosen) else ""}
            for number in range(MOST)
        ],
        "example_url": keys_url(EXAMPLE),
    }
    status = 400 if form.keys and not is_valid else 200
    return render(request, "territories/compare.html", context, status=status)
