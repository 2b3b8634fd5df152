"""A plan for a problem: found by the solver, timed by the timetable, told of on the way."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from havre_waste.rounds import adapter, caps
from havre_waste.rounds.adapter import Orders
from havre_waste.rounds.crossings import Roads
from havre_waste.rounds.model import Kind, Plan, Problem, cost
from havre_waste.rounds.posing import pose
from havre_waste.rounds.timetable import timed

RATHER = 1.0
"""Seconds between two plans that are told of."""
REFUSED = 200
"""So many plans of the solver are refused before another way of posing the problem is tried."""


@dataclass(frozen=True)
class Stopping:
    """When to be content: at the first of what is given. Iterations alone give the same plan on every machine."""

    seconds: float | None = 30.0
    iterations: int | None = None
    first: bool = False
    """At the first plan that keeps everything."""


USUAL = Stopping()


@dataclass(frozen=True)
class Progress:
    """A plan that keeps everything, ``seconds`` after the beginning; ``cost`` in EUR."""

    seconds: float
    cost: float
    plan: Plan


class NoPlan(ValueError):
    """No plan that keeps everything was found in time."""


def plan(
    problem: Problem,
    *,
    stop: Stopping = USUAL,
    seed: int = 0,
    warm: Plan | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """The cheapest plan that is found until ``stop``; ``warm`` is one to begin with, of this problem or one like it.

    ``on_progress`` is told of the first plan that keeps everything, then of better ones, at most one a second where
    time is what stops it.
    ``NoPlan`` when there is none: a required stop cannot be reached, or vehicles or time are too few.
    """
    search = _Search(problem, stop, on_progress)
    known = None if warm is None else orders_of(problem, warm)
    ways = caps.shares(problem)
    for share in ways:
        search.begin(last=share is ways[-1])
        if problem.stops:
            adapter.solve(pose(problem, share), search.done, seed=seed, warm=known, told=search.told)
        else:
            search.told({})
        found = search.end()
        if found is not None:
            return found
    raise NoPlan(
        f"{len(problem.stops)} stops, {len(problem.vehicles)} vehicles: no plan was found that keeps everything"
    )


def orders_of(problem: Problem, known: Plan) -> Orders:
    """What each vehicle visits, of what the problem still has."""
    those = {one.id: one for one in problem.targets}
    return {
        one.vehicle: tuple(
            those[visit.id] for visit in one.visits if visit.kind in (Kind.STOP, Kind.TIP) and visit.id in those
        )
        for one in known.rounds
    }


def written(problem: Problem, roads: Roads, orders: Orders) -> Plan | None:
    """The plan with its times; None when these orders break a window or a cap of the day."""
    rounds, visited = [], set()
    for vehicle in problem.vehicles:
        order = orders.get(vehicle.id, ())
        if not order and not vehicle.out:
            continue
        found = timed(problem, roads, vehicle, order) if caps.kept(vehicle, order) else None
        if found is None:
            return None
        rounds.append(found)
        visited |= set(found.stops)
    return Plan(tuple(rounds), tuple(one.id for one in problem.stops if one.id not in visited))


@dataclass
class _Search:
    problem: Problem
    stop: Stopping
    on_progress: Callable[[Progress], None] | None
    started: float = field(default_factory=time.perf_counter)
    best: Progress | None = None
    waiting: list[Orders] = field(default_factory=list)
    """Plans of the solver that have not been looked at yet, the better ones last."""
    looked_at: float = 0.0
    refused: int = 0
    iterations: int = 0
    patient: bool = True
    """Whether there is no other way of posing the problem."""

    def __post_init__(self) -> None:
        self.roads = Roads(self.problem)

    def begin(self, *, last: bool) -> None:
        self.iterations = self.refused = 0
        self.patient = last
        self.waiting.clear()

    def done(self, best_cost: int) -> bool:
        self.iterations += 1
        stop = self.stop
        return (
            (stop.iterations is not None and self.iterations > stop.iterations)
            or (stop.first and self.best is not None)
            or (stop.seconds is not None and self._passed() > stop.seconds)
            or (self.refused > REFUSED and self.best is None and not self.patient)
        )

    def told(self, orders: Orders) -> None:
        self.waiting.append(orders)
        hurried = self.stop.seconds is not None and self.best is not None
        if not hurried or self._passed() > self.looked_at + RATHER:
            self._look()

    def end(self) -> Plan | None:
        while self.waiting:
            self._look()
        return None if self.best is None else self.best.plan

    def _look(self) -> None:
        found = written(self.problem, self.roads, self.waiting.pop())
        self.looked_at = self._passed()
        if found is None:
            self.refused += 1
            return
        self.waiting.clear()
        value = cost(self.problem, found)
        if self.best is None or value < self.best.cost:
            self.best = Progress(self.looked_at, value, found)
            if self.on_progress is not None:
                self.on_progress(self.best)

    def _passed(self) -> float:
        return time.perf_counter() - self.started
