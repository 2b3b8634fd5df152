"""What is known of days: weekday, holiday, weather. Days are local; weather to come is that of the last week."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
FEATURES = (*(f"weekday {number}" for number in range(7)), "holiday", "after holiday", "warmth", "rain")
MILD, MOST_RAIN = 13.0, 10.0
"""Degrees Celsius against which warmth is told, and millimetres beyond which more rain changes nothing."""


@dataclass(frozen=True)
class Calendar:
    zone: str = "Europe/Paris"
    holidays: frozenset[datetime.date] = frozenset()
    temperature: Mapping[datetime.date, float] = field(default_factory=dict, repr=False)
    rain: Mapping[datetime.date, float] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, weather: pl.DataFrame, holidays: pl.DataFrame, zone: str = "Europe/Paris") -> "Calendar":
        """``weather``: time (daily), temperature_c, rain_mm; ``holidays``: date."""
        dates = weather["time"].dt.date().to_list()
        return cls(
            zone,
            frozenset(holidays["date"].to_list()),
            dict(zip(dates, weather["temperature_c"].to_list(), strict=True)),
            dict(zip(dates, weather["rain_mm"].to_list(), strict=True)),
        )

    def features(self, first: datetime.date, days: int) -> Floats:
        """A row a day, a column for each of ``FEATURES``."""
        found = np.zeros((days, len(FEATURES)))
        warm, wet = self._usual()
        for number in range(days):
            day = first + datetime.timedelta(days=number)
            found[number, day.weekday()] = 1
            found[number, 7] = day in self.holidays
            found[number, 8] = day - datetime.timedelta(days=1) in self.holidays
            found[number, 9] = (self.temperature.get(day, warm) - MILD) / 10
            found[number, 10] = min(self.rain.get(day, wet), MOST_RAIN) / 10
        return found

    def _usual(self) -> tuple[float, float]:
        if not self.temperature:
            return MILD, 0.0
        last = sorted(self.temperature)[-7:]
        rain = [min(self.rain.get(day, 0.0), MOST_RAIN) for day in last]
        return float(np.mean([self.temperature[day] for day in last])), float(np.mean(rain))

    def local(self, since: float, hours: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Of each hour from ``since`` (seconds, a full hour) on: its local day (ordinal) and hour."""
        begin = datetime.datetime.fromtimestamp(since, datetime.UTC)
        end = begin + datetime.timedelta(hours=hours - 1)
        series = pl.datetime_range(begin, end, "1h", time_zone="UTC", eager=True).dt.convert_time_zone(self.zone)
        epoch = datetime.date(1970, 1, 1).toordinal()
        days = series.dt.date().cast(pl.Int32).to_numpy().astype(np.int64) + epoch
        return days, series.dt.hour().to_numpy().astype(np.int64)

    def date(self, at: float) -> datetime.date:
        """The local day of a moment."""
        return datetime.datetime.fromtimestamp(at, ZoneInfo(self.zone)).date()
