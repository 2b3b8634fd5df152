"""What is left of a day that is under way, as a problem of its own, and a plan for it: after a breakdown, or news.

1. Who is on a way or at a visit ends it first. What was done counts on: loads on board, caps of the day, lunch.
2. A vehicle that broke down does nothing more; the visit that it did not end is open again.
3. What was required is done as far as it is possible: a plan comes in any case, and names what it leaves out.
"""

from collections.abc import Callable, Set
from dataclasses import replace

from havre_waste.rounds.model import Kind, Plan, Problem, Round, Stop, Vehicle, Visit
from havre_waste.rounds.planning import Progress, Stopping, plan

URGENT = 10_000.0
"""EUR: what leaving out a required stop is said to cost, more than any way to it."""
SOON = Stopping(seconds=5.0)


def plan_again(
    problem: Problem,
    driven: Plan,
    now: int,
    *,
    broken: Set[str] = frozenset(),
    stop: Stopping = SOON,
    seed: int = 0,
    on_progress: Callable[[Progress], None] | None = None,
) -> tuple[Problem, Plan]:
    """The rest of the day: what is left of ``problem``, and a plan for it that begins with what ``driven`` had in mind.

    ``driven``: the plan with its times as they came, as far as they are known.
    """
    left = remaining(problem, driven, now, broken=broken)
    stops = tuple(replace(one, prize=URGENT) if one.prize is None else one for one in left.stops)
    optional = replace(left, stops=stops)
    return optional, plan(optional, stop=stop, seed=seed, warm=rest(driven, now), on_progress=on_progress)


def rest(driven: Plan, now: int) -> Plan:
    """What was still in mind: the rounds without what is done or begun."""
    return Plan(tuple(Round(one.vehicle, one.visits[len(begun(one, now)) :]) for one in driven.rounds))


def remaining(problem: Problem, driven: Plan, now: int, *, broken: Set[str] = frozenset()) -> Problem:
    """What is left at ``now``; a vehicle that is home or broken down is no longer there."""
    rounds = {one.vehicle: one for one in driven.rounds}
    visited: set[str] = set()
    vehicles = []
    for vehicle in problem.vehicles:
        done = begun(rounds[vehicle.id], now) if vehicle.id in rounds else ()
        if vehicle.id in broken:
            visited |= {one.id for one in done if one.ends <= now}
            continue
        visited |= {one.id for one in done if one.kind == Kind.STOP}
        found = _later(vehicle, problem, done, now)
        if found is not None:
            vehicles.append(found)
    stops = tuple(one for one in problem.stops if one.id not in visited)
    return replace(problem, stops=tuple(_for(one, vehicles) for one in stops), vehicles=tuple(vehicles))


def begun(driven: Round, now: int) -> tuple[Visit, ...]:
    """The visits that are done, under way to, or being made; none when the vehicle has not left."""
    count = sum(one.ends <= now for one in driven.visits)
    return driven.visits[: count + 1] if count else ()


def _later(vehicle: Vehicle, problem: Problem, done: tuple[Visit, ...], now: int) -> Vehicle | None:
    closes = vehicle.shift.closes
    if not done:
        opens = max(vehicle.shift.opens, now)
        return replace(vehicle, shift=replace(vehicle.shift, opens=opens)) if opens <= closes else None
    last = done[-1]
    if last.kind == Kind.END:
        return None
    kg = {one.id: one.kg for one in problem.stops}
    stops = [one.id for one in done if one.kind == Kind.STOP]
    opens = max(last.ends, now)
    return replace(
        vehicle,
        start=last.place,
        shift=replace(vehicle.shift, opens=opens, closes=max(opens, closes)),
        lunch=None if any(one.kind == Kind.LUNCH for one in done) else vehicle.lunch,
        out=True,
        on_board=last.kg,
        kg_done=vehicle.kg_done + sum(kg[one] for one in stops),
        stops_done=vehicle.stops_done + len(stops),
        trips_done=vehicle.trips_done + sum(one.kind == Kind.TIP for one in done),
    )


def _for(stop: Stop, vehicles: list[Vehicle]) -> Stop:
    """Of the vehicles that may come, those that are left."""
    if stop.vehicles is None:
        return stop
    return replace(stop, vehicles=stop.vehicles & {one.id for one in vehicles})
