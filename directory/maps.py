"""What the map of a page needs, as data for its script; the page's lists say the same."""

from functools import cache
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse

from directory.operator_sheet import OperatorSheet
from directory.pathway import Match, Pathway
from regions.models import Kind, Territory

#: The ground that every map lies on; `build_base_map` makes it.
GROUND = "geo/departements.json"


def tiles() -> dict[str, str] | None:
    """The tiles below the outlines of every map; None, the default, asks nothing of a third party.

    `url` has {z}, {x} and {y}; `attribution` is plain text.
    """
    if not settings.TILE_URL:
        return None
    return {"url": settings.TILE_URL, "attribution": settings.TILE_ATTRIBUTION}


def outline_url(place: Territory) -> str | None:
    """Address of the outline of a territory from `with_outline_known`; None if it has none."""
    if not place.has_outline:  # type: ignore[attr-defined]
        return None
    return f"{_outlines()}{place.kind}/{place.code}.geojson"


@cache
def _outlines() -> str:
    """What stands before the level in the address of an outline."""
    address = reverse("contour", args=[Kind.REGION.value, "00"])
    return address.removesuffix(f"{Kind.REGION.value}/00.geojson")


def pathway_map(pathway: Pathway) -> dict[str, Any] | None:
    """The commune, the operators with a known place, and the outline each one covers.

    None for a commune whose place on earth is not in the files: there is nothing to draw.
    """
    if pathway.commune.latitude is None:
        return None
    markers: dict[int, dict[str, Any]] = {}
    # `id` and not `pk`, which Django looks up anew each time: here that is a tenth of the work.
    outlines = {place.id: outline_url(place) for place in pathway.territories}
    for step in pathway.steps:
        stage = {"slug": step.stage.slug, "name": step.stage.name}
        for match in [*step.matches, *step.others]:
            number = match.entry.operator.number
            if number not in markers:
                markers[number] = _marker(match, outlines[match.via.id], stage)
            elif stage not in markers[number]["stages"]:
                markers[number]["stages"].append(stage)
    commune = pathway.commune
    return {
        "place": {
            "name": commune.label,
            "latitude": commune.latitude,
            "longitude": commune.longitude,
            "outline": outline_url(commune),
        },
        "tiles": tiles(),
        "ground": static(GROUND),
        "context": [outline_url(pathway.departement)] if pathway.departement else [],
        "markers": list(markers.values()),
        "unplaced": sum(marker["latitude"] is None for marker in markers.values()),
    }


def _marker(match: Match, outline: str | None, stage: dict[str, str]) -> dict[str, Any]:
    operator = match.entry.operator
    kind = operator.kind
    return {
        "slug": operator.slug,
        "name": operator.name,
        "kind": kind.expansion or kind.name,
        "letter": kind.letter,
        "url": operator.url,
        "latitude": operator.latitude,
        "longitude": operator.longitude,
        "coverage": outline,
        "coverage_label": match.via_sentence,
        "stages": [stage],
    }


def operator_map(sheet: OperatorSheet) -> dict[str, Any]:
    """Where the operator is, and the outlines of what it covers and excludes today."""
    operator = sheet.operator
    point = operator.point
    return {
        "place": None,
        "tiles": tiles(),
        "ground": static(GROUND),
        "context": [],
        "coverage": [
            {"outline": outline_url(line.territory), "excluded": line.excluded}
            for line in sheet.coverage
        ],
        "markers": [
            {
                "slug": operator.slug,
                "name": operator.name,
                "kind": operator.kind.expansion or operator.kind.name,
                "letter": operator.kind.letter,
                "url": operator.get_absolute_url(),
                "latitude": point[0],
                "longitude": point[1],
                "coverage": None,
                "coverage_label": "",
                "stages": [],
            }
        ]
        if point
        else [],
        "unplaced": 0 if point else 1,
    }
