"""Connection Scan: earliest arrival, and profile (pure).

Dibbelt, Pajor, Strasser, Wagner: Connection Scan Algorithm (ACM JEA 23, 2018), sections 3 and 4. Rules that hold here:

1. Between two vehicles one changes at the stop, which takes its time, or walks one footpath to another stop. Footpaths
   are not closed transitively, so "came by vehicle" is kept apart from "is there": only who came by vehicle walks on.
2. Arrivals are compared with the number of vehicles in their lowest bits: of equal arrivals, fewer vehicles win.
3. The profile looks only at connections that can be reached in time (found by a forward scan up to the arrival of who
   leaves last), which is what keeps it fast.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from havre_mobility.people.network import Connection, Network

NEVER = 1 << 60
RIDES = 16
"""More vehicles than that are not told apart from a second."""


class Ride(NamedTuple):
    """In one vehicle, from the departure of one connection to the arrival of another (or the same)."""

    enter: Connection
    leave: Connection


@dataclass(frozen=True)
class Way:
    """From door to door, at least one ride."""

    departs: int
    arrives: int
    rides: tuple[Ride, ...]


class _Pair(NamedTuple):
    """Who is at the stop by ``until`` can be at the door at ``arrives`` (times RIDES, plus vehicles)."""

    until: int
    arrives: int
    enter: Connection
    leave: Connection


def earliest_arrival(
    network: Network, access: Mapping[int, int], egress: Mapping[int, int], at: int, horizon: int
) -> int:
    """When who leaves the door at ``at`` is at the other door, by vehicle; ``NEVER`` if not within ``horizon`` seconds.

    ``access`` and ``egress``: seconds on foot between the door and stops.
    """
    return _reached(network, access, egress, at, None, horizon)[0]


def profile(
    network: Network, access: Mapping[int, int], egress: Mapping[int, int], at: int, window: int, horizon: int
) -> list[Way]:
    """The ways of who leaves from ``at`` to ``at + window``, in order of departure: none is beaten by one that leaves
    no earlier and arrives earlier, or then and with fewer vehicles. Who leaves at the end of the window may wait, so
    the next way after it is there, too. With a window of 0: the earliest arrival, leaving as late as that allows."""
    bound = _reached(network, access, egress, at + window, None, horizon)[0]
    if bound == NEVER:
        bound = at + window + horizon
    reached = _reached(network, access, egress, at, bound, horizon + window)[1]
    door, at_stops = _profile(network, access, egress, reached, bound)
    return [_way(network, egress, pair, at_stops) for pair in reversed(door) if pair.until >= at]


def _reached(
    network: Network, access: Mapping[int, int], egress: Mapping[int, int], at: int, until: int | None, horizon: int
) -> tuple[int, list[Connection]]:
    """The forward scan: the earliest arrival, and all connections that can be reached and leave by ``until`` or,
    when that is None, by the earliest arrival."""
    stops = network.footpaths.stops
    onward, change = network.footpaths.onward, network.footpaths.change
    ready = [NEVER] * (stops + 2)  # when one can board there
    ridden = [NEVER] * (stops + 2)  # when one came there by vehicle
    to_door = [NEVER] * (stops + 2)
    for stop, seconds in access.items():
        ready[stop] = at + seconds
    for stop, seconds in egress.items():
        to_door[stop] = seconds
    aboard = bytearray(len(network.run_trip))
    best, last = NEVER, NEVER if until is None else until
    found: list[Connection] = []
    begin = bisect_left(network.departures, at)
    end = bisect_left(network.departures, at + horizon)
    for connection in network.connections[begin:end]:
        departs, arrives, start, stop, run, _ = connection
        if departs > last:
            break
        if not aboard[run]:
            if ready[start] > departs:
                continue
            aboard[run] = 1
        found.append(connection)
        if arrives < ridden[stop]:
            ridden[stop] = arrives
            if stop >= stops:
                continue
            if arrives + change[stop] < ready[stop]:
                ready[stop] = arrives + change[stop]
            for other, seconds in onward[stop]:
                if arrives + seconds < ready[other]:
                    ready[other] = arrives + seconds
            if arrives + to_door[stop] < best:
                best = arrives + to_door[stop]
                last = best if until is None else until
    return best, found


def _profile(
    network: Network, access: Mapping[int, int], egress: Mapping[int, int], reached: list[Connection], bound: int
) -> tuple[list[_Pair], list[list[_Pair]]]:
    """The backward scan over what can be reached: pairs at the door and at each stop, from late to early."""
    stops = network.footpaths.stops
    back, change = network.footpaths.back, network.footpaths.change
    at_stops: list[list[_Pair]] = [[] for _ in range(stops + 2)]
    door: list[_Pair] = []
    leaving = [NEVER] * (stops + 2)  # the best of who boards there, so far
    staying: dict[int, tuple[int, Connection]] = {}
    latest = bound * RIDES + RIDES - 1
    for connection in reversed(reached):
        departs, arrives, start, stop, run, _ = connection
        best, leave = staying.get(run, (latest + 1, connection))
        if stop in egress:
            at_door = (arrives + egress[stop]) * RIDES + 1
            if at_door < best:
                best, leave = at_door, connection
        for pair in reversed(at_stops[stop]):
            if pair.until >= arrives:
                if pair.arrives + 1 < best:
                    best, leave = pair.arrives + 1, connection
                break
        if best > latest:
            continue
        staying[run] = (best, leave)
        if best >= leaving[start] or start >= stops:
            continue  # who boards there later is there no later
        leaving[start] = best
        _insert(at_stops[start], _Pair(departs - change[start], best, connection, leave))
        for other, seconds in back[start]:
            _insert(at_stops[other], _Pair(departs - seconds, best, connection, leave))
        if start in access:
            _insert(door, _Pair(departs - access[start], best, connection, leave))
    return door, at_stops


def _insert(pairs: list[_Pair], new: _Pair) -> None:
    """Keeps the pairs, from late to early, free of those that another one beats."""
    place = len(pairs)
    while place and pairs[place - 1].until < new.until:
        place -= 1
    if place and pairs[place - 1].arrives <= new.arrives:
        return
    beaten = place
    while beaten < len(pairs) and pairs[beaten].arrives >= new.arrives:
        beaten += 1
    if place and pairs[place - 1].until == new.until:
        place -= 1
    pairs[place:beaten] = [new]


def _way(network: Network, egress: Mapping[int, int], first: _Pair, at_stops: list[list[_Pair]]) -> Way:
    rides = [Ride(first.enter, first.leave)]
    pair = first
    while not _at_door(pair, egress):
        came = pair.leave[1]
        pair = next(one for one in reversed(at_stops[pair.leave[3]]) if one.until >= came)
        rides.append(Ride(pair.enter, pair.leave))
    return Way(first.until, first.arrives // RIDES, tuple(rides))


def _at_door(pair: _Pair, egress: Mapping[int, int]) -> bool:
    """Whether one walks to the door from where the ride ends."""
    stop = pair.leave[3]
    return stop in egress and (pair.leave[1] + egress[stop]) * RIDES + 1 == pair.arrives
