"""Who asks for an opening, who crosses the bridge, and what their time is worth."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

Span = tuple[datetime.datetime, datetime.datetime]
SIDES = ("road", "truck", "tram", "rail", "ship")


@dataclass(frozen=True)
class Asked:
    """A request for an opening. ``minutes``: how long the road will be closed.

    ``earliest`` and ``latest`` bound the start; ``tide`` are the spans within which the ship can make the passage: none
    means always. Times are UTC.
    """

    bridge: str
    ship: str
    wished_at: datetime.datetime
    earliest: datetime.datetime
    latest: datetime.datetime
    minutes: float
    tide: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if self.minutes <= 0:
            raise ValueError(f"minutes: got {self.minutes}, expected more than 0")
        if not self.earliest <= self.wished_at <= self.latest:
            raise ValueError("wished_at: must lie between earliest and latest")


@dataclass(frozen=True)
class Crossing:
    """A tram, bus or train that is due at the bridge, with the people aboard (a freight train: 0)."""

    at: datetime.datetime
    kind: str
    """``tram`` or ``rail``; a bus counts as a tram."""
    people: float
    line: str = ""


@dataclass(frozen=True)
class Traffic:
    """What crosses the bridge. ``vehicles`` and ``trucks``: (from when, an hour); vehicles do not include trucks.

    ``saturation``: vehicles an hour that leave a queue, both kinds together (1,800 a lane is usual).
    ``source``: where the figures come from, to be shown with them.
    """

    vehicles: tuple[tuple[datetime.datetime, float], ...] = ()
    trucks: tuple[tuple[datetime.datetime, float], ...] = ()
    crossings: tuple[Crossing, ...] = ()
    saturation: float = 1800.0
    source: str = ""


@dataclass(frozen=True)
class Weights:
    """Euros; a side that shall not count gets 0. ``sources`` says of each where it comes from."""

    person_hour: float = 12.6
    people_a_car: float = 1.3
    truck_hour: float = 50.0
    tram_vehicle_hour: float = 120.0
    train_hour: float = 600.0
    ship_hour: float = 900.0
    missed_tide: float = 6000.0
    sources: Mapping[str, str] = field(default_factory=lambda: SOURCES)

    def __post_init__(self) -> None:
        for name in (one.name for one in fields(self) if one.name != "sources"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name}: got {getattr(self, name)}, expected 0 or more")


SOURCES: Mapping[str, str] = {
    "person_hour": "home to work in towns, rapport Quinet (2013), in euros of 2022",
    "people_a_car": "assumption: to be counted",
    "truck_hour": "assumption: driver and vehicle; to be set by hauliers",
    "tram_vehicle_hour": "assumption: driver and vehicle; to be set by the operator of the lines",
    "train_hour": "assumption: locomotive, crew and path; to be set by the operator of the line",
    "ship_hour": "assumption: a coaster at her daily rate, with pilot and tug; to be set by the agent",
    "missed_tide": "assumption: waiting for the next tide; to be set by the agent",
}
