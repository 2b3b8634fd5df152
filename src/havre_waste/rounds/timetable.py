"""When a vehicle is where, for a given order of stops and tips (pure).

Two labels go along the order: the earliest time without lunch, and the earliest time with it. As to leave later never
means to arrive earlier, the earliest of each is enough, and the result is the earliest end that the order allows.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from havre_waste.rounds.crossings import Roads
from havre_waste.rounds.model import Kind, Problem, Round, Stop, Tip, Vehicle, Visit, Window, worth

Order = tuple[Stop | Tip, ...]
"""Stops and tips of a round as they follow each other, without its start, lunch and end."""


class Label(NamedTuple):
    """A visit at its earliest; ``lunch`` begins before it, on the side of the visit before or on this one's."""

    arrives: int
    begins: int
    ends: int
    before: "Label | None" = None
    way: int = 0
    waited: int = 0
    lunch: int | None = None
    lunch_before_the_way: bool = False


class Leg(NamedTuple):
    """What comes next: a way and a visit at its end."""

    start: int
    end: int
    service: int
    windows: Sequence[Window]


def timed(problem: Problem, roads: Roads, vehicle: Vehicle, order: Order, *, quickly: bool = False) -> Round | None:
    """The round at its earliest end and, of those, its latest start; None when no timetable keeps all windows.

    ``quickly``: a start later than that of the shift is not looked for. With something on board at the end, the tip
    that costs least is added. Loads and caps are not looked at.
    """
    found = [_timed(problem, roads, vehicle, end, quickly) for end in _ended(problem, vehicle, order)]
    return min((one for one in found if one is not None), key=lambda one: worth(vehicle, one), default=None)


def _ended(problem: Problem, vehicle: Vehicle, order: Order) -> list[Order]:
    loaded = bool(order) or vehicle.on_board > 0
    if not problem.tips or not loaded or (order and isinstance(order[-1], Tip)):
        return [order]
    return [(*order, tip) for tip in problem.tips_of(vehicle)]


def _timed(problem: Problem, roads: Roads, vehicle: Vehicle, order: Order, quickly: bool) -> Round | None:
    legs = _legs(vehicle, order)
    last = _earliest(roads, vehicle, legs, vehicle.shift.opens)
    if last is None:
        return None
    if not vehicle.out and not quickly:
        last = _latest_start(roads, vehicle, legs, last)
    found = Round(vehicle.id, _visits(roads, vehicle, order, last))
    return None if vehicle.longest is not None and found.worked > vehicle.longest else found


def _legs(vehicle: Vehicle, order: Order) -> list[Leg]:
    places = [vehicle.start, *(one.place for one in order), vehicle.end]
    legs = [Leg(start, one.place, one.service, one.windows) for start, one in zip(places, order, strict=False)]
    return [*legs, Leg(places[-2], vehicle.end, 0, (Window(0, vehicle.shift.closes),))]


def _latest_start(roads: Roads, vehicle: Vehicle, legs: Sequence[Leg], last: Label) -> Label:
    """Nobody comes to wait: the latest start that ends no later."""
    early, late = vehicle.shift.opens, last.ends
    while early < late:
        middle = (early + late + 1) // 2
        found = _earliest(roads, vehicle, legs, middle)
        if found is not None and found.ends <= last.ends:
            early = middle
        else:
            late = middle - 1
    return _earliest(roads, vehicle, legs, early) or last


def _earliest(roads: Roads, vehicle: Vehicle, legs: Sequence[Leg], start: int) -> Label | None:
    hungry: Label | None = Label(start, start, start)
    fed: Label | None = None
    for leg in legs:
        hungry, fed = _next(roads, leg, hungry), _fed(roads, vehicle, leg, hungry, fed)
        if hungry is None and fed is None:
            return None
    lunch = vehicle.lunch
    if hungry is not None and (lunch is None or hungry.ends <= lunch.earliest or start >= lunch.latest):
        return hungry
    return fed


def _next(roads: Roads, leg: Leg, label: Label | None) -> Label | None:
    if label is None:
        return None
    way = roads.leave(leg.start, leg.end, label.ends)
    begins = _begins(leg.windows, way.arrives)
    if begins is None:
        return None
    return Label(way.arrives, begins, begins + leg.service, label, way.number, way.waited)


def _fed(roads: Roads, vehicle: Vehicle, leg: Leg, hungry: Label | None, fed: Label | None) -> Label | None:
    """The earliest with lunch: had before, or after the visit before, or on arrival."""
    found = [one for one in [_next(roads, leg, fed)] if one is not None]
    lunch = vehicle.lunch
    if lunch is not None and hungry is not None:
        arrived = roads.leave(leg.start, leg.end, hungry.ends)
        for at, first in ((hungry.ends, True), (arrived.arrives, False)):
            begins = max(at, lunch.earliest)
            if begins > lunch.latest:
                continue
            ends = begins + lunch.seconds
            way = roads.leave(leg.start, leg.end, ends) if first else arrived
            serves = _begins(leg.windows, way.arrives if first else ends)
            if serves is not None:
                served = serves + leg.service
                found.append(Label(way.arrives, serves, served, hungry, way.number, way.waited, begins, first))
    return min(found, key=lambda one: one.ends, default=None)


def _begins(windows: Sequence[Window], at: int) -> int | None:
    if not windows:
        return at
    return min((max(at, one.opens) for one in windows if at <= one.closes), default=None)


def _visits(roads: Roads, vehicle: Vehicle, order: Order, last: Label) -> tuple[Visit, ...]:
    labels = [last]
    while labels[-1].before is not None:
        labels.append(labels[-1].before)
    labels.reverse()
    visits = [
        Visit(Kind.START, "", vehicle.start, labels[0].begins, labels[0].begins, labels[0].ends, vehicle.on_board)
    ]
    for one, label in zip((*order, None), labels[1:], strict=True):
        place = vehicle.end if one is None else one.place
        visits += _visit(roads, vehicle, visits[-1], one, place, label)
    return tuple(visits)


def _visit(
    roads: Roads, vehicle: Vehicle, before: Visit, one: Stop | Tip | None, place: int, label: Label
) -> list[Visit]:
    """The visit, and before it the lunch if that is where it is."""
    kg = before.kg + one.kg if isinstance(one, Stop) else 0 if isinstance(one, Tip) else before.kg
    kind = Kind.STOP if isinstance(one, Stop) else Kind.TIP if isinstance(one, Tip) else Kind.END
    there = Visit(
        kind,
        "" if one is None else one.id,
        place,
        label.arrives,
        label.begins,
        label.ends,
        kg,
        roads.metres[label.way][before.place][place],
        label.waited,
        label.way,
    )
    if label.lunch is None or vehicle.lunch is None:
        return [there]
    done = label.lunch + vehicle.lunch.seconds
    if label.lunch_before_the_way:
        return [Visit(Kind.LUNCH, "", before.place, before.ends, label.lunch, done, before.kg), there]
    lunch = replace(there, kind=Kind.LUNCH, id="", begins=label.lunch, ends=done, kg=before.kg)
    return [lunch, replace(there, arrives=done, metres=0, waited=0, way=0)]
