"""The lines of trams and buses in the picture: which of them an opening or a closure hits within the hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from havre_mobility.people import crossings, hits, network, walking
from havre_mobility.people.openings import Opening
from havre_mobility.people.timetable import Timetable
from havre_mobility.picture.model import Bridge, How, Line, Mode, Road, Said

HOUR = timedelta(hours=1)
TRAM = 0
"""Type of a route (GTFS, routes.txt)."""
WORTH_SAYING = 60.0


@dataclass(frozen=True)
class Ground:
    """What does not change with the moment: the timetable, ways on foot, where trips cross bridges."""

    timetable: Timetable
    footpaths: walking.Footpaths
    crossings: Mapping[int, Sequence[crossings.Crossing]]


def ground(timetable: Timetable, bridges: Mapping[str, tuple[float, float]]) -> Ground:
    """``bridges``: latitude and longitude by id."""
    return Ground(timetable, walking.footpaths(timetable, walking.Walking()), crossings.crossings(timetable, bridges))


def expected(bridges: Sequence[Bridge], now: datetime) -> list[Opening]:
    """What is to be expected of the bridges, as openings that trams may meet."""
    found = []
    for bridge in bridges:
        if bridge.road is Road.SHUT:
            found.append(Opening(bridge.id, now - HOUR, None))
        elif bridge.opening is not None:
            begins, ends = bridge.opening.begins.p50, bridge.opening.ends
            likely = max(bridge.likelihood, default=1.0) if bridge.road is Road.OPEN else 1.0
            found.append(Opening(bridge.id, begins, ends.p50, max(ends.p90, ends.p50), likely))
    return found


def lines(where: Ground, bridges: Sequence[Bridge], now: datetime) -> tuple[Line, ...]:
    names = {bridge.id: bridge.name for bridge in bridges}
    net = network.network(
        where.timetable, where.footpaths, now, now + HOUR, openings=expected(bridges, now), crossings=where.crossings
    )
    passed = hits.passages(net, where.crossings, now, now + HOUR)
    said = Said("timetable", How.TIMETABLE, now)
    numbers = where.timetable.route_numbers
    return tuple(
        Line(
            id=one.route_id,
            name=one.line,
            mode=Mode.TRAM if where.timetable.route_types[numbers[one.route_id]] == TRAM else Mode.BUS,
            said=said,
            place=names.get(one.bridge, one.bridge),
            begins=one.first_at,
            ends=None if one.lost else one.last_at + timedelta(seconds=one.late),
            delay=timedelta(seconds=round(one.late)),
        )
        for one in hits.lines(passed)
        if one.lost or one.late >= WORTH_SAYING
    )
