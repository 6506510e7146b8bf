"""What a visitor reads when something is wrong: templates/400.html, 403.html, 404.html, 500.html.

Django renders 403.html with the request's context and 500.html with none, because nothing may be
counted on after a failure. 400.html and 404.html get their context here.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from regions.missing import Nowhere


def is_for_machines(request: HttpRequest) -> bool:
    """Whether the address is one of the API's, whose every answer is JSON."""
    return request.path_info.startswith("/api/")


def as_json(message: str, status: int) -> JsonResponse:
    """The shape of every refusal of the API: what was wrong, in French, by parameter."""
    return JsonResponse({"erreurs": {"adresse": message}}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The address makes no sense."""
    if is_for_machines(request):
        return as_json("Cette adresse contient un caractère interdit.", 400)
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The address leads nowhere; the page says why when we know."""
    explanation = str(exception) if isinstance(exception, Nowhere) else ""
    if is_for_machines(request):
        return as_json(explanation or "Cette adresse ne mène à rien.", 404)
    return render(request, "404.html", {"explanation": explanation}, status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from one of our pages, or one kept open for too long."""
    return render(request, "403.html", {"stale_form": True}, status=403)
