"""Lines hit by an opening or a closure: which trips cross a bridge when, what that costs each line, alerts out (pure).

Alerts are a GTFS-RT 2.0 feed of its own: one alert for each bridge and line, in French and English.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from google.transit import gtfs_realtime_pb2 as gtfs_rt

from havre_mobility.people.crossings import Crossing
from havre_mobility.people.network import LONGEST_WAIT, Network
from havre_mobility.people.openings import Wait

WORTH_SAYING = 60.0
"""Seconds of a wait, P90, from which on passengers are told."""
WIDE = "\u00a0"
"""The space that does not break, as French typography wants it."""


@dataclass(frozen=True)
class Passage:
    """A trip comes to a bridge."""

    bridge: str
    route_id: str
    line: str
    trip_id: str
    headsign: str
    at: datetime
    wait: Wait | None


@dataclass(frozen=True)
class LineHit:
    """What openings cost a line at a bridge, in a time. Delays in seconds."""

    bridge: str
    route_id: str
    line: str
    trips: int
    """That come to the bridge."""
    hit: int
    """Of these, those that may find it closed."""
    expected: float
    """The mean delay of all its trips there."""
    late: float
    """The longest P90."""
    first_at: datetime
    last_at: datetime
    lost: bool
    """Whether the bridge is closed for longer than anybody waits."""


def passages(
    network: Network, crossings: Mapping[int, Sequence[Crossing]], starts: datetime, ends: datetime
) -> list[Passage]:
    """All trips that come to a bridge in the time, in order."""
    timetable = network.timetable
    found = []
    begin, end = starts.timestamp(), ends.timestamp()
    for run, trip in enumerate(network.run_trip.tolist()):
        for one in crossings.get(trip, ()):
            event = int(network.run_first[run]) + one.after
            met = next((wait for wait in network.waits.get(event, ()) if wait.bridge == one.bridge), None)
            way = network.arrival[event + 1] - network.departure[event]
            at = met.at if met else float(network.departure[event] + way * one.share)
            if begin <= at < end:
                route = int(timetable.trip_route[trip])
                line = timetable.route_ids[route], timetable.route_names[route]
                named = timetable.trip_ids[trip], timetable.trip_headsigns[trip]
                found.append(Passage(one.bridge, *line, *named, datetime.fromtimestamp(round(at), UTC), met))
    return sorted(found, key=lambda one: (one.at, one.bridge, one.trip_id))


def lines(passed: Iterable[Passage]) -> list[LineHit]:
    """Passages by bridge and line, those that lose most first; lines without any loss are there, with 0."""
    groups: dict[tuple[str, str], list[Passage]] = {}
    for one in passed:
        groups.setdefault((one.bridge, one.route_id), []).append(one)
    return sorted(map(_line, groups.values()), key=lambda one: (-one.expected * one.trips, one.bridge, one.line))


def _line(passed: Sequence[Passage]) -> LineHit:
    waits = [one.wait for one in passed if one.wait is not None]
    met = [one for one in passed if one.wait is not None] or list(passed)
    lost = any(wait.expected > LONGEST_WAIT for wait in waits)
    return LineHit(
        bridge=passed[0].bridge,
        route_id=passed[0].route_id,
        line=passed[0].line,
        trips=len(passed),
        hit=len(waits),
        expected=float(np.sum([min(wait.expected, LONGEST_WAIT) for wait in waits]) / len(passed)),
        late=min(max((wait.late for wait in waits), default=0.0), LONGEST_WAIT),
        first_at=met[0].at,
        last_at=met[-1].at,
        lost=lost,
    )


def alerts(found: Iterable[LineHit], names: Mapping[str, str], now: datetime) -> bytes:
    """A GTFS-RT FeedMessage for the lines that lose at least ``WORTH_SAYING``. ``names``: of bridges, by id."""
    feed = gtfs_rt.FeedMessage()
    feed.header.gtfs_realtime_version = "2.0"
    feed.header.timestamp = int(now.timestamp())
    for one in found:
        if one.late < WORTH_SAYING:
            continue
        entity = feed.entity.add(id=f"{one.bridge}/{one.route_id}")
        alert = entity.alert
        alert.cause = gtfs_rt.Alert.OTHER_CAUSE
        alert.effect = gtfs_rt.Alert.DETOUR if one.lost else gtfs_rt.Alert.SIGNIFICANT_DELAYS
        until = one.last_at + timedelta(seconds=one.late)
        alert.active_period.add(start=int(min(now, one.first_at).timestamp()), end=int(until.timestamp()) + 1)
        alert.informed_entity.add(route_id=one.route_id)
        french, english = _texts(one, names.get(one.bridge, one.bridge))
        alert.header_text.translation.add(text=french, language="fr")
        alert.header_text.translation.add(text=english, language="en")
    return bytes(feed.SerializeToString())


def _texts(one: LineHit, name: str) -> tuple[str, str]:
    local = one.first_at.astimezone(ZoneInfo("Europe/Paris"))
    french, english = f"Ligne{WIDE}{one.line}{WIDE}: ", f"Line {one.line}: "
    if one.lost:
        return f"{french}{name} fermé", f"{english}{name} is closed"
    minutes = max(round(one.late / 60), 1)
    at = f"{local.hour}{WIDE}h{WIDE}{local:%M}"
    return (
        f"{french}retards jusqu’à {minutes}{WIDE}min au {name} vers {at}",
        f"{english}delays of up to {minutes} min at {name} about {local:%H:%M}",
    )
