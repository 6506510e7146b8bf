"""Finding one's commune: home, search page, "around me", outlines for the map."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from directory.documentation import documentation_by_level
from directory.doors import DOORS
from directory.forms import CommuneSearchForm, PositionForm, first_errors
from directory.models import Operator, Stage
from directory.paging import public_page, stamp_of
from directory.pathway.shape import DoorChoice
from directory.places import geography
from regions.missing import Nowhere
from regions.models import Outline, Territory
from regions.search import nearest_communes, search_communes


@public_page
def home(request: HttpRequest) -> HttpResponse:
    """Search first, then the four doors."""
    form = CommuneSearchForm(initial=request.GET.dict())
    chosen = request.GET.get("profil", "")
    return render(
        request,
        "home.html",
        {
            "form": form,
            "doors": [
                DoorChoice(
                    door, f"{reverse('home')}?profil={door.slug}#recherche", door.slug == chosen
                )
                for door in DOORS
            ],
            "chosen_door": next((door for door in DOORS if door.slug == chosen), None),
            "stages": Stage.objects.all(),
            "counts": {
                "operators": Operator.objects.at_work(timezone.localdate()).count(),
                "communes": Territory.objects.communes().count(),
            },
            "documentation": documentation_by_level(),
        },
    )


@public_page
def commune_search(request: HttpRequest) -> HttpResponse:
    """The plain form of the typeahead: the communes of that name or postcode."""
    form = CommuneSearchForm(request.GET if "q" in request.GET else None)
    places = geography(stamp_of(request))
    search = search_communes(places, form.cleaned_data["q"], 50) if form.is_valid() else None
    status = 400 if form.is_bound and not form.is_valid() else 200
    return render(
        request,
        "regions/commune_search.html",
        {"form": form, "search": search, "narrowing": form.narrowing},
        status=status,
    )


@csrf_exempt  # Reads only. POST keeps the position out of addresses, histories and logs.
@require_POST
def nearest(request: HttpRequest) -> JsonResponse:
    """The communes nearest to a position, to choose from; nothing is kept."""
    form = PositionForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"erreurs": first_errors(form)}, status=400)
    found = nearest_communes(geography(), **form.cleaned_data)
    return JsonResponse(
        {
            "communes": [
                {
                    "code": hit.commune.code,
                    "nom": hit.commune.name,
                    "departement": hit.departement_name,
                    "distance_km": round(hit.distance_km, 1),
                    "url": hit.commune.get_absolute_url(),
                }
                for hit in found
            ]
        }
    )


@public_page
def contour(request: HttpRequest, kind: str, code: str) -> JsonResponse:
    """Outline of a territory as a GeoJSON feature."""
    found = (
        Outline.objects.filter(territory__kind=kind, territory__code=code)
        .values("geometry", "territory__name")
        .first()
    )
    if found is None:
        raise Nowhere("Ce territoire n’a pas de contour.")
    return JsonResponse(
        {
            "type": "Feature",
            "geometry": found["geometry"],
            "properties": {
                "kind": kind,
                "code": code,
                "name": found["territory__name"],
            },
        }
    )
