"""The calls of a Région and the money in them, year by year, as sure as each source says."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Final

from directory.calls.words import euros
from directory.gaps import Landscape
from directory.models import (
    CallEdition,
    Claim,
    Funding,
    FundingNature,
)
from directory.models.facts import known_on
from directory.pathway.calls import call_lines
from directory.pathway.shape import CallLine
from directory.provenance import Source, source_of
from directory.snapshot import Snapshot

#: What a source announces or plans may not come; what is voted or further on is sure.
UNSURE: Final = (FundingNature.ANNOUNCED, FundingNature.PLANNED)
NOT_SAID: Final = "nature non précisée"


@dataclass(frozen=True)
class RegionCall:
    """An edition that the Région pays for, or that is open to some of its communes only."""

    line: CallLine
    is_paid_by_region: bool
    fundings: list[Funding]  # those of known amount
    claims: list[Claim]

    @property
    def edition(self) -> CallEdition:
        return self.line.edition

    @property
    def url(self) -> str:
        return self.line.page_url

    @property
    def year(self) -> int | None:
        return self.edition.year

    @property
    def stage_rows(self) -> list[int]:
        return self.edition.stage_rows  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Amount:
    """Money in an edition, from one funder or from all of them, and how sure it is."""

    call: RegionCall
    year: int | None
    amount: Decimal
    nature: str  # a value of FundingNature, or empty
    who: str
    is_envelope: bool
    note: str
    source: Source

    @property
    def amount_label(self) -> str:
        return euros(self.amount)

    @property
    def nature_label(self) -> str:
        return str(FundingNature(self.nature).label) if self.nature else NOT_SAID

    @property
    def who_label(self) -> str:
        """ "enveloppe", "Région Grand Est": beside its bar."""
        return "enveloppe" if self.is_envelope else self.who

    @property
    def certainty(self) -> str:
        """For the drawing: "sure", "unsure", or "unsaid"."""
        if not self.nature:
            return "unsaid"
        return "unsure" if self.nature in UNSURE else "sure"


@dataclass(frozen=True)
class Bar:
    """One bar of the drawing of a series, in its units."""

    amount: Amount
    y: int
    width: float

    @property
    def text_x(self) -> float:
        return 44 + self.width + 7


@dataclass(frozen=True)
class SeriesMoney:
    """What is known of the money of one series, oldest first."""

    name: str
    kind_label: str
    url: str
    amounts: list[Amount]
    years_without: list[int]

    BAR_STEP = 34
    BAR_WIDTH = 180

    @cached_property
    def bars(self) -> list[Bar]:
        largest = max(amount.amount for amount in self.amounts)
        return [
            Bar(
                amount,
                number * self.BAR_STEP,
                max(3.0, float(round(amount.amount / largest * self.BAR_WIDTH, 1))),
            )
            for number, amount in enumerate(self.amounts)
        ]

    @property
    def drawing_height(self) -> int:
        return len(self.amounts) * self.BAR_STEP

    @property
    def in_words(self) -> str:
        """ "2017 : 100 000 € ; 2018 : 200 000 € (prévu)", for whoever does not see the bars."""
        return " ; ".join(
            f"{amount.year or 'sans année'} : {amount.amount_label} ({amount.nature_label})"
            for amount in self.amounts
        )


def region_calls(snapshot: Snapshot, land: Landscape) -> list[RegionCall]:
    """The calls the Région pays for, and those open to a part of it, most urgent first.

    Calls for the whole country are not the Région's: its territory page has them. One query; the
    calls and what sources say differently of them are kept with the snapshot.
    """
    local = {pk for pk, reach in snapshot.calls.reach(land.within).items() if reach.local}
    every = call_lines(snapshot)
    region = land.territory.pk
    paid = {pk for pk, line in every.items() if region in line.edition.payers}  # type: ignore[attr-defined]
    lines = {pk: line for pk, line in every.items() if pk in local | paid}
    fundings: dict[int, list[Funding]] = defaultdict(list)
    rows = Funding.objects.filter(known_on(land.on), edition__in=lines, amount__isnull=False)
    for funding in rows.select_related("funder"):
        fundings[funding.edition_id].append(funding)
    claims = snapshot.once("claims", lambda: _claims(land.on))
    calls = [
        RegionCall(line, pk in paid, fundings.get(pk, []), claims.get(pk, []))
        for pk, line in lines.items()
    ]
    return sorted(calls, key=attrgetter("line.urgency"))


def _claims(on: datetime.date) -> dict[int, list[Claim]]:
    """What sources say differently, by edition. There are a few in all."""
    found: dict[int, list[Claim]] = defaultdict(list)
    for claim in Claim.objects.filter(known_on(on), edition__isnull=False):
        found[claim.edition_id].append(claim)  # type: ignore[index]
    return dict(found)


def money_by_series(calls: Iterable[RegionCall], on: datetime.date) -> list[SeriesMoney]:
    """The series the Région pays for of which some money is known, by first year then name."""
    by_scheme: dict[int, list[RegionCall]] = defaultdict(list)
    for call in calls:
        if call.is_paid_by_region:
            by_scheme[call.edition.scheme_id].append(call)
    series = []
    for same in by_scheme.values():
        same.sort(key=lambda call: (call.year or 9999, call.edition.pk))
        amounts = [amount for call in same for amount in _amounts(call, on)]
        if amounts:
            with_money = {amount.year for amount in amounts}
            years = [call.year for call in same if call.year and call.year not in with_money]
            latest = same[-1]
            series.append(
                SeriesMoney(
                    latest.edition.scheme.name,
                    latest.line.kind_label,
                    latest.url,
                    amounts,
                    years,
                )
            )
    return sorted(series, key=lambda one: (one.amounts[0].year or 9999, one.name))


def _amounts(call: RegionCall, on: datetime.date) -> list[Amount]:
    """The envelope, then what each funder puts in; the same money is not said twice."""
    edition = call.edition
    found = []
    told = [funding.amount for funding in call.fundings] == [edition.envelope]
    if edition.envelope is not None and not told:
        found.append(
            Amount(
                call,
                edition.year,
                edition.envelope,
                edition.envelope_nature,
                call.line.funder,
                True,
                "",
                call.line.source,
            )
        )
    for funding in call.fundings:
        source = source_of(funding, on) if funding.source else call.line.source
        found.append(
            Amount(
                call,
                edition.year,
                funding.amount or Decimal(),
                funding.nature,
                funding.funder.name,
                False,
                funding.note,
                source,
            )
        )
    return found
