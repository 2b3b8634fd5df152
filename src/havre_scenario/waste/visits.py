"""Which truck comes to which container when, if the fixed rounds are driven."""

import datetime
from dataclasses import dataclass

import numpy as np

from havre_scenario.chance import Chance
from havre_scenario.plane import Floats, Ints, at
from havre_scenario.slots import second
from havre_scenario.waste.columns import joined, part
from havre_scenario.waste.model import Network, Stop

NO_WORK = {(1, 1), (5, 1), (12, 25)}
LEAVES = 600
"""Seconds after the beginning of the shift."""
METRES_A_SECOND, CROOKED = 6.0, 1.35
"""How fast a truck is, on streets that are so much longer than the straight line."""
AT_STOP, AT_TIP = 115.0, 2700.0
"""Seconds; those at the tip with the way there and back, between two rounds of a truck."""


@dataclass(frozen=True)
class Visits:
    """Columns, in order of time: rows of containers and trucks, seconds of the period."""

    container: Ints
    at: Floats
    truck: Ints

    def of(self, since: float, until: float) -> "Visits":
        return part(self, since, until)


NONE = Visits(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))


def planned(network: Network, start: datetime.date, days: int, chance: Chance) -> Visits:
    template = {(weekday, weeks): _drive(network, weekday, weeks) for weekday in range(7) for weeks in ("even", "odd")}
    found = [NONE]
    for number in range(days):
        day = start + datetime.timedelta(days=number)
        late = chance.normal(0, 240, len(network.trucks))
        slow = chance.uniform(0.92, 1.15, len(network.trucks))
        if (day.month, day.day) in NO_WORK:
            continue
        container, after, truck = template[day.weekday(), ("even", "odd")[day.isocalendar().week % 2]]
        begins = np.array([second(start, day, _clock(one.shift[0])) for one in network.trucks])
        times = begins[truck] + LEAVES + late[truck] + slow[truck] * after
        found.append(Visits(container, np.clip(np.round(times), 0, days * 86400 - 1), truck))
    return joined(found)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _drive(network: Network, weekday: int, weeks: str) -> tuple[Ints, Floats, Ints]:
    """Containers of a day, seconds after their truck has left, and the truck."""
    trucks = {one.id: row for row, one in enumerate(network.trucks)}
    depots = {one.id: at(one.latitude, one.longitude) for one in network.depots}
    rows: list[int] = []
    seconds: list[float] = []
    driven: list[int] = []
    before: Stop | None = None
    clock, here = 0.0, at(0, 0)
    for stop in network.rounds:
        if stop.weekday != weekday or stop.weeks not in ("all", weeks):
            continue
        row = network.number[stop.container]
        site = network.site_of[row]
        there = at(site.latitude, site.longitude)
        if before is None or before.truck != stop.truck:
            clock, here = 0.0, depots[network.trucks[trucks[stop.truck]].depot]
        elif before.round != stop.round:
            clock += AT_TIP
        clock += CROOKED * float(np.hypot(there.x - here.x, there.y - here.y)) / METRES_A_SECOND + AT_STOP
        before, here = stop, there
        rows.append(row)
        seconds.append(clock)
        driven.append(trucks[stop.truck])
    return np.array(rows, np.int64), np.array(seconds), np.array(driven, np.int64)
