"""One moment of the port and its city, as far as it is known. Immutable; times are aware and in UTC.

Everything is said from the road, as in DATEX II: a bridge is *open* when the road is, *closed* while ships pass.
Whatever tells a state carries who says so (``Said``); what that is worth depends on the health of the feed behind it,
which is decided in ``standing``, not here. Expected times are quantiles: P50 is as likely too early as too late.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

PATIENCE = timedelta(minutes=5)
BIN = timedelta(minutes=5)
AIS = "ais"
"""The feed that positions of ships come from."""


class Health(StrEnum):
    """Of a feed. DOUBTED: it comes, but what it says cannot be true (falsified positions)."""

    OK = "ok"
    STALE = "stale"
    DEAD = "dead"
    DOUBTED = "doubted"


@dataclass(frozen=True)
class Feed:
    """A dataset that the picture is made of. ``id`` is what ``Said.feed`` names; the pages have words for ais,
    movements, bridge_messages, closures, gates, appointments, timetable, trips and tide.

    Silence beyond ``patience`` is stale; None for a feed that speaks only when something happens.
    """

    id: str
    health: Health
    last_input: datetime | None = None
    lag: timedelta | None = None
    """From the time that the rows state to their arrival here."""
    patience: timedelta | None = PATIENCE


class How(StrEnum):
    MESSAGE = "message"
    """Whoever operates it says so."""
    OBSERVED = "observed"
    """It follows from what sensors see: ships in a bridge's opening, trucks at a gate."""
    FORECAST = "forecast"
    TIMETABLE = "timetable"


@dataclass(frozen=True)
class Said:
    feed: str
    how: How
    at: datetime


@dataclass(frozen=True)
class Expected:
    """A time that is not certain, by its quantiles."""

    p10: datetime
    p50: datetime
    p90: datetime

    @classmethod
    def known(cls, at: datetime) -> "Expected":
        return cls(at, at, at)


class Place(StrEnum):
    """What a ship comes to next."""

    BRIDGE = "bridge"
    LOCK = "lock"
    BERTH = "berth"
    PILOT = "pilot"
    ANCHORAGE = "anchorage"
    SEA = "sea"


@dataclass(frozen=True)
class Next:
    place: Place
    name: str
    at: Expected
    said: Said


@dataclass(frozen=True)
class Ship:
    """Position in degrees (WGS 84), course in degrees from north, speed in knots, both as last received."""

    mmsi: int
    name: str
    kind: str
    """cargo, tanker, passenger, tug, pilot, fishing, sailing, dredger or other."""
    longitude: float
    latitude: float
    course: float | None
    speed: float | None
    seen_at: datetime
    next: Next | None = None
    doubted: bool = False
    """Its positions contradict each other, or those of others."""


class Road(StrEnum):
    """The state of a bridge, seen from the road."""

    OPEN = "open"
    ANNOUNCED = "announced"
    """Still open; an opening for ships has been announced."""
    CLOSED = "closed"
    SHUT = "shut"
    """Out of service until further notice."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Opening:
    """The next time that the road is closed for ships (or the present one): from ``begins`` to ``ends``."""

    begins: Expected
    ends: Expected
    said: Said
    ship: str | None = None
    """The name of the ship that it is for."""


@dataclass(frozen=True)
class Slot:
    """Reserved for the road, today: no opening for ships between these local times."""

    starts: time
    ends: time


@dataclass(frozen=True)
class Respect:
    """Reserved slots of the last seven days, and how many of them saw no opening."""

    kept: int
    slots: int


@dataclass(frozen=True)
class Bridge:
    id: str
    name: str
    longitude: float
    latitude: float
    road: Road
    said: Said | None
    """Who says that ``road`` is so; None only if it is unknown."""
    since: datetime | None = None
    opening: Opening | None = None
    likelihood: tuple[float, ...] = ()
    """That the road is closed, in each ``BIN`` of the next hour; empty where there is no forecast."""
    likelihood_said: Said | None = None
    reserved: tuple[Slot, ...] = ()
    respect: Respect | None = None
    reason: str | None = None
    """Why it is out of service, as the closure says it: a code of the pages' texts (``reason``), or words."""
    detour: tuple[str, ...] = ()
    """Names of the bridges and locks to take instead."""


@dataclass(frozen=True)
class Wait:
    """Minutes of waiting for who arrives at ``at``."""

    at: datetime
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True)
class Gate:
    id: str
    name: str
    longitude: float
    latitude: float
    said: Said
    queue: int
    """Trucks that wait now."""
    waits: tuple[Wait, ...] = ()
    """Now first, then the next hour, in order."""
    best: Wait | None = None
    """The best time to arrive within the hours that are forecast; None when it makes no difference."""


class Mode(StrEnum):
    TRAM = "tram"
    BUS = "bus"


@dataclass(frozen=True)
class Line:
    """A line of trams or buses that an opening or a closure hits."""

    id: str
    name: str
    mode: Mode
    said: Said
    place: str
    """The name of the bridge or closure."""
    begins: datetime
    ends: datetime | None
    delay: timedelta
    """Expected for who travels then."""


@dataclass(frozen=True)
class Level:
    at: datetime
    metres: float


@dataclass(frozen=True)
class Tide:
    """Metres above the lowest astronomical tide."""

    said: Said
    level: float
    rising: bool
    next_high: Level | None = None
    next_low: Level | None = None
    curve: tuple[Level, ...] = ()


@dataclass(frozen=True)
class Picture:
    """All of it at ``at``. What is not known is absent or UNKNOWN, never a guess."""

    at: datetime
    ships: tuple[Ship, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    gates: tuple[Gate, ...] = ()
    lines: tuple[Line, ...] = ()
    tide: Tide | None = None
    feeds: tuple[Feed, ...] = ()
