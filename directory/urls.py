"""The public addresses: French, stable, deep-linkable by official code."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, register_converter
from django.urls.converters import StringConverter

from directory.api import api, communes
from directory.calls.api import router as calls_api
from directory.paging import read_only
from directory.policy.api import router as regions_api
from directory.views import (
    agents,
    call_imports,
    calls,
    needs,
    operators,
    pathways,
    places,
    regions,
    territories,
)
from directory.views import map as maps
from directory.views import selection as selections


class CodeConverter(StringConverter):
    """What comes before the name in "25388-montbeliard"; the view says what is wrong with it."""

    regex = "[^/-]+"


api.add_router("/regions", regions_api)
register_converter(CodeConverter, "code")


# explore: territories
class PlaceConverter(StringConverter):
    """The same for codes that may hold hyphens ("BZH-04"); the view finds where they end."""

    regex = "[^/]+?"


register_converter(PlaceConverter, "place")


def page(template: str) -> Callable[..., HttpResponseBase]:
    """A page of text without a view of its own; `tile_host` for what it says of the maps."""

    def view(request: HttpRequest) -> HttpResponse:
        return render(request, template, {"tile_host": settings.TILE_HOST})

    return read_only(view)


api.add_router("/appels", calls_api)

urlpatterns = [
    path("api/v1/communes", communes),  # first: addresses are tried in order, this at every letter
    path("api/v1/", api.urls),
    path("", places.home, name="home"),
    path("communes/", places.commune_search, name="commune_search"),
    path("communes/proches/", places.nearest, name="nearest_communes"),
    path("contours/<slug:kind>/<str:code>.geojson", places.contour, name="contour"),
    path("parcours/<code:insee>-<slug:slug>/", pathways.pathway, name="pathway"),
    path("parcours/<str:insee>/", pathways.pathway_by_code, name="pathway_by_code"),
    path("operateurs/", operators.operator_list, name="operator_list"),
    path("operateurs.csv", operators.operators_csv, name="operators_csv"),
    path("operateurs.geojson", operators.operators_geojson, name="operators_geojson"),
    path("operateurs/<slug:slug>/", operators.operator, name="operator"),
    # calls
    path("appels/", calls.call_list, name="call_list"),
    path("appels.csv", calls.calls_csv, name="calls_csv"),
    path("appels/calendrier.ics", calls.calendar, name="calls_calendar"),
    path("appels/flux.atom", calls.feed, name="calls_feed"),
    path("appels/<slug:slug>/", calls.call_series, name="call_series"),
    path("appels/<slug:slug>/<int:year>/", calls.call, name="call"),
    # explore: selection
    path("selection/", selections.selection, name="selection"),
    # explore: map
    path("carte/", maps.operator_map, name="map"),
    path("carte/points.json", maps.map_points, name="map_points"),
    path("carte/noms.json", maps.map_names, name="map_names"),
    path("carte/points/<int:pk>.json", maps.map_card, name="map_card"),
    path("carte/operateurs/<slug:slug>.json", maps.map_card_by_slug, name="map_card_by_slug"),
    path("carte/contours/<str:code>.json", maps.map_outlines, name="map_outlines"),
    # explore: territories
    path("territoires/", territories.territory_index, name="territory_index"),
    path("territoires/comparer/", territories.territory_compare, name="territory_compare"),
    path("territoires/regions.geojson", territories.regions_map, name="territory_regions_map"),
    path(
        "territoires/<slug:kind>/<str:code>/communes.geojson",
        territories.territory_communes,
        name="territory_communes",
    ),
    path(
        "territoires/<slug:kind>/<place:code>-<slug:slug>/zones-blanches.csv",
        territories.territory_gaps_csv,
        name="territory_gaps_csv",
    ),
    path(
        "territoires/<slug:kind>/<place:code>-<slug:slug>/",
        territories.territory,
        name="territory",
    ),
    path(
        "territoires/<slug:kind>/<str:code>/",
        territories.territory_by_code,
        name="territory_by_code",
    ),
    path("regions/", regions.region_list, name="region_list"),
    path("regions/<code:code>-<slug:slug>/", regions.region, name="region"),
    path("regions/<str:code>/", regions.region_by_code, name="region_by_code"),
    path("besoins/signaler/", needs.need_new, name="need_new"),
    path("besoins/merci/", needs.need_thanks, name="need_thanks"),
    # agents: nothing of what follows is public
    path("agents/", agents.entrance, name="agents"),
    path("agents/connexion/", agents.sign_in, name="agent_sign_in"),
    path("agents/deconnexion/", agents.sign_out, name="agent_sign_out"),
    path("agents/appels/", agents.calls, name="agent_calls"),
    path("agents/appels/<slug:key>/reprendre/", agents.call_carry_over, name="call_carry_over"),
    path("agents/imports/", call_imports.import_list, name="call_imports"),
    path("agents/imports/notice/", call_imports.notice, name="import_notice"),
    path(
        "agents/imports/modele.<slug:extension>", call_imports.template_file, name="import_template"
    ),
    path("agents/imports/appels.<slug:extension>", call_imports.calls_file, name="calls_file"),
    path("agents/imports/<int:pk>/", call_imports.call_import, name="call_import"),
    path(
        "agents/imports/<int:pk>/avancement.json",
        call_imports.import_progress,
        name="import_progress",
    ),
    path("agents/imports/<int:pk>/corriger/", call_imports.import_correct, name="import_correct"),
    path("agents/imports/<int:pk>/charger/", call_imports.import_load, name="import_load"),
    path("agents/imports/<int:pk>/relancer/", call_imports.import_resume, name="import_resume"),
    path("agents/imports/<int:pk>/annuler/", call_imports.import_undo, name="import_undo"),
    path("agents/imports/<int:pk>/abandonner/", call_imports.import_discard, name="import_discard"),
    path("agents/imports/<int:pk>/fichier/", call_imports.import_file, name="import_file"),
    path("sources/", page("pages/about.html"), name="sources"),
    path("accessibilite/", page("pages/accessibility.html"), name="accessibility"),
    path("mentions-legales/", page("pages/legal.html"), name="legal"),
]
