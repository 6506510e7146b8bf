"""Every public call as of a day, as sets: a filter is an intersection, a count its size."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from directory.calls.filters import CALL_DOORS, NO_YEAR, STATUSES
from directory.models import CallEdition, CallStatus, EffectiveFunder, Funder, Stage, Theme
from directory.snapshot import Snapshot
from regions.names import search_key

#: Calls, by primary key.
Calls = frozenset[int]
NONE: Calls = frozenset()


class CallEntry(NamedTuple):
    """What finding and ordering need of an edition."""

    pk: int
    #: Place in the order of urgency of that day.
    urgency: int
    title: str
    year: int | None
    kind: str
    status: CallStatus
    envelope: Decimal | None
    entry_modes: list[str]
    stages: list[str]
    themes: list[str]
    funders: list[str]


class CallIndex:
    """The public editions of a day, most urgent first. Two queries."""

    def __init__(self, on: datetime.date) -> None:
        stages = Stage.objects.filter(calls=OuterRef("pk")).order_by("position")
        themes = Theme.objects.filter(calls=OuterRef("pk"))
        funders = EffectiveFunder.objects.filter(edition=OuterRef("pk")).order_by("funder__name")
        rows = (
            CallEdition.objects.public()
            .by_urgency(on)
            .annotate(
                stage_slugs=ArraySubquery(stages.values("slug")),
                theme_slugs=ArraySubquery(themes.values("slug")),
                funder_slugs=ArraySubquery(funders.values("funder__slug")),
            )
            .values_list(
                *("pk", "title", "year", "scheme__kind", "status_on_day", "envelope"),
                *("entry_modes", "stage_slugs", "theme_slugs", "funder_slugs"),
            )
        )
        self.entries = {
            pk: CallEntry(pk, urgency, title, year, kind, CallStatus(status), *rest)
            for urgency, (pk, title, year, kind, status, *rest) in enumerate(rows)
        }
        self.everything: Calls = frozenset(self.entries)
        self.funders = self._funders()
        #: Filter -> value -> the calls that have it.
        self.sets: dict[str, dict[str, Calls]] = {
            "statut": self._by(lambda entry: _statuses(entry.status)),
            "annee": self._by(lambda entry: (str(entry.year or NO_YEAR),)),
            "etape": self._by(lambda entry: entry.stages),
            "type": self._by(lambda entry: (entry.kind,)),
            "financeur": self._by(lambda entry: entry.funders),
            "thematique": self._by(lambda entry: entry.themes),
            "profil": self._by(_doors),
        }

    def _funders(self) -> list[Funder]:
        """Those who pay for some call, those of the most calls first."""
        paid = Counter(slug for entry in self.entries.values() for slug in entry.funders)
        known = Funder.objects.filter(slug__in=list(paid))
        return sorted(known, key=lambda one: (-paid[one.slug], search_key(one.name), one.slug))

    def _by(self, read) -> dict[str, Calls]:  # type: ignore[no-untyped-def]
        found: dict[str, set[int]] = defaultdict(set)
        for entry in self.entries.values():
            for value in read(entry):
                found[value].add(entry.pk)
        return {value: frozenset(calls) for value, calls in found.items()}

    def having(self, name: str, values: Iterable[str]) -> Calls:
        """The calls that have one of these values of a filter."""
        known = self.sets[name]
        return NONE.union(*(known.get(value, NONE) for value in values))

    @cached_property
    def years(self) -> list[str]:
        """Those of some call, the latest first; what has no year comes last."""
        return sorted(self.sets["annee"], key=lambda year: (year == NO_YEAR, -_number(year)))


def call_index(snapshot: Snapshot) -> CallIndex:
    """That of a snapshot, made once."""
    return snapshot.once("call index", lambda: CallIndex(snapshot.on))


def _number(year: str) -> int:
    return int(year) if year.isdigit() else 0


def _statuses(status: CallStatus) -> list[str]:
    return [choice.slug for choice in STATUSES if status in choice.statuses]


def _doors(entry: CallEntry) -> list[str]:
    """A call that does not say what one may come with is open to all."""
    return [
        door.slug for door in CALL_DOORS if not entry.entry_modes or door.value in entry.entry_modes
    ]
