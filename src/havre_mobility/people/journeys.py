"""Door to door, explained: the legs, what one waits for, at which bridge, and how sure that is (pure).

The answer to a query is the ways that leave within the window and are not beaten by one that leaves later and arrives
earlier (see ``scan``), each told in legs. A way on foot alone beats what arrives later than it would.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from havre_mobility.people import scan
from havre_mobility.people.network import Network
from havre_mobility.people.openings import Wait
from havre_mobility.people.timetable import metres
from havre_mobility.people.walking import Place, access

HORIZON = timedelta(hours=4)
"""Longer than that nobody waits for an arrival."""


@dataclass(frozen=True)
class Stop:
    id: str
    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Walk:
    """``start`` and ``end`` are None at a door."""

    start: Stop | None
    end: Stop | None
    departs_at: datetime
    arrives_at: datetime
    metres: float
    """As the crow flies."""


@dataclass(frozen=True)
class Ride:
    line: str
    headsign: str
    trip_id: str
    start: Stop
    end: Stop
    departs_at: datetime
    arrives_at: datetime
    timetable_departs_at: datetime
    timetable_arrives_at: datetime
    live: bool
    """Whether real time has said something of this vehicle; else it is the timetable's word."""
    waits: tuple[Wait, ...]
    """At bridges, between boarding and alighting; of expected and late, that of the network's risk is in the times."""
    late: int
    """Seconds by which the arrival is later still if each wait is its P90."""


@dataclass(frozen=True)
class Journey:
    """``confidence``: the probability that no bridge on the way is closed when the vehicle comes to it, taken as
    independent from bridge to bridge. ``latest_arrival``: with the P90 of every wait; None when a change may then be
    missed."""

    departs_at: datetime
    arrives_at: datetime
    latest_arrival: datetime | None
    confidence: float
    legs: tuple[Walk | Ride, ...]

    @property
    def rides(self) -> tuple[Ride, ...]:
        return tuple(leg for leg in self.legs if isinstance(leg, Ride))

    @property
    def bridges(self) -> tuple[str, ...]:
        """Those at which one may have to wait."""
        return tuple(dict.fromkeys(wait.bridge for ride in self.rides for wait in ride.waits))


def journeys(
    network: Network, origin: Place, destination: Place, at: datetime, window: timedelta = timedelta(0)
) -> list[Journey]:
    """Ways that leave from ``at`` to ``at + window``, in order of departure; empty when there is none within
    ``HORIZON``. With no window the one that arrives first, leaving as late as that allows."""
    walking = network.footpaths.walking
    leaves = int(at.timestamp())
    starts = access(network.timetable, origin, walking)
    ends = access(network.timetable, destination, walking)
    ways = scan.profile(network, starts, ends, leaves, int(window.total_seconds()), int(HORIZON.total_seconds()))
    far = float(metres(destination[0], destination[1], origin))
    found = [_told(network, way) for way in ways]
    if far > walking.longest_alone:
        return found
    seconds = walking.seconds(far)
    faster = [one for one in found if one.arrives_at.timestamp() < max(one.departs_at.timestamp(), leaves) + seconds]
    on_foot = Walk(None, None, at, at + timedelta(seconds=seconds), far)
    if any(one.arrives_at <= on_foot.arrives_at for one in faster):
        return faster
    return [Journey(on_foot.departs_at, on_foot.arrives_at, on_foot.arrives_at, 1.0, (on_foot,)), *faster]


def said(journey: Journey) -> str:
    """One sentence in English, times in UTC: what one rides, and where one may wait."""
    lines = ", then ".join(f"{one.line} from {one.start.name} to {one.end.name}" for one in journey.rides) or "on foot"
    sentence = f"Leave at {journey.departs_at:%H:%M}, {lines}, arrive at {journey.arrives_at:%H:%M}"
    waits = [wait for ride in journey.rides for wait in ride.waits]
    told = [
        f"{one.bridge} is closed at {_at(one.at):%H:%M} with {one.probability:.0%}: "
        f"{one.expected / 60:.0f} min expected, {one.late / 60:.0f} min at worst in nine of ten"
        for one in waits
    ]
    return "; ".join([sentence, *told]) + "."


def _told(network: Network, way: scan.Way) -> Journey:
    legs: list[Walk | Ride] = []
    rides = [_ride(network, one) for one in way.rides]
    first, last = way.rides[0].enter, way.rides[-1].leave
    legs.append(_walk(network, None, first[2], way.departs, first[0]))
    for number, (ride, told) in enumerate(zip(way.rides, rides, strict=True)):
        legs.append(told)
        if number + 1 < len(rides) and ride.leave[3] != way.rides[number + 1].enter[2]:
            following = way.rides[number + 1].enter
            seconds = dict(network.footpaths.onward[ride.leave[3]])[following[2]]
            legs.append(_walk(network, ride.leave[3], following[2], ride.leave[1], ride.leave[1] + seconds))
    legs.append(_walk(network, last[3], None, last[1], way.arrives))
    confidence = 1.0
    for one in rides:
        for wait in one.waits:
            confidence *= 1 - wait.probability
    return Journey(_at(way.departs), _at(way.arrives), _latest(network, way, rides), confidence, tuple(legs))


def _ride(network: Network, ride: scan.Ride) -> Ride:
    timetable, run = network.timetable, ride.enter[4]
    trip = int(network.run_trip[run])
    enter, leave = ride.enter[5], ride.leave[5] + 1
    waits = tuple(wait for event in range(enter, leave) for wait in network.waits.get(event, ()))
    planned = network.risk.seconds
    return Ride(
        line=timetable.route_names[timetable.trip_route[trip]],
        headsign=timetable.trip_headsigns[trip],
        trip_id=timetable.trip_ids[trip],
        start=_stop(network, ride.enter[2]),
        end=_stop(network, ride.leave[3]),
        departs_at=_at(ride.enter[0]),
        arrives_at=_at(ride.leave[1]),
        timetable_departs_at=_at(network.scheduled_departure[enter]),
        timetable_arrives_at=_at(network.scheduled_arrival[leave]),
        live=bool(network.live[run]),
        waits=waits,
        late=round(sum(max(one.late - planned(one), 0.0) for one in waits)),
    )


def _latest(network: Network, way: scan.Way, rides: Sequence[Ride]) -> datetime | None:
    for ride, told, following in zip(way.rides, rides, way.rides[1:], strict=False):
        stop, other = ride.leave[3], following.enter[2]
        needed = dict(network.footpaths.onward[stop])[other] if stop != other else network.footpaths.change[stop]
        if ride.leave[1] + told.late + needed > following.enter[0]:
            return None
    return _at(way.arrives + rides[-1].late)


def _walk(network: Network, start: int | None, end: int | None, departs: int, arrives: int) -> Walk:
    walking = network.footpaths.walking
    far = (arrives - departs) * walking.speed / walking.factor
    first, last = (None if one is None else _stop(network, one) for one in (start, end))
    return Walk(first, last, _at(departs), _at(arrives), round(far))


def _stop(network: Network, stop: int) -> Stop:
    timetable = network.timetable
    place = float(timetable.latitude[stop]), float(timetable.longitude[stop])
    return Stop(timetable.stop_ids[stop], timetable.stop_names[stop], *place)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
