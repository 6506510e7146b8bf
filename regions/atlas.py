"""The geography in memory: what nearly every page asks of it, without a query.

Read again only when the geography changed, about once a year. `atlas(state)` gives the one of a
state; whoever calls knows how to tell two states apart.
"""

import datetime
import threading
from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterable
from functools import cached_property
from sys import intern
from typing import Final, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q
from pyroaring import BitMap

from regions.communes import Commune, Communes, commune_url, departement_code
from regions.models import LEADING_KINDS, Containment, Kind, Territory
from regions.names import search_keys
from regions.names_index import NamesIndex

__all__ = ["Atlas", "Commune", "atlas", "commune_url"]

#: Atlases kept: the present one, and the one before it while a request may still read it.
KEPT: Final = 2
#: Territories whose communes are held at once while reading.
TERRITORIES_READ: Final = 50
#: Communes whose surroundings are found one by one.
FEW: Final = 800

#: A territory that encloses a commune, or the commune, from a day and until one.
Dated = tuple[int, datetime.date | None, datetime.date | None]


class Arrondissement(NamedTuple):
    """A municipal arrondissement, which leads to its commune."""

    code: str
    name: str
    commune: int
    postcodes: tuple[str, ...]


class Atlas:
    """Communes, the wider territories, and who contains whom. Territories are primary keys."""

    def __init__(self) -> None:
        self.communes = Communes()  # in alphabetical order
        # From the narrowest to the widest: a commune's list of what encloses it is in this order.
        self.wider: dict[int, Territory] = {
            territory.pk: territory
            for territory in Territory.objects.exclude(kind__in=[Kind.COMMUNE, *LEADING_KINDS])
            .with_outline_known()
            .order_by("commune_count", "kind_rank", "code")
        }
        for territory in self.wider.values():  # what many of them say is said once
            territory.kind, territory.source = intern(territory.kind), intern(territory.source)
        self._rank = {pk: rank for rank, pk in enumerate(self.wider)}
        self._by_key = {(place.kind, place.code): pk for pk, place in self.wider.items()}
        self._inside: dict[int, BitMap] = {}
        self._dated_inside: dict[int, list[Dated]] = defaultdict(list)
        self._dated_around: dict[int, list[Dated]] = defaultdict(list)
        self._read_containments()
        self._combinations: list[tuple[int, ...]] = [()]
        self._combination = array("I", [0]) * len(self.communes)
        self._turned_round()

    def _read_containments(self) -> None:
        wider = Containment.objects.filter(territory__in=self.wider)
        always = Q(valid_from__isnull=True, valid_until__isnull=True)
        rows = (
            wider.filter(always)
            .order_by()
            .values_list("territory")
            .annotate(inside=ArrayAgg("commune"))
        )
        for territory, communes in rows.iterator(chunk_size=TERRITORIES_READ):
            self._inside[territory] = inside = BitMap(communes)
            inside.run_optimize()
        dated = wider.exclude(always).values_list(
            "territory", "commune", "valid_from", "valid_until"
        )
        for territory, commune, begins, ends in dated:
            self._dated_inside[territory].append((commune, begins, ends))
            self._dated_around[commune].append((territory, begins, ends))

    def _turned_round(self) -> None:
        """What always encloses each commune: few combinations, each of them kept once."""
        for territory in self.wider:
            longer: dict[int, int] = {}  # a combination -> the same with this territory
            for commune in self._inside.get(territory, ()):
                if commune not in self.communes:
                    continue
                number = self.communes.number(commune)
                before = self._combination[number]
                if before not in longer:
                    longer[before] = len(self._combinations)
                    self._combinations.append((*self._combinations[before], territory))
                self._combination[number] = longer[before]

    def enclosing(self, commune: int, on: datetime.date) -> tuple[int, ...]:
        """What encloses the commune on that day, itself first, from the narrowest to the widest."""
        always: tuple[int, ...] = ()
        if commune in self.communes:
            always = self._combinations[self._combination[self.communes.number(commune)]]
        then = self._dated_around.get(commune)
        if not then:
            return (commune, *always)
        in_force = _in_force(then, on)
        return (commune, *sorted({*always, *in_force}, key=self._rank.__getitem__))

    def inside(self, territory: int, on: datetime.date) -> BitMap:
        """The current communes of a territory on that day; itself for a commune. Not to change."""
        if territory in self.communes:
            return BitMap([territory])
        always = self._inside.get(territory, _NONE)
        then = self._dated_inside.get(territory)
        return always | BitMap(_in_force(then, on)) if then else always

    def touching(self, communes: BitMap, on: datetime.date) -> dict[int, BitMap]:
        """The wider territories that hold some of these communes, with those they hold.

        From the narrowest to the widest.
        """
        candidates: Iterable[int] = self.wider
        if len(communes) <= FEW:  # so many times less to look at than all the territories
            around = {place for one in communes for place in self.enclosing(one, on)[1:]}
            candidates = sorted(around, key=self._rank.__getitem__)
        found = {}
        for territory in candidates:
            shared = self.inside(territory, on) & communes
            if shared:
                found[territory] = shared
        return found

    def territory(self, pk: int) -> Territory:
        """A territory as a model instance, `has_outline` known; KeyError for a former commune."""
        commune = self.communes.get(pk)
        return commune.as_territory() if commune else self.wider[pk]

    def find(self, kind: str, code: str) -> int | None:
        """The current commune or the wider territory of that key."""
        if kind == Kind.COMMUNE:
            return self.communes.coded(code)
        return self._by_key.get((kind, code))

    def departement_of(self, code: str) -> tuple[str, str]:
        """(code, name) of the département or overseas collectivity of a commune, or two blanks."""
        return self._departements.get(departement_code(code), ("", ""))

    @cached_property
    def _departements(self) -> dict[str, tuple[str, str]]:
        kinds = (Kind.COLLECTIVITY, Kind.DEPARTEMENT)  # the latter win
        return {
            place.code: (place.code, place.name)
            for kind in kinds
            for place in self.wider.values()
            if place.kind == kind
        }

    @cached_property
    def departements(self) -> list[tuple[str, str]]:
        """(code, name) of every département and overseas collectivity."""
        return list(self._departements.values())

    @cached_property
    def departement_endings(self) -> dict[str, str]:
        """What a typed name can end in to say its département -> the code."""
        return {key: code for code, name in self.departements for key in search_keys(name)}

    @cached_property
    def names(self) -> NamesIndex:
        """All names that lead to a commune."""
        return NamesIndex(self.communes)

    @cached_property
    def arrondissements(self) -> list[Arrondissement]:
        rows = (
            Territory.objects.filter(kind=Kind.ARRONDISSEMENT, successor__isnull=False)
            .order_by("code")
            .values_list("code", "name", "successor", "postcodes")
        )
        return [Arrondissement._make((*row[:3], tuple(row[3]))) for row in rows]


def _in_force(dated: list[Dated], on: datetime.date) -> list[int]:
    return [
        pk
        for pk, begins, ends in dated
        if (begins is None or begins <= on) and (ends is None or ends > on)
    ]


_NONE: Final = BitMap()
_LOCK: Final = threading.Lock()
_ATLASES: Final[dict[Hashable, Atlas]] = {}


def atlas(state: Hashable) -> Atlas:
    """The atlas of that state of the geography; read from the database the first time."""
    found = _ATLASES.get(state)
    if found is None:
        with _LOCK:
            found = _ATLASES.get(state)
            if found is None:
                found = Atlas()
                while len(_ATLASES) >= KEPT:
                    del _ATLASES[next(iter(_ATLASES))]
                _ATLASES[state] = found
    return found
