"""Real collections: 10,000 emptyings of 334 litter bins with sensors in Edinburgh, 2016-06-03 to 2016-08-09.

Contains City of Edinburgh Council data, licensed under the Open Government Licence v3.0. The file says that a fill of
100 % is a bin that is four fifths full, and tells none above it; it is taken as it is told. There are emptyings only:
between two of them a bin is taken to have filled evenly. These bins were emptied by what their sensors told already.

``edinburgh_under_half_pct``: of the emptyings, those of a bin less than half full; ``edinburgh_full_pct``: at 100 %.
``edinburgh_bound_pct``: by how many fewer emptyings would have done, had each bin been emptied when it was full: nobody
can know when that is. ``edinburgh_saved_pct``: by how many fewer the choice would have done with, with the terms that
it has if none are set, a chance in the morning and one in the evening, and every way at the same price (the bins have
no positions); ``edinburgh_saved_litter_pct``: with the terms for litter, in which a bin that is more than full costs
four times as much, though here it is none that overflows. It sees each level at each chance, and knows rates from the
fillings of the first ``LEARNED`` days, which are not judged. ``edinburgh_over_pct``: of the time, that with a bin above
100 % then; of what was done, nothing tells it. ``edinburgh_fill_pct`` and ``edinburgh_fill_chosen_pct``: mean fill at
an emptying, as it was and as it would have been.
"""

import csv
import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.scores.results import DATA, Record, Values
from havre_waste.choice.model import DAY, USUAL, Floats, Terms
from havre_waste.choice.outlook import outlook
from havre_waste.choice.today import wanted
from havre_waste.choice.what_if import Normal

LEARNED = 21
ROUNDS = (6, 20)
"""Hours of the two chances of a day."""
WAY_EUR = 5.0
TRUST = 3.0
"""Fillings that the mean of all bins counts as, against those of the bin itself."""
MEDIAN = 0.455
"""Of the square of a normal distribution."""
Events = Sequence[tuple[float, float]]
"""Of a bin: seconds from the first midnight, and the fill that was emptied, a share."""


