"""A search of calls that says itself: its sentence, a chip for each filter, what to relax."""

from directory.calls.facets import choices, year_label
from directory.calls.filters import STATUSES
from directory.calls.search import LISTS, CallSearch
from directory.explore.describe import Chip, Relaxation
from directory.models.facts import french_number
from regions.wording import inside


def sentence(search: CallSearch) -> str:
    """ "12 appels et aides dans la région Bretagne, ouverts, à l’étape Émergence"."""
    if not search.is_valid:
        return "Un des filtres n’a pas été compris"
    total = search.total
    if total == 0:
        head = "Aucun appel ni aide"
    elif total == 1:
        head = "1 appel ou aide"
    else:
        head = f"{french_number(total)} appels et aides"
    place = f" {inside(search.territory)}" if search.territory else ""
    return ", ".join([head + place, *said(search, are_many=search.total > 1)])


def said(search: CallSearch, *, are_many: bool) -> list[str]:
    """What is asked besides the territory, one phrase for each filter."""
    criteria = search.criteria
    years = [year_label(year).lower() for year in criteria.annee]
    stages = _names(search, "etape")
    phrases = {
        "statut": _or(
            [
                choice.many if are_many else choice.one
                for choice in STATUSES
                if choice.slug in criteria.statut
            ]
        ),
        "annee": _or(years) if years == ["sans année"] else "de " + _or(years),
        "type": "de type " + _or([name.lower() for name in _names(search, "type")]),
        "etape": ("à l’étape " if len(stages) == 1 else "aux étapes ") + _or(stages),
        "thematique": "thème " + _or(_names(search, "thematique")),
        "profil": "pour " + _or([name.lower() for name in _names(search, "profil")]),
        "financeur": "avec le financement de " + _or(_names(search, "financeur")),
        "q": f"avec {_quoted(search.text)}",
    }
    return [phrase for name, phrase in phrases.items() if getattr(criteria, name)]


def title_of(search: CallSearch) -> str:
    """The search as the name of a calendar or of a feed: it does not count."""
    place = f" {inside(search.territory)}" if search.territory else ""
    return ", ".join([f"Appels et aides{place}", *said(search, are_many=True)])


def _quoted(text: str) -> str:
    return f"«\N{NO-BREAK SPACE}{text}\N{NO-BREAK SPACE}»"


def _chosen(search: CallSearch, name: str) -> list[tuple[str, str]]:
    asked = getattr(search.criteria, name)
    return [(value, label) for value, label in choices(search, name) if value in asked]


def _names(search: CallSearch, name: str) -> list[str]:
    return [label for _, label in _chosen(search, name)]


def _or(names: list[str]) -> str:
    return " ou ".join(names)


def chips(search: CallSearch) -> list[Chip]:
    """One for each value chosen, in the order of the filters, each with the way to take it off."""
    criteria = search.criteria
    made = []
    if criteria.q:
        made.append(Chip(_quoted(search.text), _off(search, "q")))
    if criteria.territoire:
        made.append(Chip(criteria.territoire.label, _off(search, "territoire")))
    made += [
        Chip(label, search.url(toggle=(name, value)))
        for name in LISTS
        for value, label in _chosen(search, name)
    ]
    return made


def _off(search: CallSearch, name: str) -> str:
    return search.url(change={name: ""})


_RELAXED = {
    "q": "sans les mots",
    "territoire": "sur tout le pays",
    "statut": "ouverts ou non",
    "annee": "de toutes les années",
    "type": "de tous les types",
    "etape": "à toutes les étapes",
    "thematique": "sans thématique",
    "profil": "quelle que soit votre situation",
    "financeur": "de tous les financeurs",
}


def relaxations(search: CallSearch) -> list[Relaxation]:
    """For each filter in use, how many there would be without it; the most fruitful first."""
    made = [
        Relaxation(
            _RELAXED[name], len(search.found_by(search.criteria.without(name))), _off(search, name)
        )
        for name in search.criteria.asked
    ]
    fruitful = [one for one in made if one.count]
    return sorted(fruitful, key=lambda one: (-one.count, one.label))
