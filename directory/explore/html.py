"""The parts of a search's page, put together from moulds (`directory.moulds`)."""

from collections.abc import Iterable
from typing import Any

from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from directory.explore.facets import Facet, Option
from directory.explore.page import SearchPage
from directory.explore.places import PlaceChoice
from directory.models.facts import french_number
from directory.moulds import NO, YES, fill, items, safe

#: Options of a filter that are in sight; the others are behind a disclosure.
IN_SIGHT = 8


def search_parts(search: SearchPage, place: PlaceChoice) -> dict[str, SafeString]:
    """What the list and the map both show: title, heading, form, results; as HTML."""
    number = search.page_obj.number
    return {
        "title": safe(search.sentence + (f", page {number}" if number > 1 else "")),
        "is_plain": YES if search.is_valid and not search.chips else NO,
        "list_url": safe(search.list_url),
        "heading": _heading(search),
        "form": _form(search, place),
        "results": _results(search, place),
    }


def _heading(search: SearchPage) -> SafeString:
    plain = YES if search.is_valid and not search.chips else NO
    return fill(
        "directory/explore/head.html", {"sentence": safe(search.sentence), "is_plain": plain}
    )


# -- the form -------------------------------------------------------------------------------------


def _form(search: SearchPage, place: PlaceChoice) -> SafeString:
    words, territory = search.form["q"], search.form["territoire"]
    return fill(
        "directory/explore/form.html",
        {
            "list_url": safe(search.list_url),
            "is_valid": YES if search.is_valid else NO,
            "errors": _errors(search),
            "words": safe(words.value() or ""),
            "words_error": _said(words),
            "place": safe(place.typed),
            "place_error": _said(territory),
            "territory": _territory(search),
            "facets": _facets(search),
        },
    )


def _errors(search: SearchPage) -> SafeString:
    if search.is_valid:
        return NO
    return render_to_string("directory/explore/errors.html", {"search": search})


def _said(field: BoundField) -> SafeString:
    return safe(" ".join(map(str, field.errors))) if field.errors else NO


def _territory(search: SearchPage) -> SafeString:
    chosen = search.territory
    return fill(
        "directory/explore/territory.html",
        {
            "key": safe(chosen.key) if chosen else NO,
            "label": safe(chosen.label) if chosen else NO,
            "kind": safe(chosen.get_kind_display()) if chosen else NO,
        },
    )


def _facets(search: SearchPage) -> SafeString:
    """Every filter with its options and how many structures each would give."""
    form = search.form
    parts = []
    if search.extent:
        parts.append(_facet(search, search.extent, form["portee"], "radio"))
    parts += [_facet(search, facet, form[facet.name], "checkbox") for facet in search.facets]
    fresh = Option(
        "1", "Vérifié depuis moins d’un an", search.verified_count, search.criteria.verifie
    )
    parts.append(
        _facet(search, Facet("verifie", "Fraîcheur", [fresh]), form["verifie"], "checkbox")
    )
    parts.append(
        fill(
            "directory/explore/hidden_filters.html",
            {
                "zone": safe(form["zone"].value() or "") if search.criteria.zone else NO,
                "zone_error": _said(form["zone"]),
                "map_url": safe(search.map_url) if search.criteria.zone else NO,
                "order": safe(search.order_asked) if search.is_valid else NO,
                "order_error": _said(form["ordre"]),
            },
        )
    )
    return SafeString("".join(parts))


def _facet(search: SearchPage, facet: Facet, field: BoundField, kind: str) -> SafeString:
    seen, folded = facet.options[:IN_SIGHT], facet.options[IN_SIGHT:]
    return fill(
        "directory/explore/facet.html",
        {
            "name": SafeString(facet.name),
            "label": safe(facet.label),
            "error": _said(field),
            "either": NO if facet.several else YES,
            "either_checked": NO if search.criteria.portee else YES,
            "options": _options(search, facet, seen, kind),
            "folded": _options(search, facet, folded, kind),
            "folded_count": SafeString(len(folded)),
            "is_open": YES if any(option.selected for option in folded) else NO,
        },
    )


def _options(search: SearchPage, facet: Facet, options: Iterable[Option], kind: str) -> SafeString:
    is_valid, name, type_ = search.is_valid, SafeString(facet.name), SafeString(kind)
    is_stage = facet.name == "etape"
    return SafeString(
        "".join(
            fill(
                "directory/explore/option.html",
                {
                    "name": name,
                    "type": type_,
                    "value": SafeString(option.value),
                    "label": safe(option.label),
                    "stage": SafeString(option.value) if is_stage else NO,
                    "selected": YES if option.selected else NO,
                    "none": YES if is_valid and option.is_empty else NO,
                    "count": _count(option.count) if is_valid and option.count else NO,
                    "plural": YES if option.count > 1 else NO,
                },
            )
            for option in options
        )
    )


def _count(number: int) -> SafeString:
    return SafeString(number) if number < 1000 else safe(french_number(number))


# -- the results ----------------------------------------------------------------------------------


def _results(search: SearchPage, place: PlaceChoice) -> SafeString:
    total, page = search.total, search.page_obj
    orders = search.orders if total > 1 else []
    return fill(
        "directory/explore/results.html",
        {
            "total": SafeString(total),
            "place_hits": _place_hits(place),
            **items(
                "chips", ({"label": safe(c.label), "url": safe(c.remove_url)} for c in search.chips)
            ),
            "clear_url": safe(search.list_url) if len(search.chips) > 1 else NO,
            "heading": _results_heading(search),
            **items("orders", map(_order, orders if len(orders) > 1 else [])),
            "map_url": safe(search.map_url) if total else NO,
            "start": SafeString(page.start_index()),
            "rows": SafeString("".join(row.html for row in page)),
            "pagination": _pagination(search),
            "these": safe(_these(total)),
            "csv_url": safe(search.csv_url) if total else NO,
            "geojson_url": safe(search.geojson_url) if total else NO,
            "nothing": _nothing(search),
            "list_url": safe(search.list_url),
            "is_valid": YES if search.is_valid else NO,
        },
    )


def _place_hits(place: PlaceChoice) -> SafeString:
    if not place.typed:
        return NO
    return render_to_string("directory/explore/place_hits.html", {"place": place})


def _results_heading(search: SearchPage) -> SafeString:
    total, page = search.total, search.page_obj
    if not search.is_valid:
        return SafeString("Rien n’a été cherché")
    if total == 0:
        return SafeString("Aucune structure")
    if page.has_other_pages():
        first, last, every = map(french_number, (page.start_index(), page.end_index(), total))
        return SafeString(f"Structures {first} à {last} sur {every}")
    return SafeString(f"{french_number(total)} structure{'s' if total > 1 else ''}")


def _order(order: Any) -> dict[str, SafeString]:
    return {
        "value": SafeString(order.value),
        "label": safe(order.label),
        "url": safe(order.url),
        "selected": YES if order.selected else NO,
    }


def _these(total: int) -> str:
    return "cette structure" if total == 1 else f"ces {french_number(total)} structures"


def _pagination(search: SearchPage) -> SafeString:
    page = search.page_obj
    if not page.has_other_pages():
        return NO
    query = f"{search.query_string}&" if search.query_string else ""
    return render_to_string("components/pagination.html", {"page_obj": page, "query": query})


def _nothing(search: SearchPage) -> SafeString:
    if search.total or not search.is_valid:
        return NO
    return render_to_string("directory/explore/nothing.html", {"search": search})
