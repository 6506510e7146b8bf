"""The page of a pathway, put together from moulds (`directory.moulds`) in a millisecond."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

import orjson
from django.forms import Form
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from directory.addresses import address_of
from directory.days import Day
from directory.maps import pathway_map
from directory.models.facts import french_number
from directory.moulds import NO, YES, Pieces, fill, fill_in_pieces, items, safe
from directory.pathway.cards import cards_html, line_html
from directory.pathway.shape import Pathway, Step
from directory.policy.lookup import region_url
from directory.snapshot import Snapshot
from regions.models import Kind, Territory

#: Postcodes that the head of the page names.
POSTCODES_SHOWN = 5


def pathway_page(snapshot: Snapshot, pathway: Pathway, form: Form, day: Day) -> bytes:
    """The whole page in UTF-8; `form` is the NarrowForm, whose errors it says."""
    commune = pathway.commune
    in_full = [match for step in pathway.steps for match in step.matches]
    cards = cards_html(snapshot, in_full)
    page = fill_in_pieces(
        "directory/pathway.html",
        {
            "label": safe(commune.label),
            "postcodes": safe(_postcodes(commune)),
            "population": safe(
                french_number(commune.population or 0) if commune.population else ""
            ),
            "region_url": _region_url(pathway, day),
            "past": safe(day.label) if day.is_past else NO,
            "au": SafeString(day.iso) if day.is_past else NO,
            "day_banner": _day_banner(day),
            "day_form": _day_form(snapshot, day),
            "ladder": _ladder(snapshot, pathway.territories, day),
            "documentation": _documentation(pathway, day),
            "nav": fill("components/path_nav.html", items("steps", map(_nav_row, pathway.steps))),
            "errors": _errors(form),
            "filters": _filters(pathway),
            "map": _map(pathway),
            **items(
                "doors",
                (
                    {
                        "url": safe(choice.url),
                        "label": safe(choice.label),
                        "selected": YES if choice.selected else NO,
                    }
                    for choice in pathway.door_choices
                ),
            ),
            "profile": safe(pathway.door.slug) if pathway.door else NO,
            "themes": _themes(snapshot, pathway),
            "steps": _joined(_step(pathway, step, cards) for step in pathway.steps),
            "calls": _calls(pathway, day),
            "calls_url": safe(calls_url(commune)),
        },
    )
    return bytes(page)


def _joined(parts: Iterable[Pieces]) -> Pieces:
    return Pieces(chain.from_iterable(parts))


def _postcodes(commune: Territory) -> str:
    shown = ", ".join(commune.postcodes[:POSTCODES_SHOWN])
    return f"{shown}…" if len(commune.postcodes) > POSTCODES_SHOWN else shown


def _region_url(pathway: Pathway, day: Day) -> SafeString:
    """The policy of the Région of the commune."""
    return safe(day.url(region_url(pathway.region))) if pathway.region else NO


def _day_banner(day: Day) -> SafeString:
    if day.is_valid and not day.is_past:
        return NO
    values = {"day": day, "what": "Le parcours"}
    return render_to_string("components/day_banner.html", values)


def _day_form(snapshot: Snapshot, day: Day) -> SafeString:
    """The way to another day; the same for every page that was asked for nothing else."""

    def make() -> SafeString:
        return render_to_string("components/day_form.html", {"day": day})

    return make() if day.kept or not day.is_valid else snapshot.once("day form", make)


def _ladder(snapshot: Snapshot, territories: list[Territory], day: Day) -> SafeString:
    """What encloses the commune; its own line and the country's go without saying."""
    known = snapshot.once("rungs", dict[int, dict[str, SafeString]])
    rows = []
    for place in territories:
        if place.kind in (Kind.COMMUNE, Kind.COUNTRY):
            continue
        if place.pk not in known:
            known[place.pk] = {
                "kind": safe(str(Kind(place.kind).label).capitalize()),
                "url": safe(day.url(place.get_absolute_url())),
                "label": safe(place.label),
            }
        rows.append(known[place.pk])
    return fill("components/ladder.html", items("territories", rows))


_BEING_FILLED = (
    "L’annuaire de ce territoire se remplit. Nous montrons ce que nous savons\u00a0: d’autres "
    "structures y interviennent sans doute."
)
_NOT_FILLED = (
    "L’annuaire de ce territoire n’est pas encore rempli. Une étape vide n’y veut pas dire que "
    "personne ne répond."
)
_UNFILLED = {
    "en_cours": ("Annuaire en cours", _BEING_FILLED),
    "pas_encore": ("Pas encore d’annuaire", _NOT_FILLED),
}


def _documentation(pathway: Pathway, day: Day) -> SafeString:
    known = pathway.documentation
    if known.is_documented:
        return NO
    mark, text = _UNFILLED[known.level]
    if day.is_past:
        mark = "Pas rempli à cette date"
    region = known.region.label if known.region else ""
    values = {"mark": mark, "region": region, "text": known.note or text}
    return fill("components/documentation.html", values)


