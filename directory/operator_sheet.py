"""Everything known of one operator, each fact with its date and source."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, Value

from directory.calls.words import euros
from directory.models import (
    CallEdition,
    Coverage,
    EntryMode,
    Indicator,
    Membership,
    Offer,
    Operator,
    OperatorState,
    Relay,
    Stage,
)
from directory.partial_dates import PartialDate
from directory.pathway.relays import line_to
from directory.pathway.shape import RelayLine
from directory.provenance import Source, make_source, source_of
from regions.models import Dated, Territory, in_force
from regions.wording import count_of_communes, covers_sentence


@dataclass(frozen=True)
class OfferLine:
    stage: Stage
    title: str
    summary: str
    conditions: str
    audiences: list[str]
    themes: list[str]
    entry_modes: list[str]
    caveat: str


@dataclass(frozen=True)
class CoverageLine:
    territory: Territory
    sentence: str
    excluded: bool
    dates_label: str
    source: Source
    caveat: str
    offer_title: str


@dataclass(frozen=True)
class MemberLine:
    member_name: str
    url: str | None
    role: str
    dates_label: str
    source: Source


@dataclass(frozen=True)
class IndicatorLine:
    label: str
    value_label: str
    as_of_label: str
    source: Source


@dataclass(frozen=True)
class AwardLine:
    """A call that this structure was selected by."""

    title: str
    url: str
    project: str
    amount_label: str
    source: Source


@dataclass(frozen=True)
class OperatorSheet:
    """What the operator's page shows; every line is ready to print."""

    operator: Operator
    state: str
    state_label: str
    caveat: str
    offers: list[OfferLine]
    coverage: list[CoverageLine]
    hosts: list[str]
    memberships: list[MemberLine]
    member_of: list[MemberLine]
    aliases: list[str]
    networks: list[str]
    relays_out: list[RelayLine]
    relays_in: list[RelayLine]
    indicators: list[IndicatorLine]
    awards: list[AwardLine]
    sources: list[Source]


def operator_sheet(operator: Operator, on: datetime.date) -> OperatorSheet:
    """The sheet of an operator of `OperatorQuerySet.for_sheet`, as of that day; six queries."""
    offers = (
        Offer.objects.filter(operator=operator)
        .with_words()
        .select_related("stage")
        .order_by("stage__position", "title", "pk")
    )
    relays = _relays(operator, on)
    memberships = (
        Membership.objects.filter(Q(collective=operator) | Q(member=operator))
        .select_related("collective", "member")
        .order_by("collective_id", "name", "valid_from", "pk")
    )
    return OperatorSheet(
        operator=operator,
        state=operator.state,
        state_label=_state_label(operator),
        caveat=operator.caveat,
        offers=[_offer(offer) for offer in offers],
        coverage=_coverage(operator, [offer.pk for offer in offers], on),
        hosts=operator.host_names,  # type: ignore[attr-defined]
        memberships=[
            _member(row, row.name, row.member, on)
            for row in memberships
            if row.collective_id == operator.pk
        ],
        member_of=[
            _member(row, row.collective.name, row.collective, on)
            for row in memberships
            if row.member_id == operator.pk
        ],
        aliases=operator.alias_names,  # type: ignore[attr-defined]
        networks=operator.network_names,  # type: ignore[attr-defined]
        relays_out=[
            line_to(relay, relay.to_name, relay.to_operator, on)
            for relay in relays
            if relay.end == "from"
        ],
        relays_in=[
            line_to(relay, relay.to_name, relay.to_operator, on)
            for relay in relays
            if relay.end == "to"
        ],
        indicators=[_indicator(row, on) for row in operator.indicators.all()],
        awards=_awards(operator, on),
        sources=[
            source_of(operator, on),
            *(
                make_source(row["source"], PartialDate(date) if (date := row["date"]) else None, on)
                for row in operator.reference_rows  # type: ignore[attr-defined]
            ),
        ],
    )


def dates_label(fact: Dated) -> str:
    """ "depuis le 1er janvier 2020", "jusqu’en 2018"…; empty when no bound is known."""
    begins, ends = fact.valid_from, fact.valid_until
    if begins and ends:
        return f"du {_day(begins)} au {_day(ends)}"
    if begins:
        return f"depuis le {_day(begins)}"
    return f"jusqu’au {_day(ends)}" if ends else ""


def _day(day: datetime.date) -> str:
    return f"{day:%d/%m/%Y}"


def _state_label(operator: Operator) -> str:
    label = str(OperatorState(operator.state).label)
    if operator.closed_on:
        return f"{label} ({operator.closed_on.label})"
    return label


def _offer(offer: Any) -> OfferLine:
    return OfferLine(
        stage=offer.stage,
        title=offer.title,
        summary=offer.summary,
        conditions=offer.conditions,
        audiences=offer.audience_names,
        themes=offer.theme_names,
        entry_modes=[str(EntryMode(mode).label) for mode in offer.entry_modes],
        caveat=offer.caveat,
    )


def _coverage(operator: Operator, offers: list[int], on: datetime.date) -> list[CoverageLine]:
    rows = Coverage.objects.of_operator(operator, offers).filter(in_force(on))
    return [
        CoverageLine(
            territory=row.place,
            sentence=f"{covers_sentence(row.territory)}{count_of_communes(row.territory)}",
            excluded=row.excluded,
            dates_label=dates_label(row),
            source=make_source(row.source, row.source_date, on)
            if row.source
            else source_of(operator, on),
            caveat=row.caveat,
            offer_title=str(row.offer.title or row.offer.stage) if row.offer else "",
        )
        for row in rows
    ]


def _awards(operator: Operator, on: datetime.date) -> list[AwardLine]:
    """The public calls it was selected by, the latest first."""
    awards = (
        operator.awards.known_by(on)
        .filter(edition__in=CallEdition.objects.public())
        .select_related("edition__scheme")
        .order_by(F("edition__year").desc(nulls_last=True), "edition__title", "pk")
    )
    return [
        AwardLine(
            title=award.edition.title,
            url=award.edition.get_absolute_url(),
            project=award.project,
            amount_label=euros(award.amount),
            source=source_of(award, on),
        )
        for award in awards
    ]


def _member(
    row: Membership, name: str, structure: Operator | None, on: datetime.date
) -> MemberLine:
    return MemberLine(
        member_name=name,
        url=structure.get_absolute_url() if structure else None,
        role=row.role,
        dates_label=dates_label(row),
        source=source_of(row, on),
    )


def _relays(operator: Operator, on: datetime.date) -> list[Any]:
    """The relays in force that it is an end of, with `end`: "from" or "to". One query."""
    ends = (
        Relay.objects.touching(operator, end)
        .filter(in_force(on))
        .with_ends()
        .annotate(end=Value(end))
        for end in ("from", "to")
    )
    begins, leads = ends
    found = begins.order_by().union(leads.order_by(), all=True)
    return sorted(found, key=lambda one: (one.from_stage.position, one.to_stage.position, one.pk))


def _indicator(row: Indicator, on: datetime.date) -> IndicatorLine:
    return IndicatorLine(
        label=row.label,
        value_label=row.value_label,
        as_of_label=row.as_of.label if row.as_of else "",
        source=source_of(row, on),
    )
