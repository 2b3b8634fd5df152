"""Door to door with public transport, on one core, in Python.

Protocol: the timetable of Brest (``../shared/data/gtfs_brest_bibus``: 6,471 trips, 133,464 stop times), all connections
of Tuesday 2023-05-02 from 04:00 to 04:00 local, and a forecast of openings of ten minutes, each hour with a probability
of one half, at the lift bridge of Recouvrance. 1,000 queries (seed 1): both doors scattered about random stops
(standard deviation 200 m), leaving at a random second from 06:00 to 22:00. A query goes from two coordinates to
journeys told in legs: access, scan, explanation. ``journey_p95_ms`` is of the earliest arrival, which leaves as late as
it can; ``journey_hour_p95_ms`` of all departures of the next hour. The process is held on one core; each query is asked
once, after ten others, with the timetable out of the garbage collector's sight. Where the feed is missing, there is no
result. Anchor: 20 ms, what was wanted.
"""

import gc
import multiprocessing
import os
import random
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.results import Result, less, table
from havre_mobility.people import gtfs
from havre_mobility.people.crossings import crossings
from havre_mobility.people.journeys import journeys
from havre_mobility.people.network import Network, network
from havre_mobility.people.openings import Opening
from havre_mobility.people.walking import Place, Walking, footpaths

FEED = Path(__file__).parents[2] / "shared/data/gtfs_brest_bibus/gtfs.zip"
QUERIES, WARM, WANTED_MS = 1_000, 10, 20.0
DAY = datetime(2023, 5, 2, 2, tzinfo=UTC)
BRIDGE = {"recouvrance": (48.38421, -4.49765)}
Query = tuple[Place, Place, datetime]


def measure() -> list[Result]:
    if not FEED.exists():
        print(f"journey: there is no {FEED}: not measured")
        return []
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as one:
        return one.submit(_measured).result()


def _measured() -> list[Result]:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    started = time.perf_counter()
    timetable = gtfs.read(FEED.read_bytes())
    paths = footpaths(timetable, Walking())
    read_ms = (time.perf_counter() - started) * 1e3
    found = crossings(timetable, BRIDGE)
    starts = [DAY + timedelta(hours=hour) for hour in range(26)]
    openings = [Opening("recouvrance", at, at + timedelta(minutes=10), None, 0.5) for at in starts]
    started = time.perf_counter()
    snapshot = network(timetable, paths, DAY, DAY + timedelta(hours=24), openings=openings, crossings=found)
    snapshot_ms = (time.perf_counter() - started) * 1e3
    gc.collect()
    gc.freeze()
    return [
        less("journey_p95_ms", _p95(snapshot, timedelta(0)), "ms", WANTED_MS),
        less("journey_hour_p95_ms", _p95(snapshot, timedelta(hours=1)), "ms", WANTED_MS),
        less("journey_snapshot_ms", snapshot_ms, "ms"),
        less("journey_read_feed_ms", read_ms, "ms"),
    ]


def _p95(snapshot: Network, window: timedelta) -> float:
    """Milliseconds. The answer must not be empty for most: the network covers what it is asked for."""
    took, answered = [], 0
    for number, (origin, destination, at) in enumerate(_queries(snapshot)):
        started = time.perf_counter()
        found = journeys(snapshot, origin, destination, at, window)
        if number >= WARM:
            took.append((time.perf_counter() - started) * 1e3)
            answered += bool(found)
    if answered < 0.8 * QUERIES:
        raise RuntimeError(f"only {answered} of {QUERIES} queries have a journey")
    return statistics.quantiles(took, n=20)[-1]


def _queries(snapshot: Network) -> list[Query]:
    chance, timetable = random.Random(1), snapshot.timetable

    def place() -> Place:
        stop = chance.randrange(len(timetable.stop_ids))
        north, east = chance.gauss(0, 200) / 111_195, chance.gauss(0, 200) / 73_900
        return float(timetable.latitude[stop]) + north, float(timetable.longitude[stop]) + east

    def moment() -> datetime:
        return DAY + timedelta(seconds=chance.randrange(2 * 3600, 18 * 3600))

    return [(place(), place(), moment()) for _ in range(WARM + QUERIES)]


if __name__ == "__main__":
    print(table(measure()))
