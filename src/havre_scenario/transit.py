"""How tram and bus truly ran: late by traffic and stops, held by openings, sent round by closures."""

import datetime
from collections.abc import Iterator, Sequence
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


def legs(run: Run) -> Iterator[tuple[float, float, list[Point]]]:
    """Each leg: when it begins and ends, and its way."""
    for number, bridge in enumerate(run.trip.bridges):
        way = [STOPS[run.trip.stops[number]][1], STOPS[run.trip.stops[number + 1]][1]]
        if bridge and bridge not in run.detoured:
            way.insert(1, places.BRIDGES[bridge][1])
        yield run.actual[number], run.actual[number + 1], way


def place(run: Run, second: float) -> Point:
    """Where the vehicle is: on its way it moves evenly, but a barrier holds it in the middle of the leg."""
    for begins, ends, way in legs(run):
        if second <= ends:
            part = 0.0 if ends <= begins else min(max((second - begins) / (ends - begins), 0.0), 1.0)
            return _along(way, part)
    return STOPS[run.trip.stops[-1]][1]


def _along(way: Sequence[Point], part: float) -> Point:
    at = part * (len(way) - 1)
    leg = min(int(at), len(way) - 2)
    a, b, share = way[leg], way[leg + 1], at - leg
    return Point(a.x + share * (b.x - a.x), a.y + share * (b.y - a.y))
