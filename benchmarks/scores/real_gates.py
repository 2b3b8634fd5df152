"""Vehicles an hour at the gates of Thessaloniki, a day ahead.

Protocol: the four gate series a day ahead, with the ships in port at midnight and the public holidays of Greece;
learned before 2019-10-01, judged on all hours from then to 2020-02-03. ``gates_gain_pct``: root mean square error
against the same hour last week; ``gates_gain_4_weeks_pct``: against the mean of the same hour of the last four weeks,
which is harder. Nothing was chosen by the hours that are judged.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks.scores.results import DATA, Record, gain_pct, table
from havre_mobility.trucks import hourly

FIRST, LAST, HOLDOUT = date(2018, 4, 28), date(2020, 2, 3), date(2019, 10, 1)
SCORES = {
    "gates_gain_pct": ("%", "> 0"),
    "gates_gain_4_weeks_pct": ("%", "> 0"),
    "gates_rmse": ("1/h", ""),
    "gates_mae": ("1/h", ""),
}
Floats = npt.NDArray[np.float64]


def found(folder: Path) -> Mapping[str, float]:
    gates = _gates(folder)
    begin, end = (HOLDOUT - FIRST).days, (LAST - FIRST).days + 1
    model = hourly.learn(gates, begin)
    errors = []
    for day in range(begin, end):
        made = hourly.forecast(model, gates, day)
        for name, series in gates.items():
            others = hourly.last_week(series, day), hourly.usual(series, day)
            errors.append(np.stack([series.counts[day] - one for one in (made[name], *others)]))
    judged = np.concatenate(errors, axis=1)
    ours, last_week, four_weeks = judged[:, ~np.isnan(judged).any(axis=0)]
    return {
        "gates_gain_pct": gain_pct(ours, last_week),
        "gates_gain_4_weeks_pct": gain_pct(ours, four_weeks),
        "gates_rmse": float(np.sqrt((ours**2).mean())),
        "gates_mae": float(np.abs(ours).mean()),
    }


def _gates(folder: Path) -> dict[str, hourly.Series]:
    counted = pl.read_csv(folder / "thpa_traffic_volume_prepared.csv")
    ships = _grid(pl.read_csv(folder / "thpa_vessels_count.csv"), "vessel_count")
    holidays = frozenset(day for year in (2018, 2019, 2020) for day in _greek_holidays(year))
    return {
        str(name): hourly.Series(FIRST, _grid(rows, "volume"), ships, holidays)
        for (name,), rows in counted.group_by("location_id", maintain_order=True)
    }


def _grid(rows: pl.DataFrame, column: str) -> Floats:
    """By day and hour; NaN where nothing was counted."""
    counts = np.full(((LAST - FIRST).days + 1, 24), np.nan)
    for text, count in rows.select("timestamp", column).iter_rows():
        at = datetime.fromisoformat(text)
        if FIRST <= at.date() <= LAST:
            counts[(at.date() - FIRST).days, at.hour] = count
    return counts


def _greek_holidays(year: int) -> Iterator[date]:
    """Fixed ones, and those around the Orthodox Easter (Meeus: Julian algorithm; 13 days in this century)."""
    moon = (19 * (year % 19) + 15) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7
    month, day = divmod(moon + sunday + 114, 31)
    easter = date(year, month, day + 1) + timedelta(days=13)
    yield from (easter + timedelta(days=days) for days in (-48, -2, 0, 1, 50))
    fixed = ((1, 1), (1, 6), (3, 25), (5, 1), (8, 15), (10, 26), (10, 28), (12, 25), (12, 26))
    yield from (date(year, *one) for one in fixed)


THESSALONIKI = Record(DATA / "port_thessaloniki_gates", SCORES, found)

if __name__ == "__main__":
    print(table(THESSALONIKI.measure()))
