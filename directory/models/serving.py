"""The rule: which offers, and which calls, serve a place. Its only home.

1. A row of coverage names a territory, so the set of its communes on the day asked for.
2. What counts is one's own rows, else those of one's operator or scheme (`EffectiveCoverage`).
3. A commune is served when an included territory encloses it and no excluded one does.
4. A wider territory is served as a number of its communes: part is never shown as whole.
5. No row is "unknown": it serves nowhere, and `coverage_unknown` finds it.

The rows of a day are read in one query, then asked as often as wanted: `coverage(places, on)`.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef
from pyroaring import BitMap

from regions.atlas import Atlas
from regions.models import Kind, Territory, in_force

ServedModel = TypeVar("ServedModel", bound=models.Model)

#: Kinds whose coverage is regional: narrower ones are near.
WHOLE_REGIONS = (Kind.REGION, Kind.COLLECTIVITY)

#: A set of communes, by primary key. Sets are shared between many: never changed in place.
Communes = BitMap
NOWHERE: Communes = BitMap()

#: One row of `EffectiveCoverage` in force: (offer or call, territory, excluded).
Row = tuple[int, int, bool]


@dataclass(frozen=True)
class Within:
    """The communes of a territory on a day, and what they share with every territory they are in.

    `shared` maps the primary key of each wider territory that holds at least one of them, the
    territory included, to those it holds.
    """

    communes: Communes
    shared: dict[int, Communes]


@dataclass(frozen=True, slots=True)
class Reach:
    """Which communes of a `Within` one offer, or one call, serves.

    `local` are those it would serve without its rows for the whole country, `near` without its rows
    for a whole Région either; `breadth` is the number of communes of the narrowest included
    territory.
    """

    communes: Communes
    local: Communes
    near: Communes
    breadth: int


class ServedQuerySet(models.QuerySet[ServedModel]):
    """Querysets of models whose coverage is read in `EffectiveCoverage`."""

    #: The foreign key of `EffectiveCoverage` that points to the model: "offer" or "edition".
    coverage_subject: str

    def coverage(self, places: Atlas, on: datetime.date) -> "CoverageIndex":
        """What serves where on that day, among these rows. One query."""
        from directory.models.coverage import EffectiveCoverage

        subject = f"{self.coverage_subject}_id"
        rows = EffectiveCoverage.objects.filter(
            in_force(on),
            **{
                f"{self.coverage_subject}__isnull": False,  # the other half of the view is left out
                f"{self.coverage_subject}__in": self.order_by().values("pk"),
            },
        ).values_list(subject, "territory_id", "excluded")
        return CoverageIndex(places, on, rows)

    def coverage_unknown(self, on: datetime.date) -> models.QuerySet[ServedModel]:
        """Rows for which no coverage is in force: shown as unknown, never as everywhere."""
        return self.filter(~Exists(self._rows(on).filter(excluded=False)))

    def _rows(self, on: datetime.date) -> models.QuerySet[Any]:
        from directory.models.coverage import EffectiveCoverage

        return EffectiveCoverage.objects.filter(
            in_force(on), **{self.coverage_subject: OuterRef("pk")}
        )


@dataclass
class CoverageIndex:
    """The rows in force on a day, by the territory they name."""

    places: Atlas
    on: datetime.date
    rows: Iterable[Row] = field(repr=False)

    def __post_init__(self) -> None:
        included: dict[int, list[int]] = defaultdict(list)
        excluded: dict[int, list[int]] = defaultdict(list)
        own: dict[int, list[tuple[int, bool]]] = defaultdict(list)
        for subject, territory, is_excluded in self.rows:
            (excluded if is_excluded else included)[territory].append(subject)
            own[subject].append((territory, is_excluded))
        self.rows = ()
        self._included = {territory: BitMap(subjects) for territory, subjects in included.items()}
        self._excluded = {territory: BitMap(subjects) for territory, subjects in excluded.items()}
        #: Most have a single row. The others, row by row.
        self._several = {subject: rows for subject, rows in own.items() if len(rows) > 1}

    def among(self, known: Collection[int]) -> "CoverageIndex":
        """The same for the subjects known: itself, unless one was made since those were read."""
        own = BitMap.union(NOWHERE, *self._included.values(), *self._excluded.values())
        if own <= BitMap(known):
            return self
        rows = [
            (subject, territory, is_excluded)
            for is_excluded, by_territory in ((False, self._included), (True, self._excluded))
            for territory, subjects in by_territory.items()
            for subject in subjects
            if subject in known
        ]
        return CoverageIndex(self.places, self.on, rows)

    def by_rank(self, enclosing: Sequence[int]) -> list[BitMap]:
        """What serves a commune through each of these territories, and through no narrower one.

        `enclosing`: what encloses the commune on that day, itself first, from the narrowest to the
        widest (`Atlas.enclosing`); a rank is a position in it.
        """
        settled = union(filter(None, map(self._excluded.get, enclosing)))
        found: list[BitMap] = []
        for territory in enclosing:
            included = self._included.get(territory)
            if included is None:
                found.append(NOWHERE)
                continue
            found.append(included - settled)
            settled = settled | included
        return found

    def serving(self, enclosing: Sequence[int]) -> dict[int, int]:
        """What serves a commune -> the rank of the narrowest territory that covers it."""
        sets = self.by_rank(enclosing)
        return {subject: rank for rank, subjects in enumerate(sets) for subject in subjects}

    def within(self, territory: Territory) -> Within:
        """The communes of a territory on that day, with all that holds some of them."""
        communes = self.places.inside(territory.pk, self.on)
        return Within(communes, self.places.touching(communes, self.on))

    def reach(self, within: Within) -> dict[int, Reach]:
        """What each one serves of these communes, commune by commune; those of none are out.

        The same rule as `serving`, kept as sets: asked once, it answers for any union, such as
        "all that answers at a stage".
        """
        found: dict[int, Reach] = {}
        several: set[int] = set()
        named = [*within.shared, *within.communes]
        for territory in named:
            subjects = self._included.get(territory)
            if not subjects:
                continue
            reach = self._reach([(territory, False)], within)
            for subject in subjects:
                if subject in self._several:
                    several.add(subject)
                else:
                    found[subject] = reach
        for subject in several:
            reach = self._reach(self._several[subject], within)
            if reach.communes:
                found[subject] = reach
        return found

    def _reach(self, rows: list[tuple[int, bool]], within: Within) -> Reach:
        """Included territories together, minus the excluded ones."""
        included = [territory for territory, is_excluded in rows if not is_excluded]
        excluded = union(self._shared(place, within) for place, is_out in rows if is_out)
        local = [place for place in included if self._kind(place) != Kind.COUNTRY]
        near = [place for place in local if self._kind(place) not in WHOLE_REGIONS]
        served, local_served, near_served = (
            union(self._shared(place, within) for place in kept) - excluded
            for kept in (included, local, near)
        )
        breadth = min(map(self._breadth, included), default=0)
        return Reach(served, local_served, near_served, breadth)

    def _shared(self, territory: int, within: Within) -> Communes:
        if territory in within.communes:
            return BitMap([territory])
        return within.shared.get(territory, NOWHERE)

    def _kind(self, territory: int) -> str:
        wider = self.places.wider.get(territory)
        return wider.kind if wider else Kind.COMMUNE.value

    def _breadth(self, territory: int) -> int:
        wider = self.places.wider.get(territory)
        return wider.commune_count if wider else 1

    def naming(self, territory: int) -> BitMap:
        """What has an included row for this very territory. Not to change."""
        return self._included.get(territory, NOWHERE)


def union(sets: Iterable[Communes]) -> Communes:
    """The union of these sets; a single one, or one given several times, comes back as it is."""
    distinct = list({id(one): one for one in sets}.values())
    if not distinct:
        return NOWHERE
    return distinct[0] if len(distinct) == 1 else BitMap.union(*distinct)
