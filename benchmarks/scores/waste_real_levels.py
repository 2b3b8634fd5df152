"""Levels of real bins: Wyndham's of 2018 to 2021 a day ahead, and the raw uplinks of a pilot at DTU.

Wyndham City Council (Victoria, Australia), data.gov.au, CC BY: about one value a bin and day, from 0 to 10 in steps
of two. Protocol: values are taken day by day at noon; judged is the next day's value of each bin of which today's is
below its threshold and whose sensor is believed, from the 90th day on. Forecasts are rounded to the scale.
``wyndham_mae``: of P50, in tenths of the bin; ``wyndham_gain_persistence_pct``: how much less than that of today's
value; ``wyndham_gain_constant_pct``: than that of today's value and the bin's own mean rise so far.
``wyndham_pinball_gain_pct``: pinball loss of P10, P50, P90 against that constant rate with the quantiles of that bin's
own errors so far. ``wyndham_coverage_pct``: next values from P10 to P90, with half a step. What deceives: more than
half of the values are 0 and most stay so, which makes "as today" hard to beat; nobody says when a bin is emptied; one
that was full in the evening is 0 on both mornings. What a coarse sensor is, and that an emptying may go untold, was
chosen with this record in view: these figures say how wrong a forecast is, not that anything was kept apart.

DTU (MIT licence): distances in centimetres about every hour, of four bins of unknown depth (taken is the 98th
percentile of each). There is no truth: told is how many uplinks were what, and how many emptyings a bin and week were
found. What deceives: bags that settle or lean move the level by ten centimetres in an hour; nights repeat one value.
"""

import csv
import datetime
import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks.scores.results import DATA, Record, table
from havre_waste.levels import Calendar, Fleet, Rows, projected, started, take
from havre_waste.levels.projection import Z90
from havre_waste.levels.state import Fault, Parameters
from havre_waste.sites.model import Container, Flow, Site

Floats = npt.NDArray[np.float64]
TIME = pl.Datetime("us", "UTC")
WYNDHAM_SCORES = {
    "wyndham_mae": ("tenths", ""),
    "wyndham_gain_persistence_pct": ("%", ""),
    "wyndham_gain_constant_pct": ("%", ""),
    "wyndham_pinball_gain_pct": ("%", ""),
    "wyndham_coverage_pct": ("%", ""),
}
DTU_SCORES = {
    "dtu_uplinks": ("", ""),
    "dtu_duplicates": ("", ""),
    "dtu_wild": ("", ""),
    "dtu_lost_pct": ("%", ""),
    "dtu_emptyings_a_week": ("", ""),
    "dtu_faults": ("", ""),
}
WARM, STEP, TALL_MM = 90, 0.2, 1000
QUANTILES = ((0.1, -Z90), (0.5, 0.0), (0.9, Z90))


def _fleet(nodes: Mapping[str, int], dead_mm: int) -> Fleet:
    """A bin a node, of that depth in millimetres."""
    containers = [
        Container(node, node, Flow.LITTER, 120, depth, dead_mm, node) for node, depth in sorted(nodes.items())
    ]
    return Fleet.of(containers, [Site(node, node, 0.0, 0.0) for node in sorted(nodes)])


def wyndham(file: Path) -> Mapping[str, float]:
    days, limits = _days(file)
    fleet = _fleet(dict.fromkeys(limits, TALL_MM), 0)
    limit = np.array([limits[name] for name in fleet.ids])
    first, last = min(days), max(days)
    begin = datetime.datetime.combine(first, datetime.time(1), datetime.UTC)
    coarse = Parameters(rate=0.3, noise=STEP / np.sqrt(12), heap=0.02, repeats=0.7, busy=0.7)
    state = started(fleet, Calendar("Australia/Melbourne"), begin.timestamp(), coarse)
    past: list[list[float]] = [[] for _ in fleet.ids]
    rise, judged = np.full((len(fleet.ids), 2), (0.2, 1.0)), []
    for number in range((last - first).days):
        at = begin + datetime.timedelta(days=number + 1)
        today, then = days[first + datetime.timedelta(days=number)], days[first + datetime.timedelta(days=number + 1)]
        state = take(state, _values(fleet, today, at - datetime.timedelta(hours=1)), at).levels
        made = projected(state, at + datetime.timedelta(hours=23))
        quantiles = [made.quantile(z) for _, z in QUANTILES]
        for row, name in enumerate(fleet.ids):
            if name not in today or name not in then or today[name] >= limit[row]:
                continue
            now, next_ = today[name] / 10, then[name] / 10
            constant = min(now + rise[row, 0] / rise[row, 1], 1.0)
            if number >= WARM and len(past[row]) > 10 and state.watch.fault[row] == Fault.NONE:
                others = [constant + np.quantile(past[row][-365:], p) for p, _ in QUANTILES]
                judged.append([next_, now, constant, *(min(q[row], 1.0) for q in quantiles), *others])
            past[row].append(next_ - constant)
            if next_ >= now:
                rise[row] += next_ - now, 1.0
    return _compared(np.array(judged))


