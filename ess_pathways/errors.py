"""What a visitor reads when something is wrong: templates/400.html, 403.html, 404.html, 500.html.

Django renders 404.html and 403.html with the request's context and 500.html with none, because
nothing may be counted on after a failure. 400.html gets its context here.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The address makes no sense."""
    return render(request, "400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from one of our pages, or one kept open for too long."""
    return render(request, "403.html", {"stale_form": True}, status=403)
