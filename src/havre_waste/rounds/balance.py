"""Rounds of like length: the longest is made shorter, as long as that does not cost too much."""

from collections.abc import Callable
from dataclasses import replace

from havre_waste.rounds.model import Plan, Problem, cost
from havre_waste.rounds.planning import USUAL, NoPlan, Progress, Stopping, plan

STEPS = 4
"""So many times the bound on the longest round is halved towards the mean."""


def balanced(
    problem: Problem,
    *,
    dearer: float = 0.05,
    stop: Stopping = USUAL,
    seed: int = 0,
    on_progress: Callable[[Progress], None] | None = None,
) -> Plan:
    """The plan whose longest round is shortest, of those that cost at most ``dearer`` (a share) more than the cheapest.

    ``stop`` is for the cheapest plan, and again for all that follow together. Hours count without lunch.
    """
    best = plan(problem, stop=stop, seed=seed, on_progress=on_progress)
    allowed = cost(problem, best) * (1 + dearer)
    part = replace(stop, seconds=None if stop.seconds is None else stop.seconds / STEPS)
    low = sum(one.worked for one in best.rounds) // len(problem.vehicles)
    for _ in range(STEPS):
        high = longest(best)
        bound = (low + high) // 2
        if bound >= high:
            break
        vehicles = tuple(replace(one, longest=bound) for one in problem.vehicles)
        try:
            found = plan(replace(problem, vehicles=vehicles), stop=part, seed=seed, warm=best)
        except NoPlan:
            low = bound
            continue
        if cost(problem, found) <= allowed:
            best = found
        else:
            low = bound
    return best


def longest(known: Plan) -> int:
    """Seconds of the longest round, without lunch."""
    return max((one.worked for one in known.rounds), default=0)
