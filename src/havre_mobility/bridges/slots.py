"""Reserved slots: when a bridge belongs to the road, by weekday and local time, and how well that was kept.

1. A slot is half open, ``[starts, ends)``; on a free day (a public holiday) there is none.
2. Local time is that of the port, also on the days when clocks are changed.
3. An opening that has a second in common with a slot breaks it.
"""

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from havre_mobility.bridges.model import TIME

LOCAL = ZoneInfo("Europe/Paris")
SPANS = pl.Schema({"bridge": pl.String(), "starts_at": TIME, "ends_at": TIME})
_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)
"""Days from Easter Sunday to Easter Monday, Ascension and Whit Monday."""


@dataclass(frozen=True)
class Slot:
    """``weekday``: 0 is Monday. ``starts`` and ``ends`` are local."""

    bridge: str
    weekday: int
    starts: datetime.time
    ends: datetime.time


def slots(frame: pl.DataFrame) -> tuple[Slot, ...]:
    """Those of a dataset with the columns bridge, weekday, starts and ends (HH:MM)."""
    return tuple(
        Slot(bridge, int(weekday), datetime.time.fromisoformat(starts), datetime.time.fromisoformat(ends))
        for bridge, weekday, starts, ends in frame.select("bridge", "weekday", "starts", "ends").iter_rows()
    )


def public_holidays(year: int) -> frozenset[datetime.date]:
    """The eleven of France (Code du travail, article L3133-1)."""
    easter = _easter(year)
    moving = (easter + datetime.timedelta(days) for days in _AFTER_EASTER)
    return frozenset({*(datetime.date(year, month, day) for month, day in _FIXED), *moving})


def _easter(year: int) -> datetime.date:
    """Easter Sunday of the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher (1876)."""
    century, of_century = divmod(year, 100)
    leaps, rest = divmod(century, 4)
    shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * (year % 19) + century - leaps - shift + 15) % 30
    weekday = (32 + 2 * rest + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (year % 19 + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return datetime.date(year, month, day + 1)


def spans(
    some: Iterable[Slot],
    first: datetime.date,
    last: datetime.date,
    free: Collection[datetime.date] = frozenset(),
) -> pl.DataFrame:
    """The slots as times (``SPANS``), of the local days from ``first`` to ``last``, those in ``free`` left out."""
    days = [first + datetime.timedelta(number) for number in range((last - first).days + 1)]
    found = [
        (slot.bridge, _utc(day, slot.starts), _utc(day, slot.ends))
        for slot in some
        for day in days
        if day.weekday() == slot.weekday and day not in free
    ]
    return pl.DataFrame(found, SPANS, orient="row").sort("bridge", "starts_at")


def _utc(day: datetime.date, hour: datetime.time) -> datetime.datetime:
    return datetime.datetime.combine(day, hour, LOCAL).astimezone(datetime.UTC)


def respect(openings: pl.DataFrame, reserved: pl.DataFrame) -> pl.DataFrame:
    """How many slots were kept, by bridge and week.

    ``openings``: bridge, opened_at, closed_at; ``reserved``: ``SPANS``. Gives bridge, week (its Monday, a local date),
    slots, kept (slots without an opening), share (kept of slots), and minutes that bridges were closed to the road
    within slots. A bridge without slots in a week has no row.
    """
    broken = (
        reserved.join(openings.select("bridge", "opened_at", "closed_at"), on="bridge")
        .filter((pl.col("opened_at") < pl.col("ends_at")) & (pl.col("closed_at") > pl.col("starts_at")))
        .with_columns(
            minutes=(
                pl.min_horizontal("closed_at", "ends_at") - pl.max_horizontal("opened_at", "starts_at")
            ).dt.total_seconds(fractional=True)
            / 60
        )
        .group_by("bridge", "starts_at")
        .agg(pl.col("minutes").sum())
    )
    week = pl.col("starts_at").dt.convert_time_zone(LOCAL.key).dt.date().dt.truncate("1w")
    return (
        reserved.join(broken, on=["bridge", "starts_at"], how="left")
        .group_by("bridge", week.alias("week"))
        .agg(slots=pl.len(), kept=pl.col("minutes").is_null().sum(), minutes=pl.col("minutes").sum())
        .with_columns(share=pl.col("kept") / pl.col("slots"))
        .select("bridge", "week", "slots", "kept", "share", "minutes")
        .sort("bridge", "week")
    )
