"""The files of a period: what is seen into ``waste``, the truth into ``truth/waste``. CSV, times in RFC 3339 with Z."""

import datetime
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from havre_scenario import tables
from havre_scenario.places import BRIDGES
from havre_scenario.plane import lon_lat
from havre_scenario.waste.crews import STATES
from havre_scenario.waste.model import Hours, Network

if TYPE_CHECKING:
    from havre_scenario.waste.city import Waste

Row = tuple[object, ...]
Table = tuple[tuple[str, ...], Iterable[Row]]
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def write(waste: "Waste", folder: Path) -> dict[str, int]:
    written = {}
    for part, found in (("waste", {**still(waste.network), **seen(waste)}), ("truth/waste", truth(waste))):
        (folder / part).mkdir(parents=True, exist_ok=True)
        for name, (columns, rows) in found.items():
            written[f"{part}/{name}.csv"] = tables.write(folder / part / f"{name}.csv", columns, rows)
    return written


def still(network: Network) -> dict[str, Table]:
    """What does not change: the network and its fixed rounds."""
    return {
        "sites": (
            ("id", "name", "longitude", "latitude", "commune", "street", "side", "reversing", "hours", "heaviest_t",
             "density", "sensitive"),
            ((one.id, one.name, one.longitude, one.latitude, one.commune, one.street, one.side, "false",
              hours(one.hours), _or_empty(one.heaviest_t), one.density, one.sensitive) for one in network.sites),
        ),
        "containers": (
            ("id", "site", "flow", "litres", "depth_mm", "dead_zone_mm", "sensor", "counts", "kg_per_litre", "model"),
            ((one.id, one.site, one.flow, one.litres, one.depth_mm, one.dead_zone_mm, one.sensor or "",
              str(one.counts).lower(), one.kg_per_litre, one.model) for one in network.containers),
        ),
        "depots": (("id", "longitude", "latitude"), ((one.id, one.longitude, one.latitude) for one in network.depots)),
        "plants": (
            ("id", "name", "longitude", "latitude", "flows", "hours", "minutes"),
            ((one.id, one.name, one.longitude, one.latitude, " ".join(one.flows), hours(one.hours), one.minutes)
             for one in network.plants),
        ),
        "trucks": (
            ("id", "depot", "flows", "kg", "shift", "lunch", "lunch_minutes", "kg_a_day", "stops_a_day", "tonnes",
             "litres_per_100km", "eur_per_km", "eur_per_hour"),
            ((one.id, one.depot, " ".join(one.flows), one.kg, hours((one.shift,)), _span(*one.lunch),
              one.lunch_minutes, "", "", one.tonnes, one.litres_per_100km, one.eur_per_km, one.eur_per_hour)
             for one in network.trucks),
        ),
        "fixed_rounds": (
            ("round", "weekday", "weeks", "truck", "order", "container"),
            ((one.round, one.weekday, one.weeks, one.truck, one.order, one.container) for one in network.rounds),
        ),
        "places": (
            ("bridge", "latitude", "longitude"),
            ((name, *reversed(lon_lat(point))) for name, (_, point) in BRIDGES.items()),
        ),
        "street_nodes": (
            ("node", "latitude", "longitude"),
            ((node, *where) for node, where in enumerate(
                zip(network.streets.latitude.tolist(), network.streets.longitude.tolist(), strict=True))),
        ),
        "streets": (
            ("start", "end", "metres", "seconds", "bridge"),
            zip(network.streets.start.tolist(), network.streets.end.tolist(), network.streets.metres.tolist(),
                network.streets.seconds.tolist(), network.streets.bridge, strict=True),
        ),
    }  # fmt: skip


