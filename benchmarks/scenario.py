"""A week of the scenario, all its feeds with their truth, on one core.

Protocol: ``havre_scenario.city(seed=1, days=7)`` is planned and written into a new folder by a process of its own,
held on one core; one run. Wanted: below 120 s. The memory is the most that the process held, Python and numpy with it.
"""

import multiprocessing
import os
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.results import Result, less, more, table
from havre_scenario import city

SEED, DAYS, LONGEST_S = 1, 7, 120


def measure() -> list[Result]:
    # a process of its own: what others began in this one must not help, nor count as memory
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as one:
        return one.submit(_measured).result()


def _measured() -> list[Result]:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(prefix="havre-bench-") as home:
        started, worked = time.perf_counter(), time.process_time()
        written = city(SEED, days=DAYS).write(Path(home))
        seconds, cpu = time.perf_counter() - started, time.process_time() - worked
        size = sum(path.stat().st_size for path in Path(home).rglob("*") if path.is_file())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        less("scenario_week_s", seconds, "s", LONGEST_S),
        less("scenario_week_cpu_s", cpu, "s"),
        more("scenario_sentences_per_s", written["ais.nmea"] / seconds, "1/s"),
        more("scenario_week_mb", size / 1e6, "MB"),
        less("scenario_memory_mb", memory, "MB"),
    ]


if __name__ == "__main__":
    print(table(measure()))