def _compared(judged: Floats) -> dict[str, float]:
    truth, now, constant = judged[:, :3].T
    constant, ours, others = (
        np.clip(np.rint(made / STEP) * STEP, 0, 1) for made in (constant, judged[:, 3:6], judged[:, 6:])
    )

    def pinball(made: Floats) -> float:
        rest = truth[:, None] - made
        p = np.array([one for one, _ in QUANTILES])
        return float(np.maximum(p * rest, (p - 1) * rest).mean())

    mae = [float(np.abs(truth - made).mean()) for made in (ours[:, 1], now, constant)]
    inside = (truth >= ours[:, 0] - STEP / 2) & (truth <= ours[:, 2] + STEP / 2)
    return {
        "wyndham_mae": 10 * mae[0],
        "wyndham_gain_persistence_pct": 100 * (1 - mae[0] / mae[1]),
        "wyndham_gain_constant_pct": 100 * (1 - mae[0] / mae[2]),
        "wyndham_pinball_gain_pct": 100 * (1 - pinball(ours) / pinball(others)),
        "wyndham_coverage_pct": 100 * float(inside.mean()),
    }


def _days(file: Path) -> tuple[dict[datetime.date, dict[str, int]], dict[str, int]]:
    """The value of each bin by day (the last that is written), and the thresholds."""
    days: dict[datetime.date, dict[str, int]] = defaultdict(dict)
    limits: dict[str, int] = {}
    for row in csv.DictReader(file.read_text().splitlines()):
        day, month, year = (int(part) for part in row["timestamp"].split("-"))
        days[datetime.date(year, month, day)][row["Bin ID"]] = int(row["Fullness"])
        limits[row["Bin ID"]] = int(row["fullnessThreshold"])
    return days, limits


def _values(fleet: Fleet, today: Mapping[str, int], at: datetime.datetime) -> Rows:
    distances = [round(TALL_MM * (1 - today[name] / 10)) for name in today]
    return Rows(pl.DataFrame(
        {"time": [at] * len(today), "sensor": list(today), "distance_mm": distances, "tilt_deg": [0.0] * len(today)},
        schema={"time": TIME, "sensor": pl.String, "distance_mm": pl.Int32, "tilt_deg": pl.Float32},
    ))  # fmt: skip


def dtu(folder: Path) -> Mapping[str, float]:
    rows = pl.concat([uplinks(file.read_text()) for file in sorted(folder.glob("s0201410[1-4].txt"))]).sort("time")
    nodes = {str(name): round(part["distance_mm"].quantile(0.98) or 0) for (name,), part in rows.group_by("sensor")}
    begin, end = rows["time"][0], rows["time"][-1]
    state = started(
        _fleet(nodes, 50), Calendar("Europe/Copenhagen"), begin.timestamp() - 1,
        Parameters(rate=0.3, noise=0.06, heap=0.08, heap_days=0.3, repeats=0.3),
    )  # fmt: skip
    emptied = judged = 0
    before, at = begin - datetime.timedelta(seconds=1), begin
    while at < end:
        at += datetime.timedelta(days=1)
        taken = take(state, Rows(rows.filter((pl.col("time") > before) & (pl.col("time") <= at))), at)
        state, before = taken.levels, at
        emptied += taken.emptyings.height
        judged += taken.faults["fault"].is_not_null().sum()
    spans = rows.group_by("sensor").agg((pl.col("time").max() - pl.col("time").min()).dt.total_seconds().alias("span"))
    found = state.counters
    return {
        "dtu_uplinks": found.readings,
        "dtu_duplicates": found.duplicates,
        "dtu_wild": found.wild,
        "dtu_lost_pct": 100 * found.lost / (found.lost + found.readings - found.duplicates),
        "dtu_emptyings_a_week": emptied / (float(spans["span"].sum()) / (7 * 86400)),
        "dtu_faults": judged,
    }


def uplinks(text: str) -> pl.DataFrame:
    """Rows of a node's uplinks as The Things Network stored them: the payload is ``{centimetres}``."""
    found = [
        (one["time"], one["node_eui"], round(10 * float(one["data"].strip("{}"))))
        for one in json.loads(text)["data"]
        if one["data"].strip("{}").replace(".", "", 1).isdigit()
    ]
    frame = pl.DataFrame(found, schema=["time", "sensor", "distance_mm"], orient="row")
    seconds = pl.col("time").str.slice(0, 19).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", time_zone="UTC")
    return frame.with_columns(seconds, pl.col("distance_mm").cast(pl.Int32), pl.lit(None, pl.Float32).alias("tilt_deg"))


WYNDHAM = Record(DATA / "waste_wyndham_fill_levels/fill_levels_2018_2021.csv", WYNDHAM_SCORES, wyndham)
DTU = Record(DATA / "waste_dtu_lorawan_pilot/raw", DTU_SCORES, dtu)

if __name__ == "__main__":
    print(table([*WYNDHAM.measure(), *DTU.measure()]))
