"""The geography in memory: what nearly every page asks of it, without a query.

Read again only when the geography changed, about once a year. `atlas(state)` gives the one of a
state; whoever calls knows how to tell two states apart.
"""

import datetime
import threading
from collections import defaultdict
from collections.abc import Hashable, Sequence
from functools import cache, cached_property
from typing import Final, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from pyroaring import BitMap

from regions.models import LEADING_KINDS, Containment, Kind, Outline, Territory
from regions.names_index import NamesIndex
from regions.ordering import alphabetical

#: Atlases kept: the present one, and the one before it while a request may still read it.
KEPT: Final = 2


class Commune(NamedTuple):
    """A current commune, with the attributes that pages read of a `Territory`."""

    pk: int
    code: str
    name: str
    slug: str
    population: int | None
    latitude: float | None
    longitude: float | None
    postcodes: tuple[str, ...]
    has_outline: bool

    @property
    def kind(self) -> Kind:
        return Kind.COMMUNE

    @property
    def label(self) -> str:
        return self.name.replace("'", "’")

    @property
    def key(self) -> str:
        return f"{Kind.COMMUNE.value}:{self.code}"

    def get_absolute_url(self) -> str:
        return commune_url(self.code, self.slug)

    def as_territory(self) -> Territory:
        """The model instance, for what asks the database further questions."""
        territory = Territory(
            id=self.pk,
            kind=Kind.COMMUNE.value,
            code=self.code,
            name=self.name,
            slug=self.slug,
            population=self.population,
            latitude=self.latitude,
            longitude=self.longitude,
            postcodes=list(self.postcodes),
            commune_count=1,
        )
        territory.has_outline = self.has_outline  # type: ignore[attr-defined]
        territory._state.adding = False
        territory._state.db = "default"
        return territory


def commune_url(code: str, slug: str) -> str:
    """Address of the pathway of a commune, without the cost of resolving it each time."""
    return f"{_pathways()}{code}-{slug}/"


@cache
def _pathways() -> str:
    return reverse("pathway", args=["00000", "x"]).removesuffix("00000-x/")


class Arrondissement(NamedTuple):
    """A municipal arrondissement, which leads to its commune."""

    code: str
    name: str
    commune: int
    postcodes: tuple[str, ...]


