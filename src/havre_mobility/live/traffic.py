"""Who crosses a bridge in some hours, from what is heard: trucks of gates, trams of the timetable; cars are assumed.

Every figure says where it comes from, in ``Traffic.source``. What nobody tells is an assumption, which the settings
replace by counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from havre_mobility.bridges.slots import LOCAL
from havre_mobility.live import lines
from havre_mobility.opening.costs import LOOK
from havre_mobility.opening.model import SOURCES, Crossing, Traffic, Weights
from havre_mobility.people import hits, network

HOUR = timedelta(hours=1)
LEARNED_FROM = timedelta(days=28)
AFTER = timedelta(minutes=LOOK)
VEHICLES = (*(60.0,) * 6, 300.0, 800.0, 800.0, *(400.0,) * 7, *(800.0,) * 3, 400.0, 400.0, *(60.0,) * 3)
"""Cars an hour by the local hour of the day, where nobody has counted."""
SATURDAY = 5


@dataclass(frozen=True)
class Assumed:
    """Of a bridge. ``vehicles``: cars by local hour; ``truck_share``: of the trucks that pass any gate; ``saturation``:
    vehicles an hour that leave a queue."""

    vehicles: tuple[float, ...] = VEHICLES
    truck_share: float = 0.2
    saturation: float = 1800.0
    people_a_tram: float = 60.0
    people_a_bus: float = 20.0
    source: str = "assumptions of the service, to be counted"

    @classmethod
    def of(cls, name: str, given: Mapping[str, Any]) -> "Assumed":
        """From settings. ``ValueError`` names what is wrong with them; ``vehicles`` may be one figure for all hours."""
        known = {one.name for one in fields(cls)}
        for key in given.keys() - known:
            raise ValueError(f"{name}.{key} is not known; {', '.join(sorted(known))} are")
        vehicles = given.get("vehicles", VEHICLES)
        by_hour = tuple(vehicles) if isinstance(vehicles, list | tuple) else (vehicles,) * 24
        figures = {key: value for key, value in given.items() if key not in ("vehicles", "source")}
        for key, value in [*(("vehicles", one) for one in by_hour), *figures.items()]:
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
                raise ValueError(f"{name}.{key}: got {value!r}, expected a number, 0 or more")
        if len(by_hour) != 24:
            raise ValueError(f"{name}.vehicles: got {len(by_hour)} figures, expected 1 or 24, by local hour")
        source = str(given.get("source", "settings of the service" if given else cls.source))
        return cls(**{**figures, "vehicles": by_hour, "source": source})


def weights(given: Mapping[str, Any]) -> Weights:
    """From settings: euros by name, and ``sources`` by name. ``ValueError`` names what is wrong with them."""
    figures = {name: value for name, value in given.items() if name != "sources"}
    known = {one.name for one in fields(Weights)} - {"sources"}
    for name in (figures.keys() | given.get("sources", {}).keys()) - known:
        raise ValueError(f"settings.weights.{name} is not known; {', '.join(sorted(known))} are")
    for name, value in figures.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise ValueError(f"settings.weights.{name}: got {value!r}, expected euros, 0 or more")
    stated = dict.fromkeys(figures, "settings of the service") | dict(given.get("sources", {}))
    return Weights(**figures, sources={**SOURCES, **stated})


@dataclass(frozen=True)
class Estimate:
    """``assumed`` by bridge; ``trams`` where there is a timetable."""

    trams: lines.Ground | None = None
    assumed: Mapping[str, Assumed] = field(default_factory=dict)

    def traffic(self, bridge: str, starts: datetime, ends: datetime, passes: pl.DataFrame, at: datetime) -> Traffic:
        """At the bridge from ``starts`` until the queues of an opening that ends at ``ends`` are gone.

        ``passes`` of gates (time, kind, …) count where they were before ``at``.
        """
        assumed = self.assumed.get(bridge, Assumed())
        hours = _hours(starts, ends + AFTER)
        mean, days = _trucks(passes, at)
        said = [f"cars: {assumed.source}"]
        if days:
            trucks = tuple((hour, assumed.truck_share * mean.get(_key(hour), 0.0)) for hour in hours)
            heard = f"mean of {days} days at the gates until {at:%Y-%m-%d %H:%M} UTC"
            said.append(f"trucks: {assumed.truck_share:.0%} ({assumed.source}) of the {heard}")
        else:
            trucks = ()
            said.append("trucks: none, no gate was heard")
        crossings = self._crossings(bridge, starts, ends, assumed)
        if self.trams is None:
            said.append("trams and buses: none, there is no timetable")
        else:
            said.append(
                f"trams and buses: the timetable, with {assumed.people_a_tram:g} and {assumed.people_a_bus:g} people "
                f"({assumed.source})"
            )
        said.append("trains: none, nobody tells of them")
        return Traffic(
            vehicles=tuple((hour, float(assumed.vehicles[hour.astimezone(LOCAL).hour])) for hour in hours),
            trucks=trucks,
            crossings=crossings,
            saturation=assumed.saturation,
            source="; ".join(said),
        )

    def _crossings(self, bridge: str, starts: datetime, ends: datetime, assumed: Assumed) -> tuple[Crossing, ...]:
        if self.trams is None:
            return ()
        timetable, crossed = self.trams.timetable, self.trams.crossings
        net = network.network(timetable, self.trams.footpaths, starts, ends)
        types = dict(zip(timetable.route_ids, timetable.route_types.tolist(), strict=True))
        return tuple(
            Crossing(
                one.at, "tram", assumed.people_a_tram if types[one.route_id] == lines.TRAM else assumed.people_a_bus,
                one.line,
            )
            for one in hits.passages(net, crossed, starts, ends)
            if one.bridge == bridge
        )  # fmt: skip


def _hours(starts: datetime, ends: datetime) -> list[datetime]:
    first = starts.replace(minute=0, second=0, microsecond=0)
    return [first + number * HOUR for number in range(int((ends - first) / HOUR) + 1)]


def _key(hour: datetime) -> tuple[bool, int]:
    local = hour.astimezone(LOCAL)
    return local.weekday() >= SATURDAY, local.hour


def _trucks(passes: pl.DataFrame, at: datetime) -> tuple[Mapping[tuple[bool, int], float], int]:
    """Trucks an hour, in and out, by (weekend, local hour), of days that are over; and how many days that are."""
    today = at.astimezone(LOCAL).date()
    local = pl.col("time").dt.convert_time_zone(LOCAL.key)
    heard = (
        passes.filter((pl.col("time") < at) & (pl.col("time") >= at - LEARNED_FROM))
        .select("kind", day=local.dt.date(), hour=local.dt.hour())
        .filter(pl.col("day") < today)
        .with_columns(weekend=pl.col("day").dt.weekday() > SATURDAY)
    )
    days = dict(heard.group_by("weekend").agg(pl.col("day").n_unique()).iter_rows())
    counts = heard.filter(pl.col("kind") == "truck").group_by("weekend", "hour").len().iter_rows()
    return {(weekend, hour): count / days[weekend] for weekend, hour, count in counts}, sum(days.values())
