"""The choropleth: each commune, or each EPCI of a large territory, and the class it falls in.

The legend counts the same cells that the map draws.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from pyroaring import BitMap

from directory.days import on_day
from directory.gaps import Answer, Counting, Landscape, StageGaps
from directory.models.serving import Communes
from directory.territory.lookup import territory_url
from regions.models import Kind, Outline

#: Above this many communes a map of communes would weigh too much for a telephone: EPCI instead.
MOST_COMMUNES = 1300
#: The grid, in degrees, that points are snapped to: shared borders stay shared. By the number of
#: communes of the territory: about 100 m, 500 m, then 1 km where the map is of a whole Région and
#: every commune is drawn, which is two pixels of it.
FINE, MIDDLE, COARSE = 0.001, 0.005, 0.01
FINE_UP_TO, MIDDLE_UP_TO = 300, 1000

PART = "partie"

#: One letter per class in the payload, for its weight.
LETTERS = {
    Answer.NEAR.value: "l",
    PART: "p",
    Answer.REGIONAL.value: "r",
    Answer.NATIONAL.value: "n",
    Answer.NOBODY.value: "0",
    Answer.UNKNOWN.value: "u",
}


@dataclass(frozen=True)
class Cell:
    """One shape of the map. `classes`: see `classes_of`."""

    pk: int
    kind: str
    code: str
    name: str
    url: str
    count: int
    classes: tuple[str, ...]


@dataclass(frozen=True)
class LegendLine:
    """A class of the map in words, and how many cells are in it."""

    css: str  # suffix of the CSS class of its swatch
    label: str
    count: int


def draws_epci(land: Landscape) -> bool:
    return len(land.within.communes) > MOST_COMMUNES


def cells_of(land: Landscape, gaps: Sequence[StageGaps]) -> list[Cell]:
    """The cells of the map: communes, or EPCI (and the communes that have none)."""
    cells, left = [], land.within.communes.copy()
    if draws_epci(land):
        for place in land.around:
            if place.kind == Kind.EPCI:
                inside = land.within.shared[place.pk]
                left -= inside
                classes = classes_of(inside, land, gaps)
                cells.append(
                    Cell(
                        place.pk,
                        place.kind,
                        place.code,
                        place.label,
                        on_day(territory_url(place), land.on),
                        len(inside),
                        classes,
                    )
                )
    for pk, facts in land.communes.items():
        if pk in left:
            classes = classes_of(BitMap([pk]), land, gaps)
            url = on_day(reverse("pathway", args=[facts.code, facts.slug]), land.on)
            cells.append(Cell(pk, Kind.COMMUNE, facts.code, facts.label, url, 1, classes))
    return cells


def classes_of(communes: Communes, land: Landscape, gaps: Sequence[StageGaps]) -> tuple[str, ...]:
    """Number of stages answered, for each `Counting`, then a class per stage.

    A number, "0" to "4", counts the stages where all these communes are served; "inconnu" stands
    for 0 where nothing is documented.
    """
    is_known = bool(communes & land.documented)
    numbers = []
    for counting in Counting:
        count = sum(communes <= at.answered(counting) for at in gaps)
        numbers.append(str(count) if count or is_known else Answer.UNKNOWN.value)
    return (*numbers, *(_class_at(communes, at, is_known=is_known) for at in gaps))


def _class_at(communes: Communes, at: StageGaps, *, is_known: bool) -> str:
    if communes <= at.near:
        return Answer.NEAR
    if communes & at.near or (communes & at.served and not communes <= at.served):
        return PART
    if communes <= at.local:
        return Answer.REGIONAL
    if communes <= at.served:
        return Answer.NATIONAL
    return Answer.NOBODY if is_known else Answer.UNKNOWN


def legend(cells: Sequence[Cell], position: int, stage_count: int) -> list[LegendLine]:
    """The classes of that position of `classes`, in order.

    Those without a cell are left out, unless they are what one looks for: nobody at all.
    """
    counts = Counter(cell.classes[position] for cell in cells)
    if position < len(Counting):
        names = [str(number) for number in range(stage_count, -1, -1)]
        labels = {
            str(number): f"{number} étape{'s' if number > 1 else ''} sur {stage_count}"
            for number in range(1, stage_count + 1)
        } | {"0": "Aucune étape"}
    else:
        names = [Answer.NEAR, PART, Answer.REGIONAL, Answer.NATIONAL, Answer.NOBODY]
        labels = {
            Answer.NEAR: "Une offre de proximité",
            PART: "De proximité, dans une partie des communes",
            Answer.REGIONAL: "Seulement une offre régionale",
            Answer.NATIONAL: "Seulement une offre nationale",
            Answer.NOBODY: "Personne",
        }
    names = [*names, Answer.UNKNOWN.value]
    labels = labels | {Answer.UNKNOWN.value: "Non documenté"}
    return [
        LegendLine(str(name), labels[name], counts[name])
        for name in names
        if counts[name] or name in ("0", Answer.NOBODY)
    ]


def feature_collection(cells: Sequence[Cell]) -> dict[str, Any]:
    """The cells with an outline as GeoJSON; 1 query.

    Properties: `nom`, `url`, `n` (communes of the cell in the territory), `c` (one letter or digit
    per class of `classes`).
    """
    step = _step(sum(cell.count for cell in cells), len(cells))
    shapes = dict(
        Outline.objects.filter(territory__in=[cell.pk for cell in cells]).values_list(
            "territory_id", "geometry"
        )
    )
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {
                    "nom": cell.name,
                    "url": cell.url,
                    "n": cell.count,
                    "c": "".join(LETTERS.get(name, name) for name in cell.classes),
                },
                "geometry": snapped(shapes[cell.pk], step),
            }
            for cell in cells
            if cell.pk in shapes
        ],
    }


def _step(communes: int, cells: int) -> float:
    if communes <= FINE_UP_TO:
        return FINE
    return MIDDLE if cells <= MIDDLE_UP_TO else COARSE


def snapped(geometry: dict[str, Any], step: float) -> dict[str, Any]:
    """A polygon or multipolygon with its points on a grid of `step` degrees.

    The same point falls on the same node in every shape, so neighbours still touch; nodes in the
    middle of a straight line are left out, which moves no line. A ring that would vanish keeps its
    points as they are, to 3 decimals.
    """
    is_single = geometry["type"] == "Polygon"
    polygons = [geometry["coordinates"]] if is_single else geometry["coordinates"]
    coarse = [[_ring(ring, step) for ring in polygon] for polygon in polygons]
    kept = [[ring for ring in polygon if ring] for polygon in coarse if polygon and polygon[0]]
    if not kept:
        kept = [[_ring(polygons[0][0], FINE) or polygons[0][0]]]
    if len(kept) == 1:
        return {"type": "Polygon", "coordinates": kept[0]}
    return {"type": "MultiPolygon", "coordinates": kept}


def _ring(points: list[list[float]], step: float) -> list[tuple[float, float]]:
    ring: list[tuple[int, int]] = []
    length = 0
    for x, y, *_ in points:
        node = (round(x / step), round(y / step))
        if ring and ring[-1] == node:
            continue
        length += 1
        if len(ring) > 1 and _goes_on(ring[-2], ring[-1], node):
            ring[-1] = node
        else:
            ring.append(node)
    if length <= 3:
        return []
    return [(round(x * step, 3), round(y * step, 3)) for x, y in ring]


def _goes_on(before: tuple[int, int], at: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether a line through these three nodes is straight, and does not turn back."""
    dx, dy = at[0] - before[0], at[1] - before[1]
    then_dx, then_dy = after[0] - at[0], after[1] - at[1]
    return dx * then_dy == dy * then_dx and dx * then_dx + dy * then_dy > 0
