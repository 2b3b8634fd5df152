"""The rounds of a day: which containers, by whom, in which order, with what is known of bridges.

What was chosen is worth ``URGENT``: so there is a plan in any case, and it names what it leaves out.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from havre_waste import choice
from havre_waste.choice.model import Crew, Floats, Terms, usual_terms
from havre_waste.choice.outlook import outlook
from havre_waste.choice.today import Reason, choose, own_ways
from havre_waste.levels import Levels, projected
from havre_waste.live.day import Day, FlowPlan, where
from havre_waste.live.ground import Ground, place_of
from havre_waste.live.ways import Streets, simplified
from havre_waste.rounds import today
from havre_waste.rounds.bridges import plan_around
from havre_waste.rounds.model import Closure, Matrix, Problem, Round, Stop, Window
from havre_waste.rounds.planning import Progress, Stopping
from havre_waste.rounds.remaining import URGENT
from havre_waste.rounds.roads import Place
from havre_waste.sites.model import Flow, Plant, Truck

log = logging.getLogger("havre.waste")

SECONDS = 10.0
"""For each flow's plan."""
LEAST_SHIFT = timedelta(hours=2)
"""When less of it is left, the next day is planned."""
SOONEST = timedelta(minutes=10)
"""From a plan to its first departure."""
FOUND_AT = time(9, 0)
"""What a truck finds in a container is told for then, local."""
Told = Callable[[Flow, Progress], None]


@dataclass(frozen=True)
class Extra:
    """A stop that is no container, such as a ship: of which flow's plan, where, when, how much.

    ``windows`` are seconds after the local midnight, ``prize`` EUR that it costs to leave it out.
    """

    id: str
    title: str
    flow: Flow
    place: Place
    kg: int
    seconds: int
    windows: tuple[tuple[int, int], ...]
    prize: float = URGENT


@dataclass(frozen=True, eq=False)
class Planner:
    """``choice`` is what the choice knows of the city; ``usual``: what a way of its own to each container costs."""

    ground: Ground
    zone: ZoneInfo
    terms: Mapping[Flow, Terms] = field(default_factory=dict)
    """By flow; a flow without its own has the usual ones."""
    seconds: float = SECONDS
    _kept: dict[str, object] = field(default_factory=dict, repr=False)

    @cached_property
    def _sensed(self) -> frozenset[str]:
        """The flows of which containers have sensors."""
        return frozenset(str(one.flow) for one in self.ground.city.containers.values() if one.sensor)

    def day_of(self, now: datetime) -> date:
        """The day whose rounds are the next to be driven, or are driven."""
        local = now.astimezone(self.zone)
        day = local.date()
        minutes = (local.hour * 60 + local.minute) + LEAST_SHIFT // timedelta(minutes=1)
        if any(one.shift.closes >= minutes and self._works(one, day) for one in self.ground.city.trucks.values()):
            return day
        for ahead in range(1, 8):
            later = day + timedelta(days=ahead)
            if any(self._works(one, later) for one in self.ground.city.trucks.values()):
                return later
        return day + timedelta(days=1)

    def _works(self, truck: Truck, day: date) -> bool:
        collects = any(day.weekday() in self._terms(flow).weekdays for flow in truck.flows)
        return collects and day.weekday() in truck.shift.weekdays

    def _terms(self, flow: str) -> Terms:
        given = self.terms.get(Flow(flow))
        return given or usual_terms(flow, flow in self._sensed)

    def plan(
        self,
        state: Levels,
        day: date,
        closures: tuple[Closure, ...],
        now: datetime,
        extra: Sequence[Extra] = (),
        told: Told | None = None,
    ) -> Day:
        """Takes ``seconds`` for each flow."""
        fills, reasons = self._choice(state, day)
        made = Day(day, self.zone, now, ())
        flows = []
        for flow in sorted({one.flow for one in self.ground.city.containers.values()} | {one.flow for one in extra}):
            if not threading.main_thread().is_alive():
                raise InterruptedError("the process ends")
            loads = self._loads(flow, fills, reasons)
            stops = [one for one in extra if one.flow == flow]
            if not loads and not stops:
                continue
            try:
                problem, places = self._problem(made, flow, loads, stops, closures, now)
            except ValueError as error:  # no plant or truck that day
                log.warning("%s", error)
                continue
            found = plan_around(problem, stop=Stopping(seconds=self.seconds), on_progress=_of_flow(told, flow))
            expected = {one.container.id: fills[one.container.id] for one in loads}
            flows.append(FlowPlan(flow, problem, found, expected, places))
        titles = {one.id: one.title for one in extra}
        spots = {one.id: (one.place.longitude, one.place.latitude) for one in extra}
        return self.drawn(replace(made, flows=tuple(flows), titles=titles, spots=spots))

    def drawn(self, day: Day) -> Day:
        """With the lines of its rounds, where streets are known."""
        if self.ground.streets is None:
            return day
        streets = self._kept.setdefault("streets", Streets(self.ground.streets))
        assert isinstance(streets, Streets)
        lines = {
            round.vehicle: self._line(streets, day, one.problem, round)
            for one in day.flows
            for round in one.plan.rounds
        }
        return replace(day, lines=lines)

    def _line(self, streets: Streets, day: Day, problem: Problem, round: Round) -> tuple[tuple[float, float], ...]:
        places = [where(day, problem, visit, self.ground.city) for visit in round.visits]
        return simplified(streets.line(list(places)))

    # Which

    def _choice(self, state: Levels, day: date) -> tuple[dict[str, float], dict[str, Reason]]:
        found_at = datetime.combine(day, FOUND_AT, self.zone).timestamp()
        ground = self.known()
        terms = {flow: self._terms(flow) for flow in sorted(set(ground.flow))}
        after = {flow: self._next_chance(day, one).timestamp() for flow, one in terms.items()}
        then = np.array([after[flow] for flow in ground.flow])
        believed = outlook(lambda at: projected(state, at), np.full(len(then), found_at), then)
        driven = {flow: one for flow, one in terms.items() if day.weekday() in one.weekdays}
        made = choose(ground, believed, driven, self._usual(ground))
        fill = believed.fill
        ids = state.fleet.ids
        return dict(zip(ids, fill.tolist(), strict=True)), dict(zip(ids, made.reason, strict=True))

    def _next_chance(self, day: date, terms: Terms) -> datetime:
        """When a container that is left today would be emptied."""
        later = day + timedelta(days=1)
        while later.weekday() not in terms.weekdays:
            later += timedelta(days=1)
        return datetime.combine(later, time(13, 0), self.zone).astimezone(UTC)

    def known(self) -> choice.model.Ground:
        """The ground as the choice sees it; made once."""
        if "ground" not in self._kept:
            self._kept["ground"] = _ground(self.ground)
        found = self._kept["ground"]
        assert isinstance(found, choice.model.Ground)
        return found

    def _usual(self, ground: choice.model.Ground) -> Floats:
        if "usual" not in self._kept:
            self._kept["usual"] = own_ways(ground)
        return np.asarray(self._kept["usual"])

    def _loads(self, flow: Flow, fills: Mapping[str, float], reasons: Mapping[str, Reason]) -> list[today.Load]:
        """All that was chosen: the solver finds who and when, not whether."""
        found = []
        for one in self.ground.city.containers.values():
            if one.flow == flow and reasons[one.id] is not Reason.NOT_WORTH:
                kg = max(1, round(min(fills[one.id], 1.2) * one.litres * one.kg_per_litre))
                found.append(today.Load(one, kg, URGENT))
        return found

    # By whom, and when

    def _problem(
        self,
        day: Day,
        flow: Flow,
        loads: Sequence[today.Load],
        extra: Sequence[Extra],
        closures: tuple[Closure, ...],
        now: datetime,
    ) -> tuple[Problem, tuple[Place, ...]]:
        """And the places of its matrix."""
        places: list[Place] = []

        def ways(found: Sequence[Place]) -> Matrix:
            places.extend(dict.fromkeys([*found, *(one.place for one in extra)]))
            return self.ground.between(places)

        made = today.problem(self.ground.stands, flow, day.day.weekday(), loads, ways, closures=closures)
        stops = tuple(stop_of(one, places.index(one.place)) for one in extra)
        soonest = day.second(now + SOONEST)
        vehicles = tuple(
            replace(one, shift=Window(max(one.shift.opens, soonest), one.shift.closes))
            for one in made.vehicles
            if one.shift.closes - max(one.shift.opens, soonest) >= LEAST_SHIFT.total_seconds()
        )
        if not vehicles:
            raise ValueError(f"{flow}: no truck has time left")
        return replace(made, stops=(*made.stops, *stops), vehicles=vehicles), tuple(places)


