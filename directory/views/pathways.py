"""The pathway of a commune."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from directory.forms import NarrowForm
from directory.maps import pathway_map
from directory.paging import public_page, read_only, stamp_of
from directory.pathway import build_pathway
from directory.places import Place, place_or_404
from directory.vocabulary import vocabulary


@read_only
def pathway_by_code(request: HttpRequest, insee: str) -> HttpResponse:
    """A bare, former or misspelt address leads to the commune's own, the search kept."""
    return _to_its_own_address(request, place_or_404(insee, timezone.localdate()))


def _to_its_own_address(request: HttpRequest, place: Place) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    address = place.commune.get_absolute_url() + (f"?{query}" if query else "")
    return redirect(address, permanent=True)


@public_page
def pathway(request: HttpRequest, insee: str, slug: str) -> HttpResponse:
    """Who helps there, stage by stage, and what nobody covers."""
    on = timezone.localdate()
    place = place_or_404(insee, on)
    if (place.commune.code, place.commune.slug) != (insee, slug):
        return _to_its_own_address(request, place)
    words = vocabulary(stamp_of(request))
    form = NarrowForm(request.GET, words)
    is_valid = form.is_valid()
    wanted = form.cleaned_data
    found = build_pathway(
        place,
        on,
        words.stages,
        wanted.get("profil"),
        wanted.get("thematique"),
        wanted.get("tous", ""),
    )
    context = {
        "pathway": found,
        "doors": found.door_choices,
        "themes": words.themes,
        "form": form,
        "map_data": pathway_map(found),
    }
    return render(request, "directory/pathway.html", context, status=200 if is_valid else 400)
