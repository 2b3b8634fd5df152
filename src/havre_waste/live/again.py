"""A day planned again while it is driven: after a breakdown, when bridges tell of other openings, when a ship calls.

What is done stays as it was driven; the rest is planned with what is known now, and each round tells what changed.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime

from havre_waste.field.model import Cause, Replan
from havre_waste.live.day import Day, FlowPlan
from havre_waste.live.planning import Extra, Planner, stop_of
from havre_waste.rounds.bridges import around
from havre_waste.rounds.model import Closure, Kind, Plan, Problem, Round, Visit
from havre_waste.rounds.planning import NoPlan
from havre_waste.rounds.remaining import SOON, begun, plan_again

WORTH = 60.0
"""Seconds of waiting at bridges, as expected now, from which on a round is changed for them."""


def with_extra(planner: Planner, day: Day, extra: Sequence[Extra]) -> Day:
    """The day with stops that were not in it, of flows that are driven; they have no round yet."""
    known = {stop.id for one in day.flows for stop in one.problem.stops}
    new = [one for one in extra if one.id not in known]
    flows = tuple(_extended(planner, one, [each for each in new if each.flow == one.flow]) for one in day.flows)
    titles = {**day.titles, **{one.id: one.title for one in new}}
    spots = {**day.spots, **{one.id: (one.place.longitude, one.place.latitude) for one in new}}
    return replace(day, flows=flows, titles=titles, spots=spots)


def _extended(planner: Planner, one: FlowPlan, new: Sequence[Extra]) -> FlowPlan:
    if not new:
        return one
    places = (*one.places, *dict.fromkeys(each.place for each in new if each.place not in one.places))
    stops = tuple(stop_of(each, places.index(each.place)) for each in new)
    matrix = planner.ground.between(places) if len(places) > len(one.places) else one.problem.matrix
    problem = replace(one.problem, stops=(*one.problem.stops, *stops), matrix=matrix)
    plan = replace(one.plan, left_out=(*one.plan.left_out, *(stop.id for stop in stops)))
    return replace(one, problem=problem, plan=plan, places=places)


def again(
    planner: Planner,
    day: Day,
    now: datetime,
    closures: tuple[Closure, ...],
    cause: Cause,
    name: str = "",
    broken: Set[str] = frozenset(),
) -> Day:
    """What is left of the day, planned with ``closures``; ``broken`` are trucks. ``name`` goes with the cause.

    Only flows that have cause are planned: a truck of theirs broke down, a stop has no round, a round would wait.
    """
    found, second = [], day.second(now)
    for one in day.flows:
        problem = replace(one.problem, closures=closures)
        if not _concerned(problem, one.plan, second, broken):
            found.append(replace(one, problem=problem))
            continue
        try:
            rest, plan = plan_again(problem, one.plan, second, broken=broken, stop=SOON)
        except NoPlan:  # nothing is left, or nobody who could do it
            found.append(replace(one, problem=problem))
            continue
        found.append(replace(one, problem=problem, plan=_joined(one.plan, around(rest, plan), second, broken)))
    return planner.drawn(_told(day, replace(day, flows=tuple(found)), Replan(now, cause, name), broken))


def waits(day: Day, now: datetime, closures: tuple[Closure, ...]) -> bool:
    """Whether a round that is still to be driven would wait for bridges, as they are expected now."""
    second = day.second(now)
    return any(_waits(replace(one.problem, closures=closures), one.plan, second) for one in day.flows)


def _waits(problem: Problem, plan: Plan, second: int) -> bool:
    return any(_waited(problem, each, second) >= WORTH for each in plan.rounds)


def _concerned(problem: Problem, plan: Plan, second: int, broken: Set[str]) -> bool:
    open_ = any(
        one.vehicle in broken and any(visit.ends > second for visit in one.visits if visit.kind == Kind.STOP)
        for one in plan.rounds
    )
    return open_ or bool(plan.left_out) or _waits(problem, plan, second)


def _waited(problem: Problem, driven: Round, second: int) -> float:
    """Expected at the crossings after ``second``, with the times as they were planned."""
    lost = 0.0
    for before, after in zip(driven.visits, driven.visits[1:], strict=False):
        for crossing in problem.matrix.crossings.get((before.place, after.place), ()):
            at = before.ends + crossing.after
            if at >= second:
                shut = [
                    one for one in problem.closures if one.crossing == crossing.name and one.starts <= at < one.ends
                ]
                lost += max((one.probability * (one.ends - at) for one in shut), default=0.0)
    return lost


def _joined(before: Plan, rest: Plan, second: int, broken: Set[str]) -> Plan:
    """What was driven, and what is planned now."""
    new = {one.vehicle: one for one in rest.rounds}
    rounds = []
    for one in before.rounds:
        done = begun(one, second)
        if one.vehicle in broken:
            ended = tuple(visit for visit in done if visit.ends <= second)
            rounds += [replace(one, visits=ended)] if ended else []
        elif not done:
            rounds += [new.pop(one.vehicle)] if one.vehicle in new else []
        else:
            later = new.pop(one.vehicle, None)
            rounds.append(replace(one, visits=(*done, *_after(later))))
    return Plan((*rounds, *new.values()), rest.left_out)


def _after(later: Round | None) -> Sequence[Visit]:
    return () if later is None else [visit for visit in later.visits if visit.kind != Kind.START]


def _told(before: Day, after: Day, replan: Replan, broken: Set[str]) -> Day:
    """With the change at each round of which stops came or went."""
    old, new = _stops(before), _stops(after)
    replans = dict(after.replans)
    for truck in {*old, *new}:
        had, has = old.get(truck, ()), new.get(truck, ())
        added, removed = len(set(has) - set(had)), len(set(had) - set(has))
        if had != has or truck in broken:
            replans[truck] = (*replans.get(truck, ()), replace(replan, added=added, removed=removed))
    return replace(after, replans=replans)


def _stops(day: Day) -> Mapping[str, tuple[str, ...]]:
    return {round.vehicle: round.stops for one in day.flows for round in one.plan.rounds}
