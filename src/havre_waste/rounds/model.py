"""The problem of a day's rounds and its answer.

Times are whole seconds after the local midnight of the day (more than 86,400 after the next one), lengths whole metres,
loads whole kilograms; places are indices of the matrix. A trip is what a vehicle collects until it is emptied at a tip;
a round is a vehicle's day. Where a problem has no tips, the vehicles are emptied at the end of their rounds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """Both ends belong to it."""

    opens: int
    closes: int


@dataclass(frozen=True)
class Lunch:
    """It begins between ``earliest`` and ``latest`` and takes ``seconds``.

    A round needs none that has ended by ``earliest`` or begins at ``latest`` or after. It is taken where the vehicle
    stands: after a visit or before one, never within one.
    """

    earliest: int
    latest: int
    seconds: int


@dataclass(frozen=True)
class Stop:
    """What is collected at one place. The service begins in one of the ``windows``; without any, whenever.

    ``vehicles``: ids of those that may come, None: all. ``prize``: EUR that it costs to leave the stop out, None: it is
    required.
    """

    id: str
    place: int
    kg: int
    service: int = 0
    windows: tuple[Window, ...] = ()
    vehicles: frozenset[str] | None = None
    prize: float | None = None


@dataclass(frozen=True)
class Tip:
    """Where vehicles are emptied, in ``service`` seconds that begin in one of the ``windows``."""

    id: str
    place: int
    service: int = 0
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True)
class Vehicle:
    """A truck today. It leaves ``start`` and is back at ``end``, empty, within its ``shift``.

    ``kg`` and ``stops_a_trip`` hold between two tips, ``kg_a_day``, ``stops_a_day`` and ``trips`` over the round; None:
    no such limit. ``tips``: ids of those that it may use, None: all. A vehicle that is out already (a plan made
    again) has ``on_board`` from before, what it did today before in ``kg_done``, ``stops_done`` and ``trips_done``, and
    must be brought home whether it has stops or not.
    """

    id: str
    start: int
    end: int
    shift: Window
    kg: int
    lunch: Lunch | None = None
    kg_a_day: int | None = None
    stops_a_day: int | None = None
    stops_a_trip: int | None = None
    trips: int | None = None
    longest: int | None = None
    """Seconds that the round may take, lunch not counted."""
    tips: frozenset[str] | None = None
    eur_per_km: float = 1.1
    eur_per_hour: float = 70.0
    eur_a_day: float = 0.0
    out: bool = False
    on_board: int = 0
    kg_done: int = 0
    stops_done: int = 0
    trips_done: int = 0


@dataclass(frozen=True)
class Crossing:
    """A bridge or a gate that a leg passes, ``after`` seconds of driving."""

    name: str
    after: int


@dataclass(frozen=True)
class Closure:
    """The crossing is shut with this probability; who comes then waits until it ends."""

    crossing: str
    starts: int
    ends: int
    probability: float = 1.0


@dataclass(frozen=True)
class Peak:
    """A time at which passing takes ``seconds`` more, though never longer than to wait for its end."""

    crossing: str
    starts: int
    ends: int
    seconds: int


@dataclass(frozen=True, eq=False)
class Matrix:
    """``metres`` and ``seconds`` from each place (row) to each other (column); the diagonal is zero.

    ``crossings`` names those of a leg in their order. ``basis`` says in words what the numbers were made of. ``others``
    are other ways between the same places, for when a crossing is shut: by other bridges.
    """

    metres: Ints
    seconds: Ints
    basis: str
    crossings: Mapping[tuple[int, int], tuple[Crossing, ...]] = field(default_factory=dict)
    others: "tuple[Matrix, ...]" = ()

    def __post_init__(self) -> None:
        places = len(self.metres)
        for name, values in (("metres", self.metres), ("seconds", self.seconds)):
            if values.shape != (places, places):
                raise ValueError(f"{name}: got {values.shape}; expected {places} rows of {places}")
            if values.dtype != np.int64 or (values < 0).any():
                raise ValueError(f"{name}: expected int64 of 0 or more")
            if values.diagonal().any():
                raise ValueError(f"{name}: expected a diagonal of 0")
        if any(len(one.metres) != places for one in self.others):
            raise ValueError(f"others: expected {places} places")

    @cached_property
    def rows(self) -> tuple[list[list[int]], list[list[int]]]:
        """Metres and seconds as lists, which are read faster one by one."""
        return self.metres.tolist(), self.seconds.tolist()

    @property
    def ways(self) -> "tuple[Matrix, ...]":
        """The usual ways, then the others."""
        return (self, *self.others)


@dataclass(frozen=True, eq=False)
class Problem:
    """``waiting``: as how much driving time the same time at a crossing counts. More than one: a truck that stands with
    its engine running before a bridge is worse than one that drives on; it is no part of what a plan costs.

    ``ValueError`` when an id is there twice or a place is not in the matrix.
    """

    stops: tuple[Stop, ...]
    vehicles: tuple[Vehicle, ...]
    tips: tuple[Tip, ...]
    matrix: Matrix
    closures: tuple[Closure, ...] = ()
    peaks: tuple[Peak, ...] = ()
    waiting: float = 2.0

    def __post_init__(self) -> None:
        for name, ids in (
            ("stops and tips", [one.id for one in self.targets]),
            ("vehicles", [one.id for one in self.vehicles]),
        ):
            if len(set(ids)) < len(ids):
                twice = sorted({one for one in ids if ids.count(one) > 1})
                raise ValueError(f"{name}: {', '.join(twice)} is there more than once")
        used = [one.place for one in self.targets]
        used += [place for one in self.vehicles for place in (one.start, one.end)]
        if any(not 0 <= place < len(self.matrix.metres) for place in used):
            raise ValueError(f"places: expected 0 to {len(self.matrix.metres) - 1}, got {min(used)} to {max(used)}")

    @property
    def targets(self) -> tuple[Stop | Tip, ...]:
        """Stops, then tips."""
        return (*self.stops, *self.tips)

    def tips_of(self, vehicle: Vehicle) -> tuple[Tip, ...]:
        return tuple(one for one in self.tips if vehicle.tips is None or one.id in vehicle.tips)


class Kind(StrEnum):
    START = "start"
    STOP = "stop"
    TIP = "tip"
    LUNCH = "lunch"
    END = "end"


@dataclass(frozen=True)
class Visit:
    """``id`` is that of the stop or the tip, else empty; ``kg`` is on board when it ends.

    ``metres`` is the way from the visit before, ``way`` which one of the matrix's ways it is; ``waited`` the seconds
    lost at crossings on it, as expected.
    """

    kind: Kind
    id: str
    place: int
    arrives: int
    begins: int
    ends: int
    kg: int
    metres: int = 0
    waited: int = 0
    way: int = 0


@dataclass(frozen=True)
class Round:
    """A vehicle's day: from its start, over stops, tips and lunch, to its end."""

    vehicle: str
    visits: tuple[Visit, ...]

    @property
    def trips(self) -> tuple[tuple[Visit, ...], ...]:
        """The stops of each trip and the tip that ends it; a trip without stops is what was on board before."""
        trips: list[list[Visit]] = [[]]
        for visit in self.visits:
            if visit.kind in (Kind.STOP, Kind.TIP):
                trips[-1].append(visit)
            if visit.kind == Kind.TIP:
                trips.append([])
        return tuple(tuple(one) for one in trips if one)

    @property
    def stops(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.visits if one.kind == Kind.STOP)

    @property
    def metres(self) -> int:
        return sum(one.metres for one in self.visits)

    @property
    def seconds(self) -> int:
        """From its start to its end, lunch among them."""
        return self.visits[-1].ends - self.visits[0].begins

    @property
    def worked(self) -> int:
        """Seconds without lunch."""
        return self.seconds - sum(one.ends - one.begins for one in self.visits if one.kind == Kind.LUNCH)

    @property
    def waited(self) -> int:
        return sum(one.waited for one in self.visits)


