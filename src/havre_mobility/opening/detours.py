"""What a lost bridge does: who has to go where else, how much longer, and what that meets there.

Roads are edges between places, with minutes, a capacity and the bridge or lock that they cross. Everybody takes the
quickest way that is left (Dijkstra, 1959); flows that pass a road are added up there. A detour may overload the next
bridge, and that one may be lost next: ``chain`` goes on from loss to loss, in the order given.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import count

EVERYBODY = frozenset({"car", "truck", "bus", "foot"})


@dataclass(frozen=True)
class Road:
    """``capacity``: vehicles an hour, both ways together. ``over``: the bridge or lock on it."""

    id: str
    between: tuple[str, str]
    minutes: float
    capacity: float = 1800.0
    over: str | None = None
    kinds: frozenset[str] = EVERYBODY


@dataclass(frozen=True)
class Demand:
    """Who wants to go: vehicles (or people on foot) an hour, or a line that has to."""

    name: str
    start: str
    end: str
    kind: str
    an_hour: float


@dataclass(frozen=True)
class Detour:
    """``before`` and ``after``: ids of roads. Where there is no way left, ``after`` is None and so is ``longer``."""

    demand: Demand
    before: tuple[str, ...]
    after: tuple[str, ...] | None
    longer: float | None


@dataclass(frozen=True)
class Load:
    """Of a bridge or lock: vehicles an hour before and after, and what it can carry."""

    over: str
    before: float
    after: float
    capacity: float

    @property
    def overloaded(self) -> bool:
        return self.after > self.capacity


@dataclass(frozen=True)
class Loss:
    """``detours``: all who used what was lost; ``loads``: all bridges and locks that have more to carry than before."""

    lost: tuple[str, ...]
    detours: tuple[Detour, ...]
    loads: tuple[Load, ...]
    vehicle_minutes: float
    """Of all who have a way left, an hour."""

    @property
    def cut_off(self) -> tuple[Demand, ...]:
        return tuple(one.demand for one in self.detours if one.after is None)


def way(roads: Sequence[Road], start: str, end: str, kind: str, lost: Collection[str] = ()) -> tuple[Road, ...] | None:
    """The quickest way for that kind without what is lost, ``()`` to where one is; None where there is none."""
    beside: defaultdict[str, list[Road]] = defaultdict(list)
    for road in roads:
        if kind in road.kinds and road.over not in lost:
            for place in road.between:
                beside[place].append(road)
    came: dict[str, Road | None] = {}
    turn = count()
    waiting: list[tuple[float, int, str, Road | None]] = [(0.0, next(turn), start, None)]
    while waiting:
        minutes, _, place, by = heapq.heappop(waiting)
        if place in came:
            continue
        came[place] = by
        if place == end:
            return _back(came, end)
        for road in beside[place]:
            heapq.heappush(waiting, (minutes + road.minutes, next(turn), _other(road, place), road))
    return None


def _back(came: dict[str, Road | None], place: str) -> tuple[Road, ...]:
    found: list[Road] = []
    while (road := came[place]) is not None:
        found.append(road)
        place = _other(road, place)
    return tuple(reversed(found))


def _other(road: Road, place: str) -> str:
    return road.between[1] if road.between[0] == place else road.between[0]


def loss(roads: Sequence[Road], demands: Sequence[Demand], lost: Sequence[str], already: Sequence[str] = ()) -> Loss:
    """What it means to lose ``lost`` where ``already`` is lost."""
    gone = {*already, *lost}
    detours, before, after = [], _Loads(), _Loads()
    minutes = 0.0
    for demand in demands:
        had = way(roads, demand.start, demand.end, demand.kind, set(already))
        if had is None:
            continue
        has = way(roads, demand.start, demand.end, demand.kind, gone)
        before.add(had, demand)
        after.add(has or (), demand)
        if any(road.over in gone for road in had):
            longer = None if has is None else _minutes(has) - _minutes(had)
            minutes += (longer or 0.0) * demand.an_hour
            detours.append(Detour(demand, _ids(had), None if has is None else _ids(has), longer))
    capacity = {road.over: road.capacity for road in roads if road.over}
    loads = (Load(over, before.of[over], after.of[over], capacity[over]) for over in sorted(after.of))
    return Loss(tuple(lost), tuple(detours), tuple(one for one in loads if one.after > one.before), minutes)


def chain(roads: Sequence[Road], demands: Sequence[Demand], losses: Sequence[str]) -> tuple[Loss, ...]:
    """One loss after the other."""
    return tuple(loss(roads, demands, [one], losses[:number]) for number, one in enumerate(losses))


class _Loads:
    """Vehicles an hour by bridge or lock; people on foot do not fill a road."""

    def __init__(self) -> None:
        self.of: defaultdict[str, float] = defaultdict(float)

    def add(self, roads: Sequence[Road], demand: Demand) -> None:
        for road in roads:
            if road.over and demand.kind != "foot":
                self.of[road.over] += demand.an_hour


def _minutes(roads: Sequence[Road]) -> float:
    return sum(road.minutes for road in roads)


def _ids(roads: Sequence[Road]) -> tuple[str, ...]:
    return tuple(road.id for road in roads)
