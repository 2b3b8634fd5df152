"""Appointments of trucks at the terminals: booked hours or days ahead, some changed, some cancelled.

How many there are in an hour follows the weekday, the hour, and the ships that lie or will lie at the gate's quays.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from havre_scenario import slots
from havre_scenario.calls import Movement
from havre_scenario.chance import Chance
from havre_scenario.places import GATES
from havre_scenario.plane import Floats, Ints

DAY, HOUR = 86400.0, 3600.0
TRUCKS = 3000
"""Appointments that are asked for on a usual weekday; some are cancelled, and some of the trucks never come."""
_MORNING = (4, 3, 3, 4, 10, 40, 110, 170, 175, 160, 170, 165)
_AFTERNOON = (110, 150, 185, 190, 165, 120, 75, 45, 25, 15, 8, 5)
HOURLY = np.array([*_MORNING, *_AFTERNOON], float)
"""By local hour; only the shape counts."""
WEEKDAY = (1.0, 1.04, 1.02, 1.06, 0.95, 0.25, 0.05)
"""From Monday to Sunday."""
SERVED = {"gate-1": ("P2000",), "gate-2": ("TIDAL",), "gate-3": ("CANAL", "EURE")}
"""Rows of berths behind each gate."""
USUAL = {"gate-1": 3280.0, "gate-2": 1010.0, "gate-3": 2020.0}
"""Metres of ship that are at work behind each gate on a usual day."""
SHIP_WORK = 0.55
"""Share of a usual day that comes and goes with the ships."""
WORK_BEFORE, WORK_AFTER = 1.5 * DAY, 2.0 * DAY
"""A ship's boxes come from so long before she berths until so long after."""
MOOD = 0.08
"""Standard deviation, of the logarithm, of a day that nothing explains."""
LEAD_HOURS, LEAD_SPREAD, LEAD_LEAST, LEAD_MOST = 20.0, 0.9, 1.0, 96.0
CHANGED, CANCELLED = 0.12, 0.05
KINDS, KIND_SHARES = ("drop", "pick", "both"), (0.38, 0.37, 0.25)
DAYS_AROUND = (2, 4)
"""Days before and after the period whose slots are booked too."""


@dataclass(frozen=True)
class Bookings:
    """Columns, one element a booking, in order of the first slot; seconds after the start."""

    gate: Ints
    """Index into ``GATES``."""
    kind: Ints
    said_at: Floats
    slot: Floats
    """Begin of the hour that was booked first."""
    altered_at: Floats
    """When it was changed or cancelled; infinite when never."""
    new_slot: Floats
    """Begin of the hour that counts in the end; infinite when cancelled."""

    def name(self, number: int) -> str:
        return f"b-{number + 1:07}"

    def __len__(self) -> int:
        return len(self.gate)


def book(start: datetime.date, days: int, movements: Sequence[Movement], chance: Chance) -> Bookings:
    """All bookings whose first slot is in the period or the days around it."""
    factors = work(movements, days)
    parts = [_of_day(start, day, factors[:, day + DAYS_AROUND[0]], chance) for day in _around(days)]
    gate, slot = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    rows = len(gate)
    lead = np.clip(LEAD_HOURS * np.exp(chance.normal(0, LEAD_SPREAD, rows)), LEAD_LEAST, LEAD_MOST) * HOUR
    said = slot - lead
    altered, fate = said + chance.uniform(0.05, 0.95, rows) * lead, chance.random(rows)
    moved = slot + chance.choice((-3, -2, -1, 1, 2, 3, 4), size=rows) * HOUR
    changes, cancels = fate < CHANGED, (fate >= CHANGED) & (fate < CHANGED + CANCELLED)
    # nobody books an hour that is over
    changes &= moved > altered + 0.5 * HOUR
    return Bookings(
        gate=gate,
        kind=chance.choice(len(KINDS), size=rows, p=KIND_SHARES),
        said_at=said,
        slot=slot,
        altered_at=np.where(changes | cancels, altered, np.inf),
        new_slot=np.where(cancels, np.inf, np.where(changes, moved, slot)),
    )


def lines(found: Bookings, since: float, end: float) -> Iterator[tuple[float, int, float, str]]:
    """What was said between these seconds, in order: when, which booking, begin of its slot, and its status."""
    gone = np.isinf(found.new_slot)
    altered = np.flatnonzero(np.isfinite(found.altered_at))
    numbers = np.concatenate([np.arange(len(found)), altered])
    said = np.concatenate([found.said_at, found.altered_at[altered]])
    told = np.concatenate([found.slot, np.where(gone, found.slot, found.new_slot)[altered]])
    status = np.concatenate([np.zeros(len(found), np.int64), np.where(gone[altered], 2, 1)])
    inside = (said >= since) & (said < end)
    for at in np.flatnonzero(inside)[np.argsort(said[inside], kind="stable")]:
        yield float(said[at]), int(numbers[at]), float(told[at]), ("booked", "changed", "cancelled")[status[at]]


def _around(days: int) -> range:
    return range(-DAYS_AROUND[0], days + DAYS_AROUND[1])


def _of_day(start: datetime.date, day: int, factors: Floats, chance: Chance) -> tuple[Ints, Floats]:
    """Gate, and begin of the slot, of each booking of a day in local time."""
    date = start + datetime.timedelta(days=day)
    begins = np.array([slots.second(start, date, f"{hour:02}:00") for hour in range(24)])
    shares = np.array([share for *_, share in GATES.values()])
    usual = TRUCKS * WEEKDAY[date.weekday()] * np.outer(shares, HOURLY / HOURLY.sum())
    mood = np.exp(chance.normal(0, MOOD, (len(GATES), 1)))
    counts = chance.poisson(usual * factors[:, None] * mood)
    gate, hour = (axis.ravel() for axis in np.indices(counts.shape))
    order = np.argsort(hour, kind="stable")
    repeated = np.repeat(order, counts.ravel()[order])
    return gate[repeated], begins[hour[repeated]]


def work(movements: Sequence[Movement], days: int) -> Floats:
    """For each gate and day, by how much the ships make it busier than usual."""
    middles = (np.array(_around(days)) + 0.5) * DAY
    found = np.zeros((len(GATES), len(middles)))
    for number, gate in enumerate(GATES):
        for one in movements:
            if one.kind == "arrival" and one.berth.split("-")[0] in SERVED[gate]:
                at = one.passage.ended_at
                near = (middles > at - WORK_BEFORE) & (middles < at + WORK_AFTER)
                found[number, near] += one.ship.length
    share = found / np.array([[USUAL[gate]] for gate in GATES])
    return np.asarray(1 - SHIP_WORK + SHIP_WORK * np.clip(share, 0.2, 1.7))
