"""What the page of a call is made of; `directory.calls.sheet` makes it. The API shows the same."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from directory.calls.series import Chart
from directory.calls.words import euros, nature_label
from directory.models import FundingKind, FundingScheme, Stage
from directory.pathway.shape import CallLine
from directory.provenance import Source
from regions.models import Territory


@dataclass(frozen=True)
class DateLine:
    """A date of a call: known, known in part, or not known."""

    label: str
    text: str
    is_known: bool
    hint: str


@dataclass(frozen=True)
class MoneyLine:
    funder: str
    website: str
    amount: Decimal | None
    amount_label: str
    nature: str
    note: str
    caveat: str
    source: Source | None


@dataclass(frozen=True)
class ZoneLine:
    territory: Territory
    sentence: str
    excluded: bool
    source: Source | None
    caveat: str


@dataclass(frozen=True)
class LaureateLine:
    name: str
    url: str | None
    project: str
    place: str
    amount: Decimal | None
    amount_label: str
    source: Source
    caveat: str


@dataclass(frozen=True)
class ClaimGroup:
    """What several sources say on one subject, side by side."""

    subject: str
    claims: list[tuple[str, Source, str]]

    @property
    def is_contradiction(self) -> bool:
        return len({statement for statement, _, _ in self.claims}) > 1


@dataclass
class EditionSheet:
    """One edition, every line ready to print."""

    edition: Any
    line: CallLine
    dates: list[DateLine]
    stages: list[Stage]
    themes: list[str]
    audiences: list[str]
    entry_modes: list[str]
    money: list[MoneyLine]
    sums: list[tuple[str, str]]
    #: Some nature has several amounts, so that a sum says something.
    has_several: bool
    documents: list[dict[str, str]]
    laureates: list[LaureateLine]
    claims: list[ClaimGroup]
    zones: list[ZoneLine]
    contact: Any
    sources: list[Source] = field(default_factory=list)

    @property
    def total_sentence(self) -> str:
        """Why the sum of what is known of the funders is not the envelope."""
        envelope = self.edition.envelope
        if envelope is None or not self.sums:
            return ""
        same = nature_label(self.edition.envelope_nature)
        if any(amount == euros(envelope) and nature == same for nature, amount in self.sums):
            return ""
        return (
            "L’enveloppe et la somme des montants connus ne sont pas la même chose"
            "\N{NO-BREAK SPACE}: nos sources ne disent pas toujours ce que met chaque financeur."
        )

    @property
    def laureate_sources(self) -> list[Source]:
        return list(dict.fromkeys(laureate.source for laureate in self.laureates))

    @property
    def selected_label(self) -> str:
        """ "13 lauréats, dont 4 nommés ici"."""
        known, named = self.edition.selected, len(self.laureates)
        if known is None:
            return ""
        text = f"{known} lauréat{'s' if known > 1 else ''}"
        if not named or named == known:
            return text
        return f"{text}, dont {named} nommé{'s' if named > 1 else ''} ici"


@dataclass(frozen=True)
class CallPage:
    """What the page of a call shows: the editions of its address, and the whole series."""

    scheme: FundingScheme
    shown: list[EditionSheet]
    timeline: list[CallLine]
    habits: list[str]
    chart: Chart
    claims: list[ClaimGroup]
    sources: list[Source]
    map_data: dict[str, Any] | None
    year: int | None

    @property
    def title(self) -> str:
        if self.year is None:
            return self.scheme.name
        if len(self.shown) == 1:
            return str(self.shown[0].edition.title)
        return f"{self.scheme.name} {self.year}"

    @property
    def first(self) -> EditionSheet:
        return self.shown[0]

    @property
    def kind_label(self) -> str:
        return str(FundingKind(self.scheme.kind).label)
