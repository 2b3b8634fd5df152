"""What trams and buses do until tomorrow, as is known now: for journeys, for the lines of the picture, for alerts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from havre_mobility.live import lines
from havre_mobility.people import hits, journeys
from havre_mobility.people.network import Network
from havre_mobility.people.network import network as snapshot_of
from havre_mobility.people.realtime import Match
from havre_mobility.picture.model import Bridge, How, Line, Said

AHEAD = timedelta(hours=24)
"""How far ahead one may ask for a journey."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, eq=False)
class People:
    """One moment of it; the next thinking makes the next one."""

    network: Network = field(repr=False)
    lines: tuple[Line, ...]
    alerts: bytes = field(repr=False)
    """A GTFS-RT FeedMessage."""


def snapshot(where: lines.Ground, bridges: Sequence[Bridge], matches: Sequence[Match], now: datetime) -> People:
    """``bridges``: what stands of them; what is not known of them holds nobody up."""
    net = snapshot_of(
        where.timetable,
        where.footpaths,
        now,
        now + AHEAD + journeys.HORIZON,
        matches=matches,
        openings=lines.expected(bridges, now),
        crossings=where.crossings,
    )
    hit = hits.lines(hits.passages(net, where.crossings, now, now + HOUR))
    names = {bridge.id: bridge.name for bridge in bridges}
    said = Said("trips", How.FORECAST, now) if matches else Said("timetable", How.TIMETABLE, now)
    return People(net, lines.lines(where.timetable, hit, names, said), hits.alerts(hit, names, now))
