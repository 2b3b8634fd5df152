"""A problem of rounds in the words of PyVRP 0.14; where it has no word:

- Tips are reload depots. *Home empty*: the end of a round is a place of its own, to which the way from a stop is the
  way over the tip that costs least from there, its service in it; from a tip it is the way home.
- *Lunch*: the solver works in time without lunch (``clock``).
- *Caps of the day*: a reload forgets loads, but not distance. Distances are costs of the way, and coming to a stop adds
  to them, as the high digits of the number, its share of the cap; the longest distance is the cap. As each stop is
  visited once, that adds the same to every plan; the prize of an optional stop gives it back.
- *Some vehicles only*: a load that no other has room for. *Several windows*: copies of a stop, one of them visited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pyvrp import Client, ClientGroup, Depot, Location, ProblemData, VehicleType

from havre_waste.rounds.clock import shift_without_lunch, without_lunch
from havre_waste.rounds.model import Ints, Lunch, Problem, Stop, Tip, Vehicle, Window

UNITS = 10_000
"""Of cost in one EUR."""
FOREIGN = 1_000
"""How heavy a stop is to a vehicle that may not come: the penalty of a unit is limited."""
ROOM = 1 << 40
FAR = (1 << 63) - 1
ALL_DAY = Window(0, 1 << 40)
Rates = tuple[float, float]
"""EUR a kilometre and an hour."""


@dataclass(frozen=True)
class Share:
    """What a stop takes of a cap of the day, and the cap by vehicle; a vehicle that is missing has none."""

    of: Mapping[str, int]
    caps: Mapping[str, int]


@dataclass(frozen=True)
class Posed:
    """The problem as PyVRP has it, with what its numbers stand for.

    ``near`` is the same without caps of the day: what is near is judged by it. ``excess`` is what a unit of distance
    too much costs at first, None: as PyVRP has it.
    """

    data: ProblemData
    near: ProblemData
    types: tuple[tuple[Vehicle, ...], ...]
    clients: tuple[Stop, ...]
    tips: Mapping[int, Tip]
    """By depot."""
    excess: float | None


@dataclass(frozen=True)
class Layout:
    """Locations: the stops, the tips, then the start and the end of each type of vehicle. Depots likewise, without
    stops, and a tip as often as it has windows."""

    problem: Problem
    types: tuple[tuple[Vehicle, ...], ...]
    clients: tuple[tuple[int, Window], ...]
    """Number of the stop and window; a stop is there as often as it has windows."""
    tips: tuple[tuple[int, Window], ...]
    lunches: tuple[Lunch | None, ...]
    sets: tuple[frozenset[str], ...]
    """Of vehicles that alone may come to some stops."""

    @property
    def first_tip(self) -> int:
        return len(self.problem.stops)

    @property
    def first_end(self) -> int:
        return self.first_tip + len(self.problem.tips)

    def start(self, kind: int) -> int:
        return self.first_end + 2 * kind

    def end(self, kind: int) -> int:
        return self.first_end + 2 * kind + 1

    @property
    def places(self) -> list[int]:
        ends = [place for one in self.types for place in (one[0].start, one[0].end)]
        return [one.place for one in self.problem.targets] + ends


def pose(problem: Problem, share: Share | None = None) -> Posed:
    """``share``: the cap of the day that is kept, if one has to be."""
    layout = _layout(problem)
    rates = sorted({_rates(one) for one in problem.vehicles})
    ways = [_ways(layout, one) for one in rates]
    near = _data(layout, rates, ways)
    stops = tuple(problem.stops[number] for number, _ in layout.clients)
    tips = {number: problem.tips[tip] for number, (tip, _) in enumerate(layout.tips)}
    if share is None:
        return Posed(near, near, layout.types, stops, tips, None)
    unit = _unit(layout, ways)
    data = _data(layout, rates, ways, share, unit)
    typical = max(float(np.mean(list(share.of.values()))), 1.0)
    excess = 10 * max(float(np.median(ways[0][0])), 1.0) / (unit * typical)
    return Posed(data, near, layout.types, stops, tips, excess)


def _rates(vehicle: Vehicle) -> Rates:
    return vehicle.eur_per_km, vehicle.eur_per_hour


def _layout(problem: Problem) -> Layout:
    alike: dict[tuple[object, ...], list[Vehicle]] = {}
    sets = tuple(dict.fromkeys(one.vehicles for one in problem.stops if one.vehicles is not None))
    for vehicle in problem.vehicles:
        may = tuple(vehicle.id in one for one in sets)
        alike.setdefault((replace(vehicle, id=""), may), []).append(vehicle)
    lunches = tuple(dict.fromkeys(_lunch(one) for one in problem.vehicles)) or (None,)
    return Layout(
        problem,
        tuple(tuple(one) for one in alike.values()),
        _in_windows(problem.stops, lunches),
        _in_windows(problem.tips, lunches),
        lunches,
        sets,
    )


def _lunch(vehicle: Vehicle) -> Lunch | None:
    late = vehicle.lunch is not None and vehicle.shift.opens >= vehicle.lunch.latest
    return None if late else vehicle.lunch


def _in_windows(those: Sequence[Stop | Tip], lunches: tuple[Lunch | None, ...]) -> tuple[tuple[int, Window], ...]:
    return tuple(
        (number, without_lunch(window, lunches) if one.windows else ALL_DAY)
        for number, one in enumerate(those)
        for window in one.windows or (ALL_DAY,)
    )


def _ways(layout: Layout, rates: Rates) -> tuple[Ints, Ints]:
    """Cost of the way and seconds from each location to each."""
    places, matrix = np.array(layout.places), layout.problem.matrix
    seconds = matrix.seconds[np.ix_(places, places)]
    cost = np.rint(matrix.metres[np.ix_(places, places)] * (rates[0] / 1000 * UNITS)).astype(np.int64)
    hour = rates[1] / 3600 * UNITS
    loaded = [*range(layout.first_tip), *(layout.start(kind) for kind in range(len(layout.types)))]
    for kind, (vehicle, *_) in enumerate(layout.types):
        end = layout.end(kind)
        usable = [number for number, _ in _usable(layout, vehicle, seconds[:, end])]
        if not usable:
            continue
        tips = np.array([layout.first_tip + number for number in usable])
        service = np.array([layout.problem.tips[number].service for number in usable])
        over_cost = cost[np.ix_(loaded, tips)] + cost[tips, end]
        over_seconds = seconds[np.ix_(loaded, tips)] + seconds[tips, end] + service
        best = np.argmin(over_cost + hour * over_seconds, axis=1)
        rows = np.arange(len(loaded))
        cost[loaded, end], seconds[loaded, end] = over_cost[rows, best], over_seconds[rows, best]
    return cost, seconds


def _usable(layout: Layout, vehicle: Vehicle, home: Ints) -> list[tuple[int, int]]:
    """The tips that may be the last, with the latest time that one is home from them: those open to the end of the
    shift, else those that are open longest."""
    allowed = {one.id for one in layout.problem.tips_of(vehicle)}
    closes = shift_without_lunch(vehicle.shift, vehicle.lunch).closes
    latest: dict[int, int] = {}
    for number, window in layout.tips:
        tip = layout.problem.tips[number]
        if tip.id in allowed:
            back = min(closes, window.closes + tip.service + int(home[layout.first_tip + number]))
            latest[number] = max(back, latest.get(number, 0))
    return [(number, back) for number, back in latest.items() if back == max(latest.values())]


def _unit(layout: Layout, ways: Sequence[tuple[Ints, Ints]]) -> int:
    """More than the ways of any round can cost: the longest shift at the highest cost a second."""
    fastest = max(float((cost / np.maximum(seconds, 1)).max()) for cost, seconds in ways)
    longest = max(one[0].shift.closes - one[0].shift.opens for one in layout.types)
    return int(fastest * longest) + 1


def _data(
    layout: Layout,
    rates: Sequence[Rates],
    ways: Sequence[tuple[Ints, Ints]],
    share: Share | None = None,
    unit: int = 0,
) -> ProblemData:
    added = np.zeros(len(layout.places), dtype=np.int64)
    if share is not None:
        added[: layout.first_tip] = [unit * share.of[one.id] for one in layout.problem.stops]
    clients, groups = _clients(layout, added)
    distances: list[Any] = [cost + added * ~np.eye(len(added), dtype=bool) for cost, _ in ways]
    durations: list[Any] = [seconds for _, seconds in ways]
    return ProblemData(
        [Location(0, 0)] * len(layout.places),
        clients,
        _depots(layout),
        [_vehicle_type(layout, kind, rates, ways, share, unit) for kind in range(len(layout.types))],
        distances,
        durations,
        groups,
    )


def _clients(layout: Layout, added: Ints) -> tuple[list[Client], list[ClientGroup]]:
    groups: dict[int, list[int]] = {}
    for client, (number, _) in enumerate(layout.clients):
        groups.setdefault(number, []).append(client)
    several = {number: copies for number, copies in groups.items() if len(copies) > 1}
    group = {number: index for index, number in enumerate(several)}
    found = []
    for number, window in layout.clients:
        stop = layout.problem.stops[number]
        prize = 0 if stop.prize is None else round(stop.prize * UNITS) + int(added[number])
        found.append(
            Client(
                number,
                pickup=[stop.kg, 1, *(FOREIGN * (stop.vehicles == one) for one in layout.sets)],
                service_duration=stop.service,
                tw_early=window.opens,
                tw_late=window.closes,
                prize=prize,
                required=stop.prize is None and number not in several,
                group=group.get(number),
            )
        )
    return found, [
        ClientGroup(copies, layout.problem.stops[number].prize is None) for number, copies in several.items()
    ]


def _depots(layout: Layout) -> list[Depot]:
    tips = [
        Depot(layout.first_tip + number, window.opens, window.closes, layout.problem.tips[number].service)
        for number, window in layout.tips
    ]
    return tips + [Depot(location) for location in range(layout.first_end, len(layout.places))]


def _vehicle_type(
    layout: Layout,
    kind: int,
    rates: Sequence[Rates],
    ways: Sequence[tuple[Ints, Ints]],
    share: Share | None,
    unit: int,
) -> VehicleType:
    vehicle = layout.types[kind][0]
    profile = rates.index(_rates(vehicle))
    shift = shift_without_lunch(vehicle.shift, vehicle.lunch)
    usable = _usable(layout, vehicle, ways[profile][1][:, layout.end(kind)])
    allowed = {one.id for one in layout.problem.tips_of(vehicle)}
    reloads = [number for number, (tip, _) in enumerate(layout.tips) if layout.problem.tips[tip].id in allowed]
    trips = ROOM if vehicle.trips is None else vehicle.trips - vehicle.trips_done
    cap = None if share is None else share.caps.get(vehicle.id)
    closes = max(shift.opens, min([shift.closes, *(back for _, back in usable)]))
    foreign = [0 if vehicle.id not in one else ROOM for one in layout.sets]
    return VehicleType(
        len(layout.types[kind]),
        [vehicle.kg, ROOM if vehicle.stops_a_trip is None else vehicle.stops_a_trip, *foreign],
        len(layout.tips) + 2 * kind,
        len(layout.tips) + 2 * kind + 1,
        fixed_cost=round(vehicle.eur_a_day * UNITS),
        tw_early=shift.opens,
        tw_late=closes,
        start_late=shift.opens if vehicle.out else closes,
        unit_distance_cost=1,
        unit_duration_cost=round(vehicle.eur_per_hour / 3600 * UNITS),
        shift_duration=FAR if vehicle.longest is None else vehicle.longest,
        profile=profile,
        initial_load=[vehicle.on_board, 0, *(0 for _ in layout.sets)],
        reload_depots=reloads,
        max_reloads=max(trips - 1, 0),
        max_distance=FAR if cap is None else unit * (cap + 1) - 1,
    )
