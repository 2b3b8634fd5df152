"""The gates of the terminals: each pass of a vehicle, anonymous but for a truck's booking, and true counts an hour.

Vans and the cars of those who work there have a lane of their own, the last one; they do not queue.
"""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from havre_scenario import slots
from havre_scenario.bookings import DAY, HOURLY, WEEKDAY, Bookings
from havre_scenario.chance import Chance
from havre_scenario.places import GATES
from havre_scenario.trucks import STAY_MINUTES, STAY_SPREAD, Trucks

VANS, CARS = 260, 480


@dataclass(frozen=True, order=True)
class Pass:
    time: int
    """Seconds after the start."""
    gate: str
    direction: str
    kind: str
    lane: int
    booking: str = ""


def passes(start: datetime.date, days: int, booked: Bookings, trucks: Trucks, chance: Chance) -> tuple[Pass, ...]:
    """All passes of the period, in order of time; a vehicle still in at its end has no way out here."""
    gates = list(GATES)
    found: list[Pass] = []
    for at in range(len(trucks.gate)):
        gate, name = gates[trucks.gate[at]], booked.name(int(trucks.booking[at]))
        out = 1 + at % GATES[gate][2]
        found.append(Pass(int(trucks.gate_in_at[at]), gate, "in", "truck", int(trucks.lane[at]), name))
        found.append(Pass(int(trucks.out_at[at]), gate, "out", "truck", out, name))
    for kind, daily in (("van", VANS), ("car", CARS)):
        for day in range(-1, days):
            found += _others(start, day, kind, daily, chance)
    return tuple(sorted(one for one in found if 0 <= one.time < days * DAY))


def counts(found: Sequence[Pass]) -> dict[tuple[int, str, str, str], int]:
    """Passes by hour (UTC), gate, direction and kind; what did not happen is not there."""
    return dict(sorted(Counter((one.time // 3600, one.gate, one.direction, one.kind) for one in found).items()))


def _others(start: datetime.date, day: int, kind: str, daily: int, chance: Chance) -> list[Pass]:
    date = start + datetime.timedelta(days=day)
    count = int(chance.poisson(daily * WEEKDAY[date.weekday()]))
    hours = chance.choice(24, size=count, p=HOURLY / HOURLY.sum()) + chance.random(count)
    coming = slots.second(start, date, "00:00") + hours * 3600
    stay = np.exp(chance.normal(np.log(STAY_MINUTES * 60), STAY_SPREAD, count))
    chosen = chance.choice(len(GATES), size=count, p=[share for *_, share in GATES.values()])
    found = []
    for time, length, number in zip(coming, stay, chosen, strict=True):
        gate = list(GATES)[number]
        lane = GATES[gate][2] + 1
        found += [Pass(int(time), gate, "in", kind, lane), Pass(int(time + length), gate, "out", kind, lane)]
    return found
