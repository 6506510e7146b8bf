"""Counts of what each option would give, the other filters kept: all of them in one query."""

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, F, QuerySet, Value

from directory.doors import DOORS
from directory.explore.exploration import Criteria, Exploration
from directory.explore.filters import PART, WHOLE
from directory.models import Offer

Counts = dict[tuple[str, str], int]


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int
    selected: bool
    url: str

    @property
    def is_empty(self) -> bool:
        return self.count == 0


@dataclass(frozen=True)
class Facet:
    """A filter with its options; `several` of them may be chosen, or one."""

    name: str
    label: str
    options: list[Option]
    several: bool = True


def count(search: Exploration) -> Counts:
    """(filter, option) -> number of operators; ("total", "") -> what is found. One query."""
    if not search.is_valid:
        return {}
    criteria = search.criteria
    branches = [
        _operators(search, criteria, "total", Value("")),
        _operators(search, criteria.without("type"), "type", F("kind__slug")),
        _operators(search, criteria.without("reseau"), "reseau", F("networks__slug")),
        _offers(search, criteria.without("etape"), "etape", F("stage__slug")),
        _offers(search, criteria.without("thematique"), "thematique", F("themes__slug")),
        _operators(search, replace(criteria, verifie=True), "verifie", Value("1")),
        *(
            _operators(search, replace(criteria, profil=(door.slug,)), "profil", Value(door.slug))
            for door in DOORS
        ),
    ]
    if criteria.territoire:
        branches += [
            _operators(search, replace(criteria, portee=extent), "portee", Value(extent))
            for extent in (WHOLE, PART)
        ]
    rows = branches[0].union(*branches[1:], all=True)
    return {(name, value): number for name, value, number in rows if value is not None}


def _operators(search: Exploration, criteria: Criteria, name: str, value: Any) -> QuerySet[Any]:
    return (
        search.operators_for(criteria)
        .order_by()
        .values_list(Value(name), value)
        .annotate(number=Count("pk", distinct=True))
    )


def _offers(search: Exploration, criteria: Criteria, name: str, value: Any) -> QuerySet[Any]:
    """Counts by a property of the offer: stage and theme must be those of a matching offer."""
    offers = search.offers(criteria)
    operators = search.operators_for(criteria)
    return (
        Offer.objects.filter(pk__in=offers.order_by().values("pk"), operator__in=operators)
        .order_by()
        .values_list(Value(name), value)
        .annotate(number=Count("operator", distinct=True))
    )


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
        Facet(
            name,
            label,
            [
                Option(
                    value=value,
                    label=text,
                    count=counts.get((name, value), 0),
                    selected=value in getattr(criteria, name),
                    url=search.url(toggle=(name, value)),
                )
                for value, text in options
            ],
        )
        for name, label, options in lists
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
            count=counts.get(("portee", value), 0),
            selected=search.criteria.portee == value,
            url=search.url(change={"portee": value}),
        )
        for value, label in labels.items()
    ]
    return Facet("portee", "Portée", options, several=False)
