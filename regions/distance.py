"""How far two points of the Earth are from each other."""

from math import asin, cos, radians, sin, sqrt
from typing import Final

EARTH_RADIUS_KM: Final = 6371.0


def kilometres(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """Along a great circle, between two points in degrees (haversine)."""
    here, there = radians(latitude), radians(to_latitude)
    half_chord = (
        sin((there - here) / 2) ** 2
        + cos(here) * cos(there) * sin(radians(to_longitude - longitude) / 2) ** 2
    )
    # min() because rounding can take the root just above 1.
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half_chord)))
