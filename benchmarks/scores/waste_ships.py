"""Whether what ships tell of their waste is taken when it is right, and refused for what is wrong with it.

Protocol: the calls of 14 days of the scenario, one notification each, 12 % of them wrong in one of ten ways (the truth
says which). ``ship_notices_right_pct``: right ones that are taken, and wrong ones of which the fault is named.
``ship_pickup_pct``: loads of the right ones, from the true times at the berth, for which there is a window.
"""

import datetime
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from benchmarks.scores.results import Score, over_seeds, table
from havre_scenario.city import city
from havre_scenario.waste import ships
from havre_waste.ships.pickups import pickups
from havre_waste.ships.reading import notification
from havre_waste.ships.stays import Stay

DAYS, START = 14, datetime.date(2026, 3, 2)
PARIS = ZoneInfo("Europe/Paris")
SCORES = {"ship_notices_right_pct": ("%", ">= 99"), "ship_pickup_pct": ("%", "")}


def measure(seeds: Sequence[int]) -> list[Score]:
    return over_seeds(SCORES, [_scenario(seed) for seed in seeds])


def _scenario(seed: int) -> dict[str, float]:
    made = city(seed, START, DAYS, density=0.0)
    midnight = datetime.datetime.combine(START, datetime.time(), datetime.UTC)
    right = loads = possible = 0
    told = ships.notifications(made.calls, START, seed)
    moved = {f"w-{call.movements[0].name}": call.movements for call in made.calls}
    for one in told:
        at = midnight + datetime.timedelta(seconds=one.said_at)
        found, wrong = notification(one.form, one.notification, at)
        right += found is not None if one.fault in ("", "late") else one.fault in {each.key for each in wrong}
        if found is None:
            continue
        first, second = moved[one.notification][:2]
        arrives = midnight + datetime.timedelta(seconds=first.passage.ended_at)
        leaves = midnight + datetime.timedelta(seconds=second.passage.left_at)
        given = pickups(found, Stay(first.berth, arrives, arrives, leaves, "ACT", "ACT"), PARIS)
        loads += len(given)
        possible += sum(1 for each in given if each.windows)
    return {"ship_notices_right_pct": 100 * right / len(told), "ship_pickup_pct": 100 * possible / max(loads, 1)}


if __name__ == "__main__":
    print(table(measure(range(1, 4))))
