"""Levels of all containers as rows come in, and what of them goes out.

Rules that hold here:

1. Nothing is estimated before all that tells of the past has told it: rows must be taken in order of their time.
2. The past is taken a day at a time, what comes then every few minutes; rows that come late count when they come.
3. Each hour's levels are told once; a fault when it is found and when it is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from havre_waste.levels import Calendar, Fleet, Levels, Rows, levels, started, take
from havre_waste.live.intake import HISTORY
from havre_waste.sites.model import Container

DAY, HOUR, EVERY = timedelta(days=1), timedelta(hours=1), timedelta(minutes=5)
Row = Mapping[str, Any]
Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, eq=False)
class Found:
    """What was found with the last rows. ``levels``: of this hour, when they have not been told."""

    levels: pl.DataFrame | None = None
    faults: Sequence[Row] = ()
    emptyings: Sequence[Row] = ()


@dataclass
class Watch:
    """``state`` is None before the first rows."""

    fleet: Fleet
    containers: Mapping[str, Container]
    state: Levels | None = None
    next_visit: dict[str, datetime] = field(default_factory=dict)
    """When each container is emptied next, as planned."""
    faults: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    """Of each container whose sensor is doubted: what is wrong, since when."""
    _told: datetime | None = None
    """The hour of the levels that were told last."""

    def look(self, waiting: Frames, weather: pl.DataFrame, holidays: pl.DataFrame, now: datetime) -> Found:
        """Take ``waiting`` rows, all that came since the last time, by dataset."""
        calendar = Calendar.of(weather.drop_nulls("time").unique("time", keep="last"), holidays)
        if self.state is None:
            first = _first(waiting)
            if first is None:
                return Found()
            self.state = started(self.fleet, calendar, first.timestamp())
        emptied, judged = [], []
        for until in _steps(datetime.fromtimestamp(self.state.now, UTC), now):
            taken = take(self.state, _until(waiting, until), until, calendar)
            waiting = {name: frame.filter(pl.col("time") > until) for name, frame in waiting.items()}
            self.state = taken.levels
            emptied.append(taken.emptyings)
            judged.append(taken.faults)
        faults = pl.concat(judged).to_dicts() if judged else []
        for row in faults:
            self._judge(row)
        return Found(self._hourly(now), faults, self._weighed(pl.concat(emptied)) if emptied else ())

    def current(self, now: datetime) -> pl.DataFrame:
        """Levels at ``now``, until the next visit of each."""
        assert self.state is not None
        return levels(self.state, now, self._next(now))

    def _next(self, now: datetime) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        later = now + DAY
        return np.array([max(self.next_visit.get(one, later), now).timestamp() for one in self.fleet.ids])

    def _hourly(self, now: datetime) -> pl.DataFrame | None:
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour == self._told or self.state is None:
            return None
        self._told = hour
        return self.current(now).with_columns(time=pl.lit(hour).cast(pl.Datetime("us", "UTC")))

    def _judge(self, row: Row) -> None:
        if row["fault"] is None:
            self.faults.pop(row["container"], None)
        else:
            self.faults[row["container"]] = row["fault"], row["time"]

    def _weighed(self, emptied: pl.DataFrame) -> Sequence[Row]:
        """With what was in it, by its volume and what a litre of it weighs."""
        found = []
        for row in emptied.iter_rows(named=True):
            one = self.containers[row["container"]]
            fill = row["fill_before"]
            kg = None if fill is None else round(min(fill, 1.2) * one.litres * one.kg_per_litre, 1)
            found.append({**row, "flow": str(one.flow), "kg": kg})
        return found


def _first(waiting: Frames) -> datetime | None:
    times = [frame["time"].min() for frame in waiting.values() if frame.height]
    return min((one for one in times if isinstance(one, datetime)), default=None)


def _steps(since: datetime, now: datetime) -> list[datetime]:
    """The midnights between, then now."""
    day = (since + DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while day < now:
        found.append(day)
        day += DAY
    return [*found, now]


def _until(waiting: Frames, until: datetime) -> Rows:
    """Rows of which the time is not after ``until``."""
    known = {name: frame.filter(pl.col("time") <= until) for name, frame in waiting.items() if name in HISTORY}
    return replace(Rows(), **known)
