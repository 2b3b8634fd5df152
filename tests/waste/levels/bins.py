"""A few containers that fill evenly, and what is seen of them; a level is ``fill(hours)`` of each container."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl

from havre_waste.levels import Calendar, Fleet, Levels, Rows, Taken, started, take
from havre_waste.sites.model import Container, Flow, Hours, Site, Truck

BEGIN = datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)
"""A Monday."""
TIME = pl.Datetime("us", "UTC")
DEPTH, DEAD = 2100, 250
READINGS = {"time": TIME, "sensor": pl.String, "distance_mm": pl.Int32, "tilt_deg": pl.Float32}
NOTES = {"time": TIME, "container": pl.String, "state": pl.String, "fill": pl.Float64}
STOPS = {"time": TIME, "truck": pl.String, "container": pl.String, "seconds": pl.Int64}
DEPOSITS = {"time": TIME, "container": pl.String, "litres": pl.Float64}


def fleet(count: int = 1, sensed: bool = True, counts: bool = False, unsensed: int = 0) -> Fleet:
    """``count`` alike, then ``unsensed`` of the same place and flow without a sensor; trucks ``glass`` and ``rest``."""
    containers = [
        Container(
            f"c-{number}", "site", Flow.RESIDUAL, 4000, DEPTH, DEAD,
            sensor=f"s-{number}" if sensed and number < count else None, counts=counts,
        )
        for number in range(count + unsensed)
    ]  # fmt: skip
    glass = Container("g", "site", Flow.GLASS, 4000, DEPTH, DEAD)
    trucks = [
        Truck(name, "depot", frozenset({flow}), 9000, Hours(0, 1440))
        for name, flow in (("rest", Flow.RESIDUAL), ("glass", Flow.GLASS))
    ]
    return Fleet.of([*containers, glass], [Site("site", "", 0.1, 49.5)], trucks)


def start(made: Fleet) -> Levels:
    return started(made, Calendar(), BEGIN.timestamp() - 1)


def after(hours: float) -> datetime.datetime:
    return BEGIN + datetime.timedelta(hours=float(hours))


def at(times: Sequence[float] | range, fill: Callable[[float], float | None], number: int = 0) -> list[dict[str, Any]]:
    """Readings of a container at these hours, with a sensor's noise."""
    noise = np.random.default_rng(number).normal(0, 12, len(times))
    return [
        {
            "time": after(hour),
            "sensor": f"s-{number}",
            "distance_mm": None if (level := fill(hour)) is None else round(DEPTH - level * (DEPTH - DEAD) + off),
            "tilt_deg": 1.0,
        }
        for hour, off in zip(times, noise, strict=True)
    ]


def stop(hour: float, truck: str = "rest", seconds: int = 90, container: str = "c-0") -> dict[str, Any]:
    return {"time": after(hour), "truck": truck, "container": container, "seconds": seconds}


def note(hour: float, state: str, fill: float | None = None, container: str = "c-0") -> dict[str, Any]:
    return {"time": after(hour), "container": container, "state": state, "fill": fill}


def deposits(hours: Sequence[float], container: str = "c-0") -> list[dict[str, Any]]:
    return [{"time": after(hour), "container": container, "litres": None} for hour in hours]


def rows(
    readings: Sequence[dict[str, Any]] = (),
    stops: Sequence[dict[str, Any]] = (),
    notes: Sequence[dict[str, Any]] = (),
    puts: Sequence[dict[str, Any]] = (),
) -> Rows:
    parts = ((readings, READINGS), (puts, DEPOSITS), (notes, NOTES), (stops, STOPS))
    return Rows(*(pl.DataFrame(list(those), schema=schema) for those, schema in parts))


def run(state: Levels, told: Rows, hours: float, every: float = 6) -> tuple[Levels, pl.DataFrame, pl.DataFrame]:
    """Taken in steps until so many hours after the beginning; with all emptyings and faults that were told."""
    steps: list[Taken] = []
    begin = (state.now - BEGIN.timestamp()) // 3600
    for hour in np.arange(begin + every, hours + every, every):
        last = after(min(float(hour), hours))

        def part(frame: pl.DataFrame, now: float = state.now, last: datetime.datetime = last) -> pl.DataFrame:
            since = datetime.datetime.fromtimestamp(now, datetime.UTC)
            return frame.filter((pl.col("time") > since) & (pl.col("time") <= last))

        frames = (told.readings, told.deposits, told.crew_notes, told.truck_passes)
        steps.append(take(state, Rows(*map(part, frames)), last))
        state = steps[-1].levels
    return state, pl.concat([one.emptyings for one in steps]), pl.concat([one.faults for one in steps])
