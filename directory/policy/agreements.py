"""The agreements of a Région with local authorities: how many of how many, one by one."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from directory.models import Agreement
from directory.models.facts import french_number, known_on
from directory.policy.figures import MeasureGroup
from directory.provenance import Source, source_of
from directory.territory.lookup import territory_url
from regions.models import Territory


@dataclass(frozen=True)
class AgreementLine:
    agreement: Agreement
    source: Source
    is_over: bool

    @property
    def url(self) -> str:
        """The page of the authority; empty when its territory is not known."""
        place = self.agreement.territory
        return territory_url(place) if place else ""

    @property
    def ess_line_label(self) -> str:
        return {True: "Oui", False: "Non", None: "Non connu"}[self.agreement.has_ess_line]

    @property
    def signed_label(self) -> str:
        signed = self.agreement.signed_on
        return signed.label if signed else "date non connue"

    @property
    def ends_label(self) -> str:
        ends = self.agreement.ends_on
        return ends.label if ends else "non connue"


@dataclass(frozen=True)
class Agreements:
    """What is known one by one, and what sources say of all of them."""

    lines: list[AgreementLine]
    stated: list[MeasureGroup]

    @property
    def with_line(self) -> int:
        return sum(line.agreement.has_ess_line is True for line in self.lines)

    @property
    def without_line(self) -> int:
        return sum(line.agreement.has_ess_line is False for line in self.lines)

    @property
    def unknown_line(self) -> int:
        return sum(line.agreement.has_ess_line is None for line in self.lines)

    @property
    def total(self) -> str:
        """The largest total that a source gives: "59"; empty when none does."""
        totals = [
            measure.indicator.denominator
            for group in self.stated
            for measure in group.measures
            if measure.indicator.denominator is not None
        ]
        return french_number(max(totals)) if totals else ""

    @property
    def is_known(self) -> bool:
        return bool(self.lines or self.stated)


def agreements_of(
    region: Territory, on: datetime.date, stated: Sequence[MeasureGroup]
) -> Agreements:
    """The agreements signed by that day, in the order of their signature; 1 query."""
    rows = Agreement.objects.filter(
        Q(signed_on__isnull=True) | Q(signed_on__lte=on.isoformat()),
        known_on(on, "signed_on"),
        region=region,
    ).select_related("territory", "pole")
    lines = [
        AgreementLine(row, source_of(row, on), bool(row.ends_on and row.ends_on.last_day < on))
        for row in rows
    ]
    return Agreements(lines, list(stated))
