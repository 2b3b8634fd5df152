"""Which trips cross which bridge, and between which two stops (pure).

A trip crosses a bridge when its shape passes within ``NEAR`` metres of the bridge; where the feed has no shapes, the
straight lines between its stops do, which is coarse. Stops are laid on the shape in the order of the trip so that the
sum of the squared distances is least (dynamic programming), which also holds for shapes that cross themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from havre_mobility.people.timetable import METRES_PER_DEGREE, Floats, Ints, Timetable

NEAR = 30.0
STEP = 25.0
"""Metres between the points of a shape on which stops are laid."""


@dataclass(frozen=True)
class Crossing:
    """``share`` of the way (0 to 1) between the trip's stop time ``after`` and the next one, counted from 0."""

    bridge: str
    after: int
    share: float


def crossings(
    timetable: Timetable, bridges: Mapping[str, tuple[float, float]], near: float = NEAR
) -> dict[int, tuple[Crossing, ...]]:
    """By trip, in the order of the way; trips that cross none are not there. ``bridges``: id to (latitude, longitude)
    of the middle of the bridge."""
    by_pattern: dict[tuple[int, bytes], tuple[Crossing, ...]] = {}
    found = {}
    for trip in range(len(timetable.trip_ids)):
        stops = timetable.stop[timetable.calls(trip)]
        if len(stops) < 2:
            continue
        shape = int(timetable.trip_shape[trip])
        pattern = (shape, stops.tobytes())
        if pattern not in by_pattern:
            by_pattern[pattern] = _of_pattern(timetable, shape, stops, bridges, near)
        if by_pattern[pattern]:
            found[trip] = by_pattern[pattern]
    return found


def _of_pattern(
    timetable: Timetable, shape: int, stops: Ints, bridges: Mapping[str, tuple[float, float]], near: float
) -> tuple[Crossing, ...]:
    places = np.column_stack([timetable.latitude[stops], timetable.longitude[stops]])
    if np.isnan(places).any():
        return ()
    line = timetable.shapes[shape] if shape >= 0 else places
    scale = np.array([METRES_PER_DEGREE, METRES_PER_DEGREE * np.cos(np.radians(places[0, 0]))])
    passed = {bridge: _passed(line * scale, np.array(at) * scale, near) for bridge, at in bridges.items()}
    if not any(passed.values()):
        return ()
    at_stops = _laid(line * scale, places * scale)
    found = []
    for bridge, distances in passed.items():
        for distance in distances:
            after = int(np.searchsorted(at_stops, distance, side="right")) - 1
            if 0 <= after < len(stops) - 1:
                way = at_stops[after + 1] - at_stops[after]
                found.append(Crossing(bridge, after, float((distance - at_stops[after]) / way) if way > 0 else 0.5))
    return tuple(sorted(found, key=lambda one: (one.after, one.share)))


def _along(line: Floats) -> Floats:
    """Metres from the line's start to each of its points."""
    return np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))


def _passed(line: Floats, place: Floats, near: float) -> list[float]:
    """Metres along the line at which it is nearest to the place, once each time that it comes near."""
    start, step = line[:-1], np.diff(line, axis=0)
    length = (step**2).sum(axis=1)
    share = np.clip(((place - start) * step).sum(axis=1) / np.where(length > 0, length, 1), 0, 1)
    distance = np.hypot(*(start + step * share[:, None] - place).T)
    along = _along(line)[:-1] + share * np.sqrt(length)
    close = np.flatnonzero(distance <= near)
    times = np.split(close, np.flatnonzero(np.diff(along[close]) > 4 * near) + 1) if len(close) else []
    return [float(along[one[np.argmin(distance[one])]]) for one in times]


def _laid(line: Floats, places: Floats) -> Floats:
    """Metres along the line of each place, never falling, so that the sum of squared distances is least."""
    along = _along(line)
    marks = np.union1d(along, np.arange(0, along[-1], STEP))
    points = np.column_stack([np.interp(marks, along, line[:, axis]) for axis in (0, 1)])
    far = ((places[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
    total = [far[0]]
    for row in far[1:]:
        total.append(np.minimum.accumulate(total[-1]) + row)
    at = [int(np.argmin(total[-1]))]
    for row in total[-2::-1]:
        at.append(int(np.argmin(row[: at[-1] + 1])))
    return np.asarray(marks[at[::-1]])
