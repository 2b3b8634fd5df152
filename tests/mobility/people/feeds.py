"""Small feeds for tests: GTFS tables from rows, trips from their stops and times, and networks of them."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from havre_mobility.people import gtfs
from havre_mobility.people.network import Network, network
from havre_mobility.people.timetable import Timetable
from havre_mobility.people.walking import Walking, footpaths

DATA = Path(__file__).parents[4] / "shared/data"
BREST = "gtfs_brest_bibus"
NIGHT = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday; the feeds made here are in UTC, so that a time of day is a time after it."""
PLACES = {"a": (0, 0), "b": (0, 200), "c": (0, 400), "d": (0, 2000), "e": (250, 2000), "f": (0, 4000)}
"""Metres north and east: a and b, b and c, d and e are a footpath apart; from a to c there is none."""
WALKING = Walking(factor=1.0, speed=1.0, longest_access=100, longest_transfer=300, longest_alone=0, change=60)
DEGREE = 111_195.0
Row = Mapping[str, Any]
Trip = Sequence[tuple[str, int, int]]
"""Stop, arrival, departure, in seconds of the day."""


def real(name: str) -> bytes:
    file = DATA / name
    if not file.exists():
        pytest.skip(f"there is no {file}: this promise is NOT tested here")
    return file.read_bytes()


def packed(**tables: Sequence[Row]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            columns = list(dict.fromkeys(column for row in rows for column in row))
            lines = [",".join(columns), *(",".join(str(row.get(column, "")) for column in columns) for row in rows)]
            archive.writestr(f"{name}.txt", "\n".join(lines) + "\n")
    return out.getvalue()


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def tables(trips: Mapping[str, Trip], places: Mapping[str, tuple[float, float]], zone: str = "UTC") -> dict[str, Any]:
    """A feed in which every trip is a line of its own and runs every day of March 2026. ``places``: metres north and
    east of 0 N 0 E."""
    days = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), 1)
    return {
        "agency": [{"agency_timezone": zone}],
        "stops": [
            {"stop_id": id, "stop_name": id, "stop_lat": north / DEGREE, "stop_lon": east / DEGREE}
            for id, (north, east) in places.items()
        ],
        "routes": [{"route_id": f"line-{id}", "route_short_name": id, "route_type": 3} for id in trips],
        "calendar": [{"service_id": "daily", **days, "start_date": "20260301", "end_date": "20260331"}],
        "trips": [{"route_id": f"line-{id}", "service_id": "daily", "trip_id": id} for id in trips],
        "stop_times": [
            {
                "trip_id": id,
                "stop_sequence": number,
                "stop_id": stop,
                "arrival_time": clock(arrival),
                "departure_time": clock(departure),
            }
            for id, calls in trips.items()
            for number, (stop, arrival, departure) in enumerate(calls, 1)
        ],
    }


def timetable(trips: Mapping[str, Trip], places: Mapping[str, tuple[float, float]]) -> Timetable:
    return gtfs.read(packed(**tables(trips, places)))


def snapshot(made: Timetable, hours: int = 24, **options: Any) -> Network:
    return network(made, footpaths(made, WALKING), NIGHT, NIGHT + timedelta(hours=hours), **options)


def door(place: tuple[float, float]) -> tuple[float, float]:
    """Metres north and east as latitude and longitude."""
    return place[0] / DEGREE, place[1] / DEGREE


def at(seconds: int) -> datetime:
    return NIGHT + timedelta(seconds=seconds)
