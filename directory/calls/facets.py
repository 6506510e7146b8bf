"""The filters of a search of calls, with what each option would give, the other filters kept."""

from collections.abc import Iterable

from directory.calls.filters import CALL_DOORS, NO_YEAR, STATUSES
from directory.calls.search import CallSearch
from directory.explore.facets import Facet, Option
from directory.models import FundingKind


def choices(search: CallSearch, name: str) -> list[tuple[str, str]]:
    """(value, label) of what a filter proposes, in its order; what is chosen is always in it."""
    match name:
        case "statut":
            return [(choice.slug, choice.label) for choice in STATUSES]
        case "annee":
            return [(year, year_label(year)) for year in _years(search)]
        case "etape":
            return [(stage.slug, stage.name) for stage in search.words.stages]
        case "type":
            return [(value, label[0].upper() + label[1:]) for value, label in FundingKind.choices]
        case "financeur":
            return [(funder.slug, funder.name) for funder in search.index.funders]
        case "thematique":
            used = search.index.sets[name].keys() | set(search.criteria.thematique)
            return [(one.slug, one.name) for one in search.words.themes if one.slug in used]
        case _:
            return [(door.slug, door.label) for door in CALL_DOORS]


def _years(search: CallSearch) -> Iterable[str]:
    asked = [year for year in search.criteria.annee if year not in search.index.years]
    return [*sorted(asked, reverse=True), *search.index.years]


def year_label(year: str) -> str:
    return "Sans année" if year == NO_YEAR else year


_LABELS = {
    "statut": "Où en est l’appel",
    "etape": "Étape",
    "annee": "Année",
    "type": "Type d’appel ou d’aide",
    "financeur": "Financeur",
    "thematique": "Thématique",
    "profil": "D’où partez-vous ?",
}


def facets(search: CallSearch) -> list[Facet]:
    """The filters that offer choices, in the order of the page; no query."""
    return [Facet(name, label, _options(search, name)) for name, label in _LABELS.items()]


def _options(search: CallSearch, name: str) -> list[Option]:
    others = search.found_by(search.criteria.without(name))
    known = search.index.sets[name]
    return [
        Option(
            value=value,
            label=label,
            number=len(others & known.get(value, frozenset())),
            selected=value in getattr(search.criteria, name),
        )
        for value, label in choices(search, name)
    ]