def _nav_row(step: Step) -> dict[str, str]:
    if step.fitting:
        count = f"{step.fitting} offre{'s' if step.fitting > 1 else ''}"
    elif step.total:
        count = "rien pour ce choix"
    else:
        count = "personne" if step.gap else "non documenté"
    return {
        "slug": SafeString(step.stage.slug),
        "name": safe(step.stage.name),
        "hollow": NO if step.total else YES,
        "count": SafeString(count),
    }


def _errors(form: Form) -> SafeString:
    if not form.errors:
        return NO
    return render_to_string("components/narrow_errors.html", {"form": form})


def _filters(pathway: Pathway) -> SafeString:
    if not pathway.active_filters:
        return NO
    rows = ({"label": one.label, "remove_url": one.remove_url} for one in pathway.active_filters)
    values = {"sentence": pathway.filter_sentence, **items("filters", rows)}
    return fill("components/filter_summary.html", values)


def _map(pathway: Pathway) -> SafeString:
    data = pathway_map(pathway)
    if data is None:
        return NO
    return fill(
        "components/map_frame.html",
        {
            "map_json": json_script(data, "pathway-map-data"),
            "map_data.place": YES,
            "data_id": SafeString("pathway-map-data"),
            "label": SafeString("Carte des structures"),
            "list_anchor": SafeString("#parcours"),
        },
    )


def json_script(data: Any, element_id: str) -> SafeString:
    """As Django's filter of that name, for plain data, which needs no encoder of its own."""
    text = orjson.dumps(data).decode()
    for character in "<>&":  # which could end the element
        text = text.replace(character, f"\\u{ord(character):04X}")
    return SafeString(f'<script id="{element_id}" type="application/json">{text}</script>')


def _themes(snapshot: Snapshot, pathway: Pathway) -> SafeString:
    """The options of the list of themes."""
    chosen = pathway.theme.slug if pathway.theme else ""

    def make() -> SafeString:
        rows = (
            {
                "slug": theme.slug,
                "name": theme.name,
                "selected": "oui" if theme.slug == chosen else "",
            }
            for theme in snapshot.words.themes
        )
        return fill("components/options.html", items("options", rows))

    return snapshot.once(f"themes {chosen}", make)


def _step(pathway: Pathway, step: Step, made: dict[int, Pieces]) -> Pieces:
    stage = step.stage
    cards = [made[match.entry.pk] for match in step.matches if match.entry.pk in made]
    others = step.others_count
    out = step.narrowed_out if step.fitting else 0
    state = "" if step.total else "gap" if step.gap else "unknown"
    return fill_in_pieces(
        "components/path_step.html",
        {
            "slug": SafeString(stage.slug),
            "name": safe(stage.name),
            "question": safe(stage.question),
            "position": SafeString(stage.position),
            "count": SafeString(len(pathway.steps)),
            "state": SafeString(state),
            "hollow": NO if step.total else YES,
            "narrowed": safe(step.notice) if step.total else NO,
            "unknown": NO if step.total else safe(step.notice),
            "report_url": NO if step.total else safe(step.report_url),
            "all_url": safe(step.all_url) if step.narrowed_out else NO,
            "gap": _gap(step),
            "cards": _joined(cards),
            "lines": Pieces(map(line_html, step.others)),
            "others": SafeString("l’autre offre" if others == 1 else f"les {others} autres offres"),
            "more_url": safe(step.more_url) if step.beyond_count else NO,
            "fitting": SafeString(step.fitting),
            "narrowed_out": SafeString(_narrowed_out(out)),
        },
    )


def _narrowed_out(count: int) -> str:
    if count == 0:
        return ""
    if count == 1:
        return "1 autre offre intervient"
    return f"{count} autres offres interviennent"


def _gap(step: Step) -> SafeString:
    return render_to_string("components/gap.html", {"gap": step.gap}) if step.gap else NO


def calls_url(place: Territory) -> str:
    """The search of the calls that a territory can answer."""
    return f"{address_of('call_list')}?territoire={place.key}"


def _calls(pathway: Pathway, day: Day) -> SafeString:
    """The calls of the place: those one can answer, then the past ones."""
    if not pathway.calls:
        return render_to_string("components/no_call.html")
    count = pathway.current_calls_count
    then = "était ouvert ce jour-là" if day.is_past else "est ouvert aujourd’hui"
    plural = "s" if count > 1 else ""
    intro = (
        f"{count} appel{plural} ou aide{plural} sur ce territoire : ouverts, à venir ou "
        "permanents. Vérifiez toujours la date de la source."
        if count
        else f"Aucun n’{then}, à notre connaissance. Les éditions passées aident à prévoir la "
        "suivante."
    )
    past = pathway.past_calls
    return fill(
        "components/calls.html",
        {
            "intro": SafeString(intro),
            "current": SafeString("".join(call.html for call in pathway.current_calls)),
            "past": SafeString("".join(call.html for call in past)),
            "past_title": SafeString(
                "Voir une édition passée"
                if len(past) == 1
                else f"Voir {len(past)} éditions passées"
            ),
            "all_url": safe(pathway.all_calls_url) if pathway.hidden_calls_count else NO,
            "total": SafeString(len(pathway.calls)),
        },
    )
