"""The same search as the list of operators, map first."""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from directory.addresses import address_of
from directory.explore import Exploration
from directory.explore.html import operator_results, search_parts
from directory.explore.page import SearchPage
from directory.explore.places import PlaceChoice
from directory.explore.points import card, outlines_around, points, unplaced
from directory.forms import NamesForm
from directory.maps import GROUND, tiles
from directory.models import Operator
from directory.paging import public_page, stamp_of
from directory.snapshot import snapshot
from regions.missing import Nowhere
from regions.models import Kind, Territory

#: Operators without a point that are named beside the map; the list has them all.
UNPLACED_SHOWN = 40
#: Points whose names come with them. A name is most of the weight of a point, and few of thousands
#: are seen on a map: beyond, `map_names` has theirs.
NAMED_POINTS = 2000


class MapExploration(Exploration):
    """A search whose links stay on the map."""

    def url(self, name: str = "map", *args: Any, **kwargs: Any) -> str:
        return super().url(name, *args, **kwargs)


class MapPage(SearchPage):
    """A page of the search whose filters lead to the map."""

    @property
    def list_url(self) -> str:
        return address_of("map")


def _search(request: HttpRequest) -> MapExploration:
    return MapExploration(request.GET, snapshot(stamp_of(request), timezone.localdate()))


@public_page
def operator_map(request: HttpRequest) -> HttpResponse:
    """The operators that answer a search, on a map and in the list that says the same."""
    search = _search(request)
    page = MapPage(search, request.GET.get("page"))
    place = PlaceChoice(request.GET.get("lieu", ""), search)
    nowhere = unplaced(search)
    nowhere_count = len(nowhere)
    context = {
        "search": page,
        **search_parts(page, place, SafeString(operator_results(page, place))),
        "shown": request.get_full_path(),
        "plain_list_url": search.url("operator_list"),
        "unplaced": nowhere[:UNPLACED_SHOWN],
        "unplaced_count": nowhere_count,
        "unplaced_others": max(0, nowhere_count - UNPLACED_SHOWN),
        "placed_count": page.total - nowhere_count,
        "map_settings": map_settings(),
    }
    status = 200 if search.is_valid else 400
    return render(request, "directory/map.html", context, status=status)


def map_settings() -> dict[str, Any]:
    """Addresses the map's script asks, and the tiles of the site if it has any."""
    return {
        "ground": static(GROUND),
        "points": reverse("map_points"),
        "names": reverse("map_names"),
        "names_at_once": NamesForm.MOST,
        "outlines": reverse("map_outlines", args=["CODE"]),
        "card_by_id": reverse("map_card", args=[0]),
        "card_by_slug": reverse("map_card_by_slug", args=["SLUG"]),
        "operator": reverse("operator", args=["SLUG"]),
        "tiles": tiles(),
    }


@public_page
def map_points(request: HttpRequest) -> HttpResponse:
    """Where the operators of a search are, in columns; see `directory.explore.points`.

    Without the column `name`, null, when there are more than `NAMED_POINTS`.
    """
    search = _search(request)
    if not search.is_valid:
        return JsonResponse({"erreurs": search.form.errors}, status=400)
    found = points(search)
    if len(found["name"]) > NAMED_POINTS:
        found["name"] = None
    return HttpResponse(orjson.dumps(found), content_type="application/json")


@public_page
def map_names(request: HttpRequest) -> HttpResponse:
    """The names of some operators by primary key; those that are not published are left out."""
    form = NamesForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"erreurs": form.errors}, status=400)
    known = snapshot(stamp_of(request), timezone.localdate()).operator_of
    return JsonResponse({pk: known[pk].name for pk in form.cleaned_data["o"] if pk in known})


@public_page
def map_outlines(request: HttpRequest, code: str) -> HttpResponse:
    """EPCI, Pays and communes of a département, for a closer look."""
    departement = Territory.objects.filter(kind=Kind.DEPARTEMENT, code=code).first()
    if departement is None:
        raise Nowhere("Aucun département ne porte ce code.")
    found = outlines_around(departement, timezone.localdate())
    return HttpResponse(orjson.dumps(found), content_type="application/json")


@public_page
def map_card(request: HttpRequest, pk: int) -> HttpResponse:
    """The operator behind a marker, with the zone it covers."""
    return _card({"pk": pk})


@public_page
def map_card_by_slug(request: HttpRequest, slug: str) -> HttpResponse:
    """The operator of a line of the list, with the zone it covers."""
    return _card({"slug": slug})


def _card(key: dict[str, Any]) -> HttpResponse:
    operator = Operator.objects.public().with_stages().filter(**key).first()
    if operator is None:
        raise Nowhere("Aucun opérateur publié ne porte ce nom.")
    return JsonResponse(card(operator, timezone.localdate()))
