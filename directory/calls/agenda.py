"""The calls as a calendar to subscribe to: when they open and when they close.

A day is a whole day in Paris, so an event is a date without an hour: no time zone can shift it.
A date known to the month is an event on the first day it may mean, and says so: better a month
early than a day late. A date known to the year makes no event; the page and the calendar say so.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.db.models.functions import Length

from directory.calls.describe import title_of
from directory.calls.search import CallSearch
from directory.calls.words import envelope_label, names_in_french
from directory.models import CallEdition, FundingKind
from directory.partial_dates import PartialDate

if TYPE_CHECKING:  # 2 MB of a process that most of them never need: imported where it is used
    from icalendar import Event, Timezone

#: How often a calendar should ask again.
REFRESH: Final = datetime.timedelta(days=1)
#: What ends the identifier of an event: never changes, whatever the host that serves it.
UID_ENDING: Final = "@parcours-ess"
#: SEQUENCE counts minutes since this day: it grows with every change and stays a small number.
_EPOCH: Final = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)

OPENING, CLOSING = "ouverture", "cloture"
_NOUNS = {OPENING: "Ouverture", CLOSING: "Clôture"}


@dataclass(frozen=True)
class Moment:
    """The opening or the closing of a call, known to the day or to the month."""

    edition: CallEdition
    what: str
    date: PartialDate

    @property
    def uid(self) -> str:
        return f"{self.edition.key}-{self.what}{UID_ENDING}"

    @property
    def summary(self) -> str:
        """ "Clôture : Fabriques 2026", "Clôture en septembre 2026, jour non connu : …"."""
        noun = _NOUNS[self.what]
        if not self.date.is_exact:
            noun += f" en {self.date.label}, jour non connu"
        return f"{noun}\N{NO-BREAK SPACE}: {self.edition.title}"


def moments(editions: list[CallEdition]) -> Iterator[Moment]:
    """What of these editions can stand in a calendar, in their order."""
    for edition in editions:
        for what, date in ((OPENING, edition.opens_on), (CLOSING, edition.closes_on)):
            if date and len(date) > 4:
                yield Moment(edition, what, date)


def left_out(search: CallSearch) -> int:
    """How many of the calls found have no date precise enough for a calendar; one query."""
    dated = CallEdition.objects.alias(opens=Length("opens_on"), closes=Length("closes_on"))
    known = dated.filter(Q(opens__gt=4) | Q(closes__gt=4), pk__in=search.found).count()
    return search.total - known


def as_calendar(search: CallSearch, root: str) -> bytes:
    """The calendar of a search, as RFC 5545 text; `root` is the address of the site."""
    from icalendar import Calendar, vDuration

    calendar = Calendar()
    calendar.add("prodid", "-//Parcours ESS//Appels et aides//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for name in ("name", "x-wr-calname"):
        calendar.add(name, title_of(search))
    description = (
        "Ouvertures et clôtures connues. Une date connue au mois seulement est placée au premier "
        "jour de ce mois ; sans mois connu, l’appel n’est pas dans l’agenda. Vérifiez toujours la "
        "page de l’appel."
    )
    for name in ("description", "x-wr-caldesc"):
        calendar.add(name, description)
    calendar.add("url", root + search.url())
    calendar.add("x-wr-timezone", "Europe/Paris")
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    calendar.add_component(_paris())  # a calendar without any call is a valid one too
    for moment in moments(search.editions(search.ordered)):
        calendar.add_component(_event(moment, root))
    return calendar.to_ical()


@cache
def _paris() -> "Timezone":
    from icalendar import Timezone

    return Timezone.from_tzid("Europe/Paris")


def _event(moment: Moment, root: str) -> "Event":
    from icalendar import Event

    edition = moment.edition
    changed = edition.updated_at.astimezone(datetime.UTC).replace(microsecond=0)
    day = moment.date.first_day
    event = Event()
    event.add("uid", moment.uid)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", max(0, int((changed - _EPOCH).total_seconds() // 60)))
    event.add("dtstart", day)
    event.add("dtend", day + datetime.timedelta(days=1))
    event.add("summary", moment.summary)
    event.add("description", _description(edition, root))
    event.add("url", root + edition.get_absolute_url())
    event.add("categories", [FundingKind(edition.scheme.kind).label])
    event.add("status", "CONFIRMED" if moment.date.is_exact else "TENTATIVE")
    event.add("transp", "TRANSPARENT")
    return event


def _description(edition: Any, root: str) -> str:
    funders = names_in_french(edition.funder_names)
    money = envelope_label(edition)
    parts = [
        f"Financé par {funders}." if funders else "",
        f"Enveloppe\N{NO-BREAK SPACE}: {money}." if money else "",
        edition.note,
        f"Tout savoir\N{NO-BREAK SPACE}: {root}{edition.get_absolute_url()}",
        f"Source\N{NO-BREAK SPACE}: {edition.source}",
    ]
    return "\n".join(part for part in parts if part)
