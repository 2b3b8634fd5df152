"""How tram and bus truly ran: late by traffic and stops, held by openings, sent round by closures."""

import datetime
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from havre_scenario import places, slots, timetable
from havre_scenario.chance import Chance
from havre_scenario.closures import Closure, closed
from havre_scenario.network import STOPS, TRAM
from havre_scenario.openings import Barriers
from havre_scenario.plane import Point
from havre_scenario.timetable import Trip

MINUTE = 60.0
LEG_SPREAD = {TRAM: 0.06, 3: 0.14}
"""Standard deviation of the time of a leg, as a share of it."""
LATE_START = 0.6
"""Mean minutes."""
CATCHES_UP = 0.12
"""Share of a leg's time that a late vehicle wins back at most."""
DISCHARGE = 0.2
DETOUR = 11.0
"""Minutes."""
SILENT, BLIND = 0.02, 0.05
"""Share of the runs of which real time says nothing, and of those that have no position."""


@dataclass(frozen=True)
class Run:
    """A trip on a day; seconds after the start, at each stop."""

    trip: Trip
    date: datetime.date
    vehicle: str
    scheduled: tuple[float, ...]
    actual: tuple[float, ...]
    waited_at: dict[int, tuple[str, float]]
    """By the index of the stop after it: the opening before which it stood, and for how many seconds."""
    detoured: tuple[str, ...]
    says: bool
    shows: bool


def runs(
    start: datetime.date, days: int, barriers: Barriers, closures: tuple[Closure, ...], chance: Chance
) -> tuple[Run, ...]:
    """All runs of the service days from the one before the period on, in order of departure."""
    found: list[Run] = []
    planned = timetable.trips()
    for day in range(-1, days):
        date = start + datetime.timedelta(days=day)
        # noon minus twelve hours: what the times of GTFS count from
        zero = slots.second(start, date, "12:00") - 12 * 3600
        today = (trip for trip in planned if trip.service == timetable.service_of(date))
        found += [_run(trip, date, zero, barriers, closures, chance) for trip in today]
    return tuple(sorted(found, key=lambda one: (one.actual[0], one.trip.name)))


def _run(
    trip: Trip, date: datetime.date, zero: float, barriers: Barriers, closures: tuple[Closure, ...], chance: Chance
) -> Run:
    scheduled = [zero + minutes * MINUTE for minutes in trip.minutes]
    actual = [scheduled[0] + float(chance.exponential(LATE_START)) * MINUTE]
    spread, waited, detoured = LEG_SPREAD[trip.line.mode], {}, []
    noise = np.exp(chance.normal(0, spread, len(trip.bridges)))
    for number, bridge in enumerate(trip.bridges):
        leg = scheduled[number + 1] - scheduled[number]
        late = max(actual[-1] - scheduled[number], 0.0)
        at = actual[-1] + max(leg * float(noise[number]) - min(late, CATCHES_UP * leg), 0.6 * leg)
        if bridge:
            there = (actual[-1] + at) / 2
            opening = barriers.at(bridge, there)
            if closed(closures, bridge, there):
                at += DETOUR * MINUTE
                detoured.append(bridge)
            elif opening is not None:
                wait = opening.closed_at - there + DISCHARGE * (there - opening.opened_at)
                at += wait
                waited[number + 1] = (opening.name, wait)
        # nobody leaves a stop before time
        actual.append(max(at, scheduled[number + 1]))
    fate, vehicle = float(chance.random()), f"{'T' if trip.line.mode == TRAM else 'B'}{int(chance.integers(100, 400))}"
    return Run(
        trip, date, vehicle, tuple(scheduled), tuple(float(round(at)) for at in actual), waited, tuple(detoured),
        fate >= SILENT, fate >= SILENT + BLIND,
    )  # fmt: skip


def place(run: Run, second: float) -> Point:
    """Where the vehicle is: it moves evenly from stop to bridge to stop, and stands at the bridge while it waits."""
    stops = [STOPS[name][1] for name in run.trip.stops]
    leg = bisect_left(run.actual, second) - 1
    if leg < 0 or leg >= len(stops) - 1:
        return stops[0 if leg < 0 else -1]
    begins, ends, bridge = run.actual[leg], run.actual[leg + 1], run.trip.bridges[leg]
    if not bridge or bridge in run.detoured:
        return _between(stops[leg], stops[leg + 1], (second - begins) / (ends - begins))
    _, wait = run.waited_at.get(leg + 1, ("", 0.0))
    half = (ends - begins - wait) / 2
    middle = places.BRIDGES[bridge][1]
    if second <= begins + half + wait:
        return _between(stops[leg], middle, min((second - begins) / half, 1.0))
    return _between(middle, stops[leg + 1], 1 - (ends - second) / half)


def _between(a: Point, b: Point, part: float) -> Point:
    return Point(a.x + part * (b.x - a.x), a.y + part * (b.y - a.y))
