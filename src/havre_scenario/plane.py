"""A flat plane of metres around the harbour entrance: x to the east, y to the north.

Equirectangular around 49.485° N, 0.107° E. Within the 70 km that a shore receiver hears, its error is below one
per cent of a distance, which is more than enough for schematic places; nobody may navigate by it.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ORIGIN_LAT, ORIGIN_LON = 49.485, 0.107
METRES_PER_DEGREE = 60 * 1852.0
_SHRINK = float(np.cos(np.radians(ORIGIN_LAT)))
KNOT = 1852 / 3600
"""Metres a second in a knot."""


class Point(NamedTuple):
    """Metres east and north of the origin."""

    x: float
    y: float

    def towards(self, other: "Point", metres: float) -> "Point":
        """The point that lies so many metres from here in the direction of ``other``."""
        length = distance(self, other)
        return Point(self.x + (other.x - self.x) * metres / length, self.y + (other.y - self.y) * metres / length)


def at(lat: float, lon: float) -> Point:
    """A point from degrees (WGS 84)."""
    return Point((lon - ORIGIN_LON) * METRES_PER_DEGREE * _SHRINK, (lat - ORIGIN_LAT) * METRES_PER_DEGREE)


def degrees(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Latitudes and longitudes of arrays of metres."""
    return y / METRES_PER_DEGREE + ORIGIN_LAT, x / (METRES_PER_DEGREE * _SHRINK) + ORIGIN_LON


def lon_lat(point: Point) -> list[float]:
    """A GeoJSON position, rounded to about ten centimetres."""
    lat, lon = degrees(np.array(point.x), np.array(point.y))
    return [round(float(lon), 6), round(float(lat), 6)]


def distance(a: Point, b: Point) -> float:
    return float(np.hypot(b.x - a.x, b.y - a.y))


def course(dx: Floats, dy: Floats) -> Floats:
    """Degrees clockwise from north, from -180 to 180, of displacements."""
    return np.degrees(np.arctan2(dx, dy))