def _of_flow(told: Told | None, flow: Flow) -> Callable[[Progress], None] | None:
    return None if told is None else lambda progress: told(flow, progress)


def stop_of(one: Extra, place: int) -> Stop:
    return Stop(one.id, place, one.kg, one.seconds, tuple(Window(*each) for each in one.windows), None, one.prize)


def _ground(known: Ground) -> choice.model.Ground:
    """As the choice sees it: each truck is emptied at the plant that is nearest to its depot."""
    city = known.city
    crews: dict[str, list[Crew]] = {}
    for truck in city.trucks.values():
        for flow in truck.flows:
            plants = [one for one in city.plants.values() if flow in one.flows]
            if plants:
                crews.setdefault(str(flow), []).append(_crew(known, truck, plants))
    those = list(city.containers.values())
    return choice.model.Ground(
        ids=tuple(one.id for one in those),
        flow=tuple(str(one.flow) for one in those),
        place=np.array([known.places[place_of(city.sites[one.site])] for one in those], np.int64),
        litres=np.array([one.litres for one in those], float),
        full_kg=np.array([one.litres * one.kg_per_litre for one in those], float),
        metres=known.matrix.metres.astype(float),
        seconds=known.matrix.seconds.astype(float),
        crews=crews,
    )


def _crew(known: Ground, truck: Truck, plants: Sequence[Plant]) -> Crew:
    depot = known.city.depots[truck.depot]
    start = known.places[Place(depot.longitude, depot.latitude)]
    ends = {one.id: known.places[Place(one.longitude, one.latitude)] for one in plants}
    tip = min(plants, key=lambda one: known.matrix.seconds[start, ends[one.id]])
    minutes = truck.shift.closes - truck.shift.opens - (truck.lunch_minutes if truck.lunch else 0)
    return Crew(
        truck.id, start, ends[tip.id], truck.kg, minutes * 60.0, truck.shift.opens, tip.minutes * 60, truck.eur_per_km,
        truck.eur_per_hour, truck.litres_per_100km,
    )  # fmt: skip
