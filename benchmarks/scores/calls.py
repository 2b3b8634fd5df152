"""Port calls found in AIS against the truth of the scenario.

Protocol: seven days a seed, read as the service reads them: sentences through the exchange's decoder, areas from the
places; nothing of the truth. Compared are berth arrivals and departures within the log. A found one is right when
ship and berth are those of the truth and the time is within 15 min; a ship that lay at a berth when the log began or
ended has no arrival or departure there. The median is of the absolute error of what is right. Of calls, those count
that are wholly in the log, from the pilot station in to the pilot station out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.scores import feeds
from benchmarks.scores.results import Score, over_seeds, table
from havre_mobility.calls import areas, cleaning, detection, sequence
from havre_mobility.calls.sequence import Call

DAYS = 7
WITHIN = timedelta(minutes=15)
EDGE = timedelta(hours=1)
SCORES = {
    "berth_precision": ("", ">= 0.98"),
    "berth_recall": ("", ">= 0.97"),
    "berth_error_min": ("min", "<= 5"),
    "call_confidence_4": ("", ">= 0.95"),
}
Event = tuple[int, str, str, datetime]
"""MMSI, berth, ``arrival`` or ``departure``, when."""
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Found:
    calls: list[Call]
    counters: cleaning.Counters


def measure(seeds: Sequence[int]) -> list[Score]:
    return over_seeds(SCORES, [_measured(seed) for seed in seeds])


def _measured(seed: int) -> dict[str, float]:
    folder = feeds.written(seed, DAYS)
    return compared(read(folder), pl.read_csv(folder / "truth/movements.csv", try_parse_dates=True))


def read(folder: Path) -> Found:
    positions, aside = feeds.decoded(folder / "ais.nmea", "positions")
    told, _ = feeds.decoded(folder / "ais.nmea", "static")
    particulars = cleaning.particulars(told)
    cleaned, counters = cleaning.clean(positions, feeds.BOUNDS, checksum=aside)
    grid = areas.grid(feeds.areas_of(folder), detection.rims())
    visits = detection.visits(cleaned, grid, particulars)
    return Found(sequence.calls(visits, without=sequence.service(particulars)), counters)


def compared(found: Found, truth: pl.DataFrame) -> dict[str, float]:
    log = log_of(truth)
    true, told = list(_true(truth, log)), list(_told(found.calls))
    pairs = _matched(true, told)
    errors = [abs((true[index][3] - told[other][3]).total_seconds()) / 60 for index, other in pairs]
    whole = list(_whole_calls(truth, log))
    sure = [_confidence(found.calls, *call) for call in whole]
    return {
        "berth_precision": len(pairs) / len(told),
        "berth_recall": len(pairs) / len(true),
        "berth_error_min": float(np.median(errors)),
        "call_confidence_4": sum(one == 4 for one in sure) / len(sure),
    }


def log_of(truth: pl.DataFrame) -> Span:
    """From midnight to midnight: the first day on which something ends, and so many days."""
    begins = truth["ended_at"].min()
    if not isinstance(begins, datetime):
        raise TypeError("the truth has no movement")
    start = begins.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=DAYS)


def _true(truth: pl.DataFrame, log: Span) -> Iterator[Event]:
    for row in truth.iter_rows(named=True):
        if row["kind"] != "departure" and log[0] <= row["ended_at"] < log[1]:
            yield row["mmsi"], row["berth"], "arrival", row["ended_at"]
        if row["kind"] != "arrival" and log[0] <= row["started_at"] < log[1]:
            yield row["mmsi"], row["from"], "departure", row["started_at"]


def _told(calls: Sequence[Call]) -> Iterator[Event]:
    for call in calls:
        for stay in call.berths:
            if stay.entered:
                yield call.mmsi, stay.area, "arrival", stay.entered_at
            if stay.left:
                yield call.mmsi, stay.area, "departure", stay.left_at


def _matched(true: Sequence[Event], told: Sequence[Event]) -> list[tuple[int, int]]:
    """Each true one with the nearest that was told, none twice."""
    free = set(range(len(told)))
    pairs = []
    for index, event in enumerate(true):
        near = [other for other in free if told[other][:3] == event[:3] and abs(told[other][3] - event[3]) <= WITHIN]
        if near:
            best = min(near, key=lambda other: abs(told[other][3] - event[3]))
            free.discard(best)
            pairs.append((index, best))
    return pairs


def _whole_calls(truth: pl.DataFrame, log: Span) -> Iterator[tuple[int, Span]]:
    """The number of each ship whose call is wholly in the log, with her time from the first berth to the last."""
    for ship in truth.sort("ended_at").partition_by("mmsi", maintain_order=True):
        first, last = ship.row(0, named=True), ship.row(-1, named=True)
        if (first["kind"], last["kind"]) != ("arrival", "departure"):
            continue
        if first["roads_at"] >= log[0] + EDGE and last["pilot_at"] <= log[1] - EDGE:
            yield first["mmsi"], (first["ended_at"], last["started_at"])


def _confidence(calls: Sequence[Call], mmsi: int, span: Span) -> int:
    """0 when no call, or more than one, was found there."""
    there = (call for call in calls if call.mmsi == mmsi)
    sure = [
        call.confidence for call in there if any(s.entered_at < span[1] and s.left_at > span[0] for s in call.berths)
    ]
    return sure[0] if len(sure) == 1 else 0


if __name__ == "__main__":
    print(table(measure([1])))
