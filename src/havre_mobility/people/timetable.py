"""A timetable as arrays: GTFS Schedule (https://gtfs.org/documentation/schedule/reference/) without its strings.

Rules that hold here:

1. Stop times of all trips stand in one row of arrays; those of trip ``i`` are ``first[i] : first[i + 1]``.
2. Times of stop times are seconds after "noon minus 12 h" of the service day, as the reference has it: they may pass
   24 h, and on the two days a year on which clocks change they still mean what the passenger reads on the clock.
3. A reference to something that is not there costs the record, never the feed; ``faults`` counts these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

METRES_PER_DEGREE = 111_195.0
"""Of latitude, on a sphere of 6,371 km."""


class FeedError(ValueError):
    """A feed that cannot be read: which file and field, what was there, what was expected."""


@dataclass(frozen=True, eq=False)
class Services:
    """On which days what runs: calendar.txt and calendar_dates.txt."""

    ids: tuple[str, ...]
    weekdays: Flags
    """Services by 7, from Monday."""
    starts: Ints
    ends: Ints
    """First and last day (both included), as ``date.toordinal``."""
    exceptions: Mapping[int, tuple[Ints, Ints]] = field(repr=False)
    """By day: services added, services removed."""

    def on(self, day: date) -> Flags:
        """Which services run on a day."""
        ordinal = day.toordinal()
        runs = self.weekdays[:, day.weekday()] & (self.starts <= ordinal) & (ordinal <= self.ends)
        if ordinal in self.exceptions:
            added, removed = self.exceptions[ordinal]
            runs[added], runs[removed] = True, False
        return runs


@dataclass(frozen=True)
class Frequency:
    """frequencies.txt: a trip that leaves again and again; ``starts`` and ``ends`` in seconds of the service day."""

    trip: int
    starts: int
    ends: int
    headway: int


@dataclass(frozen=True, eq=False)
class Timetable:
    timezone: str
    stop_ids: tuple[str, ...] = field(repr=False)
    stop_names: tuple[str, ...] = field(repr=False)
    latitude: Floats = field(repr=False)
    longitude: Floats = field(repr=False)
    station: Ints = field(repr=False)
    """The stop's parent station, or the stop itself."""
    route_ids: tuple[str, ...] = field(repr=False)
    route_names: tuple[str, ...] = field(repr=False)
    route_types: Ints = field(repr=False)
    trip_ids: tuple[str, ...] = field(repr=False)
    trip_route: Ints = field(repr=False)
    trip_service: Ints = field(repr=False)
    trip_headsigns: tuple[str, ...] = field(repr=False)
    trip_shape: Ints = field(repr=False)
    """-1 where a trip has none."""
    first: Ints = field(repr=False)
    stop: Ints = field(repr=False)
    sequence: Ints = field(repr=False)
    arrival: Ints = field(repr=False)
    departure: Ints = field(repr=False)
    boarding: Flags = field(repr=False)
    alighting: Flags = field(repr=False)
    on_demand: Flags = field(repr=False)
    """Of stop times: the agency or the driver must be told beforehand (pickup or drop-off type 2 or 3)."""
    services: Services = field(repr=False)
    frequencies: tuple[Frequency, ...] = field(repr=False)
    shapes: tuple[Floats, ...] = field(repr=False)
    """Each points by (latitude, longitude), in order."""
    transfers: Mapping[tuple[int, int], int | None] = field(repr=False)
    """transfers.txt between two stops: seconds that are needed at least, None where a transfer is not possible."""
    faults: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def trip_numbers(self) -> Mapping[str, int]:
        return {id: number for number, id in enumerate(self.trip_ids)}

    @cached_property
    def stop_numbers(self) -> Mapping[str, int]:
        return {id: number for number, id in enumerate(self.stop_ids)}

    @cached_property
    def route_numbers(self) -> Mapping[str, int]:
        return {id: number for number, id in enumerate(self.route_ids)}

    @cached_property
    def served(self) -> Flags:
        """By stop: whether any vehicle calls there."""
        return np.bincount(self.stop, minlength=len(self.stop_ids)) > 0

    def calls(self, trip: int) -> slice:
        """Where the trip's stop times stand."""
        return slice(int(self.first[trip]), int(self.first[trip + 1]))


def metres(latitude: Floats | float, longitude: Floats | float, to: tuple[float, float]) -> Floats:
    """Crow-fly distances to a point, on a plane that touches the sphere there: good to 0.1 % within 50 km."""
    north = (np.asarray(latitude) - to[0]) * METRES_PER_DEGREE
    east = (np.asarray(longitude) - to[1]) * METRES_PER_DEGREE * np.cos(np.radians(to[0]))
    return np.asarray(np.hypot(north, east))
