"""Work on ships behind each gate, as it was announced at a moment: boxes come and go with the ships (pure)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

Work = Mapping[tuple[str, date], float]
"""By gate and local day."""
BEFORE, AFTER = timedelta(days=1.5), timedelta(days=2)
"""A ship's boxes come from so long before she berths until so long after."""


def ship_work(
    movements: pl.DataFrame, berths: Mapping[str, Iterable[str]], days: Iterable[date], at: datetime, zone: str
) -> dict[tuple[str, date], float]:
    """Ships with work behind each gate at the noon of each day, from what had been said of their arrivals at ``at``.

    ``movements``: columns said_at, movement, kind, berth, value_at; the last said counts. ``berths``: of each gate, how
    the names of the berths behind it begin.
    """
    arriving = movements.filter((pl.col("kind") == "arrival") & (pl.col("said_at") <= at))
    known = arriving.sort("said_at", maintain_order=True).unique("movement", keep="last", maintain_order=True)
    found = {}
    for gate, names in berths.items():
        behind = known.filter(pl.any_horizontal([pl.col("berth").str.starts_with(name) for name in names]))
        for day in days:
            noon = _local(day, 12, zone)
            near = (pl.col("value_at") > noon - AFTER) & (pl.col("value_at") < noon + BEFORE)
            found[gate, day] = float(behind.filter(near).height)
    return found


def history(
    movements: pl.DataFrame, berths: Mapping[str, Iterable[str]], days: Iterable[date], zone: str
) -> dict[tuple[str, date], float]:
    """The same for past days, each as it was known at its beginning."""
    found: dict[tuple[str, date], float] = {}
    for day in days:
        found |= ship_work(movements, berths, [day], _local(day, 0, zone), zone)
    return found


def _local(day: date, hour: int, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)
