"""What is believed of each container and of its sensor: values, of which ``taking.take`` makes new ones.

The belief is a normal distribution of five numbers a container, carried by an extended Kalman filter:

- ``LEVEL``: the share filled;
- ``BUSY``: by which share more than usual comes in these days, fading within a day (Ornstein-Uhlenbeck);
- ``OWN``: by which share its own rate (of deposits, where they are counted) differs from the prior; changes slowly;
- ``DEPOSIT``: by which share a counted deposit is more than its prior volume; 0 where none are counted;
- ``HEAP``: by how much the spot that the sensor sees is above the mean level, fading within days.
"""

from dataclasses import dataclass, field, fields
from enum import IntEnum, StrEnum
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from havre_waste.levels.calendar import Calendar
from havre_waste.levels.fleet import Fleet
from havre_waste.levels.rates import Rates, unlearned

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
LEVEL, BUSY, OWN, DEPOSIT, HEAP = range(5)


class Fault(IntEnum):
    """What is wrong with a sensor; the code of the product is the name in small letters."""

    NONE = 0
    SPIKES = 1
    TILT = 2
    STUCK = 3
    DEAD = 4
    DRIFT = 5
    BAG = 6


class Basis(StrEnum):
    SENSOR = "sensor"
    COUNTS = "counts"
    MODEL = "model"


@dataclass(frozen=True)
class Parameters:
    """Of the belief; shares of a container's volume where nothing else is said."""

    rate: float = 0.16
    """A day, before anything is known."""
    own: float = 0.6
    """Deviation of a container's own rate from the prior, as a share of it."""
    own_change: float = 0.02
    """Deviation by which it changes in a day."""
    busy: float = 0.30
    busy_days: float = 0.9
    bulky: float = 0.0008
    """Variance that comes in a day by much at once."""
    bulky_uncounted: float = 0.0002
    """Of it where deposits are counted: through a lid that was forced or stood open."""
    grain: float = 0.008
    """What a deposit brings, before anything is known."""
    deposit_change: float = 0.01
    deposit: float = 0.30
    """Deviation of the volume of a deposit of a flow from the prior, as a share of it, before anything is known."""
    deposit_unlike: float = 0.10
    """Deviation of it between the containers of a flow, before they are compared."""
    deposit_spread: float = 0.7
    """Of single deposits, as a share of the mean."""
    heap: float = 0.027
    heap_days: float = 1.6
    noise: float = 0.012
    """Of a reading."""
    left: float = 0.012
    left_spread: float = 0.03
    """What an emptying leaves."""
    seen: float = 0.12
    """Of a fill that a crew notes."""
    wild: float = 0.015
    """Share of the readings of a good sensor that are of something else."""
    repeats: float = 0.03
    """Share of the readings of a good sensor that are as the one before; more where it is coarse."""


@dataclass(frozen=True, eq=False)
class Belief:
    """``at``: seconds; ``mean``: containers by 5; ``cov``: containers by 5 by 5."""

    at: Floats
    mean: Floats
    cov: Floats


@dataclass(frozen=True, eq=False)
class Watch:
    """What is remembered of each sensor, a column a property; NaN where nothing is."""

    seen: Floats
    """When it last said something."""
    every: Floats
    """Seconds between readings, usually."""
    good_at: Floats
    good: Floats
    """The last reading that was believed."""
    doubted_at: Floats
    doubted: Floats
    """A reading that did not fit, until the next one tells whether it was wild."""
    value: Floats
    """The last distance, millimetres, as it was said."""
    same: Ints
    """How often in a row that was said."""
    repeats: Floats
    """Share of its readings that were as the one before, lately."""
    silent: Ints
    """How often in a row it said that it has no distance."""
    tilt: Floats
    """Usual tilt, degrees."""
    tilted: Ints
    wild: Floats
    """Evidence (logarithm of odds) that it has too many wild values."""
    usual_wild: Floats
    """Share of its readings that were wild, lately."""
    ignored: Floats
    """Evidence that it does not follow what happens in the container."""
    residue: Floats
    """Evidence, with its sign, that what it sees after emptyings is off."""
    fault: Ints
    since: Floats
    shown: Floats
    """What is told with the fault: see ``faults.WORDS``."""
    fine: Ints
    """Readings in a row that speak for a faulty sensor."""


