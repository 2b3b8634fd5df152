"""What stands in the city and drives through it to collect waste: plain records, and the network that they make.

Lengths in metres, positions in WGS 84, times of day in minutes after local midnight.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from havre_scenario.plane import Floats, Ints

FLOWS = ("residual", "packaging", "glass", "food", "litter")
Hours = tuple[int, int, tuple[int, ...]]
"""From, until (minutes after local midnight), weekdays (0 is Monday)."""
WORKDAYS = (0, 1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Site:
    id: str
    name: str
    longitude: float
    latitude: float
    commune: str
    street: str
    side: str
    hours: tuple[Hours, ...]
    heaviest_t: float | None
    density: float
    sensitive: str
    neighbourhood: str
    beyond: bool
    """Behind the basins, seen from the town."""
    node: int
    """The nearest node of the streets."""


@dataclass(frozen=True)
class Container:
    id: str
    site: str
    flow: str
    litres: int
    depth_mm: int
    dead_zone_mm: int
    sensor: str | None
    counts: bool
    kg_per_litre: float
    model: str


@dataclass(frozen=True)
class Depot:
    id: str
    longitude: float
    latitude: float
    node: int


@dataclass(frozen=True)
class Plant:
    id: str
    name: str
    longitude: float
    latitude: float
    flows: tuple[str, ...]
    hours: tuple[Hours, ...]
    minutes: float
    node: int


@dataclass(frozen=True)
class Truck:
    id: str
    depot: str
    flows: tuple[str, ...]
    kg: int
    shift: Hours
    tonnes: float
    litres_per_100km: float = 60.0
    eur_per_km: float = 1.1
    eur_per_hour: float = 70.0
    lunch: tuple[int, int] = (660, 720)
    lunch_minutes: int = 45


@dataclass(frozen=True)
class Stop:
    """A container on the list of a fixed round; ``weeks`` is all, even or odd (ISO weeks)."""

    round: str
    weekday: int
    weeks: str
    truck: str
    order: int
    container: str


@dataclass(frozen=True)
class Streets:
    """A planar graph; each row of the edges is a way of one direction, and each street has two."""

    latitude: Floats
    longitude: Floats
    start: Ints
    end: Ints
    metres: Floats
    seconds: Floats
    bridge: tuple[str, ...]
    """Of each edge: the movable bridge that it is, or nothing."""


@dataclass(frozen=True)
class Network:
    """All that stands still, and the rounds as they are driven week after week."""

    seed: int
    sites: tuple[Site, ...] = field(repr=False)
    containers: tuple[Container, ...] = field(repr=False)
    depots: tuple[Depot, ...]
    plants: tuple[Plant, ...]
    trucks: tuple[Truck, ...]
    rounds: tuple[Stop, ...] = field(repr=False)
    streets: Streets = field(repr=False)
    daily: Floats = field(repr=False)
    """Truth: litres that come to each container on a mean day."""

    @cached_property
    def number(self) -> dict[str, int]:
        """The row of each container in every array."""
        return {one.id: at for at, one in enumerate(self.containers)}

    @cached_property
    def litres(self) -> Floats:
        return np.array([one.litres for one in self.containers], float)

    @cached_property
    def site_of(self) -> tuple[Site, ...]:
        """The site of each container."""
        by_id = {one.id: one for one in self.sites}
        return tuple(by_id[one.site] for one in self.containers)
