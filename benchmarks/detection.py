"""Visits of areas found in positions, on one core.

Protocol: a seeded day of the scenario's port (its areas, and ships that come and go), decoded and cleaned, is repeated
under other numbers up to eight million positions, sorted by ship and time as cleaning leaves them. Measured are
``cleaning.clean`` and ``detection.visits``, all four levels, from a Polars frame to the frame of visits: the processor
time of all threads of a process that is held on one core. The median of three runs counts.
"""

import multiprocessing
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import polars as pl

from benchmarks.ais import hold_on_one_core
from benchmarks.results import Result, more, table

POSITIONS, RUNS = 8_000_000, 3


def measure() -> list[Result]:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as one:
        return one.submit(_measured).result()


def _measured() -> list[Result]:
    from benchmarks.scores import feeds
    from havre_mobility.calls import areas, cleaning, detection

    hold_on_one_core()
    folder = feeds.written(seed=1, days=1)
    positions, _ = feeds.decoded(folder / "ais.nmea", "positions")
    grid = areas.grid(feeds.areas_of(folder), detection.rims())
    copies = -(-POSITIONS // positions.height)
    many = pl.concat([positions.with_columns(pl.col("mmsi") + 10_000 * index) for index in range(copies)])
    cleaned, _ = cleaning.clean(many, feeds.BOUNDS)
    found = detection.visits(cleaned, grid).height
    cleaning_s = _median(lambda: cleaning.clean(many, feeds.BOUNDS))
    detection_s = _median(lambda: detection.visits(cleaned, grid))
    if not found:
        raise RuntimeError("no visit was found")
    return [
        more("detect_positions_per_s", cleaned.height / detection_s, "1/s"),
        more("clean_positions_per_s", many.height / cleaning_s, "1/s"),
    ]


def _median(run: Callable[[], object]) -> float:
    def once() -> float:
        started = time.process_time()
        run()
        return time.process_time() - started

    return statistics.median(once() for _ in range(RUNS))


if __name__ == "__main__":
    print(table(measure()))
