"""The solver behind the rounds: PyVRP 0.14, iterated local search (``posing`` says how it is told the problem)."""

import warnings
from collections.abc import Callable, Mapping

from pyvrp import (
    Activity,
    ActivityType,
    IteratedLocalSearch,
    IteratedLocalSearchParams,
    PenaltyManager,
    PenaltyParams,
    RandomNumberGenerator,
    Route,
    Solution,
)
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.IteratedLocalSearch import IteratedLocalSearchCallbacks
from pyvrp.search import OPERATORS, LocalSearch, NeighbourhoodParams, PerturbationManager, compute_neighbours
from pyvrp.stop import StoppingCriterion

from havre_waste.rounds.model import Stop
from havre_waste.rounds.posing import Posed
from havre_waste.rounds.timetable import Order

Orders = dict[str, Order]
"""By vehicle, in the problem's order of vehicles."""


class Watch(IteratedLocalSearchCallbacks):
    """Tells of each better plan."""

    def __init__(self, told: Callable[[Solution], None]) -> None:
        self.told = told

    def on_start(self, ils: IteratedLocalSearch) -> None:
        self.on_best(ils.initial_solution)

    def on_best(self, best: Solution) -> None:
        if best.is_feasible():
            self.told(best)


def solve(
    posed: Posed,
    stop: StoppingCriterion,
    *,
    seed: int,
    warm: Mapping[str, Order] | None,
    told: Callable[[Orders], None],
) -> None:
    """Search until ``stop``, which is asked before each iteration; ``told`` has each plan better than all before.

    ``warm``: where to begin, an order for some of the vehicles; stops that are in none are put in.
    """
    data, rng = posed.data, RandomNumberGenerator(seed=seed)
    neighbours = compute_neighbours(posed.near, NeighbourhoodParams())
    search = LocalSearch(data, rng, neighbours, PerturbationManager())
    for operator in OPERATORS:
        if operator.supports(data):
            search.add_operator(operator(data))
    params = PenaltyParams() if posed.excess is None else PenaltyParams(min_penalty=posed.excess / 1000)
    loads, late, far = params.midpoint_penalties(data)
    manager = PenaltyManager((loads, late, far if posed.excess is None else posed.excess), params)
    begin = Solution.make_random(data, rng) if warm is None else _warm(posed, warm)
    begin = search(begin, manager.max_cost_evaluator(), exhaustive=True)
    watch = Watch(lambda best: told(orders(posed, best)))
    algorithm = IteratedLocalSearch(data, manager, search, begin, IteratedLocalSearchParams(callbacks=watch))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PenaltyBoundWarning)  # no plan is found, which the caller sees
        algorithm.run(stop, collect_stats=False)


def orders(posed: Posed, solution: Solution) -> Orders:
    free = [list(vehicles) for vehicles in posed.types]
    found: Orders = {}
    for route in solution.routes():
        steps = [posed.clients[one.idx] if one.is_client() else posed.tips.get(one.idx) for one in route]
        found[free[route.vehicle_type()].pop(0).id] = tuple(one for one in steps if one is not None)
    return found


def _warm(posed: Posed, known: Mapping[str, Order]) -> Solution:
    clients: dict[str, int] = {}
    for number, stop in enumerate(posed.clients):
        clients.setdefault(stop.id, number)
    depots = {tip.id: number for number, tip in reversed(list(posed.tips.items()))}
    routes = []
    for kind, vehicles in enumerate(posed.types):
        for vehicle in vehicles:
            steps = [
                Activity(ActivityType.CLIENT, clients.pop(one.id))
                if isinstance(one, Stop)
                else Activity(ActivityType.DEPOT, depots[one.id])
                for one in known.get(vehicle.id, ())
                if one.id in clients or one.id in depots
            ]
            while steps and steps[-1].is_depot():
                steps.pop()
            if steps:
                routes.append(Route(posed.data, steps, kind))
    return Solution(posed.data, routes)
