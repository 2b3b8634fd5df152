"""Rounds that know of bridges and gates (pure but for the search behind ``plan``).

1. What is planned, with its error, becomes closures with probabilities; a slot that is reserved for the road is free.
2. The solver knows no hours of a bridge. Its plan is driven through what is expected, and orders are changed where that
   costs less, waits counted as ``Problem.waiting`` says, until no such change helps: each vehicle keeps its stops.
3. As plans of bridges get better during the day, that is done again (``remaining``).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from havre_waste.rounds.caps import fits
from havre_waste.rounds.crossings import Roads
from havre_waste.rounds.model import Closure, Kind, Plan, Problem, Round, Vehicle, Window, hours_and_ways, worth
from havre_waste.rounds.planning import USUAL, Progress, Stopping, orders_of, plan
from havre_waste.rounds.timetable import Order, timed

SHARES = ((-1.22, 1 / 3), (0.0, 1 / 3), (1.22, 1 / 3))
"""A normal error as three equally likely ones, in standard deviations: same mean, same variance."""
REACH = 12
"""So many places of an order are looked at around a wait."""
LEAST = 0.05
"""EUR that a change has to save."""


@dataclass(frozen=True)
class Expected:
    """An opening for ships that is planned: the road is then closed. ``error`` is the standard deviation of both times;
    ``probability`` that it takes place."""

    crossing: str
    starts: int
    ends: int
    probability: float = 1.0
    error: float = 0.0


def closures(expected: Iterable[Expected], reserved: Iterable[tuple[str, Window]] = ()) -> tuple[Closure, ...]:
    """What to reckon with; ``reserved`` are slots of a crossing in which it is promised to the road."""
    free = list(reserved)
    found = []
    for one in expected:
        for off, share in SHARES if one.error else ((0.0, 1.0),):
            shift = round(off * one.error)
            whole = Closure(one.crossing, one.starts + shift, one.ends + shift, one.probability * share)
            found += _outside(whole, [slot for name, slot in free if name == one.crossing])
    return tuple(found)


def _outside(closure: Closure, slots: Sequence[Window]) -> list[Closure]:
    parts = [closure]
    for slot in slots:
        parts = [
            replace(part, starts=starts, ends=ends)
            for part in parts
            for starts, ends in ((part.starts, min(part.ends, slot.opens)), (max(part.starts, slot.closes), part.ends))
            if starts < ends
        ]
    return parts


def plan_around(
    problem: Problem,
    *,
    stop: Stopping = USUAL,
    seed: int = 0,
    warm: Plan | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """As ``plan``, for a problem with closures and peaks: with orders changed around them."""
    return around(problem, plan(problem, stop=stop, seed=seed, warm=warm, on_progress=on_progress))


def around(problem: Problem, known: Plan, *, at_least: float = 30.0) -> Plan:
    """The plan with the orders of those rounds changed that would wait ``at_least`` so many seconds.

    A round that nothing can bring home in time stays as it was.
    """
    roads = Roads(problem)
    orders = orders_of(problem, known)
    vehicles = {one.id: one for one in problem.vehicles}
    rounds = []
    for one in known.rounds:
        if one.vehicle not in vehicles:
            continue
        found = timed(problem, roads, vehicles[one.vehicle], orders[one.vehicle]) or one
        if found.waited >= at_least:
            found = _changed(problem, roads, vehicles[one.vehicle], orders[one.vehicle], found)
        rounds.append(found)
    return Plan(tuple(rounds), known.left_out)


def _changed(problem: Problem, roads: Roads, vehicle: Vehicle, order: Order, driven: Round) -> Round:
    driven = timed(problem, roads, vehicle, order, quickly=True) or driven
    best, bare = _counted(problem, vehicle, driven), Bare(roads, vehicle)
    better = True
    while better and driven.waited:
        better = False
        for other in _others(order, _waits(driven)):
            if bare.of(other) >= best or not fits(vehicle, other):
                continue
            tried = timed(problem, roads, vehicle, other, quickly=True)
            if tried is not None and _counted(problem, vehicle, tried) < best - LEAST:
                best, order, driven, better = _counted(problem, vehicle, tried), other, tried, True
                break
    return timed(problem, roads, vehicle, order) or driven


def _counted(problem: Problem, vehicle: Vehicle, driven: Round) -> float:
    return worth(vehicle, driven) + hours_and_ways(vehicle, 0, (problem.waiting - 1) * driven.waited)


class Bare:
    """What an order costs by the usual ways, without any wait, lunch and window: less than it can cost with them."""

    def __init__(self, roads: Roads, vehicle: Vehicle) -> None:
        self.roads, self.vehicle = roads, vehicle

    def of(self, order: Order) -> float:
        metres, seconds = self.roads.metres[0], self.roads.seconds[0]
        way, time, here = 0, 0, self.vehicle.start
        for one in order:
            way, time, here = way + metres[here][one.place], time + seconds[here][one.place] + one.service, one.place
        way, time = way + metres[here][self.vehicle.end], time + seconds[here][self.vehicle.end]
        return hours_and_ways(self.vehicle, way, time)


def _waits(driven: Round) -> list[int]:
    """Numbers in the order of what is reached after a wait."""
    found, number = [], 0
    for visit in driven.visits:
        if visit.waited > 0:
            found.append(number)
        number += visit.kind in (Kind.STOP, Kind.TIP)
    return found


def _others(order: Order, waits: Sequence[int]) -> Iterator[Order]:
    """Orders in which a part near a wait goes elsewhere, as it is or turned round, or is turned round where it is."""
    size = len(order)
    near = sorted({at for wait in waits for at in range(max(wait - REACH, 0), min(wait + REACH, size))})
    for first in near:
        for length in (1, 2, 4, 8):
            last = first + length
            if last > size:
                continue
            part, rest = order[first:last], order[:first] + order[last:]
            for to in range(max(first - REACH, 0), min(first + REACH, len(rest)) + 1):
                if to != first:
                    yield rest[:to] + part + rest[to:]
                    if length > 1:
                        yield rest[:to] + part[::-1] + rest[to:]
        for last in range(first + 2, min(first + REACH, size) + 1):
            yield order[:first] + order[first:last][::-1] + order[last:]
