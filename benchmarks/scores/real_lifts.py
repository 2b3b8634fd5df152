"""Lifts of Tower Bridge, a day ahead, from what its timetable said.

Protocol: lifts a day as the timetable shows them at last, forecast one day before (midnight to midnight UTC), for the
days from 2025 on, after learning from those of October 2022 until then. ``tower_bridge_gain_pct``: by how much the root
mean squared error is less than that of the mean of the same month and weekday (the climatology);
``tower_bridge_timetable_gain_pct``: than that of the timetable taken at its word. Days on which no fresh timetable was
seen are left out.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.scores.results import DATA, Record, gain_pct, table
from havre_mobility.bridges import lifts

LEARN_FROM, SCORE_FROM = date(2022, 10, 1), date(2025, 1, 1)
SCORES = {
    "tower_bridge_gain_pct": ("%", "> 0"),
    "tower_bridge_timetable_gain_pct": ("%", "> 0"),
    "tower_bridge_rmse": ("lifts", ""),
}


def found(file: Path) -> Mapping[str, float]:
    counted = lifts.by_day(read(file), [1])
    past = counted.filter(pl.col("day").is_between(LEARN_FROM, SCORE_FROM, closed="left"))
    season = [pl.col("day").dt.month().alias("month"), pl.col("day").dt.weekday().alias("weekday")]
    usual = past.group_by(season).agg(usual=pl.col("kept").mean())
    (belief,) = lifts.learn(past)
    scored = counted.filter(pl.col("day") >= SCORE_FROM).with_columns(season)
    scored = scored.join(usual, on=["month", "weekday"], how="left").with_columns(
        pl.col("usual").fill_null(past["kept"].mean()), forecast=belief.lifts(pl.col("announced"))
    )
    errors = [(scored[name] - scored["kept"]).to_numpy() for name in ("forecast", "usual", "announced")]
    ours, climatology, timetable = (one.astype(np.float64) for one in errors)
    return {
        "tower_bridge_gain_pct": gain_pct(ours, climatology),
        "tower_bridge_timetable_gain_pct": gain_pct(ours, timetable),
        "tower_bridge_rmse": float(np.sqrt((ours**2).mean())),
    }


def read(file: Path) -> pl.DataFrame:
    names = {"lift_time": "lift_at", "first_seen_in_feed": "first_seen", "last_seen_in_feed": "last_seen"}
    told = pl.read_csv(file, try_parse_dates=True, infer_schema_length=None).rename(names)
    return told.select(pl.col(name).cast(kind) for name, kind in lifts.LIFTS.items())


TOWER_BRIDGE = Record(DATA / "bridge_lifts_tower_bridge/lifts_2020_2026.csv", SCORES, found)

if __name__ == "__main__":
    print(table(TOWER_BRIDGE.measure()))
