"""Whether a plan keeps everything: an independent check, written from the statement of the problem (pure).

It shares nothing with what makes plans but the model, and trusts no number that a plan carries: ways, times, loads
and waits are worked out again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from havre_waste.rounds.model import (
    Closure,
    Kind,
    Matrix,
    Peak,
    Plan,
    Problem,
    Round,
    Stop,
    Tip,
    Vehicle,
    Visit,
    Window,
)


class Rule(StrEnum):
    """What a plan can break."""

    UNKNOWN = "unknown"
    """A vehicle, a stop or a tip that the problem does not have, or a vehicle with two rounds."""
    SHAPE = "shape"
    """A round begins at the vehicle's start, ends at its end and has these nowhere else, and visits are where their
    stops and tips are."""
    TWICE = "twice"
    MISSING = "missing"
    """A required stop, or one that the plan says is left out and is not, or the other way round."""
    WAY = "way"
    """The metres of a way, or the wait on it, are not what the roads say."""
    TIME = "time"
    """A visit begins before it is reached, is shorter than its service, or the next way begins before it ends."""
    WINDOW = "window"
    SHIFT = "shift"
    LONGEST = "longest"
    LUNCH = "lunch"
    LOAD = "load"
    """What is said to be on board is not what was collected."""
    CAPACITY = "capacity"
    EMPTY = "empty"
    """The vehicle does not come home empty."""
    KG_A_DAY = "kg_a_day"
    STOPS_A_DAY = "stops_a_day"
    STOPS_A_TRIP = "stops_a_trip"
    TRIPS = "trips"
    VEHICLE = "vehicle"
    """A stop or a tip that this vehicle may not use."""
    HOME = "home"
    """A vehicle that is out has no round."""


@dataclass(frozen=True)
class Violation:
    rule: Rule
    vehicle: str
    at: str
    """Id of the stop or tip, or the kind of visit."""
    why: str


def check(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """All that is broken; empty: the plan keeps everything."""
    return (
        *_stops(problem, plan),
        *_vehicles(problem, plan),
        *(each for one in plan.rounds for each in _round(problem, one)),
    )


def _stops(problem: Problem, plan: Plan) -> Iterator[Violation]:
    visited = [(one.vehicle, visit.id) for one in plan.rounds for visit in one.visits if visit.kind == Kind.STOP]
    seen: set[str] = set()
    for vehicle, stop in visited:
        if stop in seen:
            yield Violation(Rule.TWICE, vehicle, stop, "is visited more than once")
        seen.add(stop)
    left_out = set(plan.left_out)
    for one in problem.stops:
        if one.id not in seen and one.prize is None:
            yield Violation(Rule.MISSING, "", one.id, "is required and not visited")
        if (one.id in seen) == (one.id in left_out):
            yield Violation(Rule.MISSING, "", one.id, "is either visited or left out")


def _vehicles(problem: Problem, plan: Plan) -> Iterator[Violation]:
    known = {one.id for one in problem.vehicles}
    used = [one.vehicle for one in plan.rounds]
    for vehicle in dict.fromkeys(used):
        if vehicle not in known:
            yield Violation(Rule.UNKNOWN, vehicle, "", "is no vehicle of the problem")
        if used.count(vehicle) > 1:
            yield Violation(Rule.UNKNOWN, vehicle, "", "has more than one round")
    for one in problem.vehicles:
        if one.out and one.id not in used:
            yield Violation(Rule.HOME, one.id, "", "is out and has no round")


def _round(problem: Problem, one: Round) -> Iterator[Violation]:
    vehicle = next((each for each in problem.vehicles if each.id == one.vehicle), None)
    if vehicle is None:
        return
    shape = [*_shape(problem, vehicle, one.visits)]
    yield from shape
    if shape:
        return
    yield from _times(problem, vehicle, one.visits)
    yield from _lunch(vehicle, one.visits)
    yield from _loads(problem, vehicle, one.visits)
    yield from _caps(problem, vehicle, one.visits)


def _shape(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> Iterator[Violation]:
    kinds = [one.kind for one in visits]
    if len(kinds) < 2 or kinds[0] != Kind.START or kinds[-1] != Kind.END:
        yield Violation(Rule.SHAPE, vehicle.id, "", "does not begin with its start and end with its end")
        return
    if Kind.START in kinds[1:] or Kind.END in kinds[:-1]:
        yield Violation(Rule.SHAPE, vehicle.id, "", "starts or ends on the way")
    if visits[0].place != vehicle.start or visits[-1].place != vehicle.end:
        yield Violation(Rule.SHAPE, vehicle.id, "", "does not start or end where it should")
    stops = {one.id: one for one in problem.stops}
    tips = {one.id: one for one in problem.tips}
    for number, visit in enumerate(visits):
        match visit.kind:
            case Kind.STOP | Kind.TIP:
                found: Stop | Tip | None = stops.get(visit.id) if visit.kind == Kind.STOP else tips.get(visit.id)
                if found is None:
                    yield Violation(Rule.UNKNOWN, vehicle.id, visit.id, f"is no {visit.kind} of the problem")
                elif visit.place != found.place:
                    yield Violation(Rule.SHAPE, vehicle.id, visit.id, f"is at {found.place}, not at {visit.place}")
            case Kind.LUNCH:
                beside = {visits[number - 1].place, *(each.place for each in visits[number + 1 : number + 2])}
                if visit.place not in beside:
                    yield Violation(Rule.SHAPE, vehicle.id, Kind.LUNCH, "is not where the vehicle stands")


def _times(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> Iterator[Violation]:
    windows = {one.id: one.windows for one in problem.targets}
    service = {one.id: one.service for one in problem.targets}
    if visits[0].ends < vehicle.shift.opens or (vehicle.out and visits[0].ends != vehicle.shift.opens):
        yield Violation(Rule.SHIFT, vehicle.id, Kind.START, f"leaves at {visits[0].ends}")
    if visits[-1].ends > vehicle.shift.closes:
        yield Violation(Rule.SHIFT, vehicle.id, Kind.END, f"is home at {visits[-1].ends}")
    worked = visits[-1].ends - visits[0].ends - sum(one.ends - one.begins for one in visits if one.kind == Kind.LUNCH)
    if vehicle.longest is not None and worked > vehicle.longest:
        yield Violation(Rule.LONGEST, vehicle.id, Kind.END, f"works {worked} s, {vehicle.longest} allowed")
    for before, visit in pairwise(visits):
        at = visit.id or visit.kind
        ways = (problem.matrix, *problem.matrix.others)
        if visit.way not in range(len(ways)):
            yield Violation(Rule.WAY, vehicle.id, at, f"there is no way {visit.way}")
            continue
        matrix = ways[visit.way]
        metres = int(matrix.metres[before.place, visit.place])
        if visit.metres != metres:
            yield Violation(Rule.WAY, vehicle.id, at, f"the way is {metres} m, not {visit.metres}")
        lost = _lost(problem, matrix, before.place, visit.place, before.ends)
        driving = int(matrix.seconds[before.place, visit.place])
        if visit.arrives < before.ends + driving + lost - 1e-6:
            yield Violation(
                Rule.TIME, vehicle.id, at, f"arrives at {visit.arrives}, {before.ends} + {driving} + {lost:g}"
            )
        if visit.waited + 1e-6 < lost:
            yield Violation(Rule.WAY, vehicle.id, at, f"{lost:g} s are lost on the way, not {visit.waited:g}")
        if not visit.arrives <= visit.begins <= visit.ends - service.get(visit.id, 0):
            yield Violation(Rule.TIME, vehicle.id, at, f"{visit.arrives}, {visit.begins}, {visit.ends} do not follow")
        allowed = windows.get(visit.id, ())
        if allowed and not any(_within(one, visit.begins) for one in allowed):
            yield Violation(Rule.WINDOW, vehicle.id, at, f"begins at {visit.begins}, which is in none of its windows")


def _within(window: Window, at: int) -> bool:
    return window.opens <= at <= window.closes


def _lost(problem: Problem, matrix: Matrix, start: int, end: int, leaves: int) -> float:
    """Expected seconds lost at the crossings of a way."""
    lost = 0.0
    for crossing in matrix.crossings.get((start, end), ()):
        at = leaves + crossing.after + lost
        shut = [one for one in problem.closures if one.crossing == crossing.name and one.starts <= at < one.ends]
        peaks = [one for one in problem.peaks if one.crossing == crossing.name]
        lost += _expected(shut, peaks, at)
    return lost


def _expected(shut: Sequence[Closure], peaks: Sequence[Peak], at: float) -> float:
    """One is held until an end with the probability to be held so long, less that to be held longer; what is left is
    the probability not to be held. Probabilities add up, to one at most. Who is let go meets the peak of that time."""
    ends = sorted({one.ends for one in shut})
    so_long = [min(1.0, sum(one.probability for one in shut if one.ends >= end)) for end in ends]
    longer = [*so_long, 0.0][1:]
    held = sum((a - b) * (end + _queued(peaks, end) - at) for a, b, end in zip(so_long, longer, ends, strict=True))
    return held + (1 - max(so_long, default=0.0)) * _queued(peaks, at)


def _queued(peaks: Sequence[Peak], at: float) -> float:
    return max((min(one.seconds, one.ends - at) for one in peaks if one.starts <= at < one.ends), default=0.0)


def _lunch(vehicle: Vehicle, visits: Sequence[Visit]) -> Iterator[Violation]:
    taken = [one for one in visits if one.kind == Kind.LUNCH]
    lunch = vehicle.lunch
    if lunch is None:
        if taken:
            yield Violation(Rule.LUNCH, vehicle.id, Kind.LUNCH, "none is due")
        return
    needed = visits[0].ends < lunch.latest and visits[-1].ends > lunch.earliest
    if len(taken) != needed and (needed or len(taken) > 1):
        yield Violation(Rule.LUNCH, vehicle.id, Kind.LUNCH, f"{len(taken)} taken")
    for one in taken:
        if not lunch.earliest <= one.begins <= lunch.latest or one.ends - one.begins < lunch.seconds:
            yield Violation(Rule.LUNCH, vehicle.id, Kind.LUNCH, f"from {one.begins} to {one.ends}")


def _loads(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> Iterator[Violation]:
    kg = {one.id: one.kg for one in problem.stops}
    on_board = vehicle.on_board
    for visit in visits:
        if visit.kind == Kind.STOP:
            on_board += kg[visit.id]
            if on_board > vehicle.kg:
                yield Violation(Rule.CAPACITY, vehicle.id, visit.id, f"{on_board} kg on board, {vehicle.kg} allowed")
        if visit.kind == Kind.TIP:
            on_board = 0
        if visit.kg != on_board:
            yield Violation(Rule.LOAD, vehicle.id, visit.id or visit.kind, f"{on_board} kg on board, not {visit.kg}")
    if problem.tips and on_board:
        yield Violation(Rule.EMPTY, vehicle.id, Kind.END, f"comes home with {on_board} kg")


def _caps(problem: Problem, vehicle: Vehicle, visits: Sequence[Visit]) -> Iterator[Violation]:
    kg = {one.id: one.kg for one in problem.stops}
    stops = [one.id for one in visits if one.kind == Kind.STOP]
    tips = [one.id for one in visits if one.kind == Kind.TIP]
    counted = [(Rule.KG_A_DAY, vehicle.kg_done + sum(kg[one] for one in stops), vehicle.kg_a_day)]
    counted += [(Rule.STOPS_A_DAY, vehicle.stops_done + len(stops), vehicle.stops_a_day)]
    trip = 0
    for visit in visits:
        trip = trip + 1 if visit.kind == Kind.STOP else 0 if visit.kind == Kind.TIP else trip
        counted += [(Rule.STOPS_A_TRIP, trip, vehicle.stops_a_trip)]
    last_is_a_trip = bool(stops) and [one.kind for one in visits if one.kind in (Kind.STOP, Kind.TIP)][-1] == Kind.STOP
    counted += [(Rule.TRIPS, vehicle.trips_done + len(tips) + last_is_a_trip, vehicle.trips)]
    for rule, count, cap in counted:
        if cap is not None and count > cap:
            yield Violation(rule, vehicle.id, "", f"{count}, {cap} allowed")
    for one in problem.stops:
        if one.vehicles is not None and one.id in stops and vehicle.id not in one.vehicles:
            yield Violation(Rule.VEHICLE, vehicle.id, one.id, "may not be served by this vehicle")
    for tip in tips:
        if vehicle.tips is not None and tip not in vehicle.tips:
            yield Violation(Rule.VEHICLE, vehicle.id, tip, "may not be used by this vehicle")
