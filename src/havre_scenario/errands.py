"""What tugs and pilot boats do: go to a ship, keep beside her for a while, come back.

Errands come in order of time; each goes to the first craft that can be there in time, and to none when all are busy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from havre_scenario import places
from havre_scenario.limits import Limits
from havre_scenario.passages import Passage
from havre_scenario.places import Places
from havre_scenario.plane import Point, distance
from havre_scenario.tracks import MOORED, UNDER_WAY, Track, hold, join, sail

EARLY = 120.0
"""Seconds before the meeting at which a craft wants to be there."""
LAG = 25.0
"""Seconds by which an escort follows the ship."""
SHORT = 150.0
PILOTAGE = 180.0


@dataclass(frozen=True)
class Errand:
    """Beside a ship from ``start`` to ``end``, between two waypoints."""

    start: float
    end: float
    start_at: str
    end_at: str
    beside: Track = field(repr=False)


@dataclass
class _Craft:
    """One craft while its day is being laid out: where it is, since when, and the parts of its track so far."""

    station: str
    at: str
    point: Point
    since: float
    parts: list[Track]


def towage(passages: Sequence[Passage]) -> list[Errand]:
    """Tugs go with long ships between the entrance and the berth, or the lock."""
    found = []
    for one in passages:
        if one.ship.length < SHORT or one.entrance_at is None or one.movement == "shift":
            continue
        inbound = one.movement == "arrival"
        inner_at = one.lock or (one.end_at if inbound else one.start_at)
        inner = (one.lock_in_at if inbound else one.lock_out_at) if one.lock else None
        inner = inner if inner is not None else (one.ended_at if inbound else one.left_at)
        if inbound:
            errand = Errand(one.entrance_at, inner, places.ENTRANCE, inner_at, one.track)
        else:
            errand = Errand(inner, one.entrance_at, inner_at, places.ENTRANCE, one.track)
        found += [errand] * (2 if one.ship.length >= 300 else 1)
    return sorted(found, key=lambda errand: errand.start)


def pilotage(passages: Sequence[Passage]) -> list[Errand]:
    """Pilot boats go beside a ship for some minutes at the boarding place."""
    times = sorted((one.pilot_at, one.track) for one in passages if one.pilot_at is not None)
    return [Errand(at - PILOTAGE, at + PILOTAGE, places.PILOT, places.PILOT, track) for at, track in times]


def days(
    port: Places, errands: Sequence[Errand], count: int, station: str, limits: Limits, end: float
) -> tuple[Track, ...]:
    """The day of each of ``count`` craft of one station, from midnight to ``end``."""
    crafts = [_Craft(station, station, _berthed(port.point(station), number), 0.0, []) for number in range(count)]
    homes = [craft.point for craft in crafts]
    for errand in errands:
        for craft, home in zip(crafts, homes, strict=True):
            if errand.start > 0 and errand.end < end and _go(port, craft, home, errand, limits):
                break
    for craft, home in zip(crafts, homes, strict=True):
        _return(port, craft, home, limits)
        _wait(craft, max(end, craft.since + 1))
    return tuple(join(craft.parts) for craft in crafts)


def _go(port: Places, craft: _Craft, home: Point, errand: Errand, limits: Limits) -> bool:
    """Do the errand when the craft can be there in time; by way of its station when that leaves it an hour there."""
    lag = LAG
    meeting = errand.beside.place(errand.start - lag)
    direct = _transit(port, craft, errand.start_at, meeting, limits)
    if craft.since + _seconds(direct) + EARLY > errand.start:
        return False
    rested = replace(craft, parts=list(craft.parts))
    _return(port, rested, home, limits)
    onward = _transit(port, rested, errand.start_at, meeting, limits)
    if rested.since + _seconds(onward) + EARLY + 3600 <= errand.start:
        craft.at, craft.point, craft.since, craft.parts = rested.at, rested.point, rested.since, rested.parts
        direct = onward
    _wait(craft, errand.start - EARLY - _seconds(direct))
    if direct is not None:
        _add(craft, direct.later(craft.since), errand.start_at)
    _wait(craft, errand.start)
    _add(craft, errand.beside.between(errand.start - lag, errand.end - lag).later(lag), errand.end_at)
    return True


def _return(port: Places, craft: _Craft, home: Point, limits: Limits) -> None:
    back = _transit(port, craft, craft.station, home, limits)
    if back is not None:
        _add(craft, back.later(craft.since), craft.station)


def _transit(port: Places, craft: _Craft, to: str, point: Point, limits: Limits) -> Track | None:
    """The way from where the craft is to a point near a waypoint, from second 0; None when it is there."""
    if distance(craft.point, point) < 1:
        return None
    inner = [port.point(name) for name in port.way(craft.at, to)[1:-1]]
    return sail([craft.point, *inner, point], 0.0, limits)


def _seconds(track: Track | None) -> float:
    return track.end if track else 0.0


def _add(craft: _Craft, part: Track, at: str) -> None:
    craft.parts.append(replace(part, status=part.status * 0 + UNDER_WAY))
    craft.at, craft.point, craft.since = at, part.place(part.end), part.end


def _wait(craft: _Craft, until: float) -> None:
    """At rest where it is: moored at the station, elsewhere stopped and under way."""
    if until <= craft.since:
        return
    heading = float(craft.parts[-1].course[-1]) if craft.parts else 90.0
    status = MOORED if craft.at == craft.station else UNDER_WAY
    craft.parts.append(hold(craft.point, craft.since, until, heading, status))
    craft.since = until


def _berthed(station: Point, number: int) -> Point:
    return Point(station.x + 45.0 * number, station.y)
