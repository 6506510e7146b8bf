"""Counts of what each option would give, the other filters kept: sizes of sets, no query."""

from typing import NamedTuple

from pyroaring import BitMap

from directory.doors import DOORS
from directory.explore.exploration import Criteria, Exploration
from directory.explore.filters import PART, WHOLE
from directory.snapshot.sets import Layers, both, flat

Counts = dict[tuple[str, str], int]


class Option(NamedTuple):
    """A choice of a filter, and how many it would give."""

    value: str
    label: str
    number: int
    selected: bool

    @property
    def is_empty(self) -> bool:
        return self.number == 0


class Facet(NamedTuple):
    """A filter with its options; `several` of them may be chosen, or one."""

    name: str
    label: str
    options: list[Option]
    several: bool = True


def count(search: Exploration) -> Counts:
    """(filter, option) -> number of operators; ("total", "") -> what is found."""
    if not search.is_valid:
        return {}
    if not search.criteria.asked:
        return search.snapshot.once("counts", lambda: _count(search))
    return _count(search)


def _count(search: Exploration) -> Counts:
    criteria, sets = search.criteria, search.sets
    counts: Counts = {("total", ""): len(search.found)}
    for name, known in (("type", sets.of_kind), ("reseau", sets.of_network)):
        others = search.operators_for(criteria.without(name))
        for value, members in known.items():
            counts[name, value] = others.intersection_cardinality(members)
    for name, layers in (("etape", sets.at_stage), ("thematique", sets.on_theme)):
        counts |= _offers(search, criteria.without(name), name, layers)
    counts["verifie", "1"] = len(search.operators_for(criteria._replace(verifie=True)))
    counts |= _offers(search, criteria.without("profil"), "profil", sets.through_door)
    if criteria.territoire:
        for extent in (WHOLE, PART):
            found = search.operators_for(criteria._replace(portee=extent))
            counts["portee", extent] = len(found)
    return counts


def _offers(search: Exploration, others: Criteria, name: str, known: dict[str, Layers]) -> Counts:
    """Counts by a property of the offer, which must be that of an offer that answers the rest."""
    operators = search.of_operators(others)
    offers = search.offers(others)
    if offers is None:  # any offer will do
        anyhow: dict[str, BitMap] = search.snapshot.once(
            f"with an offer by {name}",
            lambda: {value: flat(layers) for value, layers in known.items()},
        )
        return {
            (name, value): operators.intersection_cardinality(members)
            for value, members in anyhow.items()
        }
    answering = [operators & layer for layer in offers]
    return {(name, value): len(flat(both(answering, layers))) for value, layers in known.items()}


def facets(search: Exploration, counts: Counts) -> list[Facet]:
    """The filters that offer choices, in the order of the page."""
    words, criteria = search.words, search.criteria
    doors = [(door.slug, door.label) for door in DOORS]
    lists: list[tuple[str, str, list[tuple[str, str]]]] = [
        ("etape", "Étape", [(stage.slug, stage.name) for stage in words.stages]),
        ("profil", "D’où partez-vous ?", doors),
        ("type", "Type de structure", [(kind.slug, kind.name) for kind in words.kinds]),
        ("thematique", "Thématique", [(theme.slug, theme.name) for theme in words.themes]),
        ("reseau", "Réseau", [(network.slug, network.name) for network in words.networks]),
    ]
    return [
        Facet(name, label, _options(options, name, counts, getattr(criteria, name)))
        for name, label, options in lists
    ]


def _options(
    options: list[tuple[str, str]], name: str, counts: Counts, chosen: tuple[str, ...]
) -> list[Option]:
    return [
        Option(value, label, counts.get((name, value), 0), value in chosen)
        for value, label in options
    ]


def extent_facet(search: Exploration, counts: Counts) -> Facet | None:
    """Whole territory or a part of it; only where a territory of several communes is asked for."""
    territory = search.territory
    if territory is None or territory.commune_count < 2:
        return None
    labels = {WHOLE: "Sur tout le territoire", PART: "Sur une partie seulement"}
    options = [
        Option(
            value=value,
            label=label,
            number=counts.get(("portee", value), 0),
            selected=search.criteria.portee == value,
        )
        for value, label in labels.items()
    ]
    return Facet("portee", "Portée", options, several=False)
