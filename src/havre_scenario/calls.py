"""The port calls of a day: who lies where at midnight, who comes, who goes, who changes berth.

About thirty movements. Each has a wished time; it is moved in steps of ten minutes until berth, lock, entrance and
tide allow it, and left out when nothing within the day does.
"""

import datetime
from dataclasses import dataclass

import numpy as np

from havre_scenario import places
from havre_scenario.anchoring import anchorages, anchored
from havre_scenario.chance import Chance
from havre_scenario.harbour import Harbour
from havre_scenario.passages import Passage, Wish, passage
from havre_scenario.places import Berth, Places
from havre_scenario.plane import course
from havre_scenario.ships import Registry, Ship, Vessel
from havre_scenario.tracks import MOORED, Track, hold, join

DAY = 86400.0
STAYING, LEAVING, SHIFTING = 10, 8, 4
AT_ANCHOR, FROM_ANCHOR = 8, 3
FROM_SEA = (10, 12)
STEP = 600.0
TRIES = 50
FOREIGN = ("NLRTM", "BEANR", "DEHAM", "GBSOU", "GBLGP", "ESALG", "FRDKK", "MAPTM", "IEDUB")


@dataclass(frozen=True)
class Calls:
    """The calling ships with their whole day, and their movements in order of time."""

    vessels: tuple[Vessel, ...]
    passages: tuple[Passage, ...]


class _Plan:
    """The planning of one day: what the functions below would hand to each other."""

    def __init__(self, port: Places, day: datetime.date, chance: Chance, registry: Registry) -> None:
        self.port, self.day, self.chance, self.registry = port, day, chance, registry
        self.harbour = Harbour(port, day)
        self.roads = iter(anchorages(port, chance))
        self.vessels: list[Vessel] = []
        self.passages: list[Passage] = []

    def moored(self, until: float) -> tuple[Ship, Berth]:
        """A ship at berth since before midnight."""
        for _ in range(TRIES):
            ship = self.registry.calling()
            berth = self.harbour.free_berth(ship, -DAY, until, self.chance)
            if berth is not None:
                return ship, berth
        raise AssertionError("there are more ships than berths")

    def wish(self, ship: Ship, start_at: str, end_at: str) -> Wish:
        pace, aside = self.chance.uniform(0.88, 1.0), self.chance.uniform(-2500, 2500)
        return Wish(ship, start_at, end_at, float(pace), float(aside), float(self.chance.uniform(1500, 2400)))

    def sea(self) -> str:
        return str(self.chance.choice(places.SEAS))

    def find(self, wish: Wish, wished: float, waiting: Track | None = None) -> Passage | None:
        """The first allowed movement at or after the wished time."""
        for left_at in np.arange(wished, DAY - 3 * 3600, STEP):
            found = passage(self.port, wish, float(left_at), waiting.place(float(left_at)) if waiting else None)
            if self.harbour.allows(found):
                return found if found.movement == "departure" or found.ended_at < DAY - 1800 else None
        return None

    def done(self, ship: Ship, passages: list[Passage], track: Track) -> None:
        for one in passages:
            self.harbour.book(one)
        self.passages += passages
        bound = str(self.chance.choice(FOREIGN)) if any(one.movement == "departure" for one in passages) else "FRLEH"
        eta = next((one.ended_at for one in passages if one.movement == "arrival"), None)
        self.vessels.append(Vessel(ship, track, bound_for=bound, eta=eta))


def plan(port: Places, day: datetime.date, chance: Chance, registry: Registry) -> Calls:
    planning = _Plan(port, day, chance, registry)
    for _ in range(SHIFTING):
        _shift(planning)
    for _ in range(STAYING):
        _stay(planning)
    for _ in range(LEAVING):
        _leave(planning)
    for _ in range(FROM_ANCHOR):
        _arrive(planning, places.ANCHORAGE)
    for _ in range(int(chance.integers(FROM_SEA[0], FROM_SEA[1] + 1))):
        _arrive(planning, planning.sea())
    for _ in range(AT_ANCHOR):
        planning.done(registry.calling(), [], anchored(next(planning.roads), day, 0, DAY))
    return Calls(tuple(planning.vessels), tuple(sorted(planning.passages, key=lambda one: one.left_at)))


def _stay(planning: _Plan) -> None:
    ship, berth = planning.moored(DAY)
    planning.harbour.take(berth, -DAY, DAY)
    planning.done(ship, [], _at_berth(berth, 0, DAY, inward=bool(planning.chance.integers(2))))


def _leave(planning: _Plan) -> None:
    ship, berth = planning.moored(DAY)
    wished = planning.chance.uniform(0.5, 18) * 3600
    found = planning.find(planning.wish(ship, berth.name, planning.sea()), wished)
    end = found.left_at if found else DAY
    planning.harbour.take(berth, -DAY, end)
    resting = _at_berth(berth, 0, end, inward=False)
    planning.done(ship, [found] if found else [], join([resting, found.track]) if found else resting)


def _shift(planning: _Plan) -> None:
    """From one row of berths to another: the ship is one of a kind that has two."""
    for _ in range(TRIES):
        ship, berth = planning.moored(DAY)
        target = planning.harbour.free_berth(ship, 0, DAY, planning.chance, not_in=berth.row)
        if target is not None:
            break
    else:
        return
    found = planning.find(planning.wish(ship, berth.name, target.name), planning.chance.uniform(3, 18) * 3600)
    end = found.left_at if found else DAY
    planning.harbour.take(berth, -DAY, end)
    track = [_at_berth(berth, 0, end, inward=False)]
    if found:
        planning.harbour.take(target, found.ended_at, DAY)
        track += [found.track, _at_berth(target, found.ended_at, DAY, inward=True)]
    planning.done(ship, [found] if found else [], join(track))


def _arrive(planning: _Plan, origin: str) -> None:
    """From the sea or the anchorage to a berth, and out again when the stay ends within the day."""
    at_anchor = anchored(next(planning.roads), planning.day, 0, DAY) if origin == places.ANCHORAGE else None
    for _ in range(TRIES):
        ship = planning.registry.calling()
        wished = planning.chance.uniform(1 if at_anchor else -2.5, 14) * 3600
        berth = planning.harbour.free_berth(ship, max(wished, 0), DAY, planning.chance)
        found = berth and planning.find(planning.wish(ship, origin, berth.name), wished, at_anchor)
        if found and berth and found.ended_at > 600:
            break
    else:
        return
    waiting = [at_anchor.between(0, found.left_at)] if at_anchor else []
    away = _turn_round(planning, ship, berth, found)
    end = away.left_at if away else DAY
    planning.harbour.take(berth, found.ended_at, end)
    tracks = [*waiting, found.track, _at_berth(berth, found.ended_at, end, inward=True)]
    planning.done(ship, [found, *([away] if away else [])], join([*tracks, *([away.track] if away else [])]))


def _turn_round(planning: _Plan, ship: Ship, berth: Berth, arrival: Passage) -> Passage | None:
    stay = planning.chance.uniform(*ship.kind.stay_hours) * 3600
    return planning.find(planning.wish(ship, berth.name, planning.sea()), arrival.ended_at + stay)


def _at_berth(berth: Berth, start: float, end: float, *, inward: bool) -> Track:
    along = berth.along
    heading = float(course(np.array(along.x), np.array(along.y))) + (0 if inward else 180)
    return hold(berth.centre, start, end, heading, MOORED)
