"""The port calls of a period: who comes, waits at anchor, berths, shifts to another berth, and goes.

About thirty movements a day. Each has a wished time; it is moved in steps of five minutes until berth, lock, bridges,
entrance and tide allow it. Calls begin some days before the period, so that the port is full when it starts, and go on
after it, so that what is announced at its end comes from ships as well.
"""

import datetime
from dataclasses import dataclass

import numpy as np

from havre_scenario import places, slots
from havre_scenario.anchoring import anchorages, anchored
from havre_scenario.chance import Chance
from havre_scenario.closures import Closure
from havre_scenario.harbour import BERTH_GAP, Harbour
from havre_scenario.passages import Passage, Wish, passage
from havre_scenario.places import Berth, Places
from havre_scenario.plane import course
from havre_scenario.ships import Registry, Ship, Vessel, mistaken
from havre_scenario.tracks import MOORED, UNDER_WAY, Track, hold, join

DAY, HOUR, MINUTE = 86400.0, 3600.0, 60.0
BEFORE, AFTER = 4, 3
"""Days around the period in which calls are planned too."""
CALLS_A_DAY = (13, 13, 13, 13, 13, 12, 11)
"""From Monday to Sunday, give or take two."""
STEP = 300.0
LONGEST_DELAY = 30 * HOUR
WAITING, SHIFTING = 0.5, 0.42
"""Share of the ships that anchor first, and of those with a choice of berths that shift."""
WAIT_HOURS, WAIT_SPREAD, WAIT_LEAST, WAIT_MOST = 7.0, 0.9, 1.5, 60.0
SHIFT_SPARE, LEAST_STAY = 6 * HOUR, 4 * HOUR
INSISTS = 0.13
"""Share of the movements that a bridge lets pass even in a reserved slot."""
WRONG_STATIC, WRONG_STATUS = 24, 17
"""One ship in so many."""
FOREIGN = ("NLRTM", "BEANR", "DEHAM", "GBSOU", "GBLGP", "ESALG", "FRDKK", "MAPTM", "IEDUB")
Stay = tuple[str, float, float]
"""In which berth or place of the anchorage, from when to when."""


@dataclass(frozen=True)
class Movement:
    """One arrival, departure or shift; seconds after the start."""

    name: str
    passage: Passage
    wished_at: float
    """When the ship wanted to set off."""
    roads_at: float | None = None
    """When an arriving ship first came to the pilot boarding place."""
    anchored: Stay | None = None

    @property
    def ship(self) -> Ship:
        return self.passage.ship

    @property
    def kind(self) -> str:
        return self.passage.movement

    @property
    def berth(self) -> str:
        """Where it ends, or for a departure where it begins."""
        return self.passage.start_at if self.kind == "departure" else self.passage.end_at


@dataclass(frozen=True)
class Call:
    """One ship's visit: her movements, and her whole track."""

    vessel: Vessel
    movements: tuple[Movement, ...]


class _Plan:
    """The planning of a period: what the functions below would hand to each other."""

    def __init__(
        self, port: Places, start: datetime.date, closures: tuple[Closure, ...], days: int, chance: Chance
    ) -> None:
        self.port, self.start, self.chance = port, start, chance
        self.registry = Registry(chance)
        reserved = slots.spans(start, -BEFORE - 1, days + AFTER + 5)
        self.harbour = Harbour(port, start, reserved, closures, anchorages(port, chance))
        self.calls: list[Call] = []
        self.numbered = 0

    def wish(self, ship: Ship, start_at: str, end_at: str) -> Wish:
        blocked = float(np.clip(5.5 + ship.length / 18 + self.chance.normal(0, 1.2), 8, 20)) * MINUTE
        pace, aside = self.chance.uniform(0.88, 1.0), self.chance.uniform(-2500, 2500)
        lock_seconds = float(self.chance.uniform(1500, 2400))
        return Wish(ship, start_at, end_at, float(pace), float(aside), lock_seconds, 0.45 * blocked, 0.55 * blocked)

    def sea(self) -> str:
        return str(self.chance.choice(places.SEAS))

    def find(self, wish: Wish, wished: float, holding: tuple[str, float] | None = None) -> Passage | None:
        """The first allowed movement at or after the wished time; until then ``holding`` (what, since) must be free."""
        template = passage(self.port, wish, 0.0, self.harbour.anchors.get(holding[0]) if holding else None)
        insists = bool(self.chance.random() < INSISTS)
        for left_at in np.arange(wished, wished + LONGEST_DELAY, STEP):
            found = template.later(float(left_at))
            if holding and not self.harbour.is_free(holding[0], holding[1], float(left_at) + BERTH_GAP):
                return None
            if self.harbour.allows(found, insists=insists):
                return found
        return None

    def movement(
        self, found: Passage, wished: float, roads_at: float | None = None, anchored: Stay | None = None
    ) -> Movement:
        self.numbered += 1
        return Movement(f"m-{self.numbered:05}", found, wished, roads_at, anchored)


def plan(
    port: Places, start: datetime.date, days: int, closures: tuple[Closure, ...], chance: Chance
) -> tuple[tuple[Call, ...], Registry, Harbour]:
    """The calls in order of their beginning, with those around the period; the registry gives further ships."""
    planning = _Plan(port, start, closures, days, chance)
    for day in range(-BEFORE, days + AFTER):
        weekday = (start + datetime.timedelta(days=day)).weekday()
        coming = CALLS_A_DAY[weekday] + int(chance.integers(-2, 3))
        for wished in np.sort(chance.uniform(day * DAY, (day + 1) * DAY, coming)):
            _call(planning, float(wished))
    return tuple(planning.calls), planning.registry, planning.harbour


