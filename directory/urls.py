"""The public addresses: French, stable, deep-linkable by official code."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import path, register_converter
from django.urls.converters import StringConverter
from django.views.generic import TemplateView

from directory.api import api
from directory.paging import read_only
from directory.views import needs, operators, pathways, places


class CodeConverter(StringConverter):
    """What comes before the name in "25388-montbeliard"; the view says what is wrong with it."""

    regex = "[^/-]+"


register_converter(CodeConverter, "code")


def page(template: str) -> Callable[..., HttpResponseBase]:
    """A page of text without a view of its own."""
    return read_only(TemplateView.as_view(template_name=template))


urlpatterns = [
    path("", places.home, name="home"),
    path("communes/", places.commune_search, name="commune_search"),
    path("communes/proches/", places.nearest, name="nearest_communes"),
    path("contours/<slug:kind>/<str:code>.geojson", places.contour, name="contour"),
    path("parcours/<code:insee>-<slug:slug>/", pathways.pathway, name="pathway"),
    path("parcours/<str:insee>/", pathways.pathway_by_code, name="pathway_by_code"),
    path("operateurs/", operators.operator_list, name="operator_list"),
    path("operateurs/<slug:slug>/", operators.operator, name="operator"),
    path("besoins/signaler/", needs.need_new, name="need_new"),
    path("besoins/merci/", needs.need_thanks, name="need_thanks"),
    path("sources/", page("pages/about.html"), name="sources"),
    path("accessibilite/", page("pages/accessibility.html"), name="accessibility"),
    path("mentions-legales/", page("pages/legal.html"), name="legal"),
    path("api/v1/", api.urls),
]
