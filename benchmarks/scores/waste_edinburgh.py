"""Real collections: 10,000 emptyings of litter bins with sensors in Edinburgh, 2016-06-03 to 2016-08-09.

Contains City of Edinburgh Council data, licensed under the Open Government Licence v3.0. The file says that a fill of
100 % is a bin that is four fifths full; it is taken as it is told. There are emptyings only, no levels between them:
a bin is taken to have filled evenly from one emptying to the next. Where nothing can be known, nothing is counted:
the first emptying of each bin, and those of which the fill before or after is not told.

``edinburgh_under_half_pct``: of the emptyings, those of a bin less than half full.
``edinburgh_saved_pct``: by how many fewer emptyings would have done, had each bin been emptied when it was full, with
the rates that were seen: a bound, since a policy knows them only from the past.
``edinburgh_saved_ahead_pct``: the same with the mean rate of the bin's fillings before, emptied at 85 % of what is
expected; ``edinburgh_late_pct``: how often a bin would then have been full before.
"""

import csv
import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from benchmarks.scores.results import DATA, Record, Values

DAY = 86400.0
FULL, ASKED = 100.0, 85.0
SHORTEST = 3600.0
"""Seconds: two emptyings that are nearer are one."""
FEWEST = 3
"""Fillings of a bin from which its rate is known."""


def found(folder: Path) -> Values:
    with (folder / "collections.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    before = [float(row["fill_before_pct"]) for row in rows if row["fill_before_pct"]]
    needed, taken, ahead, late, judged = 0.0, 0, 0.0, 0, 0
    for fills in _fillings(rows).values():
        rates = [(fill - rest) / (seconds / DAY) for seconds, rest, fill in fills]
        for number, (seconds, rest, fill) in enumerate(fills):
            taken += 1
            needed += (fill - rest) / FULL
            if number < FEWEST:
                ahead += 1
                continue
            rate = sum(rates[:number]) / number
            judged += 1
            ahead += (seconds / DAY) * rate / ASKED
            late += rates[number] > FULL / ASKED * rate
    weight = sum(float(row["weight_kg"]) for row in rows if row["weight_kg"])
    return {
        "edinburgh_collections": float(len(rows)),
        "edinburgh_tonnes": weight / 1000,
        "edinburgh_under_half_pct": 100 * sum(one < 50 for one in before) / len(before),
        "edinburgh_saved_pct": 100 * (1 - needed / taken),
        "edinburgh_saved_ahead_pct": 100 * (1 - ahead / taken),
        "edinburgh_late_pct": 100 * late / judged,
    }


def _fillings(rows: list[dict[str, str]]) -> Mapping[str, list[tuple[float, float, float]]]:
    """Of each bin, in order: seconds since the emptying before, the fill that it left, and the fill at the next."""
    by_bin: dict[str, list[tuple[datetime.datetime, float, float]]] = defaultdict(list)
    for row in rows:
        if row["fill_before_pct"] and row["fill_after_pct"]:
            at = datetime.datetime.fromisoformat(row["collected_at_local"])
            by_bin[row["site_id"]].append((at, float(row["fill_before_pct"]), float(row["fill_after_pct"])))
    return {name: list(_between(sorted(events))) for name, events in by_bin.items()}


def _between(events: list[tuple[datetime.datetime, float, float]]) -> Iterator[tuple[float, float, float]]:
    for (at, _, rest), (later, fill, _) in pairwise(events):
        seconds = (later - at).total_seconds()
        if seconds >= SHORTEST and fill > rest:
            yield seconds, rest, fill


EDINBURGH = Record(
    DATA / "waste_edinburgh_collections",
    {
        "edinburgh_collections": ("", ">= 10000"),
        "edinburgh_tonnes": ("t", ""),
        "edinburgh_under_half_pct": ("%", ""),
        "edinburgh_saved_pct": ("%", "> 0"),
        "edinburgh_saved_ahead_pct": ("%", ""),
        "edinburgh_late_pct": ("%", ""),
    },
    found,
)
