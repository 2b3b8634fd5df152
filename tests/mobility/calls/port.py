"""A small port for tests, and ships that move in it: metres east and north of its middle, minutes, knots."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from havre_mobility.calls.areas import METRES_PER_DEGREE, Area
from havre_mobility.calls.cleaning import Bounds

LONGITUDE, LATITUDE = 0.1, 49.5
EAST = METRES_PER_DEGREE * float(np.cos(np.radians(LATITUDE)))
BOUNDS = Bounds(-1.0, 49.0, 1.0, 50.0)
START = datetime(2026, 3, 2, tzinfo=UTC)
KNOT = 1852 / 3600


def degrees(x: float, y: float) -> tuple[float, float]:
    return LONGITUDE + x / EAST, LATITUDE + y / METRES_PER_DEGREE


def box(id_: str, kind: str, west: float, south: float, east: float, north: float) -> Area:
    corners = ((west, south), (east, south), (east, north), (west, north))
    return Area(id_, kind, id_, tuple(degrees(*corner) for corner in corners))


PORT = (
    box("approach", "approach", -8000, -500, -2000, 500),
    box("roads", "anchorage", -12000, 2000, -9000, 4000),
    box("lock", "lock", 1000, -30, 1400, 30),
    box("west", "berth", -200, 100, 100, 160),
    box("east", "berth", 110, 100, 410, 160),
    box("inner", "berth", 3000, 100, 3300, 160),
)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def ship(
    legs: Sequence[tuple[float, float, float]], *, mmsi: int = 227_000_001, every: float = 10.0, heading: int = 90
) -> pl.DataFrame:
    """Reports every so many seconds of a ship that is at (minute, x, y) of each leg, and goes straight between."""
    minutes, x, y = (np.array(column, float) for column in zip(*legs, strict=True))
    seconds = np.arange(minutes[0] * 60, minutes[-1] * 60 + 1, every)
    east, north = np.interp(seconds, minutes * 60, x), np.interp(seconds, minutes * 60, y)
    knots = np.hypot(np.gradient(east, seconds), np.gradient(north, seconds)) / KNOT
    return pl.DataFrame(
        {
            "time": pl.Series([START + timedelta(seconds=float(second)) for second in seconds], dtype=TIME),
            "mmsi": np.full(len(seconds), mmsi),
            "type": 1,
            "latitude": LATITUDE + north / METRES_PER_DEGREE,
            "longitude": LONGITUDE + east / EAST,
            "speed": knots,
            "course": 0.0,
            "heading": heading,
            "status": 0,
        }
    ).with_columns(pl.col("heading", "status", "type").cast(pl.Int64))


TIME = pl.Datetime("us", "UTC")
CALL = (
    # from the sea through the approach and the lock to the inner berth, and out again
    (0.0, -14000.0, 0.0),
    (60.0, 0.0, 0.0),
    (65.0, 1200.0, 0.0),
    (85.0, 1200.0, 0.0),
    (100.0, 3150.0, 130.0),
    (400.0, 3150.0, 130.0),
    (415.0, 1200.0, 0.0),
    (435.0, 1200.0, 0.0),
    (440.0, 0.0, 0.0),
    (500.0, -14000.0, 0.0),
)
