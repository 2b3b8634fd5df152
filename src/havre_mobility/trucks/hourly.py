"""Hourly counts at gates, one day ahead, from counts alone: for gates without appointments (pure).

Gradient-boosted trees (LightGBM) on the ratio to what is usual: the mean of the same hour of the last four weeks. What
a forecast of a day knows ends at the midnight before it: the same hours of the last weeks, the level of the last days,
the calendar, and a further series such as ships in port, as it stood then. Trained on ratios, the trees cannot forget
how large a gate is; where too little is usual the mean itself is the forecast.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import lightgbm
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
WEEKS = 4
LEAST = 1.0
"""Vehicles an hour that must be usual for a ratio to mean anything."""
PARAMETERS = {
    "objective": "regression_l1",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 60,
    "lambda_l2": 5.0,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
ROUNDS = 200


@dataclass(frozen=True, eq=False)
class Series:
    """Counts by day and hour: days from ``first`` on, by 24 local hours; NaN where nothing was counted.

    ``level``: another series by day and hour, such as ships in port, of which the value at midnight counts.
    """

    first: date
    counts: Floats = field(repr=False)
    level: Floats = field(repr=False)
    holidays: Collection[date] = field(default=(), repr=False)

    def day(self, number: int) -> date:
        return self.first + timedelta(days=number)


@dataclass(frozen=True, eq=False)
class HourlyModel:
    trees: lightgbm.Booster = field(repr=False)


def learn(gates: Mapping[str, Series], until: int, seed: int = 1) -> HourlyModel:
    """From the days before number ``until`` of each series. ``ValueError``: there are not enough of them."""
    rows: list[Floats] = []
    ratios: list[Floats] = []
    weights: list[Floats] = []
    for number, series in enumerate(gates.values()):
        for day in range(7 * WEEKS, until):
            mean = usual(series, day)
            good = (mean >= LEAST) & ~np.isnan(series.counts[day])
            rows.append(_features(series, day, number)[good])
            ratios.append((series.counts[day] / np.maximum(mean, LEAST))[good])
            weights.append(mean[good])
    if not rows or sum(map(len, rows)) < 1000:
        raise ValueError(f"got {sum(map(len, rows))} hours to learn from; expected at least 1000")
    data = lightgbm.Dataset(np.concatenate(rows), np.concatenate(ratios), weight=np.concatenate(weights))
    return HourlyModel(lightgbm.train(PARAMETERS | {"seed": seed}, data, ROUNDS))


def forecast(model: HourlyModel, gates: Mapping[str, Series], day: int) -> dict[str, Floats]:
    """Of each gate, the 24 hours of day number ``day``, from what was known at its beginning."""
    found = {}
    for number, (gate, series) in enumerate(gates.items()):
        mean = usual(series, day)
        ratio = np.asarray(model.trees.predict(_features(series, day, number)))
        found[gate] = np.where(mean >= LEAST, mean * np.maximum(ratio, 0), mean)
    return found


def last_week(series: Series, day: int) -> Floats:
    """The same hours a week before: what a forecast is compared with."""
    return np.asarray(series.counts[day - 7])


def usual(series: Series, day: int) -> Floats:
    """The mean of the same hours of the last four weeks, of those that were counted."""
    weeks = np.stack([series.counts[day - 7 * week] for week in range(1, WEEKS + 1)])
    there = ~np.isnan(weeks)
    return np.asarray(np.where(there, weeks, 0).sum(axis=0) / np.maximum(there.sum(axis=0), 1))


def _features(series: Series, day: int, gate: int) -> Floats:
    """24 rows, one an hour."""
    mean = usual(series, day)
    weeks = [series.counts[day - 7 * week] / np.maximum(mean, LEAST) for week in range(1, WEEKS + 1)]
    yesterday = series.counts[day - 1] / np.maximum(mean, LEAST)
    hours = np.column_stack([np.arange(24), mean, *weeks, yesterday])
    return np.column_stack([hours, np.tile(_of_day(series, day, gate), (24, 1))])


def _of_day(series: Series, day: int, gate: int) -> list[float]:
    """What is the same for all hours of a day: the calendar, the level of the last days, the other series."""
    today = series.day(day)
    around = [today + timedelta(days=step) for step in (-2, -1, 0, 1, 2)]
    before = [today - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    totals = np.nan_to_num(series.counts[day - 7 * WEEKS : day]).sum(axis=1)
    recent = np.array([totals[-1], totals[-2], totals[-3:].mean(), totals[-7:].mean(), totals[::-7].mean(), totals[-7]])
    ships = float(series.level[day - 1, -1])
    return [
        float(gate),
        float(today.weekday()),
        float(today.timetuple().tm_yday),
        *(float(one in series.holidays) for one in (*around, *before)),
        *(recent / max(float(totals.mean()), 1.0)).tolist(),
        ships,
        ships - float(series.level[day - 8, -1]),
    ]
