"""How long it takes to plan a day's rounds.

Protocol: the network of the scenario (seed 1), 300 containers of residual waste, its six trucks of that flow with their
lunches, its plant beyond the basins, over its streets. Everything counts from the places on: ways, posing, search.

- ``plan_300_s``: until the plan, which is searched for ``SEARCH`` long; ``plan_300_late_pct`` is how much
  dearer that plan is than one that is searched for three times as long.
- ``first_plan_300_s``: until the first plan that keeps everything.
- ``replan_s``: one truck breaks down at nine; until the plan of the rest, with the usual search for it.
- ``matrix_300_s``: the ways alone.

Anchors are what is asked for: 60, 5 and 10 s.
"""

import time

from benchmarks.results import Result, less, table
from benchmarks.scores.waste_bridges import standing, streets
from havre_scenario import waste
from havre_waste.rounds.checker import check
from havre_waste.rounds.model import cost
from havre_waste.rounds.planning import Progress, Stopping, plan
from havre_waste.rounds.remaining import plan_again
from havre_waste.rounds.roads import from_graph
from havre_waste.rounds.today import Load, problem
from havre_waste.sites.model import Container, Flow

STOPS, FILL, MONDAY = 300, 0.6, 0
SEARCH = Stopping(seconds=20.0)
NINE = 9 * 3600


def measure() -> list[Result]:
    network = waste.network(1)
    graph, city = streets(network), standing(network)
    residual = [one for one in network.containers if one.flow == Flow.RESIDUAL][:STOPS]
    loads = [
        Load(
            Container(one.id, one.site, Flow.RESIDUAL, one.litres, one.depth_mm),
            round(FILL * one.litres * one.kg_per_litre),
        )
        for one in residual
    ]
    told: list[Progress] = []
    begun = time.perf_counter()
    posed = problem(city, Flow.RESIDUAL, MONDAY, loads, lambda places: from_graph(graph, places))
    ways = time.perf_counter() - begun
    made = plan(posed, stop=SEARCH, on_progress=told.append)
    whole = time.perf_counter() - begun
    longer = plan(posed, stop=Stopping(seconds=2 * (SEARCH.seconds or 0)), warm=made)
    assert check(posed, made) == ()
    begun = time.perf_counter()
    left, again = plan_again(posed, made, NINE, broken={made.rounds[0].vehicle})
    rest = time.perf_counter() - begun
    assert check(left, again) == ()
    return [
        less("plan_300_s", whole, "s", 60),
        less("first_plan_300_s", ways + told[0].seconds, "s", 5),
        less("replan_s", rest, "s", 10),
        less("matrix_300_s", ways, "s"),
        less("plan_300_late_pct", 100 * (cost(posed, made) / cost(posed, longer) - 1), "%"),
    ]


if __name__ == "__main__":
    print(table(measure()))
