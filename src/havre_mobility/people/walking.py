"""Ways on foot: from a door to stops, between stops, from a stop to a door.

The distance is the crow-fly one times a detour factor; no street map is needed, none is used, and water is not seen:
a stop across a basin looks nearer than it is. 1.3 is the usual factor in towns (Boscoe et al. 2012 found 1.4 by road in
the USA, European towns have 1.2 to 1.3); 1.25 m/s is 4.5 km/h.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from havre_mobility.people.timetable import Timetable, metres

Place = tuple[float, float]
"""Latitude, longitude."""


@dataclass(frozen=True)
class Walking:
    factor: float = 1.3
    speed: float = 1.25
    """Metres a second."""
    longest_access: float = 1000.0
    """Metres as the crow flies, from a door to a stop."""
    longest_transfer: float = 300.0
    """Metres as the crow flies, between two stops."""
    longest_alone: float = 3000.0
    """Metres as the crow flies, from door to door without a vehicle."""
    change: int = 60
    """Seconds between leaving a vehicle and boarding another at the same stop, at least 1."""

    def seconds(self, distance: float) -> int:
        """Of a crow-fly distance in metres, rounded up."""
        return int(np.ceil(distance * self.factor / self.speed))


@dataclass(frozen=True, eq=False)
class Footpaths:
    """Between stops that are near each other: for each stop (other stop, seconds), there and from there."""

    walking: Walking
    onward: tuple[tuple[tuple[int, int], ...], ...] = field(repr=False)
    back: tuple[tuple[tuple[int, int], ...], ...] = field(repr=False)
    change: tuple[int, ...] = field(repr=False)
    """Seconds for a change at the stop itself."""

    @property
    def stops(self) -> int:
        return len(self.change)


def footpaths(timetable: Timetable, walking: Walking) -> Footpaths:
    """Between all stops within ``longest_transfer``; what transfers.txt says of two stops goes before the distance.

    They are not closed transitively: one goes on foot once between two vehicles.
    """
    count = len(timetable.stop_ids)
    found: list[dict[int, int]] = []
    for stop in range(count):
        near = near_stops(timetable, (timetable.latitude[stop], timetable.longitude[stop]), walking.longest_transfer)
        found.append({other: max(walking.seconds(far), walking.change) for other, far in near.items() if other != stop})
    change = [max(walking.change, 1)] * count
    for (start, end), seconds in timetable.transfers.items():
        if start == end:
            change[start] = max(seconds or 0, 1)
        elif seconds is None:
            found[start].pop(end, None)
        else:
            found[start][end] = max(seconds, 1)
    onward = tuple(tuple(sorted(ways.items())) for ways in found)
    back: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for start, ways in enumerate(onward):
        for end, seconds in ways:
            back[end].append((start, seconds))
    return Footpaths(walking, onward, tuple(map(tuple, back)), tuple(change))


def near_stops(timetable: Timetable, place: Place, within: float) -> dict[int, float]:
    """Stops where vehicles call within a crow-fly distance: stop, metres."""
    distances = metres(timetable.latitude, timetable.longitude, place)
    near = np.flatnonzero((distances <= within) & timetable.served)  # a stop without a place is at NaN metres: not near
    return {int(stop): float(distances[stop]) for stop in near}


def access(timetable: Timetable, place: Place, walking: Walking) -> Mapping[int, int]:
    """Seconds on foot between a door and each stop near it."""
    near = near_stops(timetable, place, walking.longest_access)
    return {stop: walking.seconds(far) for stop, far in near.items()}
