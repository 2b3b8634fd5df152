"""The gates of the terminals: every pass of a vehicle, anonymous, and the true counts an hour.

A truck comes in, stays for most of an hour and goes out; so do vans, and the cars of those who work there. Peaks are
those of the working day in local time: before eight, before noon and in the middle of the afternoon.
"""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from havre_scenario.chance import Chance
from havre_scenario.places import GATES
from havre_scenario.plane import Floats

DAY = 86400
TRUCKS, VANS, CARS = 2500, 260, 480
_MORNING = (4, 3, 3, 4, 10, 40, 110, 170, 175, 160, 170, 165)
_AFTERNOON = (110, 150, 185, 190, 165, 120, 75, 45, 25, 15, 8, 5)
HOURLY = np.array([*_MORNING, *_AFTERNOON], float)
"""Trucks coming in, by local hour; only the shape counts."""
WEEKDAY = (1.0, 1.0, 1.0, 1.0, 0.95, 0.25, 0.05)
"""From Monday to Sunday."""
STAY_MINUTES, STAY_SPREAD = 38.0, 0.45
"""Median, and standard deviation of the logarithm."""
LOCAL = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Pass:
    time: int
    """Seconds after midnight UTC."""
    gate: str
    direction: str
    kind: str
    lane: int


def passes(day: datetime.date, chance: Chance) -> tuple[Pass, ...]:
    """All passes of a UTC day, in order of time; a vehicle still in at its end has no way out here."""
    found: list[Pass] = []
    for kind, daily in (("truck", TRUCKS), ("van", VANS), ("car", CARS)):
        coming = _arrivals(day, int(chance.poisson(daily * WEEKDAY[day.weekday()])), chance)
        stay = np.exp(chance.normal(np.log(STAY_MINUTES * 60), STAY_SPREAD, len(coming)))
        chosen = chance.choice(len(GATES), size=len(coming), p=[share for *_, share in GATES.values()])
        gates = [list(GATES)[number] for number in chosen]
        found += _through(coming, gates, "in", kind, chance) + _through(coming + stay, gates, "out", kind, chance)
    return tuple(sorted(found, key=lambda one: (one.time, one.gate, one.direction, one.lane, one.kind)))


def counts(found: Sequence[Pass]) -> dict[tuple[int, str, str, str], int]:
    """Passes by hour (UTC), gate, direction and kind; what did not happen is not there."""
    return dict(sorted(Counter((one.time // 3600, one.gate, one.direction, one.kind) for one in found).items()))


def _arrivals(day: datetime.date, count: int, chance: Chance) -> Floats:
    """Seconds after midnight UTC at which vehicles come in."""
    noon = datetime.datetime.combine(day, datetime.time(12), LOCAL)
    offset = noon.utcoffset() or datetime.timedelta()
    hours = chance.choice(24, size=count, p=HOURLY / HOURLY.sum()) + chance.random(count)
    return np.asarray((hours * 3600 - offset.total_seconds()) % DAY)


def _through(times: Floats, gates: Sequence[str], direction: str, kind: str, chance: Chance) -> list[Pass]:
    lanes = chance.random(len(times))
    return [
        Pass(int(time), gate, direction, kind, 1 + int(share * GATES[gate][2]))
        for time, gate, share in zip(times, gates, lanes, strict=True)
        if time < DAY
    ]
