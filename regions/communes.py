"""The current communes in memory: packed in columns, each one made when it is asked for.

Objects of nine attributes for each of 35,000 would take 18 MB of every process; this takes 3.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from math import isnan, nan
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef
from django.urls import reverse
from pyroaring import BitMap

from regions.models import Kind, Outline, Territory
from regions.ordering import alphabetical
from regions.packed import Postings, SortedTexts, Texts

#: Rows held at once while reading: what is needed for a moment stays with the process.
ROWS: Final = 1000
_UNKNOWN: Final = -1
#: Greater than any primary key that a set of communes can hold.
_AFTER_ALL: Final = 2**32 - 1


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


def departement_code(code: str) -> str:
    """The code of the département or overseas collectivity that an Insee code begins with."""
    return code[: 3 if code[:2] in ("97", "98") else 2]


class Communes(Mapping[int, Commune]):
    """The communes by primary key, in alphabetical order.

    The number of a commune is its place in that order. Making one takes two microseconds: what
    looks at them all, or at one attribute only, reads a column instead.
    """

    def __init__(self) -> None:
        self._pks = array("I")
        self._texts = Texts()  # code, name, slug and postcodes, parted by what none of them holds
        self._populations = array("i")  # _UNKNOWN when it is
        self._latitudes, self._longitudes = array("d"), array("d")  # nan when unknown
        self._outlined = bytearray()
        self._read()
        numbers = range(len(self._pks))
        self._numbers = array("I", sorted(numbers, key=self._pks.__getitem__))
        self._sorted_pks = array("I", map(self._pks.__getitem__, self._numbers))
        self._sorted_pks.append(_AFTER_ALL)
        self._all = BitMap(self._pks)
        self._all.run_optimize()
        self._coded = array("I", sorted(numbers, key=lambda number: self._text(number)[0]))
        self._codes = SortedTexts(self._text(number)[0] for number in self._coded)
        self._ranked = array("I", sorted(self._coded, key=self._rarity))
        self._by_postcode = Postings(
            (postcode, rank)
            for rank, number in enumerate(self._ranked)
            for postcode in self._text(number)[3].split()
        )

    def _read(self) -> None:
        rows = (
            Territory.objects.communes()
            .annotate(outlined=Exists(Outline.objects.filter(territory=OuterRef("pk"))))
            .order_by(alphabetical("name"), "code")
            .values_list(
                *("pk", "code", "name", "slug", "postcodes"),
                *("population", "latitude", "longitude", "outlined"),
            )
        )
        for pk, *texts, postcodes, people, latitude, longitude, outlined in rows.iterator(ROWS):
            self._pks.append(pk)
            self._texts.append("\0".join([*texts, " ".join(postcodes)]))
            self._populations.append(_UNKNOWN if people is None else people)
            self._latitudes.append(nan if latitude is None else latitude)
            self._longitudes.append(nan if longitude is None else longitude)
            self._outlined.append(outlined)

    def _rarity(self, number: int) -> int:
        """Sorts the populous first, then those without inhabitants or of unknown population."""
        return -(self._populations[number] or _UNKNOWN)

    def _text(self, number: int) -> list[str]:
        return self._texts[number].split("\0")

    def __len__(self) -> int:
        return len(self._pks)

    def __iter__(self) -> Iterator[int]:
        return iter(self._pks)

    def __contains__(self, pk: object) -> bool:
        return isinstance(pk, int) and 0 <= pk < _AFTER_ALL and pk in self._all

    def __getitem__(self, pk: int) -> Commune:
        return self.numbered(self.number(pk))

    def number(self, pk: int) -> int:
        """The number of the commune with that primary key. Raises KeyError."""
        at = bisect_left(self._sorted_pks, pk)
        if pk >= _AFTER_ALL or self._sorted_pks[at] != pk:
            raise KeyError(pk)
        return self._numbers[at]

    def numbered(self, number: int) -> Commune:
        """The commune of that number."""
        code, name, slug, postcodes = self._texts[number].split("\0")
        people = self._populations[number]
        latitude, longitude = self._latitudes[number], self._longitudes[number]
        return Commune(
            self._pks[number],
            code,
            name,
            slug,
            None if people == _UNKNOWN else people,
            None if isnan(latitude) else latitude,
            None if isnan(longitude) else longitude,
            tuple(postcodes.split()),
            self._outlined[number] == 1,
        )

    def among(self, pks: Iterable[int]) -> Iterator[Commune]:
        """Those of these primary keys, in alphabetical order."""
        return map(self.numbered, sorted(map(self.number, pks)))

    def code(self, pk: int) -> str:
        return self._text(self.number(pk))[0]

    def people(self, pks: BitMap) -> int:
        """Inhabitants of these communes; those of unknown population count for none."""
        if 2 * len(pks) > len(self):  # fewer to look up
            everyone = sum(count for count in self._populations if count > 0)
            return everyone - self.people(self._all - pks)
        return sum(max(0, self._populations[self.number(pk)]) for pk in pks)

    def coded(self, code: str) -> int | None:
        """The primary key of the commune of that Insee code."""
        at = self._codes.at(code)
        return None if at is None else self._pks[self._coded[at]]

    def point(self, pk: int) -> tuple[float | None, float | None]:
        """Latitude and longitude in degrees; None, None when unknown, the commune included."""
        if pk not in self:
            return None, None
        number = self.number(pk)
        latitude, longitude = self._latitudes[number], self._longitudes[number]
        return (None, None) if isnan(latitude) or isnan(longitude) else (latitude, longitude)

    def points(self) -> Iterator[tuple[int, float, float]]:
        """(primary key, latitude, longitude) of all, in degrees; nan where unknown."""
        return zip(self._pks, self._latitudes, self._longitudes, strict=True)

    def with_postcode(self, postcode: str) -> list[Commune]:
        """The communes of a whole postcode, the most populous first."""
        return [self.numbered(self._ranked[rank]) for rank in self._by_postcode.of(postcode)]

    def with_postcode_start(self, start: str) -> Sequence[int]:
        """Primary keys of those of which a postcode begins so, the most populous first."""
        return [self._pks[self._ranked[rank]] for rank in self._by_postcode.beginning(start)]
