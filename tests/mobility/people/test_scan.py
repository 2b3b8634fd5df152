"""Connection Scan finds what two slow and simple searches find, on small random timetables.

The first is Dijkstra's algorithm on the events of the timetable, the second tries every sequence of rides. Both know
nothing of the arrays: they read the trips as they were drawn.
"""

import heapq
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from havre_mobility.people import scan
from tests.mobility.people.feeds import NIGHT, PLACES, WALKING, Trip, snapshot, timetable

BASE = int(NIGHT.timestamp())
EARLY, WINDOW, HORIZON = 3600, 900, 6 * 3600
Trips = dict[str, Trip]
Doors = dict[str, int]


@st.composite
def trip(draw: st.DrawFn) -> Trip:
    stops = draw(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=5))
    now, calls = EARLY + 60 * draw(st.integers(-10, 40)), []
    for stop in stops:
        arrival = now + 60 * draw(st.integers(0, 10))
        now = arrival + 30 * draw(st.integers(0, 2))
        calls.append((stop, arrival, now))
    return calls


timetables = st.lists(trip(), min_size=1, max_size=7).map(lambda trips: {f"t{n}": one for n, one in enumerate(trips)})
doors = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9).map(lambda n: 60 * n), min_size=1, max_size=3)


def footpath(start: str, end: str) -> int | None:
    (north, east), (other_north, other_east) = PLACES[start], PLACES[end]
    far = ((north - other_north) ** 2 + (east - other_east) ** 2) ** 0.5
    if start == end:
        return 60
    return max(int(far), 60) if far <= 300 else None


def by_dijkstra(trips: Trips, access: Doors, egress: Doors, at: int) -> int | None:
    """The earliest arrival. A state is a place and how one is there: ready to board, or in a vehicle at a call."""
    queue: list[tuple[int, tuple[str, object]]] = [(at + walk, ("ready", stop)) for stop, walk in access.items()]
    heapq.heapify(queue)
    seen, best = set(), None
    while queue:
        now, state = heapq.heappop(queue)
        if state in seen:
            continue
        seen.add(state)
        match state:
            case ("door", _):
                best = now
                break
            case ("ready", stop):
                for id, calls in trips.items():
                    for number, (here, _, departure) in enumerate(calls[:-1]):
                        if here == stop and departure >= now:
                            heapq.heappush(queue, (departure, ("aboard", (id, number))))
            case ("aboard", (id, number)):  # leaving the stop of that call
                stop, arrival, departure = trips[id][number + 1]
                if stop in egress:
                    heapq.heappush(queue, (arrival + egress[stop], ("door", "")))
                for other in PLACES:
                    walk = footpath(stop, other)
                    if walk is not None:
                        heapq.heappush(queue, (arrival + walk, ("ready", other)))
                if number + 2 < len(trips[id]):
                    heapq.heappush(queue, (departure, ("aboard", (id, number + 1))))
    return best


def every_way(trips: Trips, access: Doors, egress: Doors, at: int) -> Iterator[tuple[int, int, int]]:
    """Departure, arrival, vehicles of all ways that leave at ``at`` or later."""

    def onward(stop: str, ready: int, rides: int) -> Iterator[tuple[int, int]]:
        for calls in trips.values():
            for number, (here, _, departure) in enumerate(calls[:-1]):
                if here == stop and departure >= ready:
                    for out, arrival, _ in calls[number + 1 :]:
                        yield from left(out, arrival, rides + 1)

    def left(stop: str, arrival: int, rides: int) -> Iterator[tuple[int, int]]:
        if stop in egress:
            yield arrival + egress[stop], rides
        for other in PLACES:
            walk = footpath(stop, other)
            if walk is not None:
                yield from onward(other, arrival + walk, rides)

    for start, walk in access.items():
        departures = {time for calls in trips.values() for stop, _, time in calls[:-1] if stop == start}
        for departure in departures:
            if departure - walk >= at:
                yield from ((departure - walk, *one) for one in onward(start, departure, 0))