@dataclass
class _Visit:
    """A call while it is planned: where the ship lies, since when, and what was before."""

    ship: Ship
    berth: Berth
    since: float
    movements: list[Movement]
    tracks: list[Track]
    taken: list[Stay]

    def leave(self, movement: Movement, berth: Berth) -> None:
        """For another berth; of a departure it is the one that she leaves."""
        moved = movement.passage
        self.taken.append((self.berth.name, self.since, moved.left_at))
        self.tracks += [_at_berth(self.berth, self.since, moved.left_at), moved.track]
        self.movements.append(movement)
        self.berth, self.since = berth, moved.ended_at


def _call(planning: _Plan, wished: float) -> None:
    """A whole call, booked when all of it is possible."""
    ship, chance = planning.registry.calling(), planning.chance
    waits = chance.random() < WAITING
    visit = (_by_anchorage(planning, ship, wished) if waits else None) or _direct(planning, ship, wished)
    if visit is None:
        return
    stay = float(chance.uniform(*ship.kind.stay_hours)) * HOUR
    gone = visit.since + stay
    if len(ship.kind.rows) > 1 and chance.random() < SHIFTING:
        _shift(planning, visit, visit.since + stay * float(chance.uniform(0.35, 0.65)), gone)
    wished = max(gone, visit.since + LEAST_STAY)
    away = planning.find(planning.wish(ship, visit.berth.name, planning.sea()), wished, (visit.berth.name, visit.since))
    if away is None:
        return
    visit.leave(planning.movement(away, wished), visit.berth)
    for one in visit.movements:
        planning.harbour.book(one.passage)
    for stayed in visit.taken:
        planning.harbour.take(*stayed)
    planning.calls.append(Call(_vessel(planning, visit), tuple(visit.movements)))


def _shift(planning: _Plan, visit: _Visit, wished: float, gone: float) -> None:
    """To a berth of another row, when there is one."""
    ship, here = visit.ship, visit.berth
    target = planning.harbour.free_berth(ship, wished, gone + SHIFT_SPARE, planning.chance, not_in=here.row)
    moved = target and planning.find(planning.wish(ship, here.name, target.name), wished, (here.name, visit.since))
    if moved and target:
        visit.leave(planning.movement(moved, wished), target)


def _direct(planning: _Plan, ship: Ship, wished: float) -> _Visit | None:
    """From the sea to a berth."""
    berth = planning.harbour.free_berth(ship, wished, wished + _longest(ship), planning.chance)
    found = berth and planning.find(planning.wish(ship, planning.sea(), berth.name), wished)
    if not found or not berth:
        return None
    arrival = planning.movement(found, wished, found.pilot_at)
    return _Visit(ship, berth, found.ended_at, [arrival], [found.track], [])


def _by_anchorage(planning: _Plan, ship: Ship, wished: float) -> _Visit | None:
    """From the sea to the anchorage, and from there to a berth some hours or days later."""
    chance, harbour, start = planning.chance, planning.harbour, planning.start
    hours = float(np.clip(WAIT_HOURS * np.exp(chance.normal(0, WAIT_SPREAD)), WAIT_LEAST, WAIT_MOST))
    anchor = harbour.free_anchorage(wished, wished + hours * HOUR + LONGEST_DELAY)
    if anchor is None:
        return None
    point, to_anchor = harbour.anchors[anchor], planning.wish(ship, planning.sea(), places.ANCHORAGE)
    # she lets her anchor go where she will then swing
    rough = passage(planning.port, to_anchor, wished, None, point).ended_at
    outer = passage(planning.port, to_anchor, wished, None, anchored(point, start, rough, rough + 60).place(rough))
    leave = outer.ended_at + hours * HOUR
    berth = harbour.free_berth(ship, leave, leave + _longest(ship), chance)
    found = berth and planning.find(planning.wish(ship, places.ANCHORAGE, berth.name), leave, (anchor, wished))
    if not found or not berth:
        return None
    waiting = anchored(point, start, outer.ended_at, found.left_at)
    inner = passage(planning.port, found.wish, found.left_at, waiting.place(found.left_at))
    stayed = (anchor, outer.ended_at, inner.left_at)
    arrival = planning.movement(inner, leave, outer.pilot_at, stayed)
    return _Visit(ship, berth, inner.ended_at, [arrival], [outer.track, waiting, inner.track], [stayed])


def _longest(ship: Ship) -> float:
    return ship.kind.stay_hours[1] * HOUR + LONGEST_DELAY


def _vessel(planning: _Plan, visit: _Visit) -> Vessel:
    """The ship as she tells herself: one in a while has never changed the data of another, or forgets her status."""
    told = mistaken(visit.ship) if visit.ship.mmsi % WRONG_STATIC == 0 else None
    stuck = UNDER_WAY if visit.ship.mmsi % WRONG_STATUS == 0 else None
    onward, eta = str(planning.chance.choice(FOREIGN)), visit.movements[0].passage.ended_at
    return Vessel(visit.ship, join(visit.tracks), eta=eta, onward=onward, told=told, stuck_status=stuck)


def _at_berth(berth: Berth, start: float, end: float) -> Track:
    return hold(berth.centre, start, end, float(course(np.array(berth.along.x), np.array(berth.along.y))), MOORED)
