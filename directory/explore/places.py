"""Picking the territory of a search by name or postcode: a commune, or a wider territory."""

from dataclasses import dataclass
from typing import Any, Protocol

from django.contrib.postgres.lookups import Unaccent
from django.db.models import F, Func, Value
from django.db.models.functions import Lower

from regions.atlas import Atlas, Commune
from regions.models import Kind, Territory
from regions.names import search_key
from regions.search import search_communes

MOST_WIDE, MOST_COMMUNES = 6, 8
_WIDE = (Kind.REGION, Kind.COLLECTIVITY, Kind.DEPARTEMENT, Kind.PAYS, Kind.EPCI, Kind.EPT)


@dataclass(frozen=True)
class PlaceHit:
    """A territory that answers to what was typed."""

    territory: Territory | Commune
    detail: str

    @property
    def value(self) -> str:
        return self.territory.key

    @property
    def label(self) -> str:
        return self.territory.label

    @property
    def kind_label(self) -> str:
        return str(Kind(self.territory.kind).label)


def search_territories(places: Atlas, text: str) -> list[PlaceHit]:
    """Wider territories whose name begins with or holds the words, then communes; at most 14.

    One query. The wider first when their whole name is what was typed.
    """
    key = search_key(text)
    if not key:
        return []
    wide = (
        Territory.objects.filter(kind__in=_WIDE)
        .annotate(plain=_plain("name"))
        .filter(plain__contains=key)
        .order_by("-kind_rank", "-population", "code")[:MOST_WIDE]
    )
    hits = [PlaceHit(territory, "") for territory in wide]
    communes = search_communes(places, text, limit=MOST_COMMUNES)
    hits += [
        PlaceHit(hit.commune, f"{hit.departement_name}") for hit in communes.hits[:MOST_COMMUNES]
    ]
    return hits


def _plain(path: str) -> Any:
    """The name as `search_key` writes it: lower case, no accent, hyphens and apostrophes apart."""
    return Func(
        Lower(Unaccent(F(path))),
        Value("[^a-z0-9]+"),
        Value(" "),
        Value("g"),
        function="regexp_replace",
    )


class SearchOfPlaces(Protocol):
    """A search, of operators or of calls, that a territory narrows."""

    @property
    def places(self) -> Atlas: ...

    def url(self, *, change: dict[str, str]) -> str: ...


class PlaceChoice:
    """The plain way to pick a territory: what was typed in `lieu`, and where it may be."""

    def __init__(self, typed: str, search: SearchOfPlaces) -> None:
        self.typed = typed.strip()[:100]
        self._search = search

    @property
    def hits(self) -> list[dict[str, str]]:
        if not self.typed:
            return []
        return [
            {
                "label": hit.label,
                "kind_label": hit.kind_label,
                "detail": hit.detail,
                "url": self._search.url(change={"territoire": hit.value}),
            }
            for hit in search_territories(self._search.places, self.typed)
        ]