def unbeaten(ways: set[tuple[int, int, int]]) -> set[tuple[int, int, int]]:
    def beats(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
        return one != other and one[0] >= other[0] and one[1:] <= other[1:]

    return {one for one in ways if not any(beats(other, one) for other in ways)}


def numbered(found: scan.Way) -> tuple[int, int, int]:
    return found.departs - BASE, found.arrives - BASE, len(found.rides)


@settings(max_examples=300)
@given(timetables, doors, doors, st.integers(0, 20))
def test_the_earliest_arrival_is_that_of_dijkstra(trips: Trips, access: Doors, egress: Doors, minute: int) -> None:
    made = timetable(trips, PLACES)
    starts, ends = ({made.stop_numbers[stop]: walk for stop, walk in one.items()} for one in (access, egress))
    at = EARLY + 60 * minute
    found = scan.earliest_arrival(snapshot(made), starts, ends, BASE + at, HORIZON)
    wanted = by_dijkstra(trips, access, egress, at)
    assert (None if found == scan.NEVER else found - BASE) == wanted


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from("tuvwx"), trip(), min_size=1), doors, doors, st.integers(0, 20))
def test_the_profile_is_what_remains_of_all_ways(trips: Trips, access: Doors, egress: Doors, minute: int) -> None:
    made = timetable(trips, PLACES)
    starts, ends = ({made.stop_numbers[stop]: walk for stop, walk in one.items()} for one in (access, egress))
    at = EARLY + 60 * minute
    found = [numbered(one) for one in scan.profile(snapshot(made), starts, ends, BASE + at, WINDOW, HORIZON)]
    wanted = unbeaten(set(every_way(trips, access, egress, at)))
    assert [one for one in found if one[0] <= at + WINDOW] == sorted(one for one in wanted if one[0] <= at + WINDOW)
    assert {one[1] for one in found if one[0] > at + WINDOW} <= {one[1] for one in wanted if one[0] > at + WINDOW}


@settings(max_examples=100)
@given(timetables, doors, doors, st.integers(0, 20))
def test_each_way_can_be_gone(trips: Trips, access: Doors, egress: Doors, minute: int) -> None:
    made = timetable(trips, PLACES)
    starts, ends = ({made.stop_numbers[stop]: walk for stop, walk in one.items()} for one in (access, egress))
    for way in scan.profile(snapshot(made), starts, ends, BASE + EARLY + 60 * minute, WINDOW, HORIZON):
        ready = way.departs + starts[way.rides[0].enter[2]]
        for ride, following in zip(way.rides, [*way.rides[1:], None], strict=True):
            assert ride.enter[0] >= ready and ride.leave[4] == ride.enter[4] and ride.leave[5] >= ride.enter[5]
            if following is not None:
                walk = footpath(made.stop_ids[ride.leave[3]], made.stop_ids[following.enter[2]])
                assert walk is not None
                ready = ride.leave[1] + walk
        assert way.arrives == way.rides[-1].leave[1] + ends[way.rides[-1].leave[3]]


def test_footpaths_are_not_walked_one_after_the_other() -> None:
    """From a to c there are two, over b: who rides to b later may walk on to c, who walked to b may not."""
    trips: Trips = {"to-a": [("f", 3600, 3600), ("a", 3900, 3900)], "to-b": [("f", 3600, 3600), ("b", 4800, 4800)]}
    trips["from-c"] = [("c", 4500, 4500), ("d", 5000, 5000)]
    trips["later"] = [("c", 5400, 5400), ("d", 6000, 6000)]
    made = timetable(trips, PLACES)
    start, end = {made.stop_numbers["f"]: 0}, {made.stop_numbers["d"]: 0}
    assert scan.earliest_arrival(snapshot(made), start, end, BASE + 3600, HORIZON) == BASE + 6000
    assert WALKING.longest_transfer == 300
