"""Whole pages kept against the directory's revision.

A page depends on its address, on the data (one number that triggers bump) and on the day (calls
open and close at midnight in Paris). Nothing expires by guess, nothing is stale.
"""

import functools
import hashlib
from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control

from directory.models import Revision

View = Callable[..., HttpResponse]

#: Seconds after which a page nobody asks for any more may leave the cache.
KEPT_FOR = 24 * 3600


def revision_of(request: HttpRequest) -> int:
    """The revision the page is being made for, read once per request."""
    known: int | None = getattr(request, "directory_revision", None)
    return Revision.current() if known is None else known


def cached_page(view: View) -> View:
    """Serve GET from the cache of this revision; answer 304 to a reader who has it already.

    For pages that are the same for everyone: no session, no form token inside.
    """

    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        revision = Revision.current()
        request.directory_revision = revision  # type: ignore[attr-defined]
        state = f"{revision}:{timezone.localdate()}:{request.get_full_path()}"
        key = "page:" + hashlib.sha256(state.encode()).hexdigest()
        kept = cache.get(key)
        if kept is None:
            response = view(request, *args, **kwargs)
            if response.status_code != 200:
                return response
            kept = (response.content, response["Content-Type"])
            cache.set(key, kept, KEPT_FOR)
        content, content_type = kept
        response = HttpResponse(content, content_type=content_type)
        etag = f'W/"{key[-32:]}"'
        response["ETag"] = etag
        patch_cache_control(response, no_cache=True)
        return get_conditional_response(request, etag=etag, response=response) or response

    return wrapper
