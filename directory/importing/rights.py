"""Who may import what: the administration everywhere, an officer in their own Région.

A series is of a Région when it has zones (its own, or its editions') and all of them, excluded ones
included, lie wholly within that Région today. Nothing else makes it so: not its funders, not its
name. A series without zones, a national one and one that straddles are the administration's.
"""

import datetime
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from directory.models import CallEdition, Coverage, FundingScheme, Officer, Publication
from regions.models import Containment, Territory


@dataclass(frozen=True)
class Agent:
    """Somebody signed in who may import. `region` is None for the administration: everywhere."""

    user: Any
    region: Territory | None

    @property
    def name(self) -> str:
        return str(self.user.get_username())


def agent_of(user: Any) -> Agent | None:
    """What this account may do here; None for nothing."""
    if not user.is_active or not user.is_authenticated:
        return None
    if user.is_superuser and user.is_staff:
        return Agent(user, None)
    officer = Officer.objects.select_related("region").filter(user=user).first()
    return Agent(user, officer.region) if officer else None


@dataclass(frozen=True)
class Rights:
    """What a file may touch. For the administration, `region` is None and all is allowed.

    `within` are the territories wholly in the Région, by primary key; `schemes` its series and
    `hidden` the drafts of others, by slug.
    """

    region: Territory | None = None
    within: frozenset[int] = frozenset()
    schemes: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()

    def holds_scheme(self, slug: str) -> bool:
        return self.region is None or slug in self.schemes

    def sees_scheme(self, slug: str) -> bool:
        return slug not in self.hidden

    def holds_territory(self, pk: int) -> bool:
        return self.region is None or pk in self.within


EVERYTHING: Final = Rights()


def rights_of(region: Territory | None) -> Rights:
    """The rights of the officers of a Région. Three queries, whatever the number of calls."""
    if region is None:
        return EVERYTHING
    within = territories_within(region, timezone.localdate())
    zones: dict[str, bool] = {}
    rows = Coverage.objects.filter(Q(scheme__isnull=False) | Q(edition__isnull=False)).values_list(
        Coalesce("scheme__slug", "edition__scheme__slug"),
        Coalesce("territory__successor_id", "territory_id"),
    )
    for slug, territory in rows:
        zones[slug] = zones.get(slug, True) and territory in within
    own = frozenset(slug for slug, inside in zones.items() if inside)
    drafts = FundingScheme.objects.filter(publication=Publication.DRAFT)
    hidden = frozenset(drafts.exclude(slug__in=own).values_list("slug", flat=True))
    return Rights(region, within, own, hidden)


def territories_within(region: Territory, on: datetime.date) -> frozenset[int]:
    """Territories whose communes on that day are all in the Région: itself, its départements…"""
    inside = Containment.objects.in_force(on).filter(territory=region).values("commune")
    return frozenset(
        Containment.objects.in_force(on)
        .values("territory")
        .annotate(all=Count("pk"), inside=Count("pk", filter=Q(commune__in=inside)))
        .filter(all=F("inside"))
        .values_list("territory", flat=True)
    )


def editions_of(region: Territory | None) -> Any:
    """The editions, drafts included, that the officers of a Région may read whole and change."""
    editions = CallEdition.objects.all()
    if region is None:
        return editions
    return editions.filter(scheme__slug__in=rights_of(region).schemes)
