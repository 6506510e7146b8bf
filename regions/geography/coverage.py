"""Commune outlines as one clean coverage, simplified once, and every wider outline from it.

Borders meet at every level because there is only one set of them: neighbours share vertices after
`coverage_clean`, `coverage_simplify` treats a shared border once, and a wider territory is the
union of its communes. Needs the `geo` extra (shapely with GEOS 3.14 or later, topojson).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import shapely
import topojson

from regions.geography.files import DECIMALS, GRID, TRANSFORM
from regions.geography.sources import Place, SourceError

METRES_PER_DEGREE: Final = 111_195  # along a meridian
#: Vertices whose triangle is smaller than the square of this are dropped.
TOLERANCE: Final = 200 / METRES_PER_DEGREE
#: Vertices nearer than this are the same vertex, published twice with different roundings.
SNAPPING: Final = 2 / METRES_PER_DEGREE
#: Slits thinner than this between two communes are faults; the enclave of Llívia is no slit.
SLIT: Final = 220 / METRES_PER_DEGREE
#: A town hall farther than this from its commune is a mistake.
ASTRAY: Final = 1000 / METRES_PER_DEGREE
#: The newer file gives an annexe of the town hall of Rennes, in a suburb.
ANNEXES: Final = frozenset({"35238"})
ROUNDS: Final = 5

Geometries = Any  # an array of shapely geometries: shapely ships no types


def assemble(
    current: Iterable[str],
    successor: Mapping[str, str],
    places: Iterable[Place],
    older_places: Iterable[Place],
) -> dict[str, Any]:
    """One outline per current commune, by code; overseas collectivities have none.

    The newest outlines lag behind the newest codes: where a commune absorbed another lately, its
    outline lacks the absorbed part, and where one was re-established, it has none yet. Both are
    found in an `older_places` file, from when they were communes or delegated communes.
    """
    known = set(current)
    outlines = {
        place.code: shapely.from_wkb(place.outline)
        for place in places
        if place.type == "COM" and place.outline and place.code in known
    }
    older = [place for place in older_places if place.outline]
    for place in older:
        if place.type == "COM" and place.code not in known:
            heir = successor.get(place.code)
            if heir is None:
                raise SourceError(f"the former commune {place.code} leads to no current one")
            part = shapely.from_wkb(place.outline)
            whole = outlines.get(heir)
            outlines[heir] = part if whole is None else shapely.union(whole, part)
    for place in older:
        if place.type == "COMD" and place.code in known - outlines.keys():
            _take_back(outlines, place)
    return outlines


def _take_back(outlines: dict[str, Any], place: Place) -> None:
    """Cuts a re-established commune out of the one it was a part of."""
    part = shapely.from_wkb(place.outline)
    for code, whole in outlines.items():
        if shapely.intersects(whole, part):
            outlines[code] = shapely.difference(whole, part)
    outlines[place.code] = part


def clean(outlines: Geometries) -> Geometries:
    """The same polygons on `GRID`, without overlap or slit, neighbours sharing every vertex.

    Raises SourceError when rounding and cleaning do not settle.
    """
    outlines = shapely.coverage_clean(outlines, gap_width=SLIT, snapping_distance=SNAPPING)
    for _ in range(ROUNDS):
        outlines = shapely.transform(outlines, lambda points: np.round(points, DECIMALS))
        repaired = shapely.make_valid(outlines, method="structure", keep_collapsed=False)
        outlines = np.where(shapely.is_valid(outlines), outlines, repaired)
        if shapely.coverage_is_valid(outlines):
            return outlines
        outlines = shapely.coverage_clean(outlines, gap_width=GRID * 5, snapping_distance=0)
    raise SourceError("the outlines of communes overlap and cannot be made to meet")


def simplify(outlines: Geometries, tolerance: float = TOLERANCE) -> Geometries:
    """Fewer vertices, the same neighbours; a commune never disappears."""
    simple = shapely.coverage_simplify(outlines, tolerance)
    if not shapely.coverage_is_valid(simple) or shapely.is_empty(simple).any():
        raise SourceError("simplified outlines do not meet any more")
    return simple


def merge(communes: Mapping[str, Any], members: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """The outline of each territory of `members` that has members with an outline."""
    merged = {}
    for territory, codes in members.items():
        parts = [communes[code] for code in codes if code in communes]
        if parts:
            merged[territory] = shapely.coverage_union_all(parts)
    return merged


def points(
    communes: Mapping[str, Any],
    city_of: Mapping[str, str],
    places: Iterable[Place],
    older_places: Iterable[Place],
) -> dict[tuple[str, str], tuple[float, float]]:
    """(latitude, longitude) in degrees by (kind, code): the town hall, else a point inside.

    One published town hall in twenty lies far outside its commune (another place of that name,
    a slip of geocoding): only those within `ASTRAY` of the outline are believed, the newer file
    before the older. `city_of` gives the commune of an arrondissement, which has no outline here.
    """
    found: dict[tuple[str, str], tuple[float, float]] = {}
    kinds = {"COM": "commune", "ARM": "arrondissement"}
    for place in (*(place for place in places if place.code not in ANNEXES), *older_places):
        key = (kinds.get(place.type, ""), place.code)
        outline = communes.get(city_of.get(place.code, place.code))
        if not key[0] or key in found or place.town_hall is None or outline is None:
            continue
        latitude, longitude = place.town_hall
        if shapely.dwithin(outline, shapely.Point(longitude, latitude), ASTRAY):
            found[key] = place.town_hall
    for code, outline in communes.items():
        if ("commune", code) not in found:
            inside = shapely.point_on_surface(outline)
            found["commune", code] = (inside.y, inside.x)
    return found


def encode(outlines: Mapping[str, Any]) -> dict[str, Any]:
    """A quantised TopoJSON topology of the outlines by `kind:code`, in the order of the keys."""
    keys = sorted(outlines)
    shapes = shapely.orient_polygons([outlines[key] for key in keys])
    topology = topojson.Topology(
        dict(zip(keys, shapes, strict=True)),
        object_name="territories",
        topology=True,
        prequantize=False,
        shared_coords=True,
        winding_order="CCW_CW",
    ).to_dict()
    arcs = []
    for arc in topology["arcs"]:
        steps = np.rint(np.asarray(arc) / GRID).astype(int)
        arcs.append(np.diff(steps, axis=0, prepend=np.zeros((1, 2), int)).tolist())
    geometries = [
        {"type": geometry["type"], "id": geometry["id"], "arcs": _wound(geometry, topology["arcs"])}
        for geometry in topology["objects"]["territories"]["geometries"]
    ]
    return {
        "type": "Topology",
        "transform": TRANSFORM,
        "objects": {"territories": {"type": "GeometryCollection", "geometries": geometries}},
        "arcs": arcs,
    }


def _wound(geometry: Mapping[str, Any], arcs: list[list[list[float]]]) -> Any:
    """The arcs of a geometry, outer rings counter-clockwise and holes clockwise.

    topojson gives an enclave and the hole around it the same closed arc in the same direction.
    """

    def ring(references: list[int], position: int) -> list[int]:
        points: list[list[float]] = []
        for reference in references:
            arc = arcs[reference] if reference >= 0 else arcs[~reference][::-1]
            points += arc
        if shapely.is_ccw(shapely.linearrings(points)) == (position == 0):
            return references
        return [~reference for reference in reversed(references)]

    def polygon(rings: list[list[int]]) -> list[list[int]]:
        return [ring(references, position) for position, references in enumerate(rings)]

    if geometry["type"] == "Polygon":
        return polygon(geometry["arcs"])
    return [polygon(rings) for rings in geometry["arcs"]]