class Atlas:
    """Communes, the wider territories, and who contains whom. Territories are primary keys."""

    def __init__(self) -> None:
        self.communes: dict[int, Commune] = {}  # in alphabetical order
        self._read_communes()
        self.by_code = {commune.code: pk for pk, commune in self.communes.items()}
        # From the narrowest to the widest: a commune's list of what encloses it is in this order.
        self.wider: dict[int, Territory] = {
            territory.pk: territory
            for territory in Territory.objects.exclude(kind__in=[Kind.COMMUNE, *LEADING_KINDS])
            .with_outline_known()
            .order_by("commune_count", "kind_rank", "code")
        }
        self._rank = {pk: rank for rank, pk in enumerate(self.wider)}
        self._by_key = {(place.kind, place.code): pk for pk, place in self.wider.items()}
        self._inside: dict[int, BitMap] = {}
        self._dated: list[tuple[int, int, datetime.date | None, datetime.date | None]] = []
        self._read_containments()
        self._enclosing: dict[int, tuple[int, ...]] = self._turned_round()

    def _read_communes(self) -> None:
        once: dict[tuple[str, ...], tuple[str, ...]] = {}
        rows = (
            Territory.objects.communes()
            .annotate(outlined=Exists(Outline.objects.filter(territory=OuterRef("pk"))))
            .order_by(alphabetical("name"), "code")
            .values_list(
                *("pk", "code", "name", "slug", "population"),
                *("latitude", "longitude", "postcodes", "outlined"),
            )
        )
        for row in rows.iterator(chunk_size=5000):
            postcodes = tuple(row[7])
            values = (*row[:7], once.setdefault(postcodes, postcodes), row[8])
            self.communes[row[0]] = Commune._make(values)

    def _read_containments(self) -> None:
        wider = Containment.objects.filter(territory__in=self.wider)
        always = Q(valid_from__isnull=True, valid_until__isnull=True)
        rows = (
            wider.filter(always)
            .order_by()
            .values_list("territory")
            .annotate(inside=ArrayAgg("commune"))
        )
        self._inside = {territory: BitMap(inside) for territory, inside in rows}
        self._dated = list(
            wider.exclude(always).values_list("territory", "commune", "valid_from", "valid_until")
        )

    def _turned_round(self) -> dict[int, tuple[int, ...]]:
        found: dict[int, list[int]] = {pk: [] for pk in self.communes}
        for territory in self.wider:
            for commune in self._inside.get(territory, ()):
                if commune in found:
                    found[commune].append(territory)
        once: dict[tuple[int, ...], tuple[int, ...]] = {}  # neighbours share all but themselves
        return {
            commune: once.setdefault(key, key)
            for commune, territories in found.items()
            for key in [tuple(territories)]
        }

    def enclosing(self, commune: int, on: datetime.date) -> tuple[int, ...]:
        """What encloses the commune on that day, itself first, from the narrowest to the widest."""
        always = self._enclosing.get(commune, ())
        then = self._dated_of.get(commune)
        if not then:
            return (commune, *always)
        in_force = {
            territory
            for territory, begins, ends in then
            if (begins is None or begins <= on) and (ends is None or ends > on)
        }
        return (commune, *sorted({*always, *in_force}, key=self._rank.__getitem__))

    @cached_property
    def _dated_of(
        self,
    ) -> dict[int, list[tuple[int, datetime.date | None, datetime.date | None]]]:
        found = defaultdict(list)
        for territory, commune, begins, ends in self._dated:
            found[commune].append((territory, begins, ends))
        return dict(found)

    def inside(self, territory: int, on: datetime.date) -> BitMap:
        """The current communes of a territory on that day; itself for a commune. Not to change."""
        if territory in self.communes:
            return BitMap([territory])
        always = self._inside.get(territory, _NONE)
        then = [
            commune
            for place, commune, begins, ends in self._dated
            if place == territory
            and (begins is None or begins <= on)
            and (ends is None or ends > on)
        ]
        return always | BitMap(then) if then else always

    def touching(self, communes: BitMap, on: datetime.date) -> dict[int, BitMap]:
        """The wider territories that hold some of these communes, with those they hold."""
        found = {}
        for territory in self.wider:
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
            return self.by_code.get(code)
        return self._by_key.get((kind, code))

    def departement_of(self, code: str) -> tuple[str, str]:
        """(code, name) of the département or overseas collectivity of a commune, or two blanks."""
        start = code[: 3 if code[:2] in ("97", "98") else 2]
        return self._departements.get(start, ("", ""))

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
    def names(self) -> NamesIndex:
        """All names that lead to a commune."""
        return NamesIndex({pk: commune.name for pk, commune in self.communes.items()})

    @cached_property
    def arrondissements(self) -> list[Arrondissement]:
        rows = (
            Territory.objects.filter(kind=Kind.ARRONDISSEMENT, successor__isnull=False)
            .order_by("code")
            .values_list("code", "name", "successor", "postcodes")
        )
        return [Arrondissement._make((*row[:3], tuple(row[3]))) for row in rows]

    @cached_property
    def _postcodes(self) -> dict[str, list[int]]:
        """Postcode -> its communes, the most populous first."""
        found: dict[str, list[int]] = defaultdict(list)
        for commune in self._by_population:
            for postcode in commune.postcodes:
                found[postcode].append(commune.pk)
        return dict(sorted(found.items()))

    @cached_property
    def _by_population(self) -> Sequence[Commune]:
        return sorted(
            self.communes.values(), key=lambda commune: (-(commune.population or -1), commune.code)
        )

    def with_postcode(self, postcode: str) -> list[Commune]:
        """The communes of a whole postcode, the most populous first."""
        return [self.communes[pk] for pk in self._postcodes.get(postcode, ())]

    def with_postcode_start(self, start: str) -> list[Commune]:
        """The communes of which a postcode begins so, the most populous first."""
        inside = {
            pk
            for postcode, communes in self._postcodes.items()
            if postcode.startswith(start)
            for pk in communes
        }
        communes = (self.communes[pk] for pk in inside)
        return sorted(communes, key=lambda commune: (-(commune.population or -1), commune.code))


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
