"""What the pages show: one immutable view of the day, made by the service.

Times are aware (UTC), positions WGS 84, fills shares of a container (over 1 is an overflow). Ids are opaque, but two
rules hold. Those of rounds and steps name their day: a round's secret link ends with it, and what was said yesterday is
not said of today. That of a collection step stays the same through a re-plan, whichever round comes for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from havre_waste.sites.model import Flow, Side

Place = tuple[float, float]
"""Longitude and latitude, as GeoJSON has them."""


class Do(StrEnum):
    """What a truck does at a step."""

    COLLECT = "collect"
    TIP = "tip"
    LUNCH = "lunch"
    DEPOT = "depot"


@dataclass(frozen=True)
class Step:
    """One stop of a round. ``containers`` are those to empty there; ``fill`` is what the fullest of them is held to be.

    ``reversing`` says that the truck may reverse there.
    """

    id: str
    do: Do
    name: str
    place: Place
    at: datetime
    containers: tuple[str, ...] = ()
    flow: Flow | None = None
    side: Side = Side.BOTH
    reversing: bool = False
    fill: float | None = None
    minutes: int = 0
    """How long a lunch or the tip takes."""


@dataclass(frozen=True)
class Crossing:
    """A bridge on the way, before the step ``before``. ``closed`` is the closure nearest to it, None without one."""

    bridge: str
    before: str
    at: datetime
    closed: tuple[datetime, datetime] | None = None
    wait: timedelta = timedelta(0)


class Cause(StrEnum):
    """Why a round was planned anew."""

    BREAKDOWN = "breakdown"
    BRIDGE = "bridge"
    FULL = "full"
    BLOCKED = "blocked"
    LATE = "late"
    CREW = "crew"
    SHIP = "ship"


@dataclass(frozen=True)
class Replan:
    """That a round changed at ``at``; ``name`` is of the truck, the bridge or the street that caused it."""

    at: datetime
    cause: Cause
    name: str = ""
    added: int = 0
    removed: int = 0


@dataclass(frozen=True)
class Round:
    """``line`` is the way as it is driven, empty when it is not known. ``replans`` begin with the oldest."""

    id: str
    name: str
    truck: str
    flow: Flow
    steps: tuple[Step, ...]
    crossings: tuple[Crossing, ...] = ()
    line: tuple[Place, ...] = ()
    replans: tuple[Replan, ...] = ()


class Basis(StrEnum):
    SENSOR = "sensor"
    COUNTS = "counts"
    MODEL = "model"


class Doubt(StrEnum):
    """How a sensor lies."""

    SPIKES = "spikes"
    TILT = "tilt"
    STUCK = "stuck"
    DEAD = "dead"
    DRIFT = "drift"
    BAG = "bag"


@dataclass(frozen=True)
class Fault:
    kind: Doubt
    since: datetime


@dataclass(frozen=True)
class Level:
    """The estimate for a container at ``at``. ``full_at`` is when it is full: early, likely, late (P10, P50, P90).

    None in ``full_at`` is beyond what is estimated. ``seen_at`` is the newest observation in it, None without any.
    """

    container: str
    site: str
    name: str
    place: Place
    flow: Flow
    at: datetime
    p10: float
    p50: float
    p90: float
    overflow_p: float
    basis: Basis
    full_at: tuple[datetime | None, datetime | None, datetime | None] = (None, None, None)
    seen_at: datetime | None = None
    fault: Fault | None = None
    usual_at: datetime | None = None
    """On which day a fixed round comes next, where it is in no round of the view."""


@dataclass(frozen=True)
class Street:
    """What a resident searches for. ``zone`` has its collections; ``sites`` are those near it."""

    id: str
    name: str
    commune: str
    zone: str
    sites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Collection:
    """A collection at the door. ``instead_of`` is the day it was moved from; a cancelled one does not come."""

    zone: str
    flow: Flow
    starts_at: datetime
    ends_at: datetime
    instead_of: date | None = None
    cancelled: bool = False


class Why(StrEnum):
    """Why collections change."""

    HOLIDAY = "holiday"
    STRIKE = "strike"
    STORM = "storm"
    WORKS = "works"
    TIMES = "times"


@dataclass(frozen=True)
class Change:
    """Told at ``said_at``: collections of ``flows`` in ``zones`` (empty: all) on these days are moved, or do not come.

    ``said`` are words of the operator, by language, to be shown after ours.
    """

    id: str
    said_at: datetime
    why: Why
    starts: date
    ends: date
    moved_to: date | None = None
    zones: tuple[str, ...] = ()
    flows: tuple[Flow, ...] = ()
    said: Mapping[str, str] | None = None


class Ground(StrEnum):
    """Why a site comes before another when not all can be served."""

    HEALTH = "health"
    OVERFLOW = "overflow"
    DENSITY = "density"
    ACCESS = "access"
    WAITED = "waited"


@dataclass(frozen=True)
class Reason:
    """``share`` is its part in the score; ``value`` its measure: per cent, inhabitants a km², minutes, days.

    ``name`` is of what is near, for HEALTH.
    """

    ground: Ground
    share: float
    value: float = 0.0
    name: str = ""


@dataclass(frozen=True)
class Priority:
    """``score`` from 0 to 1; ``reasons`` begin with the weightiest."""

    site: str
    name: str
    place: Place
    score: float
    reasons: tuple[Reason, ...]
    rounds: tuple[int, ...] = ()
    """Numbers of the rounds of ``Crisis.rounds`` that come, from 1."""


@dataclass(frozen=True)
class FirstRound:
    """A round that a crew which runs can drive. ``stops`` are names in their order, ``length`` is of its work."""

    flow: Flow
    stops: tuple[str, ...]
    containers: tuple[str, ...]
    km: float
    length: timedelta


@dataclass(frozen=True)
class Crisis:
    """Only ``running`` of ``planned`` rounds run.

    ``rounds`` are what they can do of the day's plan, None while there is none; ``left`` containers of it nobody
    empties, ``left_first`` are the names of the sites of those, what comes first first.
    """

    why: Why
    since: datetime
    running: int
    planned: int
    ranking: tuple[Priority, ...]
    rounds: tuple[FirstRound, ...] | None = None
    left: int = 0
    left_first: tuple[str, ...] = ()


@dataclass(frozen=True)
class View:
    """``at`` is the time at which the service says that all this stands: it is renewed at each of its turns."""

    at: datetime
    rounds: tuple[Round, ...] = ()
    levels: tuple[Level, ...] = ()
    streets: tuple[Street, ...] = ()
    collections: tuple[Collection, ...] = ()
    changes: tuple[Change, ...] = ()
    crisis: Crisis | None = None
    day: date | None = None
    """Of which day the rounds are the plan, local; None while there is none."""
    example: bool = False
    """That everything in it is invented: pages say so."""
