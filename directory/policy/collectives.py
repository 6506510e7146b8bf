"""The collectives of a Région: who animates them by source and date, how, and what was born."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q

from directory.models import BornProject, Membership, MethodStep, Operator, OperatorState
from directory.models.facts import known_on
from directory.operator_sheet import dates_label
from directory.policy.figures import MeasureGroup, RegionFigures
from directory.provenance import Source, source_of
from directory.snapshot import Snapshot
from regions.models import Territory, in_force


@dataclass(frozen=True)
class Member:
    name: str
    url: str
    dates_label: str
    caveat: str


@dataclass(frozen=True)
class MemberGroup:
    """Those that one source names in one role."""

    role: str
    source: Source
    members: list[Member]


@dataclass(frozen=True)
class Step:
    step: MethodStep
    source: Source


@dataclass(frozen=True)
class Born:
    project: BornProject
    source: Source

    @property
    def place_label(self) -> str:
        commune = self.project.commune
        return commune.label if commune else self.project.place or "lieu non connu"

    @property
    def place_url(self) -> str:
        commune = self.project.commune
        return commune.get_absolute_url() if commune else ""


@dataclass(frozen=True)
class Collective:
    """An operator that several others animate, or that brings projects to life."""

    operator: Operator
    state_label: str  # empty for one at work
    groups: list[MemberGroup]
    figures: list[MeasureGroup]
    steps: list[Step]
    born: list[Born]


class Told(NamedTuple):
    """What is known of collectives, by primary key of their operator."""

    members: dict[int, list[Membership]]
    steps: dict[int, list[MethodStep]]
    born: dict[int, list[BornProject]]


def _told(on: datetime.date) -> Told:
    """Of all of them: there are a few in each Région. Three queries."""
    memberships = Membership.objects.filter(in_force(on), known_on(on, "valid_from"))
    steps = MethodStep.objects.filter(known_on(on))
    born = BornProject.objects.filter(
        Q(began_on__isnull=True) | Q(began_on__lte=on.isoformat()), known_on(on, "began_on")
    )
    return Told(
        _by(memberships.select_related("member"), "collective"),
        _by(steps, "operator"),
        _by(born.select_related("commune"), "operator"),
    )


def told_operators(snapshot: Snapshot, region: Territory) -> list[Operator]:
    """The operators whose file the Région keeps that have a story: dates, or a collective's.

    By name. One query; what is told of collectives is kept with the snapshot.
    """
    told = snapshot.once("collectives", lambda: _told(snapshot.on))
    dated = Q(opened_on__isnull=False) | Q(closed_on__isnull=False)
    return list(
        Operator.objects.public()
        .filter(dated | Q(pk__in={*told.members, *told.steps, *told.born}), region=region)
        .select_related("kind")
        .order_by("name", "pk")
    )


def collectives_of(
    snapshot: Snapshot, operators: Iterable[Operator], figures: RegionFigures
) -> list[Collective]:
    """The collectives among these operators, those with most to say first."""
    on = snapshot.on
    told = snapshot.once("collectives", lambda: _told(on))
    found = [
        Collective(
            operator=operator,
            state_label=_state(operator, on),
            groups=_groups(told.members.get(operator.pk, []), on),
            figures=figures.of_operators.get(operator.pk, []),
            steps=[Step(step, source_of(step, on)) for step in told.steps.get(operator.pk, [])],
            born=[Born(one, source_of(one, on)) for one in told.born.get(operator.pk, [])],
        )
        for operator in operators
        if any(operator.pk in known for known in told)
        and not (operator.opened_on and operator.opened_on > on.isoformat())
    ]
    return sorted(found, key=lambda one: (bool(one.state_label), -_weight(one)))


def _weight(collective: Collective) -> int:
    return sum(
        len(part)
        for part in (collective.figures, collective.steps, collective.born, collective.groups)
    )


def _by(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, f"{name}_id")].append(row)
    return dict(found)


def _state(operator: Operator, on: datetime.date) -> str:
    """ "fermé (2018)", "en projet"; empty for one at work on that day."""
    if operator.closed_on:
        closed = operator.closed_on.first_day <= on
        return f"fermé ({operator.closed_on.label})" if closed else ""
    return "" if operator.state == OperatorState.ACTIVE else operator.state_label


def _groups(rows: Iterable[Membership], on: datetime.date) -> list[MemberGroup]:
    """By role, then by source: two sources that differ stand side by side."""
    by_source: dict[tuple[str, str, str], list[Membership]] = defaultdict(list)
    for row in rows:
        by_source[row.role, row.source, str(row.source_date or "")].append(row)
    return [
        MemberGroup(
            role,
            source_of(same[0], on),
            [
                Member(
                    row.name,
                    row.member.get_absolute_url() if row.member else "",
                    dates_label(row),
                    row.caveat,
                )
                for row in same
            ],
        )
        for (role, _, _), same in by_source.items()
    ]
