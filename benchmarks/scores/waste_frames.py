"""What is seen in the scenario's waste, as the frames that the service reads, with its network in its words."""

import datetime
from typing import Any

import numpy as np
import polars as pl

from havre_scenario.waste.city import Waste
from havre_scenario.waste.counts import Deposits
from havre_scenario.waste.crews import STATES, Notes, Passes
from havre_scenario.waste.model import Network
from havre_scenario.waste.sensors import Readings
from havre_waste.levels import Calendar, Fleet, Rows
from havre_waste.sites.model import Container, Flow, Hours, Site, Truck

TIME = pl.Datetime("us", "UTC")


def fleet(network: Network) -> Fleet:
    sites = [Site(one.id, one.name, one.longitude, one.latitude) for one in network.sites]
    containers = [
        Container(
            one.id, one.site, Flow(one.flow), one.litres, one.depth_mm, one.dead_zone_mm, one.sensor, one.counts,
            one.kg_per_litre, one.model,
        )
        for one in network.containers
    ]  # fmt: skip
    trucks = [
        Truck(one.id, one.depot, frozenset(Flow(flow) for flow in one.flows), one.kg, Hours(0, 1440))
        for one in network.trucks
    ]
    return Fleet.of(containers, sites, trucks)


def seen(waste: Waste) -> Rows:
    """All that is seen while the fixed rounds are driven, in order of time."""
    return told(waste, waste.readings, waste.deposits, waste.crew_notes, waste.truck_passes)


def told(waste: Waste, read: Readings, put: Deposits, notes: Notes, passes: Passes) -> Rows:
    """As frames."""
    ids = np.array([one.id for one in waste.network.containers], object)
    sensors = np.array([one.sensor for one in waste.network.containers], object)
    trucks = np.array([one.id for one in waste.network.trucks], object)
    return Rows(
        _frame(waste, read.at, sensor=sensors[read.container], distance_mm=_nulls(read.distance_mm, pl.Int32),
               tilt_deg=read.tilt_deg),
        _frame(waste, put.at, container=ids[put.container], litres=_nulls(put.litres, pl.Float64)),
        _frame(waste, notes.at, container=ids[notes.container], truck=trucks[notes.truck],
               state=np.array(STATES, object)[notes.state], fill=_nulls(notes.fill, pl.Float64)),
        _frame(waste, passes.at, truck=trucks[passes.truck], container=ids[passes.container], seconds=passes.seconds),
    )  # fmt: skip


def until(rows: Rows, since: datetime.datetime, to: datetime.datetime) -> Rows:
    """Rows after ``since``, up to ``to``; they must be in order of time."""

    def part(frame: pl.DataFrame) -> pl.DataFrame:
        first, last = (frame["time"].search_sorted(at, side="right") for at in (since, to))
        return frame.slice(first, last - first)

    return Rows(part(rows.readings), part(rows.deposits), part(rows.crew_notes), part(rows.truck_passes))


def calendar(waste: Waste, day: int) -> Calendar:
    """As it is known on the morning of ``day``: the weather until the day before, all holidays."""
    dates = [waste.start + datetime.timedelta(days=number) for number in range(day)]
    return Calendar(
        holidays=frozenset(waste.start + datetime.timedelta(days=number) for number in waste.holidays),
        temperature=dict(zip(dates, waste.weather.temperature.tolist(), strict=False)),
        rain=dict(zip(dates, waste.weather.rain.tolist(), strict=False)),
    )


def begin(waste: Waste) -> datetime.datetime:
    return datetime.datetime.combine(waste.start, datetime.time(), datetime.UTC)


def _frame(waste: Waste, at: Any, **columns: Any) -> pl.DataFrame:
    micros = np.rint(np.asarray(at) * 1e6).astype(np.int64) + int(begin(waste).timestamp()) * 1_000_000
    texts = {name: pl.Series(one, dtype=pl.String) for name, one in columns.items() if one.dtype == object}
    return pl.DataFrame({"time": pl.Series(micros).cast(TIME), **columns, **texts})


def _nulls(values: Any, kind: type[pl.DataType]) -> pl.Series:
    return pl.Series(values, nan_to_null=True).cast(kind)
