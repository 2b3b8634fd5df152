"""The plan of a day, as problems and plans of its flows, and in the words of the pages and of the products (pure)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from havre_waste.field import model as shown
from havre_waste.field.model import Do, Step
from havre_waste.rounds.model import Closure, Kind, Plan, Problem, Round, Visit
from havre_waste.rounds.roads import Place
from havre_waste.sites.city import City
from havre_waste.sites.model import Flow

LIKELY = 0.5
"""A crossing that is shut with this probability is told as shut."""
NEAR = timedelta(minutes=30)
"""A closure so far from the passage is told with it."""
DOES = {Kind.STOP: Do.COLLECT, Kind.TIP: Do.TIP, Kind.LUNCH: Do.LUNCH, Kind.START: Do.DEPOT, Kind.END: Do.DEPOT}


@dataclass(frozen=True, eq=False)
class FlowPlan:
    """``fills`` are what containers are expected to have when they are emptied."""

    flow: Flow
    problem: Problem
    plan: Plan
    fills: Mapping[str, float] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    """Of the problem's matrix."""


@dataclass(frozen=True, eq=False)
class Day:
    """``lines`` are the ways of the rounds by their trucks, ``replans`` what was changed since the morning."""

    day: date
    zone: ZoneInfo
    made_at: datetime
    flows: tuple[FlowPlan, ...]
    lines: Mapping[str, tuple[shown.Place, ...]] = field(default_factory=dict)
    replans: Mapping[str, tuple[shown.Replan, ...]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    """Of stops that are no containers, such as ships."""
    spots: Mapping[str, shown.Place] = field(default_factory=dict)
    """Where those are."""

    def at(self, second: float) -> datetime:
        """Seconds after the local midnight of the day, as UTC."""
        midnight = datetime(self.day.year, self.day.month, self.day.day, tzinfo=self.zone)
        return midnight.astimezone(ZoneInfo("UTC")) + timedelta(seconds=second)

    def second(self, at: datetime) -> int:
        return int((at - self.at(0)).total_seconds())

    def name(self, truck: str) -> str:
        """Of the round of a truck."""
        return f"{self.day:%Y%m%d}-{truck}"

    @property
    def visits(self) -> dict[str, datetime]:
        """When each container is emptied."""
        return {
            visit.id: self.at(visit.begins)
            for one in self.flows
            for round in one.plan.rounds
            for visit in round.visits
            if visit.kind == Kind.STOP
        }


def rounds(day: Day, city: City) -> tuple[shown.Round, ...]:
    """Those that have something to do, for the pages."""
    used: set[str] = set()
    return tuple(_round(day, one, round, city, used) for one in day.flows for round in one.plan.rounds if round.stops)


def _round(day: Day, of: FlowPlan, round: Round, city: City, used: set[str]) -> shown.Round:
    steps: list[Step] = []
    first: list[Visit] = []
    for visit in round.visits:
        step = _step(day, of, visit, city)
        before = steps[-1] if steps else None
        if before is not None and step.do is before.do is Do.COLLECT and step.place == before.place:
            fills = [one for one in (before.fill, step.fill) if one is not None]
            steps[-1] = Step(
                **{
                    **before.__dict__,
                    "containers": (*before.containers, *step.containers),
                    "fill": max(fills, default=None),
                }
            )
            continue
        if step.id in used:
            step = Step(**{**step.__dict__, "id": f"{step.id}-{len(used)}"})
        used.add(step.id)
        steps.append(step)
        first.append(visit)
    return shown.Round(
        id=day.name(round.vehicle),
        name=round.vehicle,
        truck=round.vehicle,
        flow=of.flow,
        steps=tuple(steps),
        crossings=tuple(_crossings(day, of.problem, steps, first)),
        line=day.lines.get(round.vehicle, ()),
        replans=day.replans.get(round.vehicle, ()),
    )


def _step(day: Day, of: FlowPlan, visit: Visit, city: City) -> Step:
    at = day.at(visit.begins)
    if visit.kind == Kind.STOP and visit.id in city.containers:
        site = city.sites[city.containers[visit.id].site]
        return Step(
            f"{day.day:%Y%m%d}-{of.flow}-{site.id}", Do.COLLECT, site.name, (site.longitude, site.latitude), at,
            (visit.id,), of.flow, site.access.side, site.access.reversing, of.fills.get(visit.id),
        )  # fmt: skip
    place = where(day, of.problem, visit, city)
    minutes = round_up(visit.ends - visit.begins)
    if visit.kind == Kind.STOP:
        return Step(
            f"{day.day:%Y%m%d}-{visit.id}", Do.COLLECT, day.titles.get(visit.id, visit.id), place, at, (visit.id,),
            Flow.SHIP, minutes=minutes,
        )  # fmt: skip
    name = city.plants[visit.id].name if visit.id in city.plants else ""
    id = f"{day.day:%Y%m%d}-{visit.kind}-{visit.id or visit.begins}-{visit.begins}"
    return Step(id, DOES[visit.kind], name, place, at, minutes=minutes if visit.kind in (Kind.TIP, Kind.LUNCH) else 0)


def round_up(seconds: int) -> int:
    return -(-seconds // 60)


def where(day: Day, problem: Problem, visit: Visit, city: City) -> shown.Place:
    """Longitude and latitude of a visit; of a lunch, where the truck stands."""
    for stop in problem.stops:
        if stop.place == visit.place and stop.id in day.spots:
            return day.spots[stop.id]
        if stop.place == visit.place and stop.id in city.containers:
            site = city.sites[city.containers[stop.id].site]
            return site.longitude, site.latitude
    for tip in problem.tips:
        if tip.place == visit.place:
            return city.plants[tip.id].longitude, city.plants[tip.id].latitude
    for vehicle in problem.vehicles:
        if visit.place in (vehicle.start, vehicle.end):
            depot = city.depots[city.trucks[vehicle.id].depot]
            return depot.longitude, depot.latitude
    return 0.0, 0.0


def _crossings(day: Day, problem: Problem, steps: Sequence[Step], first: Sequence[Visit]) -> Iterator[shown.Crossing]:
    """The bridges on the way, each with the likely closure that is nearest to the passage."""
    by_name: dict[str, list[Closure]] = {}
    for one in problem.closures:
        if one.probability >= LIKELY:
            by_name.setdefault(one.crossing, []).append(one)
    for (before, after), step in zip(pairwise(first), steps[1:], strict=True):
        for crossing in problem.matrix.crossings.get((before.place, after.place), ()):
            at = before.ends + crossing.after
            near = [one for one in by_name.get(crossing.name, ()) if _off(one, at) <= NEAR.total_seconds()]
            closest = min(near, key=lambda one: _off(one, at), default=None)
            closed = None if closest is None else (day.at(closest.starts), day.at(closest.ends))
            yield shown.Crossing(crossing.name, step.id, day.at(at), closed, timedelta(seconds=round(after.waited)))


def _off(closure: Closure, at: float) -> float:
    return max(closure.starts - at, at - closure.ends, 0.0)


def rows(day: Day, now: datetime) -> list[dict[str, Any]]:
    """Of the product ``collection-rounds``: each visit of each round, as planned at ``now``."""
    return [
        {
            "said_at": now, "day": day.day, "round": day.name(round.vehicle), "truck": round.vehicle,
            "flow": str(one.flow), "order": order, "kind": str(visit.kind), "stop": visit.id or None,
            "begins_at": day.at(visit.begins), "ends_at": day.at(visit.ends), "metres": visit.metres,
            "kg_on_board": visit.kg, "fill": one.fills.get(visit.id), "wait_s": round_seconds(visit.waited),
        }
        for one in day.flows
        for round in one.plan.rounds
        for order, visit in enumerate(round.visits)
    ]  # fmt: skip


def round_seconds(value: float) -> int:
    return int(value + 0.5)
