"""The page of the search of calls, put together from moulds (`directory.moulds`)."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from directory.calls.page import CallsPage
from directory.explore.html import SearchWords, results_values, search_parts
from directory.explore.places import PlaceChoice
from directory.moulds import NO, fill, fill_in_pieces, safe

CALLS = SearchWords(
    noun="appel",
    none="aucun",
    see="Voir l’appel",
    form_label="Chercher un appel ou une aide",
    words_label="Quoi\u00a0?",
    words_hint="Un nom, un financeur, un mot\u00a0: «\u00a0Fabriques\u00a0», "
    "«\u00a0Bpifrance\u00a0»",
    lede="Appels à projets, concours et aides pour l’économie sociale et solidaire, année après "
    "année, les plus urgents d’abord. Dites où vous êtes\u00a0: la liste se resserre.",
)


def call_list_page(search: CallsPage, place: PlaceChoice, request: HttpRequest) -> bytes:
    """The whole page, as that request asks for it, in UTF-8."""
    page = fill_in_pieces(
        "calls/call_list.html",
        {
            **search_parts(search, place, _results(search, place, request), CALLS),
            "shown": safe(request.get_full_path()),
            "feed_title": safe(search.feed_title) if search.is_valid else NO,
            "feed_url": safe(search.feed_url) if search.is_valid else NO,
        },
    )
    return bytes(page)


def _results(search: CallsPage, place: PlaceChoice, request: HttpRequest) -> SafeString:
    page = search.page_obj
    subscribe = NO
    if search.is_valid:
        context = {"search": search, "request": request}
        subscribe = render_to_string("calls/subscribe.html", context)
    return fill(
        "calls/results.html",
        {
            **results_values(search, place, CALLS),
            "start": SafeString(page.start_index()),
            "rows": SafeString("".join(row.html for row in page)),
            "subscribe": subscribe,
        },
    )
