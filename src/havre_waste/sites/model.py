"""What stands in the city and what drives through it.

Lengths in metres unless a name says otherwise, positions in WGS 84, times of day in minutes after local midnight.
"""

from dataclasses import dataclass
from enum import StrEnum


class Flow(StrEnum):
    """What is collected apart. In French: ordures ménagères résiduelles, emballages, verre, biodéchets, corbeilles."""

    RESIDUAL = "residual"
    PACKAGING = "packaging"
    GLASS = "glass"
    FOOD = "food"
    LITTER = "litter"
    SHIP = "ship"


class Side(StrEnum):
    """Of a truck that comes along: on which it has to have what it serves. BOTH: on either.

    In France trucks load on their right, so that a site on a main street is RIGHT, whichever side of it it stands on.
    """

    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


@dataclass(frozen=True)
class Hours:
    """From ``opens`` to ``closes``, minutes after local midnight, on ``weekdays`` (0 is Monday)."""

    opens: int
    closes: int
    weekdays: frozenset[int] = frozenset(range(7))


@dataclass(frozen=True)
class Access:
    """How a truck may come to a site.

    ``side`` is what R437 asks for: no collection from both sides of a street at once. It wants no reversing either;
    ``reversing`` says that a truck may all the same, where there is no other way.
    ``heaviest_t`` is the limit of weight on the way, None without one.
    """

    side: Side = Side.BOTH
    reversing: bool = False
    hours: tuple[Hours, ...] = ()
    heaviest_t: float | None = None


@dataclass(frozen=True)
class Site:
    """Where containers stand. ``density`` is inhabitants a km² around it; ``sensitive`` names a school, a hospital …"""

    id: str
    name: str
    longitude: float
    latitude: float
    commune: str = ""
    street: str = ""
    access: Access = Access()
    density: float = 0.0
    sensitive: str = ""


@dataclass(frozen=True)
class Container:
    """``depth_mm`` is from the sensor to the bottom, ``dead_zone_mm`` from the sensor to the waste when it is full."""

    id: str
    site: str
    flow: Flow
    litres: int
    depth_mm: int
    dead_zone_mm: int = 250
    sensor: str | None = None
    counts: bool = False
    """Whether each deposit is counted, by a card."""
    kg_per_litre: float = 0.10
    model: str = ""


@dataclass(frozen=True)
class Depot:
    id: str
    longitude: float
    latitude: float


@dataclass(frozen=True)
class Plant:
    """Where trucks are emptied. ``minutes`` is the time at the tip; several depots and plants may be one place."""

    id: str
    name: str
    longitude: float
    latitude: float
    flows: frozenset[Flow]
    hours: tuple[Hours, ...] = ()
    minutes: float = 12.0


@dataclass(frozen=True)
class Truck:
    """A truck and its shift. ``lunch`` begins in that window and takes ``lunch_minutes``."""

    id: str
    depot: str
    flows: frozenset[Flow]
    kg: int
    shift: Hours
    lunch: tuple[int, int] | None = (660, 720)
    lunch_minutes: int = 45
    kg_a_day: int | None = None
    stops_a_day: int | None = None
    tonnes: float = 19.0
    """What it weighs, for limits on the way."""
    litres_per_100km: float = 60.0
    """Diesel, for CO₂ and cost; 0 for an electric one."""
    eur_per_km: float = 1.1
    eur_per_hour: float = 70.0
