"""The parts of a search's page, put together from moulds (`directory.moulds`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from django.conf import settings
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from directory.explore.facets import Facet, Option
from directory.explore.page import SearchPage
from directory.explore.places import PlaceChoice
from directory.models.facts import french_number
from directory.moulds import HOLE, NO, YES, Pieces, around, fill, fill_in_pieces, items, safe

#: Options of a filter that are in sight; the others are behind a disclosure.
IN_SIGHT = 8


@dataclass(frozen=True)
class SearchWords:
    """How a page speaks of what it looks for."""

    noun: str = "structure"
    none: str = "aucune"
    these: str = "ces"
    see: str = "Voir la structure"
    form_label: str = "Chercher une structure"
    words_label: str = "Quoi ou qui\u00a0?"
    words_hint: str = "Un nom, un sigle, un mot\u00a0: «\u00a0DLA\u00a0», «\u00a0tiers-lieu\u00a0»"
    lede: str = (
        "Elles accompagnent les projets de l’économie sociale et solidaire. Dites où vous êtes et "
        "où en est votre projet\u00a0: la liste se resserre."
    )

    def counted(self, number: int) -> str:
        """ "1 structure", "12 structures", "Aucune structure"."""
        if number == 0:
            return f"{self.none} {self.noun}".capitalize()
        return f"{french_number(number)} {self.noun}{'s' if number > 1 else ''}"


STRUCTURES = SearchWords()

#: A page of a search: Searched, or the one of the calls, which has the same attributes.
Searched = Any


def search_parts(
    search: Searched,
    place: PlaceChoice,
    results: SafeString | Pieces,
    words: SearchWords = STRUCTURES,
) -> dict[str, SafeString | Pieces]:
    """What every page of a search shows: title, heading, form, results; as HTML."""
    number = search.page_obj.number
    plain = YES if search.is_valid and not search.chips else NO
    heading = {"sentence": safe(search.sentence), "lede": safe(words.lede) if plain else NO}
    return {
        "title": safe(search.sentence + (f", page {number}" if number > 1 else "")),
        "is_plain": plain,
        "list_url": safe(search.list_url),
        "noun": safe(words.noun),
        "none": safe(words.none),
        "see": safe(words.see),
        "heading": fill("directory/explore/head.html", heading),
        "form": _form(search, place, words),
        "results": results,
    }


# -- the form -------------------------------------------------------------------------------------


def _form(search: Searched, place: PlaceChoice, words: SearchWords) -> SafeString:
    text, territory = search.form["q"], search.form["territoire"]
    return fill(
        "directory/explore/form.html",
        {
            "list_url": safe(search.list_url),
            "is_valid": YES if search.is_valid else NO,
            "errors": _errors(search),
            "form_label": safe(words.form_label),
            "words_label": safe(words.words_label),
            "words_hint": safe(words.words_hint),
            "noun": safe(words.noun),
            "words": safe(text.value() or ""),
            "words_error": _said(text),
            "place": safe(place.typed),
            "place_error": _said(territory),
            "territory": _territory(search),
            "facets": _facets(search, words),
        },
    )


def _errors(search: Searched) -> SafeString:
    if search.is_valid:
        return NO
    return render_to_string("directory/explore/errors.html", {"search": search})


def _said(field: BoundField) -> SafeString:
    return safe(" ".join(map(str, field.errors))) if field.errors else NO


def _territory(search: Searched) -> SafeString:
    chosen = search.territory
    return fill(
        "directory/explore/territory.html",
        {
            "key": safe(chosen.key) if chosen else NO,
            "label": safe(chosen.label) if chosen else NO,
            "kind": safe(chosen.get_kind_display()) if chosen else NO,
        },
    )


def _facets(search: Searched, words: SearchWords) -> SafeString:
    """Every filter with its options and how many structures each would give."""
    form = search.form
    facets = [(facet, "checkbox") for facet in search.facets]
    if "portee" in form.fields and search.extent:
        facets.insert(0, (search.extent, "radio"))
    if "verifie" in form.fields:
        fresh = Option(
            "1", "Vérifié depuis moins d’un an", search.verified_count, search.criteria.verifie
        )
        facets.append((Facet("verifie", "Fraîcheur", [fresh]), "checkbox"))
    parts = [_facet(search, facet, form[facet.name], kind, words) for facet, kind in facets]
    has_zone = "zone" in form.fields
    zone = search.criteria.zone if has_zone else None
    parts.append(
        fill(
            "directory/explore/hidden_filters.html",
            {
                "zone": safe(form["zone"].value() or "") if zone else NO,
                "zone_error": _said(form["zone"]) if has_zone else NO,
                "map_url": safe(search.map_url) if zone else NO,
                "order": safe(search.order_asked) if search.is_valid else NO,
                "order_error": _said(form["ordre"]),
            },
        )
    )
    return SafeString("".join(parts))


def _facet(
    search: Searched, facet: Facet, field: BoundField, kind: str, words: SearchWords
) -> SafeString:
    seen, folded = facet.options[:IN_SIGHT], facet.options[IN_SIGHT:]
    return fill(
        "directory/explore/facet.html",
        {
            "name": SafeString(facet.name),
            "label": safe(facet.label),
            "error": _said(field),
            "either": NO if facet.several else YES,
            "either_checked": YES
            if not facet.several and not any(option.selected for option in facet.options)
            else NO,
            "options": _options(search, facet, seen, kind, words),
            "folded": _options(search, facet, folded, kind, words),
            "folded_count": SafeString(len(folded)),
            "folded_empty": _empty_in_words(search, folded),
            "is_open": YES if any(option.selected for option in folded) else NO,
        },
    )


def _empty_in_words(search: Searched, options: list[Option]) -> SafeString:
    """ "dont 3 vides": what unfolding these options would show."""
    empty = sum(option.is_empty for option in options) if search.is_valid else 0
    if not empty:
        return NO
    if empty == len(options):
        return SafeString("toutes vides")
    return SafeString(f"dont {empty} vide{'s' if empty > 1 else ''}")


def _options(
    search: Searched, facet: Facet, options: Iterable[Option], kind: str, words: SearchWords
) -> SafeString:
    counted = search.is_valid
    around_count = _around_count.__wrapped__ if settings.DEBUG else _around_count
    parts: list[str] = []
    for value, label, number, selected in options:
        before, *after = around_count(
            *(facet.name, kind, value, label, selected),
            *(words.noun, words.none, min(number, 2) if counted else None),
        )
        parts += (before, _count(number), *after) if after else (before,)
    return SafeString("".join(parts))


@lru_cache(maxsize=2_000)
def _around_count(
    name: str,
    kind: str,
    value: str,
    label: str,
    selected: bool,
    noun: str,
    none: str,
    number: int | None,
) -> list[str]:
    """An option in two parts, before its count and after, or whole where there is none to say.

    `number`: 0, 1, 2 for more, or None when nothing was counted.
    """
    values = {
        "name": SafeString(name),
        "type": SafeString(kind),
        "value": SafeString(value),
        "label": safe(label),
        "stage": SafeString(value) if name == "etape" else NO,
        "selected": YES if selected else NO,
        "none": safe(none) if number == 0 else NO,
        "noun": safe(noun),
        "count": HOLE if number else NO,
        "plural": YES if number == 2 else NO,
    }
    return around(fill("directory/explore/option.html", values))


def _count(number: int) -> SafeString:
    return SafeString(number) if number < 1000 else safe(french_number(number))


# -- the results ----------------------------------------------------------------------------------


def operator_results(search: SearchPage, place: PlaceChoice) -> Pieces:
    """The operators found, with what to do of them, or what to relax."""
    total, page = search.total, search.page_obj
    return fill_in_pieces(
        "directory/explore/results.html",
        {
            **results_values(search, place),
            "map_url": safe(search.map_url) if total else NO,
            "start": SafeString(page.start_index()),
            "rows": Pieces(chain.from_iterable(row.html for row in page)),
            "these": safe(_these(total)),
            "csv_url": safe(search.csv_url) if total else NO,
            "geojson_url": safe(search.geojson_url) if total else NO,
        },
    )


def results_values(
    search: Searched, place: PlaceChoice, words: SearchWords = STRUCTURES
) -> dict[str, SafeString]:
    """What stands around the rows of every search: places, filters in use, order, pages."""
    orders = search.orders if search.total > 1 else []
    chips = ({"label": safe(c.label), "url": safe(c.remove_url)} for c in search.chips)
    bar = {
        "heading": _results_heading(search, words),
        **items("orders", map(_order, orders if len(orders) > 1 else [])),
    }
    clear = safe(search.list_url) if len(search.chips) > 1 else NO
    return {
        "total": SafeString(search.total),
        "place_hits": _place_hits(place),
        "chips": fill(
            "directory/explore/chips.html", {"clear_url": clear, **items("chips", chips)}
        ),
        "bar": fill("directory/explore/bar.html", bar),
        "pagination": _pagination(search),
        "nothing": _nothing(search, words),
        "list_url": safe(search.list_url),
        "is_valid": YES if search.is_valid else NO,
    }


def _place_hits(place: PlaceChoice) -> SafeString:
    if not place.typed:
        return NO
    return render_to_string("directory/explore/place_hits.html", {"place": place})


def _results_heading(search: Searched, words: SearchWords) -> SafeString:
    page = search.page_obj
    if not search.is_valid:
        return SafeString("Rien n’a été cherché")
    if page.has_other_pages():
        first, last, every = map(
            french_number, (page.start_index(), page.end_index(), search.total)
        )
        return safe(f"{words.noun.capitalize()}s {first} à {last} sur {every}")
    return safe(words.counted(search.total))


def _order(order: Any) -> dict[str, SafeString]:
    return {
        "value": SafeString(order.value),
        "label": safe(order.label),
        "url": safe(order.url),
        "selected": YES if order.selected else NO,
    }


def _these(total: int) -> str:
    return "cette structure" if total == 1 else f"ces {french_number(total)} structures"


def _pagination(search: Searched) -> SafeString:
    page = search.page_obj
    if not page.has_other_pages():
        return NO
    before = page.previous_page_number() if page.has_previous() else 0
    after = page.next_page_number() if page.has_next() else 0
    return fill(
        "components/pagination.html",
        {
            "query": safe(f"{search.query_string}&" if search.query_string else ""),
            "page_obj.has_other_pages": YES,
            "page_obj.has_previous": YES if before else NO,
            "page_obj.previous_page_number": SafeString(before),
            "page_obj.number": SafeString(page.number),
            "page_obj.paginator.num_pages": SafeString(page.paginator.num_pages),
            "page_obj.has_next": YES if after else NO,
            "page_obj.next_page_number": SafeString(after),
        },
    )


def _nothing(search: Searched, words: SearchWords) -> SafeString:
    if search.total or not search.is_valid:
        return NO
    context = {"search": search, "noun": words.noun, "none": words.none}
    return render_to_string("directory/explore/nothing.html", context)
