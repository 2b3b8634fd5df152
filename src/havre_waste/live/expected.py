"""What a day's rounds have to reckon with at bridges, from what bridges and the mobility service tell."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from havre_waste.rounds.bridges import Expected, closures
from havre_waste.rounds.model import Closure, Window

Frames = Mapping[str, pl.DataFrame]
OVER = ("ended", "cancelled")
PLAN_ERROR, LAST_ERROR = 600.0, 120.0
"""Deviation of a plan in seconds: as it is told hours before, and within the hour."""
KEPT = 0.9
"""Of plans, how many take place."""
LASTS = timedelta(minutes=14)
"""An opening of which the end is not told."""
BIN = timedelta(minutes=5)
LEAST = 0.1
"""A forecast of less is not reckoned with."""


def expected(told: Frames, day: date, zone: ZoneInfo, now: datetime) -> tuple[Closure, ...]:
    """Closures of the road on the local day, in seconds after its midnight.

    Plans of bridges count with their error; of the next hour, what the forecast has beyond them. What is reserved for
    the road is free.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    planned = list(_planned(told["bridge_messages"], midnight, now))
    forecast = [one for one in _forecast(told["bridge_forecasts"], midnight) if not _covered(one, planned)]
    return closures([*planned, *forecast], _reserved(told["reserved_slots"], day))


def _planned(messages: pl.DataFrame, midnight: datetime, now: datetime) -> Iterator[Expected]:
    ends = midnight + timedelta(days=1)
    last = messages.sort("said_at", maintain_order=True).unique(["bridge", "opening"], keep="last", maintain_order=True)
    for row in last.filter(~pl.col("status").is_in(OVER)).iter_rows(named=True):
        starts, until = row["starts_at"], row["ends_at"]
        if starts is None or not midnight <= starts < ends:
            continue
        near = starts - now < timedelta(hours=1)
        yield Expected(
            row["bridge"],
            _second(starts, midnight),
            _second(until or starts + LASTS, midnight),
            KEPT if row["status"] == "planned" else 1.0,
            LAST_ERROR if near else PLAN_ERROR,
        )


def _forecast(forecasts: pl.DataFrame, midnight: datetime) -> Iterator[Expected]:
    """Of the newest forecast of each bridge."""
    newest = forecasts.filter(pl.col("made_at") == pl.col("made_at").max().over("bridge"))
    for row in newest.filter(pl.col("probability") >= LEAST).iter_rows(named=True):
        starts = row["made_at"] + timedelta(minutes=row["minutes"])
        yield Expected(row["bridge"], _second(starts, midnight), _second(starts + BIN, midnight), row["probability"])


def _covered(one: Expected, planned: list[Expected]) -> bool:
    return any(
        plan.crossing == one.crossing and one.starts < plan.ends + plan.error and one.ends > plan.starts - plan.error
        for plan in planned
    )


def _reserved(slots: pl.DataFrame, day: date) -> list[tuple[str, Window]]:
    today = slots.filter(pl.col("weekday") == day.weekday()).unique()
    return [(row["bridge"], Window(_clock(row["starts"]), _clock(row["ends"]))) for row in today.iter_rows(named=True)]


def _clock(text: str) -> int:
    hours, minutes = text.split(":")[:2]
    return int(hours) * 3600 + int(minutes) * 60


def _second(at: datetime, midnight: datetime) -> int:
    return int((at - midnight).total_seconds())
