"""The levels of 1,000 containers: an update of all, and a look at all.

Protocol: the scenario's city after three weeks in which rows were taken every six hours. ``levels_update_s`` takes four
hours of rows of all sensors, counters, stops and notes at once; ``levels_day_s`` a whole day, with rates learned anew;
``levels_look_s`` makes the product: P10, P50, P90 and the probability to overflow of each. Medians of nine, in one
process; the states are values, so that each run does the same. Anchor: one second for an update of all.
"""

import datetime
import statistics
import time
from collections.abc import Callable

from benchmarks.results import Result, less, table
from benchmarks.scores import waste_frames
from havre_scenario.waste.city import city
from havre_waste.levels import levels, started, take

DAYS, RUNS = 22, 9


def measure() -> list[Result]:
    waste = city(1, days=DAYS)
    rows, begin = waste_frames.seen(waste), waste_frames.begin(waste)
    state = started(waste_frames.fleet(waste.network), waste_frames.calendar(waste, 0), begin.timestamp())
    now = begin
    while now < begin + datetime.timedelta(days=DAYS - 1):
        last, now = now, now + datetime.timedelta(hours=6)
        state = take(state, waste_frames.until(rows, last, now), now).levels
    soon, later = now + datetime.timedelta(hours=4), now + datetime.timedelta(days=1)
    few, many = waste_frames.until(rows, now, soon), waste_frames.until(rows, now, later)
    known = waste_frames.calendar(waste, DAYS - 1)
    return [
        less("levels_update_s", _median(lambda: take(state, few, soon)), "s", 1.0),
        less("levels_day_s", _median(lambda: take(state, many, later, known)), "s", 1.0),
        less("levels_look_s", _median(lambda: levels(state, later)), "s"),
    ]


def _median(work: Callable[[], object]) -> float:
    found = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return statistics.median(found)


if __name__ == "__main__":
    print(table(measure()))
