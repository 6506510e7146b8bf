"""What a pathway is made of. The page and the API show the same objects."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from directory.documentation import REGIONAL_KINDS, Documentation
from directory.doors import DOORS, Door
from directory.models import (
    CallEdition,
    CallStatus,
    EntryMode,
    Offer,
    Operator,
    OperatorKind,
    Stage,
    Theme,
)
from directory.places import Place
from directory.provenance import Source
from regions.models import Kind, Territory
from regions.wording import covers_sentence, distance_label

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
    source: Source
    caveat: str = ""
    from_name: str = ""
    from_url: str | None = None


@dataclass
class Match:
    """One offer that serves the commune, and the reason why it is shown, as data."""

    offer: Offer
    operator: Operator
    kind: OperatorKind
    via: Territory
    distance_km: float | None
    fit: int
    fits: bool
    same_commune: bool
    audiences: list[str]
    themes: list[str]
    hosts: list[str]
    networks: list[str]
    network_ids: list[int]
    source: Source
    is_first_contact: bool = False
    relays: list[RelayLine] = field(default_factory=list)

    @property
    def entry_modes(self) -> list[str]:
        return [EntryMode(mode).label for mode in self.offer.entry_modes]

    @property
    def is_contact(self) -> bool:
        """Whether somebody can begin here: receives people, can be reached, is not nation-wide."""
        operator = self.operator
        reachable = operator.phone or operator.email or operator.website or operator.address
        return self.kind.is_desk and bool(reachable) and self.via.kind != Kind.COUNTRY

    @property
    def via_sentence(self) -> str:
        return covers_sentence(self.via)

    @property
    def distance_label(self) -> str:
        return distance_label(self.distance_km, same_commune=self.same_commune)

    @property
    def reason(self) -> str:
        return " · ".join(part for part in (self.via_sentence, self.distance_label) if part)

    @property
    def verified_label(self) -> str:
        day = self.operator.verified_on
        return f"Vérifié le {day:%d/%m/%Y}" if day else ""


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
    stage: Stage
    matches: list[Match]
    others: list[Match]
    total: int
    fitting: int
    gap: Gap | None
    notice: str
    all_url: str
    report_url: str
    more_url: str

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

    @property
    def is_past(self) -> bool:
        return self.status.is_past

    @property
    def page_url(self) -> str:
        """Our page on it; `url` is the funder's."""
        return self.edition.get_absolute_url()

    @property
    def is_example(self) -> bool:
        return self.edition.scheme.is_example


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

    @property
    def current_calls_count(self) -> int:
        return sum(not call.is_past for call in self.calls)

    @property
    def past_calls(self) -> list[CallLine]:
        return self._shown([call for call in self.calls if call.is_past])

    @property
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
        return pathway_url(self.commune, door, theme, changes.get("in_full", ""))

    def report_url(self, stage: Stage) -> str:
        """Where to say that nobody answers at this stage here."""
        query = urlencode({"commune": self.commune.code, "etape": stage.slug})
        return f"{reverse('need_new')}?{query}"

    @property
    def door_choices(self) -> list[DoorChoice]:
        return [DoorChoice(door, self.url(door=door), door is self.door) for door in DOORS]


def pathway_url(
    commune: Territory,
    door: Door | None = None,
    theme: Theme | None = None,
    in_full: str = "",
) -> str:
    chosen = {
        "profil": door.slug if door else "",
        "thematique": theme.slug if theme else "",
        "tous": in_full,
    }
    query = {name: slug for name, slug in chosen.items() if slug}
    address = reverse("pathway", args=[commune.code, commune.slug])
    anchor = f"#{in_full}" if in_full else ""
    return address + (f"?{urlencode(query)}" if query else "") + anchor
