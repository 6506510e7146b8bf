"""Whole pages kept against the directory's revision.

A page depends on its address, on the data (one number that triggers bump) and on the day (calls
open and close at midnight in Paris). Nothing expires by guess, nothing is stale. It is compressed
once, when it is made: compressing costs more than a hit.
"""

import functools
import gzip
import hashlib
from collections.abc import Callable

import brotli
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from directory.models import Revision

View = Callable[..., HttpResponse]
AnyView = Callable[..., HttpResponseBase]

#: What may stand in the address of a page that is kept.
PARAMETERS = {
    *("q", "profil", "thematique", "tous", "page"),  # pathways, searches of places
    *("territoire", "etape", "type", "reseau", "portee", "verifie", "zone", "ordre", "lieu"),
    *("statut", "annee", "financeur"),  # calls
    *("t", "offres", "communes", "o", "a"),  # territories, selections
}

#: Seconds after which a page nobody asks for any more may leave the cache.
KEPT_FOR = 24 * 3600

#: What a kept page says of itself, besides its content.
KEPT_HEADERS = ("Content-Type", "Content-Disposition")

#: What we can send, the smallest first. Quality 5 is the best Brotli does in a few milliseconds.
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda content: brotli.compress(content, quality=5),
    "gzip": lambda content: gzip.compress(content, compresslevel=6, mtime=0),
}


def revision_of(request: HttpRequest) -> int:
    """The revision the page is being made for, read once per request."""
    known: int | None = getattr(request, "directory_revision", None)
    return Revision.current() if known is None else known


def encoding_for(request: HttpRequest) -> str:
    """The best encoding the reader accepts: "br", "gzip" or "" for none."""
    accepted = set()
    for choice in request.headers.get("Accept-Encoding", "").lower().split(","):
        name, _, weight = choice.strip().partition(";")
        if weight.strip() not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            accepted.add(name.strip())
    return next((name for name in ENCODERS if name in accepted), "")


def read_only(view: AnyView) -> AnyView:
    """A view that answers GET and HEAD; any other method gets a 405 that says so.

    Exempt from the form token, whose absence would otherwise answer 403 before the 405.
    """
    return csrf_exempt(require_safe(view))


def public_page(view: View) -> AnyView:
    """A page to read, the same for everyone: `read_only` and kept by `cached_page`."""
    return read_only(cached_page(view))


def cached_page(view: View) -> View:
    """Serve GET from the cache of this revision; answer 304 to a reader who has it already.

    For answers that are the same for everyone: no session, no form token inside. Only a 200 is
    kept.
    """

    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        revision = Revision.current()
        request.directory_revision = revision  # type: ignore[attr-defined]
        if not set(request.GET) <= PARAMETERS:
            return view(request, *args, **kwargs)  # nobody's page twice: not worth a place
        encoding = encoding_for(request)
        state = f"{revision}:{timezone.localdate()}:{request.build_absolute_uri()}"
        key = hashlib.sha256(state.encode()).hexdigest()
        kept = cache.get(f"page:{encoding}:{key}")
        if kept is None:
            response = view(request, *args, **kwargs)
            if response.status_code != 200:
                return response
            content = ENCODERS[encoding](response.content) if encoding else response.content
            kept = (content, {name: response[name] for name in KEPT_HEADERS if name in response})
            cache.set(f"page:{encoding}:{key}", kept, KEPT_FOR)
        return _answer(request, kept[0], kept[1], encoding, f'W/"{key[:32]}"')

    return wrapper


def _answer(
    request: HttpRequest, content: bytes, headers: dict[str, str], encoding: str, etag: str
) -> HttpResponse:
    response = HttpResponse(content, headers=headers)
    if encoding:
        response["Content-Encoding"] = encoding
    patch_vary_headers(response, ["Accept-Encoding"])
    response["ETag"] = etag
    patch_cache_control(response, no_cache=True)
    return get_conditional_response(request, etag=etag, response=response) or response
