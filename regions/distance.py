"""How far two points of the Earth are from each other."""

from math import asin, cos, dist, radians, sin
from typing import Final

EARTH_RADIUS_KM: Final = 6371.0

#: A point of the unit sphere, the Earth's centre being the origin.
Vector = tuple[float, float, float]


def vector(latitude: float, longitude: float) -> Vector:
    """The point of these degrees. The straight line between two sorts as the great circle does."""
    north, east = radians(latitude), radians(longitude)
    return cos(north) * cos(east), cos(north) * sin(east), sin(north)


def along_the_ground(chord: float) -> float:
    """Kilometres along the great circle whose ends are that far in a straight line (0 to 2)."""
    # min() because rounding can take the half just above 1.
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, chord / 2))


def kilometres(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Along a great circle, between two points in degrees."""
    return along_the_ground(dist(vector(latitude, longitude), vector(to_latitude, to_longitude)))
