"""The rule: which offers, and which calls, serve a place. Its only home.

1. A row of coverage names a territory, so the set of its communes on the day asked for.
2. What counts is one's own rows, else those of one's operator or scheme (`EffectiveCoverage`).
3. A commune is served when an included territory encloses it and no excluded one does.
4. A wider territory is served as a number of its communes: part is never shown as whole.
5. No row is "unknown": it serves nowhere, and `coverage_unknown` finds it.
"""

import datetime
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Case, Count, Exists, Min, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from regions.models import Containment, Kind, Territory, in_force

ServedModel = TypeVar("ServedModel", bound=models.Model)


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
