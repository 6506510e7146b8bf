"""The pathway of a commune."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from directory.days import day_of
from directory.forms import NarrowForm
from directory.paging import public_page, read_only, stamp_of
from directory.pathway import build_pathway
from directory.pathway.page import pathway_page
from directory.places import commune_or_404, geography
from directory.snapshot import Snapshot, snapshot
from regions.atlas import Commune


@read_only
def pathway_by_code(request: HttpRequest, insee: str) -> HttpResponse:
    """A bare, former or misspelt address leads to the commune's own, the search kept."""
    places = geography(stamp_of(request))
    return _to_its_own_address(request, places.communes[commune_or_404(places, insee)])


def _to_its_own_address(request: HttpRequest, commune: Commune) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    address = commune.get_absolute_url() + (f"?{query}" if query else "")
    return redirect(address, permanent=True)


@public_page
def pathway(request: HttpRequest, insee: str, slug: str) -> HttpResponse:
    """Who helps there, stage by stage, and what nobody covers."""
    day = day_of(request)
    now = snapshot(stamp_of(request), day.on)
    commune = now.places.communes[commune_or_404(now.places, insee)]
    if (commune.code, commune.slug) != (insee, slug):
        return _to_its_own_address(request, commune)
    form = _narrow_form(request, now)
    is_valid = form.is_valid()
    wanted = form.cleaned_data
    found = build_pathway(
        now,
        now.place(commune.pk),
        wanted.get("profil"),
        wanted.get("thematique"),
        wanted.get("tous", ""),
    )
    status = 200 if is_valid and day.is_valid else 400
    return HttpResponse(pathway_page(now, found, form, day), status=status)


def _narrow_form(request: HttpRequest, now: Snapshot) -> NarrowForm:
    """What the address asks for; the same form, read already, for all that ask for nothing."""

    def empty() -> NarrowForm:
        form = NarrowForm({}, now.words)
        form.full_clean()
        return form

    return NarrowForm(request.GET, now.words) if request.GET else now.once("no narrowing", empty)
