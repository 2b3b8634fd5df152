"""Real time of tram and bus as GTFS Realtime 2.0: one FeedMessage every two minutes, with all three kinds of entity.

It knows what a dispatcher's system knows: where the vehicles are, and how late. It foresees no opening: a vehicle that
stands before one gets later with every message. Field numbers are those of gtfs-realtime.proto.
"""

import datetime
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from havre_scenario import network
from havre_scenario.closures import Closure
from havre_scenario.places import BRIDGES
from havre_scenario.plane import lon_lat
from havre_scenario.protobuf import message
from havre_scenario.timetable import clock
from havre_scenario.transit import Run, place

EVERY = 120
AHEAD = 900.0
"""Seconds before its departure from which a trip is told of."""
DETOUR, MAINTENANCE, ACCIDENT = 4, 9, 6
IN_TRANSIT_TO = 2
FULL_DATASET = 0


def feeds(
    runs: Sequence[Run], closures: Sequence[Closure], epoch: int, start: int, end: int
) -> Iterator[tuple[int, bytes]]:
    """Second and FeedMessage, from ``start`` to ``end`` in seconds after ``epoch`` (Unix time)."""
    begins = [run.actual[0] for run in runs]
    longest = max((run.actual[-1] - run.actual[0] for run in runs), default=0.0)
    for now in range(start, end, EVERY):
        first, last = bisect_right(begins, now - longest), bisect_right(begins, now + AHEAD)
        active = [run for run in runs[first:last] if run.says and run.actual[-1] > now]
        entities = [_entity(run, now, epoch) for run in active]
        entities += [_vehicle(run, now, epoch) for run in active if run.shows and run.actual[0] <= now]
        entities += [_alert(one, epoch) for one in closures if _is_known(one, now)]
        header = message((1, "2.0"), (2, FULL_DATASET), (3, epoch + now))
        yield now, message((1, header), *((2, each) for each in entities))


def _trip(run: Run) -> bytes:
    trip = run.trip
    begins = clock(trip.minutes[0])
    return message(
        (1, trip.name), (2, begins), (3, f"{run.date:%Y%m%d}"), (4, 0), (5, trip.line.name), (6, trip.direction)
    )


def _entity(run: Run, now: int, epoch: int) -> bytes:
    """A trip update: the stops to come, with the delay of the last one passed, or more when the next is overdue."""
    following = bisect_right(run.actual, now)
    delay = run.actual[following - 1] - run.scheduled[following - 1] if following else 0.0
    delay = round(max(delay, now - run.scheduled[following]) if following < len(run.actual) else delay)
    updates = [
        message((1, number + 1), (2, message((1, delay), (2, epoch + round(run.scheduled[number]) + delay))),
                (4, run.trip.stops[number]))
        for number in range(following, len(run.actual))
    ]  # fmt: skip
    update = message(
        (1, _trip(run)), *((2, each) for each in updates), (3, message((1, run.vehicle))), (4, epoch + now), (5, delay)
    )
    return message((1, f"u-{run.trip.name}-{run.date:%d}"), (3, update))


def _vehicle(run: Run, now: int, epoch: int) -> bytes:
    lon, lat = lon_lat(place(run, now))
    following = min(bisect_right(run.actual, now), len(run.actual) - 1)
    told = message(
        (1, _trip(run)), (2, message((1, lat), (2, lon))), (3, following + 1), (4, IN_TRANSIT_TO), (5, epoch + now - 5),
        (7, run.trip.stops[following]), (8, message((1, run.vehicle))),
    )  # fmt: skip
    return message((1, f"v-{run.trip.name}-{run.date:%d}"), (4, told))


def _is_known(closure: Closure, now: int) -> bool:
    return closure.said[0][0] <= now and (closure.ends_at is None or now < closure.ends_at)


def _alert(closure: Closure, epoch: int) -> bytes:
    label = BRIDGES[closure.bridge][0]
    told = closure.said[0][1]
    period = message((1, round(epoch + closure.starts_at)), (2, None if told is None else round(epoch + told)))
    lines = [line.name for line in network.crossing(closure.bridge)]
    cause = MAINTENANCE if closure.ends_at is not None else ACCIDENT
    header = _texts(fr=f"{label} fermé, itinéraire dévié", en=f"{label} closed, detour")
    alert = message((1, period), *((5, message((2, name))) for name in lines), (6, cause), (7, DETOUR), (10, header))
    return message((1, f"a-{closure.name}"), (5, alert))


def _texts(**texts: str) -> bytes:
    return message(*((1, message((1, text), (2, language))) for language, text in texts.items()))


def file_name(start: datetime.date, second: int) -> str:
    """``YYYYMMDDTHHMMSSZ.pb``: names sort by time."""
    at = datetime.datetime.combine(start, datetime.time()) + datetime.timedelta(seconds=second)
    return f"{at:%Y%m%dT%H%M%SZ}.pb"
