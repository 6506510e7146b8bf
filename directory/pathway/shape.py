"""What a pathway is made of. The page and the API show the same objects."""

import datetime
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString

from directory.addresses import address_of
from directory.days import on_day
from directory.documentation import REGIONAL_KINDS, Documentation
from directory.doors import DOORS, Door
from directory.models import CallEdition, CallStatus, OperatorKind, Stage, Theme
from directory.moulds import fill
from directory.places import Place
from directory.provenance import Source
from directory.snapshot.content import OfferContent, OperatorContent
from directory.snapshot.entries import OfferEntry
from regions.atlas import commune_url
from regions.models import Kind, Territory
from regions.wording import distance_label

#: `in_full` of a pathway that lists every call; its anchor on the page.
ALL_CALLS = "appels"
#: Calls of each sort, current and past, that a pathway shows unless asked for all.
CALLS_SHOWN = 15


@dataclass(frozen=True)
class RelayLine:
    to_name: str
    to_url: str | None
    to_stage_name: str
    to_anchor: str
    condition: str
    is_internal: bool
    source: Source | None = None  # where it is shown
    caveat: str = ""
    from_name: str = ""
    from_url: str | None = None


@dataclass(slots=True)
class Match:
    """One offer that serves the commune, and the reason why it is shown, as data.

    `contents` are what the API says of it; pages read `directory.pathway.cards`.
    """

    entry: OfferEntry
    via: Territory
    via_sentence: str
    distance_km: float | None
    fit: int
    fits: bool
    same_commune: bool
    is_first_contact: bool = False
    relays: list[RelayLine] = field(default_factory=list)
    contents_or_none: tuple[OperatorContent, OfferContent] | None = None

    @property
    def kind(self) -> OperatorKind:
        return self.entry.operator.kind

    @property
    def name(self) -> str:
        return self.entry.operator.name

    @property
    def is_contact(self) -> bool:
        """Whether somebody can begin here: receives people, can be reached, is not nation-wide."""
        reachable = self.entry.operator.is_reachable
        return self.kind.is_desk and reachable and self.via.kind != Kind.COUNTRY

    @property
    def distance_label(self) -> str:
        return distance_label(self.distance_km, same_commune=self.same_commune)

    @property
    def reason(self) -> str:
        away = self.distance_label
        return f"{self.via_sentence} · {away}" if away else self.via_sentence

    @property
    def contents(self) -> tuple[OperatorContent, OfferContent]:
        """What is known of it. Raises LookupError where `add_contents` was not asked to read it."""
        if self.contents_or_none is None:
            raise LookupError(f"not read: {self.name}")
        return self.contents_or_none

    @property
    def source(self) -> Source:
        operator, offer = self.contents
        return offer.source or operator.source


@dataclass(frozen=True)
class Near:
    operator_name: str
    url: str
    kind_name: str
    distance_label: str


@dataclass(frozen=True)
class Gap:
    """Nobody serves the commune at this stage, in a Région whose directory is filled."""

    nearest: Near | None
    fallback: Near | None
    report_url: str
    message: str


@dataclass
class Step:
    """A stage of a pathway. Its addresses are made when shown: most steps need none."""

    pathway: "Pathway" = field(repr=False)
    stage: Stage
    matches: list[Match]
    others: list[Match]
    total: int
    fitting: int
    gap: Gap | None
    notice: str

    @property
    def all_url(self) -> str:
        """The same stage, narrowed by nothing."""
        return f"{self.pathway.url(door=None, theme=None)}#{self.stage.slug}"

    @property
    def report_url(self) -> str:
        return self.pathway.report_url(self.stage)

    @property
    def more_url(self) -> str:
        """The same stage in full."""
        return self.pathway.url(in_full=self.stage.slug)

    @property
    def others_count(self) -> int:
        return self.fitting - len(self.matches)

    @property
    def narrowed_out(self) -> int:
        """Offers that serve the commune but say they are for something else."""
        return self.total - self.fitting

    @property
    def beyond_count(self) -> int:
        """Offers that fit and are not even listed."""
        return self.fitting - len(self.matches) - len(self.others)


_TONES = {CallStatus.COMING: "coming", CallStatus.UNKNOWN: "unknown"}


