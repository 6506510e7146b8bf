"""How far each Région's directory is filled: renseigné, en cours, pas encore.

Not documented is not the same as not covered: only a filled Région may show a gap.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.db.models import BooleanField, Case, Exists, OuterRef, When
from django.utils import timezone

from directory.models import Operator, RegionFile
from regions.models import Kind, Territory, TerritoryQuerySet
from regions.ordering import alphabetical

#: What a page of a day before the directory was filled says.
NOT_YET = (
    "À cette date, l’annuaire n’était pas rempli. Nous montrons ce que les sources permettent d’en "
    "dire : une étape vide ne veut pas dire que personne n’y répondait."
)

REGIONAL_KINDS = (Kind.REGION, Kind.COLLECTIVITY)


@dataclass(frozen=True)
class Documentation:
    """State of the directory in one Région, and whom to turn to there."""

    level: str
    region: Territory | None
    fallback: Operator | None = None
    note: str = ""

    LABELS: ClassVar[dict[str, str]] = {
        "renseigne": "renseigné",
        "en_cours": "en cours",
        "pas_encore": "pas encore",
    }

    @property
    def label(self) -> str:
        return self.LABELS[self.level]

    @property
    def is_documented(self) -> bool:
        return self.level == "renseigne"


def with_documentation(territories: TerritoryQuerySet) -> TerritoryQuerySet:
    """The territories with what `documentation_of` and maps read, in the same query."""
    known = Operator.objects.public().filter(region=OuterRef("pk"))
    return (
        territories.with_outline_known()
        .select_related("file__fallback__kind")
        .annotate(
            has_operators=Case(
                When(kind__in=REGIONAL_KINDS, then=Exists(known)),
                default=False,
                output_field=BooleanField(),
            )
        )
    )


def documentation_by_region(on: datetime.date) -> dict[int, Documentation]:
    """The state of the directory of each Région on that day, by primary key; overseas
    collectivities too."""
    regional = Territory.objects.filter(kind__in=REGIONAL_KINDS)
    return {region.pk: _documentation(region, on) for region in with_documentation(regional)}


def documentation_of(
    territories: Sequence[Territory], known: Mapping[int, Documentation] | None = None
) -> Documentation:
    """The state of the directory for the Région among these territories.

    Read in `known` (`documentation_by_region`), else on the territories (`with_documentation`).
    """
    region = next((place for place in territories if place.kind in REGIONAL_KINDS), None)
    if region is None:
        return Documentation("pas_encore", None)
    return known[region.pk] if known is not None else _documentation(region)


def documentation_by_level() -> list[dict[str, object]]:
    """The Régions and overseas collectivities by level, the filled ones first; 1 query."""
    levels: dict[str, list[Territory]] = {level: [] for level in Documentation.LABELS}
    regional = Territory.objects.filter(kind__in=REGIONAL_KINDS).order_by(
        alphabetical("name"), "code"
    )
    for region in with_documentation(regional):
        levels[_documentation(region).level].append(region)
    return [
        {"level": level, "label": Documentation.LABELS[level], "regions": places}
        for level, places in levels.items()
    ]


def _documentation(region: Territory, on: datetime.date | None = None) -> Documentation:
    """Before the day a Région was gone through, an empty stage there says nothing."""
    entry: RegionFile | None = getattr(region, "file", None)
    since = entry.documented_since if entry else None
    if entry and since and on and on < min(since, timezone.localdate()):
        return Documentation("en_cours", region, entry.fallback, NOT_YET)
    if entry and entry.documented_since:
        level = "renseigne"
    else:
        level = "en_cours" if region.has_operators else "pas_encore"  # type: ignore[attr-defined]
    fallback = entry.fallback if entry else None
    return Documentation(level, region, fallback, entry.note if entry else "")
