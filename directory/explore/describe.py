"""A search that says itself: its sentence, a chip for each filter, what to relax."""

from dataclasses import dataclass

from directory.doors import DOORS
from directory.explore.exploration import Exploration
from directory.explore.filters import PART, WHOLE
from directory.models.facts import french_number
from regions.wording import inside


@dataclass(frozen=True)
class Chip:
    label: str
    remove_url: str


@dataclass(frozen=True)
class Relaxation:
    label: str
    count: int
    url: str


def sentence(search: Exploration, total: int) -> str:
    """ "12 structures qui interviennent sur Rennes Métropole, à l’étape Émergence"."""
    if not search.is_valid:
        return "Un des filtres n’a pas été compris"
    if total == 0:
        head = "Aucune structure"
    elif total == 1:
        head = "1 structure"
    else:
        head = f"{french_number(total)} structures"
    return ", ".join([head + _place(search, total), *_parts(search)])


def _place(search: Exploration, total: int) -> str:
    territory = search.territory
    if territory is None:
        return ""
    verb = "n’intervient" if total == 0 else "interviennent" if total > 1 else "intervient"
    extent = {WHOLE: " partout", PART: " sur une partie seulement,"}.get(search.criteria.portee, "")
    who = f" {verb}" if total == 0 else f" qui {verb}"
    return f"{who}{extent} {inside(territory)}"


def _parts(search: Exploration) -> list[str]:
    criteria = search.criteria
    stages = _names(search, "etape")
    said = {
        "etape": ("à l’étape " if len(stages) == 1 else "aux étapes ") + _or(stages),
        "type": "de type " + _or(_names(search, "type")),
        "thematique": "thème " + _or(_names(search, "thematique")),
        "profil": "pour " + _or([name.lower() for name in _names(search, "profil")]),
        "reseau": "du réseau " + _or(_names(search, "reseau")),
        "verifie": "à la fiche vérifiée depuis moins d’un an",
        "zone": "dans la zone de la carte",
        "q": f"avec {_quoted(search.text)}",
    }
    return [part for name, part in said.items() if getattr(criteria, name)]


def _quoted(text: str) -> str:
    return f"«\N{NO-BREAK SPACE}{text}\N{NO-BREAK SPACE}»"


def _choices(search: Exploration, name: str) -> list[tuple[str, str]]:
    """(value, label) of the values chosen in a filter of several, in the order of its list."""
    words = search.words
    if name == "profil":
        every = [(door.slug, door.label) for door in DOORS]
    else:
        terms = {
            "etape": words.stages,
            "type": words.kinds,
            "thematique": words.themes,
            "reseau": words.networks,
        }[name]
        every = [(term.slug, term.name) for term in terms]
    return [(value, label) for value, label in every if value in getattr(search.criteria, name)]


def _names(search: Exploration, name: str) -> list[str]:
    return [label for _, label in _choices(search, name)]


def _or(names: list[str]) -> str:
    return " ou ".join(names)


def chips(search: Exploration) -> list[Chip]:
    """One for each value chosen, in the order of the filters, each with the way to take it off."""
    criteria = search.criteria
    single = {
        "q": _quoted(search.text),
        "territoire": criteria.territoire.label if criteria.territoire else "",
        "portee": "Sur tout le territoire" if criteria.portee == WHOLE else "Sur une partie",
        "verifie": "Vérifié depuis moins d’un an",
        "zone": "Zone de la carte",
    }
    made = [
        Chip(label, _off(search, name)) for name, label in single.items() if getattr(criteria, name)
    ]
    made += [
        Chip(label, search.url(toggle=(name, value)))
        for name in ("etape", "type", "thematique", "profil", "reseau")
        for value, label in _choices(search, name)
    ]
    return made


def _off(search: Exploration, name: str) -> str:
    names = (name, "portee") if name == "territoire" else (name,)
    return search.url(change=dict.fromkeys(names, ""))


_RELAXED = {
    "q": "sans les mots",
    "territoire": "sur tout le pays",
    "portee": "sans condition de portée",
    "etape": "à toutes les étapes",
    "type": "pour tous les types de structure",
    "thematique": "sans thématique",
    "profil": "quelle que soit votre situation",
    "reseau": "hors réseau",
    "verifie": "vérifiées ou non",
    "zone": "sur toute la carte",
}


def relaxations(search: Exploration) -> list[Relaxation]:
    """For each filter in use, how many there would be without it; the most fruitful first."""
    asked = search.criteria.asked
    if not search.is_valid or not asked:
        return []
    found = [
        Relaxation(_RELAXED[name], number, _off(search, name))
        for name in asked
        if (number := len(search.operators_for(search.criteria.without(name))))
    ]
    return sorted(found, key=lambda relaxation: (-relaxation.count, relaxation.label))