def found(folder: Path) -> Values:
    with (folder / "collections.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    fills = np.array([float(row["fill_before_pct"]) / 100 for row in rows])
    bins = _bins(rows)
    first = min(at for events in bins.values() for at, _ in events)
    begin = (first // DAY + LEARNED) * DAY
    judged = [one for one in bins.values() if one[0][0] < begin < one[-1][0]]
    made, careful = (_chosen(judged, begin, terms) for terms in (Terms(), USUAL["litter"]))
    return {
        "edinburgh_collections": float(len(rows)),
        "edinburgh_tonnes": sum(float(row["weight_kg"]) for row in rows if row["weight_kg"]) / 1000,
        "edinburgh_under_half_pct": 100 * float((fills < 0.5).mean()),
        "edinburgh_full_pct": 100 * float((fills >= 1).mean()),
        "edinburgh_bound_pct": 100 * (1 - float(fills.mean())),
        "edinburgh_saved_pct": 100 * (1 - made.emptied / made.done),
        "edinburgh_saved_litter_pct": 100 * (1 - careful.emptied / careful.done),
        "edinburgh_over_pct": 100 * made.over,
        "edinburgh_fill_pct": 100 * float(fills.mean()),
        "edinburgh_fill_chosen_pct": 100 * made.fill,
    }


def _bins(rows: Sequence[Mapping[str, str]]) -> Mapping[str, Events]:
    start = datetime.datetime.fromisoformat("2016-06-03T00:00:00")
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        at = datetime.datetime.fromisoformat(row["collected_at_local"])
        found[row["site_id"]].append(((at - start).total_seconds(), float(row["fill_before_pct"]) / 100))
    return {name: sorted(events) for name, events in found.items()}


@dataclass(frozen=True)
class _Made:
    """``done``: emptyings as they were; ``emptied``: as they would have been, what is left in a bin at the end as its
    share of one."""

    done: int
    emptied: float
    over: float
    fill: float


def _chosen(bins: Sequence[Events], begin: float, terms: Terms) -> _Made:
    """From the first emptying of each bin after ``begin`` to its last."""
    since = np.array([min(at for at, _ in events if at >= begin) for events in bins])
    until = np.array([events[-1][0] for events in bins])
    rate, deviation = _learned(bins, begin)
    rounds = [day * DAY + hour * 3600.0 for day in range(int(begin // DAY), 69) for hour in ROUNDS]
    base = _came(bins, since)
    fills: list[float] = []
    over = total = 0.0
    for at, then in pairwise(rounds):
        live = (since <= at) & (at < until)
        level = _came(bins, np.minimum(at, until)) - base

        def expected(times: Floats, level: Floats = level, at: float = at) -> Normal:
            days = (times - at) / DAY
            return Normal(level + rate * days, np.maximum(deviation * np.sqrt(days), 0.01))

        size = len(bins)
        known = outlook(expected, np.full(size, at), np.full(size, then))
        now = live & wanted(known, np.arange(size), terms, np.full(size, WAY_EUR)).due
        fills += level[now].tolist()
        base = np.where(now, _came(bins, np.full(size, at)), base)
        over += float(_days_over(bins, base, np.maximum(at, since), np.minimum(then, until)).sum())
        total += float(np.maximum(np.minimum(then, until) - np.maximum(at, since), 0).sum()) / DAY
    rest = float((_came(bins, until) - base).sum())
    done = sum(at > first for events, first in zip(bins, since, strict=True) for at, _ in events)
    return _Made(done, len(fills) + rest / float(np.mean(fills)), over / total, float(np.mean(fills)))


def _came(bins: Sequence[Events], at: Floats) -> Floats:
    """All that came into each bin until ``at``, in bins."""
    found = []
    for events, moment in zip(bins, at.tolist(), strict=True):
        fills = [0.0, *(fill for _, fill in events[1:])]
        found.append(np.interp(moment, [time for time, _ in events], np.cumsum(fills)))
    return np.array(found)


def _days_over(bins: Sequence[Events], base: Floats, since: Floats, until: Floats) -> Floats:
    """Days on which each is above full, between two chances."""
    before, after = (_came(bins, one) - base for one in (since, np.maximum(until, since)))
    share = np.clip((after - 1) / np.maximum(after - before, 1e-9), 0, 1)
    return np.asarray(share * np.maximum(until - since, 0) / DAY)


def _learned(bins: Sequence[Events], begin: float) -> tuple[Floats, Floats]:
    """Rate and deviation a day of each, from what was emptied before ``begin``."""
    fillings = [
        [(fill, (at - last) / DAY) for (last, _), (at, fill) in pairwise(events) if at < begin] for events in bins
    ]
    volume = np.array([sum(fill for fill, _ in one) for one in fillings])
    days = np.array([sum(long for _, long in one) for one in fillings])
    trust = TRUST * days.sum() / sum(len(one) for one in fillings)
    rate = (trust * volume.sum() / days.sum() + volume) / (trust + days)
    squares = [
        (fill - each * long) ** 2 / (each**2 * long)
        for one, each in zip(fillings, rate.tolist(), strict=True)
        for fill, long in one
    ]
    return rate, rate * float(np.sqrt(np.median(squares) / MEDIAN))


EDINBURGH = Record(
    DATA / "waste_edinburgh_collections",
    {
        "edinburgh_collections": ("", ">= 10000"),
        "edinburgh_tonnes": ("t", ""),
        "edinburgh_under_half_pct": ("%", ""),
        "edinburgh_full_pct": ("%", ""),
        "edinburgh_bound_pct": ("%", ""),
        "edinburgh_saved_pct": ("%", "> 0"),
        "edinburgh_saved_litter_pct": ("%", ""),
        "edinburgh_over_pct": ("%", ""),
        "edinburgh_fill_pct": ("%", ""),
        "edinburgh_fill_chosen_pct": ("%", ""),
    },
    found,
)