@dataclass(frozen=True, eq=False)
class Visits:
    """What is remembered of each container's visits; seconds."""

    emptied: Floats
    """The last emptying."""
    stood: Floats
    """When a truck last stood by it and it is not known yet what for; NaN else."""
    odds: Floats
    """Probability that such a stop is an emptying."""
    doubtful: Floats
    """A stop after which the sensor did not go down."""
    stopped: Floats
    """When a truck last stood by it, as far as trucks tell; NaN if none ever did."""
    put: Floats
    """The last deposit that was counted."""


@dataclass(frozen=True)
class Counters:
    """How many rows were what."""

    readings: int = 0
    duplicates: int = 0
    late: int = 0
    unknown: int = 0
    no_value: int = 0
    wild: int = 0
    not_used: int = 0
    """Of sensors that are faulty."""
    lost: int = 0
    """Readings that should have come, by the usual interval."""

    def plus(self, **more: int) -> "Counters":
        return Counters(**{one.name: getattr(self, one.name) + more.get(one.name, 0) for one in fields(self)})


@dataclass(frozen=True, eq=False)
class Levels:
    """The state of all containers; a value. ``now`` (seconds) is until when rows have been taken."""

    fleet: Fleet = field(repr=False)
    rates: Rates = field(repr=False)
    belief: Belief = field(repr=False)
    watch: Watch = field(repr=False)
    visits: Visits = field(repr=False)
    rate: Floats = field(repr=False)
    """Prior rate of each container, a usual day."""
    volume: Floats = field(repr=False)
    """Prior volume of a deposit in each container."""
    unlike: Floats = field(repr=False)
    """Deviation of the volume of a deposit between the containers of a flow, as a share of it, of each container."""
    now: float
    counters: Counters = Counters()
    parameters: Parameters = Parameters()


Columns = TypeVar("Columns", Belief, Watch, Visits)


def copied(columns: Columns) -> Columns:
    """With arrays of its own, which may be written into."""
    return type(columns)(*(getattr(columns, one.name).copy() for one in fields(columns)))


def started(fleet: Fleet, calendar: Calendar, now: float, parameters: Parameters | None = None) -> Levels:
    """Nothing is known: levels about a third, rates as everywhere."""
    p, size = parameters or Parameters(), len(fleet.ids)
    none, zero, never = np.full(size, np.nan), np.zeros(size), np.zeros(size, np.int64)
    mean = np.zeros((size, 5))
    mean[:, LEVEL] = 0.35
    spread = np.array([0.3, p.busy, p.own, p.deposit, p.heap])
    cov = np.tile(np.diag(spread**2), (size, 1, 1))
    cov[~fleet.counted, DEPOSIT, DEPOSIT] = 0.0
    belief = Belief(np.full(size, now), mean, cov)
    watch = Watch(
        seen=np.full(size, now), every=np.full(size, 4 * 3600.0), good_at=none, good=none, doubted_at=none,
        doubted=none, value=none, same=never, repeats=np.full(size, p.repeats), silent=never, tilt=none, tilted=never,
        wild=zero, usual_wild=np.full(size, p.wild), ignored=zero, residue=zero, fault=never, since=none, shown=none,
        fine=never,
    )  # fmt: skip
    visits = Visits(emptied=none, stood=none, odds=zero, doubtful=none, stopped=none, put=np.full(size, now))
    return Levels(
        fleet, unlearned(calendar, len(fleet.flows), now), belief, watch, visits,
        rate=np.full(size, p.rate), volume=np.full(size, p.grain),
        unlike=np.full(size, p.deposit), now=now, parameters=p,
    )  # fmt: skip
