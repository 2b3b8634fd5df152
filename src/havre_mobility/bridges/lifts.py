"""A bridge whose lifts are announced days ahead, and how far its timetable is to be believed (as Tower Bridge, London).

A lift is *kept* when it is still in the last timetable seen before its time. So many days ahead, the number of lifts
on a day is forecast as a share of those that are announced, and some that are still to come: two numbers for each
number of days ahead, by least squares over days that are past. (Shares by vessel were tried: no better.) Nothing but
timetables that had been seen is looked at.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from havre_mobility.bridges.model import TIME

LIFTS = pl.Schema({"lift_at": TIME, "vessel": pl.String(), "first_seen": TIME, "last_seen": TIME})
"""An announced lift, and in which timetables it stood."""
STALE = datetime.timedelta(hours=60)
"""Where the last timetable is older than this, nothing is known of what was kept, or of what was announced."""


@dataclass(frozen=True)
class Belief:
    """What is to be expected ``ahead`` days before: ``share`` of what is announced, and ``come`` lifts more."""

    ahead: int
    share: float
    come: float

    def lifts(self, announced: pl.Expr) -> pl.Expr:
        return announced * self.share + self.come


def days(lifts: pl.DataFrame) -> pl.DataFrame:
    """day (UTC) and kept: the times at which there was a lift in the last timetable; days without a fresh one left out.

    ``lifts``: ``LIFTS``. Every timetable that changed something is the first or the last of some lift.
    """
    seen = _seen(lifts)
    first, last = seen.dt.date()[0], seen.dt.date()[-1] - datetime.timedelta(days=1)
    every = pl.DataFrame({"day": pl.date_range(first, last, eager=True)}).with_columns(
        ends=(pl.col("day") + pl.duration(days=1)).cast(TIME)
    )
    fresh = every.join_asof(seen.to_frame("seen"), left_on="ends", right_on="seen", strategy="backward")
    fresh = fresh.filter(pl.col("ends") - pl.col("seen") < STALE).select("day")
    kept = kept_lifts(lifts).filter("kept")
    kept = kept.group_by(day=pl.col("lift_at").dt.date()).agg(kept=pl.col("lift_at").n_unique())
    return fresh.join(kept, on="day", how="left").with_columns(pl.col("kept").fill_null(0)).sort("day")


def kept_lifts(lifts: pl.DataFrame) -> pl.DataFrame:
    """``LIFTS`` and kept, of those before which a fresh timetable was seen."""
    seen = _seen(lifts).to_frame("seen")
    return (
        lifts.sort("lift_at")
        .join_asof(seen, left_on="lift_at", right_on="seen", strategy="backward")
        .filter(pl.col("lift_at") - pl.col("seen") < STALE)
        .with_columns(kept=pl.col("last_seen") >= pl.col("seen"))
        .drop("seen")
    )


def announced(lifts: pl.DataFrame, ahead: Sequence[int]) -> pl.DataFrame:
    """day, ahead (days), at, and ``LIFTS``: what the timetable said at midnight so many days before the day."""
    seen = _seen(lifts).to_frame("seen")
    asked = lifts.join(pl.DataFrame({"ahead": list(ahead)}), how="cross").with_columns(day=pl.col("lift_at").dt.date())
    at = (pl.col("day") - pl.duration(days=pl.col("ahead"))).cast(TIME)
    return (
        asked.with_columns(at=at)
        .sort("at")
        .join_asof(seen, left_on="at", right_on="seen", strategy="backward")
        .filter((pl.col("at") - pl.col("seen") < STALE) & (pl.col("first_seen") <= pl.col("seen")))
        .filter(pl.col("last_seen") >= pl.col("seen"))
        .drop("seen")
    )


def by_day(lifts: pl.DataFrame, ahead: Sequence[int]) -> pl.DataFrame:
    """day, kept, ahead, announced: how many lifts there were, and how many times of lifts were announced before."""
    said = announced(lifts, ahead).group_by("day", "ahead").agg(announced=pl.col("lift_at").n_unique())
    return (
        days(lifts)
        .join(pl.DataFrame({"ahead": list(ahead)}), how="cross")
        .join(said, on=["day", "ahead"], how="left")
        .with_columns(pl.col("announced").fill_null(0).cast(pl.Int64), pl.col("kept").cast(pl.Int64))
        .sort("day", "ahead")
    )


def learn(past: pl.DataFrame) -> list[Belief]:
    """From ``by_day`` of days that are over; one for each ``ahead`` in it."""
    found = []
    for (ahead,), some in past.group_by("ahead"):
        announced_ = np.column_stack([some["announced"].to_numpy(), np.ones(some.height)])
        (share, come), *_ = np.linalg.lstsq(announced_, some["kept"].to_numpy(), rcond=None)
        found.append(Belief(int(str(ahead)), float(share), float(come)))
    return sorted(found, key=lambda one: one.ahead)


def _seen(lifts: pl.DataFrame) -> pl.Series:
    return pl.concat([lifts["first_seen"], lifts["last_seen"]]).unique().sort().alias("seen")
