"""The dated figures of a Région by subject, and what the directory counts beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Q

from directory.gaps import Landscape, StageGaps
from directory.models import Indicator, IndicatorSubject, Stage
from directory.models.facts import french_number, known_on
from directory.models.serving import union
from directory.operator_sheet import IndicatorLine
from directory.policy.actors import Actor
from directory.provenance import source_of
from directory.territory.surroundings import KIND_PLURALS
from regions.models import Kind, Territory

#: The levels of which the page says how many have an offer near, from the widest.
LEVELS = (Kind.DEPARTEMENT, Kind.PAYS, Kind.EPCI)


@dataclass(frozen=True)
class Measure:
    """One figure, ready to print."""

    indicator: Indicator
    line: IndicatorLine

    @property
    def caveat(self) -> str:
        return self.indicator.caveat

    @property
    def missing_label(self) -> str:
        """ "3": what the figure leaves out of its total; empty when it leaves out nothing."""
        total, value = self.indicator.denominator, self.indicator.value
        return french_number(total - value) if total is not None and value < total else ""


@dataclass(frozen=True)
class Counted:
    """What the directory counts today of what a figure counts."""

    label: str  # "12 sur 21 pays ont un pôle ESS"
    partly: list[Territory]
    lacking: list[Territory]
    actors: list[Actor]


@dataclass(frozen=True)
class MeasureGroup:
    """All that sources say of one measure, oldest first, beside what the directory counts."""

    label: str
    measures: list[Measure]
    counted: Counted | None = None

    @property
    def stands_alone(self) -> bool:
        """It has a line of its own on the page: several figures, or a count beside its one."""
        return len(self.measures) > 1 or self.counted is not None

    @property
    def differ(self) -> bool:
        """Several figures: years went by, or sources contradict each other."""
        return len({measure.indicator.value for measure in self.measures}) > 1


@dataclass(frozen=True)
class RegionFigures:
    """The figures of a Région and of its own operators, by subject."""

    coverage: list[MeasureGroup]
    money: list[MeasureGroup]
    agreements: list[MeasureGroup]
    activity: list[MeasureGroup]
    of_operators: dict[int, list[MeasureGroup]]

    @property
    def of_collectives(self) -> list[list[MeasureGroup]]:
        """Those of its operators that are said of the Région too, such as a générateur's."""
        found = []
        for groups in self.of_operators.values():
            its = [group for group in groups if group.measures[0].indicator.territory_id]
            found += [its] if its else []
        return found

    @property
    def all_measures(self) -> list[Measure]:
        groups = [*self.coverage, *self.money, *self.agreements, *self.activity]
        of_operators = [group for groups in self.of_operators.values() for group in groups]
        return [measure for group in [*groups, *of_operators] for measure in group.measures]


def region_figures(land: Landscape, actors: Sequence[Actor]) -> RegionFigures:
    """Figures known on that day, about the Région or about an operator it keeps; 1 query."""
    rows = (
        Indicator.objects.filter(
            Q(territory=land.territory) | Q(operator__region=land.territory, territory=None),
            known_on(land.on, "as_of"),
        )
        .select_related("operator", "counted_kind")
        .order_by("operator", "slug", "as_of", "value", "pk")
    )
    by_subject: dict[str, list[MeasureGroup]] = {}
    of_operators: dict[int, list[MeasureGroup]] = {}
    for (operator, _), same in groupby(rows, key=lambda row: (row.operator_id, row.slug)):
        group = _group(land, actors, list(same))
        if operator:
            of_operators.setdefault(operator, []).append(group)
        if operator is None or group.measures[0].indicator.subject == IndicatorSubject.COVERAGE:
            subject = group.measures[0].indicator.subject or IndicatorSubject.ACTIVITY
            by_subject.setdefault(subject, []).append(group)
    return RegionFigures(
        coverage=by_subject.get(IndicatorSubject.COVERAGE, []),
        money=by_subject.get(IndicatorSubject.MONEY, []),
        agreements=by_subject.get(IndicatorSubject.AGREEMENTS, []),
        activity=by_subject.get(IndicatorSubject.ACTIVITY, []),
        of_operators=of_operators,
    )


def _group(land: Landscape, actors: Sequence[Actor], rows: list[Indicator]) -> MeasureGroup:
    measures = [
        Measure(
            row,
            IndicatorLine(
                row.label,
                row.value_label,
                row.as_of.label if row.as_of else "",
                source_of(row, land.on),
            ),
        )
        for row in rows
    ]
    counting = next((row for row in rows if row.counted_kind_id), None)
    return MeasureGroup(
        rows[0].label, measures, _counted(land, actors, counting) if counting else None
    )


def _counted(land: Landscape, actors: Sequence[Actor], row: Indicator) -> Counted:
    kind: Any = row.counted_kind
    same = [actor for actor in actors if actor.is_local and actor.kind.pk == kind.pk]
    if not row.counted_level:
        noun = kind.plural if len(same) > 1 else kind.name
        return Counted(f"{french_number(len(same))} {noun}", [], [], same)
    served = union(actor.reach for actor in same)
    places = places_of(land, row.counted_level)
    whole: list[Territory] = []
    partly: list[Territory] = []
    lacking: list[Territory] = []
    for place in places:
        its = land.within.shared[place.pk]
        group = whole if its <= served else partly if its & served else lacking
        group.append(place)
    level = KIND_PLURALS[Kind(row.counted_level)]
    label = f"{french_number(len(whole))} {level} sur {french_number(len(places))}"
    return Counted(label, partly, lacking, same)


def places_of(land: Landscape, level: str) -> list[Territory]:
    """The territories of that level that lie in the Région, wholly or for the most part."""
    return [
        place
        for place in land.around
        if place.kind == level and 2 * len(land.within.shared[place.pk]) > land.on_the_day[place.pk]
    ]


@dataclass(frozen=True)
class LevelServed:
    """How many territories of a level have an offer near, at one stage."""

    label: str  # "pays", "intercommunalités", "communes"
    whole: int
    partly: int
    total: int


@dataclass(frozen=True)
class StageServed:
    stage: Stage
    gaps: StageGaps
    levels: list[LevelServed]


def served_today(land: Landscape, gaps: Iterable[StageGaps]) -> list[StageServed]:
    """For each stage, the territories where an offer that is not regional or national answers."""
    places = {level: places_of(land, level) for level in LEVELS}
    found = []
    for at in gaps:
        levels = []
        for level, same in places.items():
            if same:
                shared = [land.within.shared[place.pk] for place in same]
                whole = sum(communes <= at.near for communes in shared)
                partly = sum(bool(communes & at.near) for communes in shared) - whole
                levels.append(LevelServed(KIND_PLURALS[level], whole, partly, len(same)))
        communes = len(at.near), len(land.within.communes)
        levels.append(LevelServed(KIND_PLURALS[Kind.COMMUNE], communes[0], 0, communes[1]))
        found.append(StageServed(at.stage, at, levels))
    return found