@dataclass(frozen=True)
class CallLine:
    edition: CallEdition
    title: str
    url: str | None
    kind_label: str
    funder: str
    status: CallStatus
    status_badge: str
    status_label: str
    envelope_label: str
    stages: list[str]
    source: Source

    @cached_property
    def is_past(self) -> bool:
        return self.status.is_past

    @cached_property
    def scheme(self) -> int:
        """Its series, by primary key."""
        return self.edition.scheme_id

    @cached_property
    def recency(self) -> tuple[int, str, int]:
        """Sorts the last edition of a series last."""
        return (self.edition.year or 0, str(self.edition.closes_on or ""), self.edition.pk)

    @cached_property
    def urgency(self) -> tuple[object, ...]:
        """Sorts the most urgent first, and the past ones last."""
        return (
            CallStatus.CLOSED.rank if self.is_past else self.status.rank,
            str(self.edition.closes_on or "9999") if not self.is_past else "",
            -(self.edition.year or 0),
            self.title,
            self.edition.pk,
        )

    @property
    def page_url(self) -> str:
        """Our page on it; `url` is the funder's."""
        return self.edition.get_absolute_url()

    @property
    def is_example(self) -> bool:
        return self.edition.scheme.is_example

    @property
    def tone(self) -> str:
        """Suffix of the class of its status."""
        return _TONES.get(self.status, "past" if self.is_past else "open")

    @property
    def glyph(self) -> str:
        """The shape of its status: a status is never told by its colour alone."""
        return "status-standing" if self.status == CallStatus.STANDING else f"status-{self.tone}"

    @property
    def meta(self) -> str:
        """What it is, who pays, at which stages."""
        kind = self.kind_label[:1].upper() + self.kind_label[1:]
        return " · ".join(filter(None, [kind, self.funder, ", ".join(self.stages)]))

    @cached_property
    def html(self) -> SafeString:
        """The line, ready to print; made once for all pages of a snapshot."""
        return self.html_because("")

    def html_because(self, reason: str) -> SafeString:
        """The line that says why it is in the list."""
        names = (
            *("tone", "glyph", "status_badge", "title", "meta", "status_label", "envelope_label"),
            "page_url",
        )
        values = {f"call.{name}": getattr(self, name) for name in names}
        source = self.source
        return fill(
            "components/call_row.html",
            {
                **values,
                "call.is_past": "oui" if self.is_past else "",
                "call.is_example": "oui" if self.is_example else "",
                "reason": reason,
                "call.edition.key": self.edition.key,
                "call.source.url": source.url or "",
                "call.source.label": source.label,
                "call.source.date_label": source.date_label,
                "call.source.is_old": "oui" if source.is_old else "",
                "call.source.age_label": source.age_label,
            },
        )


@dataclass(frozen=True)
class ActiveFilter:
    label: str
    remove_url: str


@dataclass(frozen=True)
class DoorChoice:
    """A door as shown on a page: where it leads, and whether one is in it."""

    door: Door
    url: str
    selected: bool

    def __getattr__(self, name: str) -> Any:
        return getattr(self.door, name)


@dataclass
class Pathway:
    place: Place
    documentation: Documentation
    on: datetime.date
    door: Door | None
    theme: Theme | None
    calls: list[CallLine]
    in_full: str = ""
    steps: list[Step] = field(default_factory=list)

    @cached_property
    def is_past(self) -> bool:
        return self.on < timezone.localdate()

    @property
    def commune(self) -> Territory:
        return self.place.commune

    @property
    def territories(self) -> list[Territory]:
        """What encloses the commune, itself first, narrowest to widest."""
        return self.place.territories

    @property
    def profile(self) -> Door | None:
        return self.door

    @property
    def departement(self) -> Territory | None:
        return self.place.of_kind(Kind.DEPARTEMENT)

    @property
    def region(self) -> Territory | None:
        return self.place.of_kind(*REGIONAL_KINDS)

    @cached_property
    def current_calls_count(self) -> int:
        return sum(not call.is_past for call in self.calls)

    @cached_property
    def past_calls(self) -> list[CallLine]:
        return self._shown([call for call in self.calls if call.is_past])

    @cached_property
    def current_calls(self) -> list[CallLine]:
        return self._shown([call for call in self.calls if not call.is_past])

    def _shown(self, calls: list[CallLine]) -> list[CallLine]:
        return calls if self.in_full == ALL_CALLS else calls[:CALLS_SHOWN]

    @property
    def hidden_calls_count(self) -> int:
        return len(self.calls) - len(self.current_calls) - len(self.past_calls)

    @property
    def all_calls_url(self) -> str:
        return self.url(in_full=ALL_CALLS)

    @property
    def filter_sentence(self) -> str:
        parts = []
        if self.door:
            parts.append(self.door.sentence)
        if self.theme:
            parts.append(f"thème {self.theme.name}" if parts else f"Thème {self.theme.name}")
        return " · ".join(parts)

    @property
    def active_filters(self) -> list[ActiveFilter]:
        filters = []
        if self.door:
            filters.append(ActiveFilter(self.door.sentence, self.url(door=None)))
        if self.theme:
            filters.append(ActiveFilter(f"Thème : {self.theme.name}", self.url(theme=None)))
        return filters

    def url(self, **changes: Any) -> str:
        """Address of this pathway with another door or theme; None takes it off."""
        door = changes.get("door", self.door)
        theme = changes.get("theme", self.theme)
        address = pathway_url(self.commune, door, theme, changes.get("in_full", ""))
        return on_day(address, self.on) if self.is_past else address

    def report_url(self, stage: Stage) -> str:
        """Where to say that nobody answers at this stage here."""
        return f"{address_of('need_new')}?commune={self.commune.code}&etape={stage.slug}"

    @property
    def door_choices(self) -> list[DoorChoice]:
        return [DoorChoice(door, self.url(door=door), door is self.door) for door in DOORS]


def pathway_url(
    commune: Territory,
    door: Door | None = None,
    theme: Theme | None = None,
    in_full: str = "",
) -> str:
    """Address of the pathway of a commune, narrowed, or with a stage or the calls in full."""
    chosen = {
        "profil": door.slug if door else "",
        "thematique": theme.slug if theme else "",
        "tous": in_full,
    }
    # Slugs and codes need no quoting.
    query = "&".join([f"{name}={slug}" for name, slug in chosen.items() if slug])
    address = commune_url(commune.code, commune.slug)
    anchor = f"#{in_full}" if in_full else ""
    return address + (f"?{query}" if query else "") + anchor
