"""What rounds gain that know of bridges, against the same rounds that do not, in the scenario.

Every seed has its own city and a working week, which meets the ships of ``SHIPS`` seeds. A plan is made of the residual
waste that the fixed rounds collect on the day, each container at ``FILL``; the plant lies beyond the basins, so each
trip crosses bridges. Ways and services then take what chance makes of them, the same for both.

- *Blind*: the plan is driven as it is, and waits where a bridge is truly closed.
- *Knowing*: from the beginning of the shift, every ``EVERY`` minutes, orders are changed around what the bridges had
  said by then, with the error that plans of that age have, each vehicle keeping its stops; and who begins a way takes
  another bridge when that is worth it by what was said some minutes before at most.

``bridge_wait_saved_pct``: by how much less the knowing rounds waited at bridges, all days of a seed together;
``bridge_km_pct``: by how much farther they went; ``bridge_wait_blind_min``: minutes that the blind ones waited a day.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from benchmarks.scores.results import Score, over_seeds, table
from havre_scenario import bridge_messages, slots, waste
from havre_scenario.bridge_messages import Message
from havre_scenario.city import DEFAULT_START, city
from havre_scenario.city import City as Harbour
from havre_waste.rounds import bridges, remaining
from havre_waste.rounds.crossings import Roads, Way
from havre_waste.rounds.model import Closure, Matrix, Plan, Problem, Window
from havre_waste.rounds.planning import Stopping, orders_of, plan
from havre_waste.rounds.roads import Graph, Place, from_graph, part
from havre_waste.rounds.timetable import Order, timed
from havre_waste.rounds.today import City, Load, problem, served
from havre_waste.sites.model import Access, Container, Depot, Flow, Hours, Plant, Side, Site, Truck

DAYS, DAY = range(5), datetime.timedelta(days=1)
"""Monday to Friday."""
SHIPS = 3
"""So many weeks of ships meet each week of rounds."""
FILL, EVERY, SEARCH = 0.7, 15 * 60, Stopping(seconds=2.0)
CREW = 300.0
"""EUR that a truck with its crew costs a day before it moves: few trucks drive all day."""
LOOK = 120
"""Seconds after which a driver looks again at what bridges say."""
DETOURS = (("bridge-5",), ("bridge-6",), ("bridge-5", "bridge-6"), ("bridge-7", "bridge-7bis"), ("bridge-rouge",))
"""Bridges that can be gone round, together where they open for the same ships."""
DRIVING, SERVING = 0.08, 0.25
"""Standard deviations of the logarithm of how long a way and a service take."""
ERRORS = ((90 * 60, 540.0), (45 * 60, 210.0), (0, 96.0))
"""Seconds before an opening from which on its plan has such an error: what plans of that age are found to have."""
TAKES_PLACE = 0.95
LATE = 6 * 3600
SCORES = {"bridge_wait_saved_pct": ("%", ">= 50"), "bridge_km_pct": ("%", "<= 3"), "bridge_wait_blind_min": ("min", "")}


@dataclass(frozen=True)
class Day:
    """Seconds after the local midnight."""

    problem: Problem
    truth: Problem
    """With the ways, services and closures that come."""
    told: tuple[Message, ...]
    reserved: tuple[tuple[str, Window], ...]


def measure(seeds: Sequence[int]) -> list[Score]:
    return over_seeds(SCORES, [scored(seed) for seed in seeds])


def scored(seed: int) -> dict[str, float]:
    network = waste.network(seed)
    known = Known(network)
    blind, knowing = [], []
    for number in DAYS:
        posed = collected(network, (DEFAULT_START + number * DAY).weekday(), known)
        orders = orders_of(posed, plan(posed, stop=SEARCH, seed=seed))
        for ships in range(SHIPS):
            day = come(posed, number, seed * SHIPS + ships)
            blind.append(driven(day, orders, Roads(replace(day.truth, matrix=replace(day.truth.matrix, others=())))))
            met = Met(day)
            knowing.append(driven(day, told_on_the_way(day, orders, met), met))
    waited = [sum(one.waited for one in some) for some in (blind, knowing)]
    metres = [sum(one.metres for one in some) for some in (blind, knowing)]
    return {
        "bridge_wait_saved_pct": 100 * (1 - waited[1] / waited[0]),
        "bridge_km_pct": 100 * (metres[1] / metres[0] - 1),
        "bridge_wait_blind_min": waited[0] / 60 / len(blind),
    }


class Met(Roads):
    """Ways as they are met: chosen by what was told when they begin, driven in what is true."""

    def __init__(self, day: Day) -> None:
        super().__init__(day.truth)
        self.day = day
        self.known: dict[int, Roads] = {}

    def leave(self, start: int, end: int, at: int) -> Way:
        looked_at = at // LOOK * LOOK
        if looked_at not in self.known:
            self.known[looked_at] = Roads(expecting(self.day, looked_at))
        return self.way(start, end, at, self.known[looked_at].leave(start, end, at).number)


def expecting(day: Day, now: int) -> Problem:
    """The day as it is expected at that time."""
    expected = bridges.closures(expectations(day.told, now), day.reserved)
    return replace(day.problem, closures=expected, vehicles=day.truth.vehicles, stops=day.truth.stops)


def driven(day: Day, orders: dict[str, Order], roads: Roads) -> Plan:
    """What becomes of the orders."""
    services = {one.id: one for one in day.truth.targets}
    rounds = []
    for vehicle in day.truth.vehicles:
        order = tuple(services[one.id] for one in orders.get(vehicle.id, ()))
        if order:
            found = timed(day.truth, roads, vehicle, order, quickly=True)
            assert found is not None
            rounds.append(found)
    return Plan(tuple(rounds))


def told_on_the_way(day: Day, planned: dict[str, Order], met: Met) -> dict[str, Order]:
    orders = dict(planned)
    start = min(one.shift.opens for one in day.problem.vehicles)
    for now in range(start, max(one.shift.closes for one in day.problem.vehicles), EVERY):
        course = driven(day, orders, met)
        known = expecting(day, now)
        left = remaining.remaining(known, course, now)
        rest = bridges.around(left, remaining.rest(course, now))
        begun = {one.vehicle: remaining.begun(one, now) for one in course.rounds}
        targets = {one.id: one for one in known.targets}
        for one in rest.rounds:
            done = tuple(targets[visit.id] for visit in begun[one.vehicle] if visit.id)
            orders[one.vehicle] = done + tuple(targets[visit.id] for visit in one.visits if visit.id)
    return orders


def expectations(told: Sequence[Message], now: float) -> list[bridges.Expected]:
    """The openings that are planned or under way, by the last word on each."""
    last = {one.opening: one for one in told if one.said_at <= now}
    found = []
    for one in last.values():
        if one.status in ("cancelled", "ended") or one.ends_at < now:
            continue
        error = next(error for lead, error in ERRORS if one.starts_at - one.said_at >= lead or lead == 0)
        planned = one.status == "planned"
        found.append(
            bridges.Expected(
                one.bridge, round(one.starts_at), round(one.ends_at),
                TAKES_PLACE if planned else 1.0, error if planned else 0.0,
            )
        )  # fmt: skip
    return found


def come(posed: Problem, number: int, seed: int) -> Day:
    """A day with the ships of a seed."""
    port = harbour(seed)
    midnight = slots.second(DEFAULT_START, DEFAULT_START + number * DAY, "00:00")
    closed = tuple(
        Closure(one.bridge, round(one.opened_at - midnight), round(one.closed_at - midnight)) for one in port.openings
    )
    reserved = tuple(
        (bridge, Window(round(starts - midnight), round(ends - midnight)))
        for bridge in slots.BRIDGES
        for starts, ends in slots.spans(DEFAULT_START, number, number + 1)
    )
    told = tuple(
        replace(one, said_at=one.said_at - midnight, starts_at=one.starts_at - midnight, ends_at=one.ends_at - midnight)
        for one in bridge_messages.messages(port.openings, port.chance("messages"))
    )
    return Day(posed, true(posed, closed, seed * 10 + number), told, reserved)


@lru_cache(maxsize=SHIPS)
def harbour(seed: int) -> Harbour:
    return city(seed, days=max(DAYS) + 1)


def true(posed: Problem, closed: tuple[Closure, ...], seed: int) -> Problem:
    chance = np.random.default_rng(seed)
    factor = np.exp(chance.normal(0, DRIVING, posed.matrix.seconds.shape))
    usual, *others = (
        replace(one, seconds=np.rint(one.seconds * factor).astype(np.int64), others=()) for one in posed.matrix.ways
    )
    stops = tuple(
        replace(one, service=round(one.service * float(np.exp(chance.normal(0, SERVING)))), windows=())
        for one in posed.stops
    )
    vehicles = tuple(replace(one, shift=replace(one.shift, closes=one.shift.closes + LATE)) for one in posed.vehicles)
    matrix = replace(usual, others=tuple(others))
    return replace(posed, stops=stops, vehicles=vehicles, matrix=matrix, closures=closed)


def collected(network: waste.Network, weekday: int, known: "Known") -> Problem:
    """The residual waste that the fixed rounds collect on a weekday."""
    named = {one.id: one for one in network.containers}
    today = dict.fromkeys(one.container for one in network.rounds if one.weekday == weekday)
    loads = [
        Load(_container(named[one]), round(FILL * named[one].litres * named[one].kg_per_litre))
        for one in today
        if named[one].flow == Flow.RESIDUAL
    ]
    posed = problem(standing(network), Flow.RESIDUAL, weekday, loads, known.matrix)
    return replace(posed, vehicles=tuple(replace(one, eur_a_day=CREW) for one in posed.vehicles))


def streets(network: waste.Network) -> Graph:
    one = network.streets
    return Graph(one.longitude, one.latitude, one.start, one.end, one.metres, one.seconds, one.bridge)


class Known:
    """The ways between all places of a network, found once."""

    def __init__(self, network: waste.Network) -> None:
        city = standing(network)
        those = [*city.sites.values()]
        places = [Place(one.longitude, one.latitude, served(one.access.side)) for one in those]
        places += [Place(one.longitude, one.latitude) for one in (*city.depots.values(), *city.plants)]
        self.rows = {place: row for row, place in enumerate(places)}
        self.all = from_graph(streets(network), places, "the scenario's streets", detours=DETOURS)

    def matrix(self, places: Sequence[Place]) -> Matrix:
        return part(self.all, [self.rows[one] for one in places])


def standing(network: waste.Network) -> City:
    """The network in the words of the service."""
    sites = {
        one.id: Site(
            one.id, one.name, one.longitude, one.latitude,
            access=Access(Side(one.side), hours=_hours(one.hours), heaviest_t=one.heaviest_t),
        )
        for one in network.sites
    }  # fmt: skip
    plants = [
        Plant(
            one.id,
            one.name,
            one.longitude,
            one.latitude,
            frozenset(map(Flow, one.flows)),
            _hours(one.hours),
            one.minutes,
        )
        for one in network.plants
    ]
    trucks = [
        Truck(
            one.id, one.depot, frozenset(map(Flow, one.flows)), one.kg, _hours([one.shift])[0], one.lunch,
            one.lunch_minutes, tonnes=one.tonnes, eur_per_km=one.eur_per_km, eur_per_hour=one.eur_per_hour,
        )
        for one in network.trucks
    ]  # fmt: skip
    depots = {one.id: Depot(one.id, one.longitude, one.latitude) for one in network.depots}
    return City(sites, depots, plants, trucks)


def _hours(those: Sequence[tuple[int, int, tuple[int, ...]]]) -> tuple[Hours, ...]:
    return tuple(Hours(opens, closes, frozenset(weekdays)) for opens, closes, weekdays in those)


def _container(one: waste.Network | object) -> Container:
    return Container(one.id, one.site, Flow(one.flow), one.litres, one.depth_mm)


if __name__ == "__main__":
    print(table(measure(range(1, 3))))
