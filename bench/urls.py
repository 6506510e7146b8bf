"""The site's addresses, and the trivial view that everything is compared to."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from ess_pathways.urls import handler400
from ess_pathways.urls import urlpatterns as site

__all__ = ["handler400", "urlpatterns"]


def hello(request: HttpRequest) -> HttpResponse:
    """What this server and this framework cost when the view does nothing."""
    return HttpResponse("hello")


urlpatterns = [path("hello/", hello), *site]