def seen(waste: "Waste") -> dict[str, Table]:
    """What is told over time, with the fixed rounds."""
    names = [one.id for one in waste.network.containers]
    sensors = [one.sensor for one in waste.network.containers]
    trucks = [one.id for one in waste.network.trucks]
    read, put, notes, passes = waste.readings, waste.deposits, waste.crew_notes, waste.truck_passes
    return {
        "readings": (
            ("time", "sensor", "distance_mm", "tilt_deg", "temperature_c", "battery_mv"),
            zip(_stamps(waste.start, read.at), (sensors[row] for row in read.container.tolist()),
                ("" if mm != mm else int(mm) for mm in read.distance_mm.tolist()), read.tilt_deg.tolist(),
                read.temperature_c.tolist(), read.battery_mv.tolist(), strict=True),
        ),
        "deposits": (
            ("time", "container", "badge", "litres"),
            zip(_stamps(waste.start, put.at), (names[row] for row in put.container.tolist()),
                (f"{badge:010x}" for badge in put.badge.tolist()),
                ("" if litres != litres else litres for litres in put.litres.tolist()), strict=True),
        ),
        "crew_notes": (
            ("time", "container", "truck", "state", "fill"),
            zip(_stamps(waste.start, notes.at), (names[row] for row in notes.container.tolist()),
                (trucks[row] for row in notes.truck.tolist()), (STATES[state] for state in notes.state.tolist()),
                ("" if fill != fill else fill for fill in notes.fill.tolist()), strict=True),
        ),
        "truck_passes": (
            ("time", "truck", "container", "seconds"),
            zip(_stamps(waste.start, passes.at), (trucks[row] for row in passes.truck.tolist()),
                (names[row] for row in passes.container.tolist()), passes.seconds.tolist(), strict=True),
        ),
        "weather": (
            ("time", "temperature_c", "rain_mm"),
            zip(_stamps(waste.start, np.arange(waste.days) * 86400.0), waste.weather.temperature.tolist(),
                waste.weather.rain.tolist(), strict=True),
        ),
        "holidays": (
            ("date", "name"),
            ((waste.start + datetime.timedelta(days=day), name) for day, name in waste.holidays.items()),
        ),
    }  # fmt: skip


def truth(waste: "Waste") -> dict[str, Table]:
    """What a reader should find out."""
    names = [one.id for one in waste.network.containers]
    done = waste.driven.emptied
    stamp = tables.stamper(waste.start)
    return {
        "levels": (("time", "container", "fill"), _levels(waste, names)),
        "emptyings": (
            ("time", "container", "fill_before", "kg"),
            ((time, names[row], f"{fill:.4f}", round(kg, 1))
             for time, row, was_done, fill, kg in zip(
                 _stamps(waste.start, done.at), done.container.tolist(), done.done.tolist(), done.fill.tolist(),
                 done.kg.tolist(), strict=True) if was_done),
        ),
        "faults": (
            ("container", "sensor", "kind", "from_at", "to_at"),
            ((names[one.container], waste.network.containers[one.container].sensor, one.kind, stamp(one.from_at),
              stamp(one.to_at)) for one in waste.faults),
        ),
    }  # fmt: skip


def _levels(waste: "Waste", names: list[str]) -> Iterator[Row]:
    """Hour by hour, day by day, so that a year fits into memory."""
    for day in range(waste.days):
        levels = np.round(waste.driven.levels(day * 24, day * 24 + 24), 4)
        for number, time in enumerate(_stamps(waste.start, (day * 24 + np.arange(24)) * 3600.0)):
            yield from ((time, name, fill) for name, fill in zip(names, levels[:, number].tolist(), strict=True))


def _stamps(start: datetime.date, at: npt.ArrayLike) -> list[str]:
    times = np.datetime64(start, "s") + np.asarray(at).astype("timedelta64[s]")
    return [f"{time}Z" for time in np.datetime_as_string(times, unit="s").tolist()]


def hours(spans: tuple[Hours, ...]) -> str:
    """As OpenStreetMap's opening_hours: ``Mo,Tu 06:00-12:00; Sa 08:00-12:00``."""
    return "; ".join(
        " ".join(([",".join(DAYS[day] for day in weekdays)] if len(weekdays) < 7 else []) + [_span(opens, closes)])
        for opens, closes, weekdays in spans
    )


def _span(opens: int, closes: int) -> str:
    return f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


def _or_empty(value: float | None) -> object:
    return "" if value is None else value
