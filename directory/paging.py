"""Whole pages kept against the directory's revision.

A page depends on its address, host included, on the data (one number that triggers bump), on the
day (calls open and close at midnight in Paris) and on the program. Nothing expires by guess,
nothing is stale.
Compressing well costs more than making a page, so it is done once, when somebody asks for the page
again; whoever asks first gets it compressed in a hurry.
"""

import functools
import gzip
import hashlib
from collections.abc import Callable
from typing import NamedTuple

import brotli
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from directory.models import Revision, Stamp
from directory.release import release
from directory.snapshot.kept import latest

View = Callable[..., HttpResponse]
AnyView = Callable[..., HttpResponseBase]

#: What may stand in the address of a page that is kept.
PARAMETERS = {
    *("q", "profil", "thematique", "tous", "page", "au"),  # pathways, searches of places
    *("territoire", "etape", "type", "reseau", "portee", "verifie", "zone", "ordre", "lieu"),
    *("statut", "annee", "financeur"),  # calls
    *("t", "offres", "communes", "o", "a"),  # territories, selections
}

#: Seconds after which a page nobody asks for any more may leave the cache.
KEPT_FOR = 24 * 3600

#: What a kept page says of itself, besides its content.
KEPT_HEADERS = ("Content-Type", "Content-Disposition")


#: Headers of a reader who has the page, perhaps.
_CONDITIONS = (
    *("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"),
    *("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE"),
)


class Encoding(NamedTuple):
    """A way to send a page: in a hurry, well, and back."""

    hurried: Callable[[bytes], bytes]
    well: Callable[[bytes], bytes]
    decode: Callable[[bytes], bytes]


#: What we can send, the smallest first. Quality 5 is the best Brotli does in a few milliseconds.
ENCODINGS = {
    "br": Encoding(
        lambda content: brotli.compress(content, quality=3),
        lambda content: brotli.compress(content, quality=5),
        brotli.decompress,
    ),
    "gzip": Encoding(
        lambda content: gzip.compress(content, compresslevel=1, mtime=0),
        lambda content: gzip.compress(content, compresslevel=6, mtime=0),
        gzip.decompress,
    ),
    "": Encoding(bytes, bytes, bytes),
}


class Kept(NamedTuple):
    """A page in the cache: what is sent, what it says of itself, whether it is at its smallest."""

    content: bytes
    headers: dict[str, str]
    is_well: bool


def forget_pages() -> None:
    """Empty the cache of this process. Never needed for truth: a stamp is never used twice."""
    for cache in caches.all(initialized_only=True):
        cache.clear()


def stamp_of(request: HttpRequest) -> Stamp:
    """The state of the data the page is being made for, read once per request."""
    known: Stamp | None = getattr(request, "directory_stamp", None)
    return Revision.current() if known is None else known


def encoding_for(request: HttpRequest) -> str:
    """The best encoding the reader accepts: "br", "gzip" or "" for none."""
    accepted = set()
    # META: `request.headers` is made of all headers, once a request, for this one.
    for choice in request.META.get("HTTP_ACCEPT_ENCODING", "").lower().split(","):
        name, _, weight = choice.strip().partition(";")
        if weight.strip() not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            accepted.add(name.strip())
    return next((name for name in ENCODINGS if name in accepted), "")


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
        if not set(request.GET) <= PARAMETERS:  # nobody's page twice: not worth a place
            return _as_of_now(request, lambda _: view(request, *args, **kwargs))
        name = encoding_for(request)
        # Readers that accept no encoding are scripts: few of their pages, which are the largest.
        cache = caches["default" if name else "plain"]
        address = f"{request.scheme}://{request.get_host()}{request.get_full_path()}"

        def make(stamp: Stamp) -> HttpResponse:
            state = f"{release()}:{stamp}:{timezone.localdate()}:{name}:{address}"
            key = hashlib.sha256(state.encode()).hexdigest()
            kept: Kept | None = cache.get(f"page:{key}")
            if kept is None:
                response = view(request, *args, **kwargs)
                if response.status_code != 200:
                    return response
                headers = {one: response[one] for one in KEPT_HEADERS if one in response}
                kept = Kept(ENCODINGS[name].hurried(response.content), headers, is_well=not name)
                cache.set(f"page:{key}", kept, KEPT_FOR)
            elif not kept.is_well:
                content = ENCODINGS[name].well(ENCODINGS[name].decode(kept.content))
                kept = Kept(content, kept.headers, is_well=True)
                cache.set(f"page:{key}", kept, KEPT_FOR)
            response = HttpResponse(kept.content, headers=kept.headers)
            return _described(request, response, name, f'W/"{key[:32]}"')

        return _as_of_now(request, make)

    return wrapper


def stamped_page(view: View) -> View:
    """The same without keeping anything, for what costs less to make than to keep."""

    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        def make(stamp: Stamp) -> HttpResponse:
            response = view(request, *args, **kwargs)
            if response.status_code != 200:
                return response
            name = encoding_for(request)
            if name:
                response.content = ENCODINGS[name].hurried(response.content)
            # Of one address: this is all that it depends on.
            state = f"{release()}-{stamp.number}-{stamp.geography}-{timezone.localdate()}"
            return _described(request, response, name, f'W/"{state}-{name}"')

        return _as_of_now(request, make)

    return wrapper


def _as_of_now(request: HttpRequest, make: Callable[[Stamp], HttpResponse]) -> HttpResponse:
    """What `make` answers for the present stamp.

    While the stamp is asked for, it is made for the last one known, of which the directory is in
    memory; and once more if that is no longer the present one, even if it was a refusal.
    """

    def made(stamp: Stamp) -> HttpResponse:
        request.directory_stamp = stamp  # type: ignore[attr-defined]
        return make(stamp)

    known, expected = latest(), Revision.last_known()
    if known is None or known.stamp != expected or not known.is_whole:
        # The directory would be read for nothing.
        return made(Revision.current())

    def attempt() -> HttpResponse | Exception:
        try:
            return made(expected)
        except Exception as error:  # noqa: BLE001  # whatever it is, good only if the stamp is
            return error

    stamp, answer = Revision.current_while(attempt)
    if stamp != expected:
        return made(stamp)
    if isinstance(answer, Exception):
        raise answer
    return answer


def _described(
    request: HttpRequest, response: HttpResponse, encoding: str, etag: str
) -> HttpResponse:
    """The response with its encoding and its tag, or 304 for a reader who has it."""
    if encoding:
        response["Content-Encoding"] = encoding
    response["Vary"] = "Accept-Encoding"
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    if not any(name in request.META for name in _CONDITIONS):
        return response
    return get_conditional_response(request, etag=etag, response=response) or response
