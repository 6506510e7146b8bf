"""The offers that serve a commune, ranked stage by stage, and the nearest that do not."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import (
    ASin,
    Cast,
    Coalesce,
    Cos,
    Power,
    Radians,
    RowNumber,
    Sin,
    Sqrt,
)

from directory.doors import Door
from directory.models import Audience, Host, Network, Offer, Operator, Stage, Theme
from directory.pathway.shape import Match, Near
from directory.places import Place
from directory.provenance import source_of
from regions.models import Territory, in_force
from regions.ordering import alphabetical
from regions.search import EARTH_RADIUS_KM
from regions.wording import distance_label

#: The most one stage ever shows, when asked for in full.
EVERYTHING = 500


def distance_from(place: Territory, prefix: str = "operator__") -> Any:
    """Great-circle distance in km from a place to an operator (its point, else its commune's)."""
    if place.latitude is None or place.longitude is None:
        return Cast(Value(None), FloatField())
    latitude = Radians(Coalesce(f"{prefix}latitude", f"{prefix}commune__latitude"))
    longitude = Radians(Coalesce(f"{prefix}longitude", f"{prefix}commune__longitude"))
    here_latitude = Radians(Value(place.latitude, output_field=FloatField()))
    here_longitude = Radians(Value(place.longitude, output_field=FloatField()))
    half_chord = Power(Sin((latitude - here_latitude) / 2), 2) + Cos(here_latitude) * Cos(
        latitude
    ) * Power(Sin((longitude - here_longitude) / 2), 2)
    return Cast(2 * EARTH_RADIUS_KM * ASin(Sqrt(half_chord)), FloatField())


def fit_to(door: Door | None, theme: Theme | None) -> tuple[Any, Any]:
    """(degree of fit, 1 when the offer may answer and 0 when it says it is for something else)."""
    fit: Any = Value(0)
    answers = Q()
    if door:
        fit = fit + Case(When(door.answers, then=1), default=0, output_field=IntegerField())
        answers &= door.answers | door.unsaid
    if theme:
        themes = Offer.themes.through.objects.filter(offer=OuterRef("pk"))
        devoted = Q(Exists(themes.filter(theme=theme)))
        fit = fit + Case(When(devoted, then=2), default=0, output_field=IntegerField())
        answers &= devoted | ~Q(Exists(themes))
    fits: Any = Value(1)
    if answers:
        fits = Case(When(answers, then=1), default=0, output_field=IntegerField())
    return fit, fits


def ranked_offers(
    place: Place,
    on: datetime.date,
    door: Door | None,
    theme: Theme | None,
    limit: int,
    in_full: str,
) -> list[dict[str, Any]]:
    """The first offers of each stage in the order of the rule, with the totals of the stage."""
    fit, fits = fit_to(door, theme)
    stage = Window(Count("pk"), partition_by=[F("stage_id")])
    ranked = (
        Offer.objects.open_on(on)
        .serving(place.commune, on, place.territories)
        .annotate(fit=fit, fits=fits, distance=distance_from(place.commune))
        .annotate(
            stage_total=stage,
            stage_fitting=Window(Sum("fits"), partition_by=[F("stage_id")]),
            rank=Window(
                RowNumber(),
                partition_by=[F("stage_id")],
                order_by=[
                    F("fits").desc(),
                    F("fit").desc(),
                    F("via_rank").asc(),
                    F("distance").asc(nulls_last=True),
                    alphabetical("operator__name"),
                    F("title").asc(),
                    F("pk").asc(),
                ],
            ),
        )
        .annotate(shown=Case(When(stage__slug=in_full, then=EVERYTHING), default=limit))
        .filter(rank__lte=F("shown"))
        .order_by("stage_id", "rank")
        .values(
            "pk",
            "stage_id",
            "fit",
            "fits",
            "via_rank",
            "distance",
            "stage_total",
            "stage_fitting",
        )
    )
    return list(ranked)


def matches_of(ranked: Iterable[dict[str, Any]], place: Place, on: datetime.date) -> list[Match]:
    """The ranked rows as matches with all a card shows; one query."""
    rows = list(ranked)
    offers = Offer.objects.select_related("operator__kind", "operator__commune").annotate(
        audience_names=_names(Audience, "offers"),
        theme_names=_names(Theme, "offers"),
        host_names=ArraySubquery(
            Host.objects.filter(in_force(on), operator=OuterRef("operator_id"))
            .order_by("name")
            .values("name")
        ),
        network_rows=ArraySubquery(
            Network.objects.filter(operators=OuterRef("operator_id")).order_by("name").values("pk")
        ),
        network_names=ArraySubquery(
            Network.objects.filter(operators=OuterRef("operator_id"))
            .order_by("name")
            .values("name")
        ),
    )
    found: dict[int, Any] = offers.in_bulk([row["pk"] for row in rows])
    return [
        Match(
            offer=(offer := found[row["pk"]]),
            operator=offer.operator,
            kind=offer.operator.kind,
            via=place.territories[row["via_rank"]],
            distance_km=row["distance"],
            fit=row["fit"],
            fits=bool(row["fits"]),
            same_commune=offer.operator.commune_id == place.commune.pk,
            audiences=offer.audience_names,
            themes=offer.theme_names,
            hosts=offer.host_names,
            networks=offer.network_names,
            network_ids=offer.network_rows,
            source=source_of(offer if offer.source else offer.operator, on),
        )
        for row in rows
    ]


def _names(model: Any, relation: str) -> ArraySubquery:
    """Names of the terms an offer is tied to, in the order of their vocabulary."""
    return ArraySubquery(model.objects.filter(**{relation: OuterRef("pk")}).values("name"))


def nearest_elsewhere(
    stages: list[Stage], commune: Territory, on: datetime.date
) -> dict[int, Near]:
    """For each of these stages, the nearest offer that does not serve the commune."""
    if commune.latitude is None:
        return {}
    ranked = (
        Offer.objects.open_on(on)
        .filter(stage__in=stages)
        .annotate(distance=distance_from(commune))
        .filter(distance__isnull=False)
        .annotate(
            rank=Window(
                RowNumber(),
                partition_by=[F("stage_id")],
                order_by=[
                    F("distance").asc(),
                    alphabetical("operator__name"),
                    F("pk").asc(),
                ],
            )
        )
        .filter(rank=1)
        .select_related("operator__kind")
    )
    return {
        offer.stage_id: near(offer.operator, offer.distance)  # type: ignore[attr-defined]
        for offer in ranked
    }


def near(operator: Operator, kilometres: float | None) -> Near:
    """An operator that does not serve the place, and how far it is when known."""
    return Near(
        operator_name=operator.name,
        url=operator.get_absolute_url(),
        kind_name=operator.kind.name,
        distance_label=distance_label(kilometres),
    )
