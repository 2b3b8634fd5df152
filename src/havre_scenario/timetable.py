"""The timetable as GTFS: every trip of a service, and the zip file that tells it (gtfs.org, schedule reference)."""

import csv
import datetime
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from havre_scenario.network import LINES, STOPS, TRAM, Line
from havre_scenario.plane import lon_lat

SERVICES = {"week": range(5), "saturday": range(5, 6), "sunday": range(6, 7)}
FIRST, LAST = 5 * 60, 23 * 60
"""Minutes after local midnight of the first and last departures."""
WEEKEND = 1.5
STAMP = (2026, 1, 1, 0, 0, 0)
AGENCY = "HVT"
Row = tuple[object, ...]


@dataclass(frozen=True)
class Trip:
    """One planned run: ``minutes`` at each stop after local midnight."""

    name: str
    line: Line
    service: str
    direction: int
    stops: tuple[str, ...]
    minutes: tuple[int, ...]
    bridges: tuple[str, ...]


def trips() -> tuple[Trip, ...]:
    return tuple(
        trip
        for line in LINES
        for service in SERVICES
        for direction in (0, 1)
        for trip in _trips(line, service, direction)
    )


def service_of(date: datetime.date) -> str:
    return next(name for name, days in SERVICES.items() if date.weekday() in days)


def _trips(line: Line, service: str, direction: int) -> Iterator[Trip]:
    headway = line.headway if service == "week" else round(line.headway * WEEKEND)
    back = slice(None, None, -1 if direction else 1)
    stops, legs = line.stops[back], line.legs[back]
    for number, leave in enumerate(range(FIRST + 3 * direction, LAST, headway), start=1):
        minutes = tuple(accumulate((leg.minutes for leg in legs), initial=leave))
        name = f"{line.name}-{service}-{direction}-{number:03}"
        yield Trip(name, line, service, direction, stops, minutes, tuple(leg.bridge for leg in legs))


def write(path: Path, start: datetime.date, days: int) -> None:
    """The timetable of the period and a day on each side, as a zip file with the same bytes each time."""
    first, last = start - datetime.timedelta(days=1), start + datetime.timedelta(days=days)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, (columns, rows) in _tables(f"{first:%Y%m%d}", f"{last:%Y%m%d}").items():
            text = io.StringIO()
            out = csv.writer(text, lineterminator="\n")
            out.writerow(columns.split())
            out.writerows(rows)
            target.writestr(zipfile.ZipInfo(f"{name}.txt", STAMP), text.getvalue(), zipfile.ZIP_DEFLATED)


def _tables(first: str, last: str) -> dict[str, tuple[str, Iterable[Row]]]:
    """Each file: its columns, and its rows."""
    found = trips()
    publisher = "Havre scenario", "https://transport.example/", "fr", first, last
    return {
        "agency": (
            "agency_id agency_name agency_url agency_timezone agency_lang",
            [(AGENCY, "Havre scenario transport", "https://transport.example/", "Europe/Paris", "fr")],
        ),
        "feed_info": (
            "feed_publisher_name feed_publisher_url feed_lang feed_start_date feed_end_date",
            [publisher],
        ),
        "stops": ("stop_id stop_name stop_lat stop_lon", _stops()),
        "routes": (
            "route_id agency_id route_short_name route_long_name route_type route_color route_text_color",
            [(one.name, AGENCY, one.name, one.label, one.mode, one.colour, "FFFFFF") for one in LINES],
        ),
        "calendar": (
            "service_id monday tuesday wednesday thursday friday saturday sunday start_date end_date",
            [(name, *(int(day in days) for day in range(7)), first, last) for name, days in SERVICES.items()],
        ),
        "trips": ("route_id service_id trip_id trip_headsign direction_id shape_id", map(_trip, found)),
        "stop_times": ("trip_id arrival_time departure_time stop_id stop_sequence", _stop_times(found)),
        "shapes": ("shape_id shape_pt_lat shape_pt_lon shape_pt_sequence", _shapes()),
    }


def _trip(one: Trip) -> Row:
    end = STOPS[one.stops[-1]][0]
    return one.line.name, one.service, one.name, end, one.direction, _shape(one.line, one.direction)


def clock(minutes: float) -> str:
    """HH:MM:SS after local midnight; hours go on after 24."""
    seconds = round(minutes * 60)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _stops() -> Iterator[Row]:
    for name, (label, point) in STOPS.items():
        lon, lat = lon_lat(point)
        yield name, label, lat, lon


def _stop_times(found: Iterable[Trip]) -> Iterator[Row]:
    for trip in found:
        for number, (stop, minutes) in enumerate(zip(trip.stops, trip.minutes, strict=True), start=1):
            yield trip.name, clock(minutes), clock(minutes), stop, number


def _shape(line: Line, direction: int) -> str:
    return f"{'tram' if line.mode == TRAM else 'bus'}-{line.name}-{direction}"


def _shapes() -> Iterator[Row]:
    for line in LINES:
        for direction in (0, 1):
            points = line.points()[:: -1 if direction else 1]
            for number, point in enumerate(points, start=1):
                lon, lat = lon_lat(point)
                yield _shape(line, direction), lat, lon, number