@dataclass(frozen=True)
class Plan:
    """``left_out``: stops that no round visits, each not worth its way or, when it was required, not possible."""

    rounds: tuple[Round, ...]
    left_out: tuple[str, ...] = ()

    @property
    def metres(self) -> int:
        return sum(one.metres for one in self.rounds)

    @property
    def seconds(self) -> int:
        return sum(one.seconds for one in self.rounds)

    @property
    def waited(self) -> int:
        return sum(one.waited for one in self.rounds)


def hours_and_ways(vehicle: Vehicle, metres: float, seconds: float) -> float:
    """EUR."""
    return vehicle.eur_per_km * metres / 1000 + vehicle.eur_per_hour * seconds / 3600


def worth(vehicle: Vehicle, driven: Round) -> float:
    """EUR of its ways and its hours without lunch."""
    return hours_and_ways(vehicle, driven.metres, driven.worked)


def cost(problem: Problem, plan: Plan) -> float:
    """EUR: the rounds, the vehicles they need, and the prizes of what is left out."""
    vehicles = {one.id: one for one in problem.vehicles}
    left_out = set(plan.left_out)
    prizes = sum(one.prize or 0.0 for one in problem.stops if one.id in left_out)
    return prizes + sum(worth(vehicles[one.vehicle], one) + vehicles[one.vehicle].eur_a_day for one in plan.rounds)
