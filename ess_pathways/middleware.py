"""What every request and every answer goes through, besides Django's own."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed

Handler = Callable[[HttpRequest], HttpResponseBase]

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def permissions_policy(get_response: Handler) -> Handler:
    """Say which of the browser's powers our pages use."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response

    return middleware


def refuse_nonsense(get_response: Handler) -> Handler:
    """Answer 405 to methods of no page, and 400 to NUL characters.

    PostgreSQL stores no NUL, so one that reached a query would be an error of ours. What a page
    itself does not declare (POST on a page that only reads) is refused by its view.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        query = request.META.get("QUERY_STRING", "")
        if "\x00" in request.path_info or "\x00" in query or "%00" in query:
            raise BadRequest("A NUL character in the address")
        return get_response(request)

    return middleware
