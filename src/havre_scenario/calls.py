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
WAITING, SHIFTING = 0.42, 0.42
"""Share of the ships that anchor first, and of those with a choice of berths that shift."""
WAIT_HOURS, WAIT_SPREAD, WAIT_LEAST, WAIT_MOST = 5.0, 0.9, 1.5, 60.0
SHIFT_SPARE = 6 * HOUR
INSISTS = 0.12
"""Share of the movements that a bridge lets pass even in a reserved slot."""
WRONG_STATIC, WRONG_STATUS = 0.04, 0.06
FOREIGN = ("NLRTM", "BEANR", "DEHAM", "GBSOU", "GBLGP", "ESALG", "FRDKK", "MAPTM", "IEDUB")


@dataclass(frozen=True)
class Movement:
    """One arrival, departure or shift; seconds after the start."""

    name: str
    passage: Passage
    wished_at: float
    """When the ship wanted to set off."""
    roads_at: float | None = None
    """When an arriving ship first came to the pilot boarding place."""
    anchored: tuple[str, float, float] | None = None
    """In which place of the anchorage, from when to when."""

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

    def movement(self, found: Passage, wished: float, **more: object) -> Movement:
        self.numbered += 1
        return Movement(f"m-{self.numbered:05}", found, wished, **more)  # type: ignore[arg-type]


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


def _call(planning: _Plan, wished: float) -> None:
    """A whole call, booked when all of it is possible."""
    ship, chance = planning.registry.calling(), planning.chance
    coming = _coming(planning, ship, wished)
    if coming is None:
        return
    arrival, berth, before = coming
    stay = float(chance.uniform(*ship.kind.stay_hours)) * HOUR
    movements, tracks, since = [arrival], [*before, arrival.passage.track], arrival.passage.ended_at
    taken = [arrival.anchored] if arrival.anchored else []
    if len(ship.kind.rows) > 1 and chance.random() < SHIFTING:
        leave = since + stay * float(chance.uniform(0.35, 0.65))
        target = planning.harbour.free_berth(ship, leave, leave + stay + SHIFT_SPARE, chance, not_in=berth.row)
        moved = target and planning.find(planning.wish(ship, berth.name, target.name), leave, (berth.name, since))
        if moved and target:
            movements.append(planning.movement(moved, leave))
            taken.append((berth.name, since, moved.left_at))
            tracks += [_at_berth(berth, since, moved.left_at, inward=True), moved.track]
            berth, since, stay = target, moved.ended_at, arrival.passage.ended_at + stay - moved.ended_at
    leave = since + max(stay, 4 * HOUR)
    away = planning.find(planning.wish(ship, berth.name, planning.sea()), leave, (berth.name, since))
    if away is None:
        return
    movements.append(planning.movement(away, leave))
    taken.append((berth.name, since, away.left_at))
    tracks += [_at_berth(berth, since, away.left_at, inward=True), away.track]
    for one in movements:
        planning.harbour.book(one.passage)
    for what, start, end in taken:
        planning.harbour.take(what, start, end)
    planning.calls.append(Call(_vessel(planning, ship, arrival, join(tracks)), tuple(movements)))


def _coming(planning: _Plan, ship: Ship, wished: float) -> tuple[Movement, Berth, list[Track]] | None:
    """The arrival, its berth, and the tracks before it: by way of the anchorage when she has to wait."""
    chance, harbour = planning.chance, planning.harbour
    stay = ship.kind.stay_hours[1] * HOUR
    sea, waits = planning.sea(), bool(chance.random() < WAITING)
    hours = float(np.clip(WAIT_HOURS * np.exp(chance.normal(0, WAIT_SPREAD)), WAIT_LEAST, WAIT_MOST))
    anchor = harbour.free_anchorage(wished, wished + hours * HOUR + LONGEST_DELAY) if waits else None
    if anchor is None:
        berth = harbour.free_berth(ship, wished, wished + stay + LONGEST_DELAY, chance)
        found = berth and planning.find(planning.wish(ship, sea, berth.name), wished)
        return (planning.movement(found, wished, roads_at=found.pilot_at), berth, []) if found and berth else None
    point = harbour.anchors[anchor]
    to_anchor = planning.wish(ship, sea, places.ANCHORAGE)
    rough = passage(planning.port, to_anchor, wished, None, point).ended_at
    swung = anchored(point, planning.start, rough, rough + 60).place(rough)
    outer = passage(planning.port, to_anchor, wished, None, swung)
    leave = outer.ended_at + hours * HOUR
    berth = harbour.free_berth(ship, leave, leave + stay + LONGEST_DELAY, chance)
    if berth is None:
        return None
    wish = planning.wish(ship, places.ANCHORAGE, berth.name)
    found = planning.find(wish, leave, (anchor, wished))
    if found is None:
        return None
    waiting = anchored(point, planning.start, outer.ended_at, found.left_at)
    inner = passage(planning.port, wish, found.left_at, waiting.place(found.left_at))
    at_anchor = (anchor, outer.ended_at, inner.left_at)
    arrival = planning.movement(inner, leave, roads_at=outer.pilot_at, anchored=at_anchor)
    return arrival, berth, [outer.track, waiting]


def _vessel(planning: _Plan, ship: Ship, arrival: Movement, track: Track) -> Vessel:
    """The ship as she tells herself: one in a while has never changed the data of another, or forgets her status."""
    told = mistaken(ship) if planning.chance.random() < WRONG_STATIC else None
    stuck = UNDER_WAY if planning.chance.random() < WRONG_STATUS else None
    onward = str(planning.chance.choice(FOREIGN))
    return Vessel(ship, track, eta=arrival.passage.ended_at, onward=onward, told=told, stuck_status=stuck)


def _at_berth(berth: Berth, start: float, end: float, *, inward: bool) -> Track:
    along = berth.along
    heading = float(course(np.array(along.x), np.array(along.y))) + (0 if inward else 180)
    return hold(berth.centre, start, end, heading, MOORED)
