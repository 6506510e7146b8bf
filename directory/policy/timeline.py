"""What happened in a Région, year by year: dated events, calls, agreements, openings, figures."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from directory.models import Milestone, Operator
from directory.models.facts import known_on
from directory.partial_dates import PartialDate
from directory.policy.agreements import Agreements
from directory.policy.figures import Measure
from directory.policy.money import RegionCall
from directory.provenance import Source, source_of
from regions.models import Territory

#: The timeline begins with the article that this project started from; before it, in short.
FIRST_YEAR: Final = 2017


class EventKind(StrEnum):
    MILESTONE = "Événement"
    CALL = "Appel"
    AGREEMENT = "Convention"
    OPERATOR = "Structure"
    FIGURE = "Chiffre"


@dataclass(frozen=True)
class Event:
    kind: EventKind
    date: PartialDate
    title: str
    text: str
    url: str
    source: Source | None
    caveat: str = ""

    @property
    def css(self) -> str:
        return self.kind.name.lower()

    @property
    def date_label(self) -> str:
        """The day or the month; empty for a year, that its group says."""
        return "" if len(self.date) == 4 else self.date.label.removesuffix(f" {self.date.year}")


@dataclass(frozen=True)
class Year:
    """What happened in a year; `year` is None for all that came before the timeline begins."""

    year: int | None
    events: list[Event]
    figures: list[Event]

    @property
    def anchor(self) -> str:
        return f"annee-{self.year}" if self.year else "annee-avant"

    @property
    def label(self) -> str:
        return str(self.year) if self.year else f"Avant {FIRST_YEAR}"

    @property
    def is_empty(self) -> bool:
        return not self.events and not self.figures


def timeline(
    region: Territory,
    on: datetime.date,
    calls: Sequence[RegionCall],
    agreements: Agreements,
    operators: Iterable[Operator],
    figures: Iterable[Measure],
) -> list[Year]:
    """The years from the first with an event to that day's, the empty ones included; one query.

    What a milestone tells is not told again by the call or the agreement it is about.
    """
    milestones = list(
        Milestone.objects.filter(known_on(on, "happened_on"), region=region).select_related(
            "operator"
        )
    )
    told_calls = {(row.scheme_id, row.happened_on.year) for row in milestones if row.scheme_id}
    told_days = {(row.happened_on, row.source) for row in milestones}
    events = [
        *_milestones(milestones, on, calls),
        *_calls(call for call in calls if (call.edition.scheme_id, call.year) not in told_calls),
        *_agreements(agreements, told_days),
        *_openings(operators, on),
        *_figures(figures),
    ]
    events.sort(key=lambda event: (str(event.date), list(EventKind).index(event.kind)))
    by_year: dict[int | None, list[Event]] = {}
    for event in events:
        by_year.setdefault(event.date.year if event.date.year >= FIRST_YEAR else None, []).append(
            event
        )
    if not by_year:
        return []
    last = max(on.year, *(year or 0 for year in by_year))
    years: Sequence[int | None] = [None, *range(FIRST_YEAR, last + 1)]
    return [_year(year, by_year.get(year, [])) for year in years if year or year in by_year]


def _year(year: int | None, events: Iterable[Event]) -> Year:
    found = list(events)
    return Year(
        year,
        [event for event in found if event.kind != EventKind.FIGURE],
        [event for event in found if event.kind == EventKind.FIGURE],
    )


def _milestones(
    rows: Iterable[Milestone], on: datetime.date, calls: Sequence[RegionCall]
) -> Iterator[Event]:
    """Each leads to the call it is about, else to its operator."""
    urls = {(call.edition.scheme_id, call.year): call.url for call in calls}
    for row in rows:
        url = row.operator.get_absolute_url() if row.operator else ""
        yield Event(
            EventKind.MILESTONE,
            row.happened_on,
            row.title,
            row.text,
            urls.get((row.scheme_id or 0, row.happened_on.year), url),
            source_of(row, on),
            row.caveat,
        )


def _calls(calls: Iterable[RegionCall]) -> Iterator[Event]:
    """An edition stands at its opening, else at its closing, else in its year."""
    for call in calls:
        edition = call.edition
        date = edition.opens_on or edition.closes_on
        if date is None and edition.year:
            date = PartialDate(str(edition.year))
        if date is None:
            continue
        what = "ouverture" if edition.opens_on else "clôture" if edition.closes_on else ""
        text = ", ".join(part for part in (what, call.line.envelope_label) if part)
        yield Event(
            EventKind.CALL, date, edition.title, text.capitalize(), call.url, call.line.source
        )


def _agreements(agreements: Agreements, told: set[tuple[PartialDate, str]]) -> Iterator[Event]:
    for line in agreements.lines:
        signed = line.agreement.signed_on
        if signed and (signed, line.agreement.source) not in told:
            yield Event(
                EventKind.AGREEMENT,
                signed,
                f"Convention avec {line.agreement.name}",
                "",
                line.url,
                line.source,
            )


def _openings(operators: Iterable[Operator], on: datetime.date) -> Iterator[Event]:
    """Those that opened or closed."""
    for operator in operators:
        for date, word in ((operator.opened_on, "Création"), (operator.closed_on, "Fermeture")):
            if date and date.first_day <= on:
                yield Event(
                    EventKind.OPERATOR,
                    date,
                    f"{word} : {operator.name}",
                    "",
                    operator.get_absolute_url(),
                    source_of(operator, on),
                )


def _figures(figures: Iterable[Measure]) -> Iterator[Event]:
    """Those about the Région; an operator's own are on its page."""
    seen = set()
    for measure in figures:
        row = measure.indicator
        if row.as_of and row.territory_id and row.pk not in seen:
            seen.add(row.pk)
            subject = f"{row.label} : {row.value_label}"
            url = row.operator.get_absolute_url() if row.operator else ""
            yield Event(
                EventKind.FIGURE, row.as_of, subject, "", url, measure.line.source, row.caveat
            )
