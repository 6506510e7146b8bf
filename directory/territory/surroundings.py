"""What encloses a territory and what it is made of, each with what they share."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils.text import slugify

from directory.days import on_day
from directory.documentation import REGIONAL_KINDS
from directory.gaps import CommuneFacts, Landscape
from directory.models.facts import french_number
from directory.territory.lookup import PAGE_KINDS, territory_url
from regions.models import KIND_ORDER, Kind, Territory

#: Above this, the communes are not listed: the pages of its départements and EPCI list them.
LISTED_COMMUNES = 1000

KIND_PLURALS = {
    Kind.COMMUNE: "communes",
    Kind.EPT: "établissements publics territoriaux",
    Kind.EPCI: "intercommunalités",
    Kind.PAYS: "pays",
    Kind.DEPARTEMENT: "départements",
    Kind.COLLECTIVITY: "collectivités d’outre-mer",
    Kind.REGION: "régions",
}


@dataclass(frozen=True)
class Neighbour:
    """A territory that shares communes with the one of the page."""

    territory: Territory
    url: str
    shared: int
    straddling: str  # "12 de ses 23 communes"; empty when one holds the other entirely

    @property
    def label(self) -> str:
        return self.territory.label


@dataclass(frozen=True)
class NeighbourGroup:
    kind: str
    label: str
    places: list[Neighbour]

    @property
    def straddling(self) -> str:
        """ "À cheval sur 2 régions", for territories wider than the page's."""
        if len(self.places) < 2:
            return ""
        return f"à cheval sur {len(self.places)} {KIND_PLURALS[Kind(self.kind)]}"


@dataclass(frozen=True)
class Initial:
    """Communes whose name begins with the same letter."""

    letter: str
    communes: list[CommuneFacts]


def enclosing(land: Landscape) -> list[NeighbourGroup]:
    """The wider territories it lies in, narrowest level first, the largest part first."""
    return list(_groups(land, wider=True))


def contents(land: Landscape) -> list[NeighbourGroup]:
    """The narrower territories it holds, entirely or in part, widest level first."""
    return list(_groups(land, wider=False))[::-1]


def _groups(land: Landscape, *, wider: bool) -> Iterator[NeighbourGroup]:
    own_rank = KIND_ORDER[Kind(land.territory.kind)]
    places = [
        place
        for place in land.around
        if place.pk != land.territory.pk
        and place.kind in PAGE_KINDS
        and (KIND_ORDER[Kind(place.kind)] > own_rank) is wider
    ]
    for kind, same_kind in groupby(places, key=lambda place: place.kind):
        lines = []
        for place in same_kind:
            shared = len(land.within.shared[place.pk])
            # What may be only in part inside the other: the page's territory, or the narrower one.
            whole = len(land.within.communes) if wider else land.on_the_day[place.pk]
            url = on_day(territory_url(place), land.on)
            lines.append(Neighbour(place, url, shared, _part(shared, whole)))
        if wider:
            lines.sort(key=lambda line: -line.shared)
        label = KIND_PLURALS[Kind(kind)] if len(lines) > 1 else str(Kind(kind).label)
        yield NeighbourGroup(kind, label, lines)


def _part(shared: int, whole: int) -> str:
    if shared >= whole:
        return ""
    return f"{french_number(shared)} de ses {french_number(whole)} communes"


def straddles(land: Landscape) -> list[str]:
    """ "à cheval sur 2 régions": said first, because it decides whom to turn to."""
    levels = (*REGIONAL_KINDS, Kind.DEPARTEMENT)
    return [
        group.straddling for group in enclosing(land) if group.kind in levels and group.straddling
    ]


def communes_by_initial(land: Landscape) -> list[Initial]:
    """The communes by first letter, accents apart; empty for one commune or for too many."""
    if land.is_commune or len(land.communes) > LISTED_COMMUNES:
        return []
    return [
        Initial(letter, list(facts))
        for letter, facts in groupby(
            land.communes.values(), key=lambda facts: (slugify(facts.name) or "?")[0].upper()
        )
    ]
