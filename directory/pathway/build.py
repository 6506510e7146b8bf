"""Puts a pathway together. Who serves the commune is decided by `ServedQuerySet.serving` alone."""

from directory.documentation import Documentation
from directory.doors import Door
from directory.models import Stage, Theme
from directory.pathway.calls import calls_for
from directory.pathway.offers import (
    matches_of,
    near,
    nearest_elsewhere,
    ranked_offers,
)
from directory.pathway.relays import add_relays
from directory.pathway.shape import Gap, Match, Near, Pathway, Step
from directory.places import Place
from directory.snapshot import Snapshot
from regions.wording import of_region

#: Cards in full at each stage, then short lines; beyond, the page of the stage alone.
CARDS, LINES = 4, 6


def build_pathway(
    snapshot: Snapshot,
    place: Place,
    door: Door | None = None,
    theme: Theme | None = None,
    in_full: str = "",
    cards: int = CARDS,
    lines: int = LINES,
) -> Pathway:
    """The pathway of a place on the snapshot's day, without a statement.

    `door` and `theme` narrow it; `in_full` is what to list in full: the slug of
    a stage, or `ALL_CALLS`. `cards` offers of each
    stage come in full, the next `lines` as short lines.
    """
    stages = snapshot.words.stages
    ranked = ranked_offers(snapshot, place, door, theme, cards + lines, in_full)
    first = [one for stage in stages if stage.pk in ranked for one in ranked[stage.pk].first]
    matches = matches_of(first, place)
    add_relays(snapshot, matches, place)
    found: dict[int, list[Match]] = {stage.pk: [] for stage in stages}
    for match in matches:
        if match.fits:
            found[match.entry.stage].append(match)
    for at_stage in found.values():
        _mark_first_contact(at_stage)

    documentation = place.documentation
    gaps = [stage for stage in stages if documentation.is_documented and stage.pk not in ranked]
    nearest = nearest_elsewhere(snapshot, gaps, place) if gaps else {}
    calls = calls_for(snapshot, place)
    pathway = Pathway(place, documentation, snapshot.on, door, theme, calls, in_full)
    for stage in stages:
        total = ranked[stage.pk].total if stage.pk in ranked else 0
        fitting = ranked[stage.pk].fitting if stage.pk in ranked else 0
        pathway.steps.append(
            Step(
                pathway=pathway,
                stage=stage,
                matches=found[stage.pk][:cards],
                others=found[stage.pk][cards:],
                total=total,
                fitting=fitting,
                gap=Gap(
                    nearest.get(stage.pk),
                    _fallback(documentation),
                    pathway.report_url(stage),
                    f"Personne ne couvre l’étape {stage.name} à {place.commune.label}.",
                )
                if stage in gaps
                else None,
                notice=_notice(stage, documentation, total, fitting, pathway.filter_sentence),
            )
        )
    return pathway


def _mark_first_contact(at_stage: list[Match]) -> None:
    """The best first contact: the first that receives people, can be reached, and is of the region.

    A portal does not receive; an address without phone, e-mail, site or street helps nobody; who
    covers the whole country is not the one to begin with. There may be none.
    """
    first = next((match for match in at_stage if match.is_contact), None)
    if first:
        first.is_first_contact = True


def _fallback(documentation: Documentation) -> Near | None:
    return near(documentation.fallback, None) if documentation.fallback else None


def _notice(
    stage: Stage, documentation: Documentation, total: int, fitting: int, filters: str
) -> str:
    """What an empty stage says when it is not a gap; an empty string otherwise."""
    if total and not fitting:
        who = "une offre répond" if total == 1 else f"{total} offres répondent"
        return (
            f"Personne ne correspond à votre recherche ({filters}) à l’étape {stage.name} ; "
            f"sans ce filtre, {who} ici."
        )
    if total or documentation.is_documented:
        return ""
    region = f" {of_region(documentation.region)}" if documentation.region else ""
    state = (
        "est en cours de remplissage"
        if documentation.level == "en_cours"
        else "n’est pas encore rempli"
    )
    return (
        f"L’annuaire{region} {state}. Personne n’y est encore noté à cette étape : "
        "cela ne veut pas dire que personne n’y répond."
    )
