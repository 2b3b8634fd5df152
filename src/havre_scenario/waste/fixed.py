"""The rounds as a city plans them once and drives them for years: safe, so often early.

Each container has a number of emptyings a week such that it should not be full even after a busy week, by a belief of
its rate that is off by a quarter. The town is cut into sectors; those of a sector that are emptied on the same days
make a round, split over trucks.
"""

from collections.abc import Sequence

import numpy as np

from havre_scenario.chance import Chance
from havre_scenario.plane import Floats, at
from havre_scenario.waste.model import Container, Depot, Site, Stop, Truck

PATTERNS = {
    # emptyings a week: longest gap in days, the days for each of the sectors in turn
    0.5: (14, ((0,), (1,), (2,), (3,), (4,))),
    1: (7, ((0,), (1,), (2,), (3,), (4,))),
    2: (4, ((0, 3), (1, 4), (2, 5))),
    3: (3, ((0, 2, 4), (1, 3, 5))),
    4: (2, ((0, 2, 4, 5), (0, 1, 3, 5))),
    6: (1, ((0, 1, 2, 3, 4, 5),)),
}
ALWAYS = frozenset({"litter"})
"""Flows of which Sunday is as Saturday."""
BELIEF, BUSY, FULL = 0.20, 1.60, 0.97
MOST_STOPS = {"residual": 48, "packaging": 48, "glass": 44, "food": 55, "litter": 75}
Planned = tuple[int, int, str]


def rounds(
    sites: Sequence[Site],
    containers: Sequence[Container],
    trucks: Sequence[Truck],
    depots: Sequence[Depot],
    daily: Floats,
    chance: Chance,
) -> tuple[Stop, ...]:
    """Every stop of every week, in order of weekday, truck and order."""
    place = {one.id: at(one.latitude, one.longitude) for one in sites}
    xy = np.array([place[one.site] for one in containers])
    litres = np.array([one.litres for one in containers], float)
    believed = daily / litres * np.exp(chance.normal(0, BELIEF, len(daily)))
    depot = {one.id: at(one.latitude, one.longitude) for one in depots}
    stops: list[Stop] = []
    for flow in sorted({one.flow for one in containers}):
        members = [number for number, one in enumerate(containers) if one.flow == flow]
        fleet = [one for one in trucks if flow in one.flows]
        planned = _days(members, believed, xy)
        if flow in ALWAYS:
            planned[6, "all"] = planned.get((5, "all"), [])
        for (weekday, weeks), chosen in planned.items():
            parts = _split(chosen, xy, max(len(fleet), -(-len(chosen) // MOST_STOPS[flow])) if len(chosen) > 12 else 1)
            for number, part in enumerate(parts):
                truck = fleet[(number + weekday) % len(fleet)]
                name = f"{flow}-{weekday}-{weeks}-{number + 1}"
                for order, container in enumerate(_short(part, xy, np.array(depot[truck.depot])), 1):
                    stops.append(Stop(name, weekday, weeks, truck.id, order, containers[container].id))
    return tuple(sorted(stops, key=lambda one: (one.weekday, one.truck, one.round, one.order)))


def _days(members: Sequence[int], believed: Floats, xy: Floats) -> dict[tuple[int, str], list[int]]:
    """The containers of each weekday, and of all weeks or the even or odd ones."""
    angle = np.arctan2(*(xy[list(members)] - xy[list(members)].mean(axis=0)).T)
    rank = np.argsort(np.argsort(angle)) / len(members)
    found: dict[tuple[int, str], list[int]] = {}
    for number, share in zip(members, rank.tolist(), strict=True):
        often = next((each for each, (gap, _) in PATTERNS.items() if believed[number] * BUSY * gap <= FULL), 6)
        choices = PATTERNS[often][1]
        sector = share * len(choices)
        weeks = "all" if often >= 1 else ("even", "odd")[int(sector * 2) % 2]
        for weekday in choices[int(sector)]:
            found.setdefault((weekday, weeks), []).append(number)
    return dict(sorted(found.items()))


def _split(chosen: list[int], xy: Floats, parts: int) -> list[list[int]]:
    """Neighbours together: by halves along the longer side."""
    if parts <= 1:
        return [chosen]
    points = xy[chosen]
    axis = int(np.argmax(np.ptp(points, axis=0)))
    order = np.argsort(points[:, axis])
    left = parts // 2
    cut = round(len(chosen) * left / parts)
    first, second = ([chosen[at] for at in half] for half in (order[:cut].tolist(), order[cut:].tolist()))
    return [*_split(first, xy, left), *_split(second, xy, parts - left)]


def _short(members: list[int], xy: Floats, start: Floats) -> list[int]:
    """The nearest next, then better by turning pieces round (2-opt)."""
    left, here, way = list(members), start, []
    while left:
        at_ = int(np.argmin(np.hypot(*(xy[left] - here).T)))
        here = xy[left[at_]]
        way.append(left.pop(at_))
    points = np.vstack([start, xy[way], start])
    gaps = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    order = [*range(len(way) + 1), len(way) + 1]
    better = True
    while better:
        better = False
        for a in range(len(order) - 3):
            for b in range(a + 2, len(order) - 1):
                i, j, k, m = order[a], order[a + 1], order[b], order[b + 1]
                if gaps[i, k] + gaps[j, m] < gaps[i, j] + gaps[k, m] - 1e-9:
                    order[a + 1 : b + 1] = order[a + 1 : b + 1][::-1]
                    better = True
    return [way[at_ - 1] for at_ in order[1:-1]]
