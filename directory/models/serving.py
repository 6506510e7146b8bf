"""The rule: which offers, and which calls, serve a place. Its only home.

1. A row of coverage names a territory, so the set of its communes on the day asked for.
2. What counts is one's own rows, else those of one's operator or scheme (`EffectiveCoverage`).
3. A commune is served when an included territory encloses it and no excluded one does.
4. A wider territory is served as a number of its communes: part is never shown as whole.
5. No row is "unknown": it serves nowhere, and `coverage_unknown` finds it.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Case, Count, Exists, Min, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from regions.models import Containment, Kind, Territory, in_force

ServedModel = TypeVar("ServedModel", bound=models.Model)

#: Kinds whose coverage is regional: narrower ones are near.
WHOLE_REGIONS = (Kind.REGION, Kind.COLLECTIVITY)

#: A set of communes, by primary key.
Communes = frozenset[int]


@dataclass(frozen=True)
class Within:
    """The communes of a territory on a day, and what they share with every territory they are in.

    `shared` maps the primary key of each territory that holds at least one of them, the communes
    themselves and the territory included, to those it holds.
    """

    communes: Communes
    shared: dict[int, Communes]


@dataclass(frozen=True)
class Reach:
    """Which communes of a `Within` one offer, or one call, serves.

    `local` are those it would serve without its rows for the whole country, `near` without its rows
    for a whole Région either; `breadth` is the number of communes of the narrowest included
    territory, as `via_rank` of `serving`.
    """

    communes: Communes
    local: Communes
    near: Communes
    breadth: int


class ServedQuerySet(models.QuerySet[ServedModel]):
    """Querysets of models whose coverage is read in `EffectiveCoverage`."""

    #: The foreign key of `EffectiveCoverage` that points to the model: "offer" or "edition".
    coverage_subject: str

    def serving(
        self,
        territory: Territory,
        on: datetime.date,
        enclosing: list[Territory] | None = None,
    ) -> Self:
        """Rows that serve at least one commune of the territory on that day.

        Each row carries the reason as data: `served_communes` of `total_communes`, and
        `via_rank`, smaller for a narrower covering territory. For a commune (1 of 1) it is the
        rank in `covering_territories(commune, on)`, which may be given as `enclosing` when it is
        at hand; for a wider territory, the number of communes of the narrowest covering one.
        """
        if territory.kind == Kind.COMMUNE:
            return self._serving_commune(enclosing or covering_territories(territory, on), on)
        return self._serving_part_of(territory, on)

    def reach(self, within: Within, on: datetime.date) -> dict[int, Reach]:
        """What each row serves of these communes, commune by commune; rows that serve none are out.

        The same rule as `serving`, kept as sets: asked once, it answers for every row, and for any
        union of rows, such as "all that answers at a stage". One query.
        """
        from directory.models.coverage import EffectiveCoverage

        subject = f"{self.coverage_subject}_id"
        rows = EffectiveCoverage.objects.filter(
            in_force(on),
            territory__in=list(within.shared),
            **{f"{self.coverage_subject}__in": self.values("pk")},
        ).values_list(
            subject, "territory_id", "territory__kind", "territory__commune_count", "excluded"
        )
        by_subject: dict[int, list[tuple[int, str, int, bool]]] = defaultdict(list)
        for pk, *row in rows:
            by_subject[pk].append(tuple(row))
        found = {pk: _reach(its_rows, within) for pk, its_rows in by_subject.items()}
        return {pk: reach for pk, reach in found.items() if reach.communes}

    def coverage_unknown(self, on: datetime.date) -> Self:
        """Rows for which no coverage is in force: shown as unknown, never as everywhere."""
        return self.filter(~Exists(self._rows(on).filter(excluded=False)))

    def _rows(self, on: datetime.date) -> models.QuerySet[Any]:
        from directory.models.coverage import EffectiveCoverage

        return EffectiveCoverage.objects.filter(
            in_force(on), **{self.coverage_subject: OuterRef("pk")}
        )

    def _serving_commune(self, enclosing: list[Territory], on: datetime.date) -> Self:
        """One pass over the few rows that name an enclosing territory: cost follows the answer."""
        touching = in_force(on, "effective_coverage__") & Q(
            effective_coverage__territory__in=[place.pk for place in enclosing]
        )
        # Makes the join an inner one, so that PostgreSQL leaves out the view's other branches.
        touching &= Q(**{f"effective_coverage__{self.coverage_subject}__isnull": False})
        rank = Case(
            *(
                When(effective_coverage__territory_id=place.pk, then=Value(position))
                for position, place in enumerate(enclosing)
            ),
            output_field=models.IntegerField(),
        )
        return (
            self.filter(touching)
            .annotate(
                via_rank=Min(rank, filter=Q(effective_coverage__excluded=False)),
                excluding_rows=Count("pk", filter=Q(effective_coverage__excluded=True)),
                served_communes=Value(1),
                total_communes=Value(1),
            )
            .filter(excluding_rows=0, via_rank__isnull=False)
        )

    def _serving_part_of(self, territory: Territory, on: datetime.date) -> Self:
        """Communes of the territory that an included row reaches and no excluded one does."""
        from directory.models.coverage import EffectiveCoverage

        inside = Containment.objects.filter(in_force(on), territory=territory).values("commune")
        path = "effective_coverage__territory__members"
        reaching = (
            in_force(on, "effective_coverage__")
            & in_force(on, f"{path}__")
            & Q(
                **{
                    f"{path}__commune__in": inside,
                    "effective_coverage__excluded": False,
                }
            )
        )
        excluded_there = EffectiveCoverage.objects.filter(
            in_force(on),
            in_force(on, "territory__members__"),
            excluded=True,
            territory__members__commune=OuterRef(f"{path}__commune"),
            **{self.coverage_subject: OuterRef("pk")},
        )
        breadth = Coalesce("effective_coverage__territory__commune_count", Value(0))
        return (
            self.filter(reaching & ~Q(Exists(excluded_there)))
            .annotate(
                served_communes=Count(f"{path}__commune", distinct=True),
                total_communes=Value(inside.count()),
                via_rank=Min(breadth),
            )
            .filter(served_communes__gt=0)
        )


def covering_territories(commune: Territory, on: datetime.date) -> list[Territory]:
    """Territories that enclose the commune on that day, itself first, narrowest to widest."""
    return list(Territory.objects.enclosing(commune, on))


def communes_within(territory: Territory, on: datetime.date) -> Within:
    """The communes of a territory on that day, with all that holds some of them; 1 query."""
    pairs = (
        Containment.objects.in_force(on)
        .filter(in_force(on, "commune__containments__"), commune__containments__territory=territory)
        .values_list("territory_id", "commune_id")
    )
    shared: dict[int, set[int]] = defaultdict(set)
    for place, commune in pairs:
        shared[place].add(commune)
    frozen = {place: frozenset(communes) for place, communes in shared.items()}
    return Within(frozen.get(territory.pk, frozenset()), frozen)


def _reach(rows: list[tuple[int, str, int, bool]], within: Within) -> Reach:
    """Included territories together, minus the excluded ones. Most rows stand alone: no copy."""
    included = [row for row in rows if not row[3]]
    excluded = union(within.shared[place] for place, _, _, is_out in rows if is_out)
    local = [row for row in included if row[1] != Kind.COUNTRY]
    near = [row for row in local if row[1] not in WHOLE_REGIONS]
    served, local_served, near_served = (
        union(within.shared[row[0]] for row in kept) for kept in (included, local, near)
    )
    if excluded:
        served, local_served = served - excluded, local_served - excluded
        near_served = near_served - excluded
    breadth = min((row[2] for row in included), default=0)
    return Reach(served, local_served, near_served, breadth)


def union(sets: Iterable[Communes]) -> Communes:
    """The union of these sets; a single one, or one given several times, comes back as it is."""
    distinct = list({id(one): one for one in sets}.values())
    if len(distinct) == 1:
        return distinct[0]
    return frozenset().union(*distinct)
