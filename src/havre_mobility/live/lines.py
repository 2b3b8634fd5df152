"""The lines of trams and buses in the picture: which of them an opening or a closure hits within the hour."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from havre_mobility.people import crossings, hits, walking
from havre_mobility.people.openings import Opening, by_bins
from havre_mobility.people.timetable import Timetable
from havre_mobility.picture.model import BIN, Bridge, Line, Mode, Road, Said

HOUR = timedelta(hours=1)
TRAM = 0
"""Type of a route (GTFS, routes.txt)."""
WORTH_SAYING = 60.0
LASTS = (timedelta(minutes=13), timedelta(minutes=20))
"""An opening of which nothing is known: P50 and P90."""


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
        elif bridge.road is Road.OPEN and bridge.likelihood:
            found += _forecast(bridge, now)
        elif bridge.opening is not None:
            ends = bridge.opening.ends
            found.append(Opening(bridge.id, bridge.opening.begins.p50, ends.p50, max(ends.p90, ends.p50)))
    return found


def _forecast(bridge: Bridge, now: datetime) -> list[Opening]:
    """A start in each bin in which it gets likelier that the road is closed, by as much as it does."""
    likely = bridge.likelihood
    rises = [max(one - before, 0.0) for before, one in pairwise((0.0, *likely))]
    scale = max(sum(rises), 1.0)
    bins = [now + number * BIN for number in range(len(likely))]
    median, p90 = LASTS
    if bridge.opening is not None:
        begins, ends = bridge.opening.begins, bridge.opening.ends
        median = max(ends.p50 - begins.p50, BIN)
        p90 = max(ends.p90 - begins.p90, median)
    return by_bins(bridge.id, bins, [one / scale for one in rises], median, p90)


def lines(timetable: Timetable, hit: Iterable[hits.LineHit], names: Mapping[str, str], said: Said) -> tuple[Line, ...]:
    """Those of them that lose enough. ``names``: of bridges, by id."""
    numbers = timetable.route_numbers
    return tuple(
        Line(
            id=one.route_id,
            name=one.line,
            mode=Mode.TRAM if timetable.route_types[numbers[one.route_id]] == TRAM else Mode.BUS,
            said=said,
            place=names.get(one.bridge, one.bridge),
            begins=one.first_at,
            ends=None if one.lost else one.last_at + timedelta(seconds=one.late),
            delay=timedelta(seconds=round(one.late)),
        )
        for one in hit
        if one.lost or one.late >= WORTH_SAYING
    )
