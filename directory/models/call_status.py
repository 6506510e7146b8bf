"""Where an edition stands on a day: from its dates and that day, never typed.

`status_of` says it for one edition, `status_case` says the same in SQL; a truth table in the tests
holds the two together. A day is a day in Paris: callers pass `timezone.localdate()`.
"""

import datetime
from dataclasses import dataclass
from typing import Final

from django.db import models
from django.db.models import Case, Expression, F, Q, Value, When
from django.db.models.functions import Left, Length
from django.db.models.lookups import Exact

from directory.partial_dates import PartialDate

#: A call whose last day is known is said to close "in n days" from this many days before.
CLOSING_DAYS: Final = 30


class CallStatus(models.TextChoices):
    """In order of urgency for who wants to answer."""

    CLOSING = "ferme bientôt", "ferme bientôt"
    OPEN = "ouvert", "ouvert"
    COMING = "à venir", "à venir"
    STANDING = "permanent", "permanent"
    UNKNOWN = "date inconnue", "date inconnue"
    AWARDED = "lauréats connus", "lauréats connus"
    CLOSED = "clos", "clos"

    @property
    def is_past(self) -> bool:
        """Nobody can answer any more."""
        return self in (CallStatus.AWARDED, CallStatus.CLOSED)

    @property
    def is_open(self) -> bool:
        """One can answer today."""
        return self in (CallStatus.CLOSING, CallStatus.OPEN, CallStatus.STANDING)

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(CallStatus).index(self)


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What the status of an edition depends on, besides the day."""

    opens_on: PartialDate | None = None
    closes_on: PartialDate | None = None
    year: int | None = None
    #: A standing aid, or a call that takes files all the time.
    is_standing: bool = False
    #: A standing aid of which a later edition is public.
    is_superseded: bool = False
    #: At least one laureate was known on that day.
    has_laureates: bool = False


def status_of(facts: CallFacts, on: datetime.date) -> CallStatus:
    """The status on that day.

    A partial closing date is open until the last day it may mean, and is never said to close in so
    many days; an edition of a past year without a closing date is over.
    """
    if facts.opens_on and facts.opens_on.first_day > on:
        return CallStatus.COMING
    if facts.closes_on and facts.closes_on.last_day >= on:
        soon = on + datetime.timedelta(days=CLOSING_DAYS)
        near = facts.closes_on.is_exact and facts.closes_on.last_day <= soon
        return CallStatus.CLOSING if near else CallStatus.OPEN
    if facts.is_standing and not facts.closes_on and not facts.is_superseded:
        return CallStatus.STANDING
    if facts.has_laureates:
        return CallStatus.AWARDED
    if facts.closes_on or facts.is_superseded or (facts.year and facts.year < on.year):
        return CallStatus.CLOSED
    if facts.opens_on:
        return CallStatus.OPEN
    return CallStatus.COMING if facts.year and facts.year > on.year else CallStatus.UNKNOWN


def status_case(on: datetime.date) -> Expression:
    """`status_of` in SQL, over the fields of an edition and the aliases `is_standing`,
    `is_superseded` and `has_laureates`.

    Partial dates are ISO text: cut to the length of the date, the day compares with it as text.
    """
    day = Value(on.isoformat())
    soon = (on + datetime.timedelta(days=CLOSING_DAYS)).isoformat()
    opened_by, closed_by = Left(day, Length("opens_on")), Left(day, Length("closes_on"))
    still = Q(closes_on__gte=closed_by)
    near = Q(Exact(Length("closes_on"), 10), closes_on__lte=soon)
    return Case(
        When(opens_on__gt=opened_by, then=Value(CallStatus.COMING)),
        When(still & near, then=Value(CallStatus.CLOSING)),
        When(still, then=Value(CallStatus.OPEN)),
        When(
            is_standing=True,
            closes_on__isnull=True,
            is_superseded=False,
            then=Value(CallStatus.STANDING),
        ),
        When(has_laureates=True, then=Value(CallStatus.AWARDED)),
        When(
            Q(closes_on__isnull=False) | Q(is_superseded=True) | Q(year__lt=on.year),
            then=Value(CallStatus.CLOSED),
        ),
        When(opens_on__isnull=False, then=Value(CallStatus.OPEN)),
        When(year__gt=on.year, then=Value(CallStatus.COMING)),
        default=Value(CallStatus.UNKNOWN),
        output_field=models.CharField(),
    )


def rank_case(status: str) -> Expression:
    """The rank of the status held by that annotation, to order by urgency."""
    return Case(
        *(When(Q(**{status: each.value}), then=Value(each.rank)) for each in CallStatus),
        output_field=models.IntegerField(),
    )


def known_by(on: datetime.date, field: str) -> Q:
    """Condition: this partial date is empty, or has begun by that day."""
    return Q(**{f"{field}__isnull": True}) | Q(
        **{f"{field}__lte": Left(Value(on.isoformat()), Length(F(field)))}
    )
