"""Ways from coordinates alone, where there is no road graph. What they are made of is said in the ``basis``."""

from collections.abc import Sequence

import numpy as np

from havre_waste.rounds.model import Matrix

EARTH = 6_371_008.8
"""Mean radius, metres (IUGG)."""
DETOUR = 1.3
"""How much longer streets are than the great circle; European cities lie about there."""
KMH = 25.0
"""Of a truck on its way between stops in a city."""


def from_coordinates(places: Sequence[tuple[float, float]], *, detour: float = DETOUR, kmh: float = KMH) -> Matrix:
    """``places``: longitude and latitude, WGS 84. Great circle times ``detour``, at ``kmh``."""
    lengths = np.rint(great_circles(places) * detour).astype(np.int64)
    seconds = np.rint(lengths / (kmh / 3.6)).astype(np.int64)
    return Matrix(lengths, seconds, f"coordinates alone: great circle × {detour:g} at {kmh:g} km/h, no roads")


def great_circles(places: Sequence[tuple[float, float]]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Metres between all places (haversine)."""
    radians = np.radians(np.asarray(places, dtype=np.float64).reshape(-1, 2))
    longitude, latitude = radians[:, 0], radians[:, 1]
    half = (
        np.sin((latitude[:, None] - latitude) / 2) ** 2
        + np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2) ** 2
    )
    return np.asarray(2 * EARTH * np.arcsin(np.sqrt(half)))
