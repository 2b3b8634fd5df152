"""Real time: GTFS-RT 2.0 feeds (https://gtfs.org/documentation/realtime/reference/), matched to a timetable.

Rules that hold here:

1. A trip without a start date is taken to be of the service day on which its times lie nearest to those said.
2. A stop is found by its sequence when the stop there is the one named, else by its name after the last one found:
   feeds are seen (Brest, 2023) that count from 0 where the timetable counts from 1.
3. What does not match is kept with the reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from google.transit import gtfs_realtime_pb2 as gtfs_rt

from havre_mobility.people.timetable import FeedError, Timetable

CANCELLED = gtfs_rt.TripDescriptor.CANCELED
NEW = (gtfs_rt.TripDescriptor.ADDED, gtfs_rt.TripDescriptor.UNSCHEDULED)
SKIPPED = gtfs_rt.TripUpdate.StopTimeUpdate.SKIPPED
NO_DATA = gtfs_rt.TripUpdate.StopTimeUpdate.NO_DATA


@dataclass(frozen=True)
class StopUpdate:
    """``arrival`` and ``departure`` in seconds since 1970, ``late`` in seconds, each where it is said."""

    sequence: int | None = None
    stop_id: str = ""
    arrival: int | None = None
    departure: int | None = None
    arrival_late: int | None = None
    departure_late: int | None = None
    skipped: bool = False


@dataclass(frozen=True)
class TripUpdate:
    trip_id: str
    route_id: str = ""
    start_date: date | None = None
    start_time: int | None = None
    """Seconds of the service day: which run of a trip by frequency is meant."""
    cancelled: bool = False
    new: bool = False
    stops: tuple[StopUpdate, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Vehicle:
    vehicle: str
    trip_id: str
    route_id: str
    latitude: float
    longitude: float
    bearing: float | None
    at: datetime | None


@dataclass(frozen=True)
class Alert:
    id: str
    periods: tuple[tuple[datetime | None, datetime | None], ...]
    routes: tuple[str, ...]
    stops: tuple[str, ...]
    trips: tuple[str, ...]
    cause: str
    effect: str
    header: str
    description: str

    def active(self, at: datetime) -> bool:
        """An alert without periods is active as long as it is there (GTFS-RT, ``active_period``)."""
        inside = (((start is None or start <= at) and (end is None or at < end)) for start, end in self.periods)
        return not self.periods or any(inside)


@dataclass(frozen=True)
class Feed:
    """One message: ``at`` is the header's time, None where it says none."""

    at: datetime | None
    updates: tuple[TripUpdate, ...] = field(default=(), repr=False)
    vehicles: tuple[Vehicle, ...] = field(default=(), repr=False)
    alerts: tuple[Alert, ...] = field(default=(), repr=False)

    def stale(self, now: datetime, after: timedelta = timedelta(minutes=5)) -> bool:
        """Whether it is too old to be shown as now; a feed that does not say when it is of always is."""
        return self.at is None or now - self.at > after


@dataclass(frozen=True)
class Match:
    """An update, and the trip and service day that it is of."""

    update: TripUpdate
    trip: int
    day: date


@dataclass(frozen=True)
class Matching:
    matched: tuple[Match, ...] = field(repr=False)
    unmatched: tuple[tuple[TripUpdate, str], ...]
    """With the reason."""


def read(message: bytes) -> Feed:
    """``FeedError``: it is no FeedMessage."""
    feed = gtfs_rt.FeedMessage()
    try:
        feed.ParseFromString(message)
    except DecodeError as error:
        raise FeedError(f"GTFS-RT: {error}; expected a FeedMessage of protocol buffers") from None
    entities = [one for one in feed.entity if not one.is_deleted]
    return Feed(
        at=_instant(feed.header.timestamp),
        updates=tuple(_update(one.trip_update) for one in entities if one.HasField("trip_update")),
        vehicles=tuple(_vehicle(one.id, one.vehicle) for one in entities if one.HasField("vehicle")),
        alerts=tuple(_alert(one.id, one.alert) for one in entities if one.HasField("alert")),
    )


def match(timetable: Timetable, updates: Iterable[TripUpdate], at: datetime) -> Matching:
    """The trips and service days that updates are of; ``at`` is the time of the feed."""
    matched: list[Match] = []
    unmatched: list[tuple[TripUpdate, str]] = []
    for update in updates:
        found = _matched(timetable, update, at)
        if isinstance(found, str):
            unmatched.append((update, found))
        else:
            matched.append(found)
    return Matching(tuple(matched), tuple(unmatched))


def day_start(day: date, timezone: str) -> int:
    """Noon minus 12 h of a service day, in seconds since 1970: what the times of stop times count from."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(timezone))
    return int(noon.timestamp()) - 12 * 3600


def located(timetable: Timetable, trip: int, stops: Sequence[StopUpdate]) -> list[tuple[int, StopUpdate]]:
    """For each stop update that is of the trip: which of the trip's stop times (from 0), in order."""
    calls = timetable.calls(trip)
    sequences = timetable.sequence[calls].tolist()
    ids = [timetable.stop_ids[stop] for stop in timetable.stop[calls].tolist()]
    found: list[tuple[int, StopUpdate]] = []
    last = -1
    for one in stops:
        place = sequences.index(one.sequence) if one.sequence in sequences else -1
        if place <= last or (one.stop_id and ids[place] != one.stop_id):
            place = next((number for number in range(last + 1, len(ids)) if ids[number] == one.stop_id), -1)
        if place > last:
            found.append((place, one))
            last = place
    return found


def _matched(timetable: Timetable, update: TripUpdate, at: datetime) -> Match | str:
    if update.new:
        return f"trip {update.trip_id} is new: the timetable cannot have it"
    trip = timetable.trip_numbers.get(update.trip_id)
    if trip is None:
        known = update.route_id in timetable.route_numbers
        return f"trip {update.trip_id} is not in the timetable" + (
            f", nor is its route {update.route_id}" if update.route_id and not known else ""
        )
    today = at.astimezone(ZoneInfo(timetable.timezone)).date()
    near = [today + timedelta(days=days) for days in (-1, 0, 1)]
    days = [update.start_date] if update.start_date else near
    running = [day for day in days if timetable.services.on(day)[timetable.trip_service[trip]]]
    if not running:
        return f"trip {update.trip_id} does not run on {' or '.join(map(str, days))}"
    return Match(update, trip, min(running, key=lambda day: _off(timetable, update, trip, day, at)))


def _off(timetable: Timetable, update: TripUpdate, trip: int, day: date, at: datetime) -> float:
    """Seconds between what is said and what the timetable has for that day, at the first stop with a time."""
    start, departures = day_start(day, timetable.timezone), timetable.departure[timetable.calls(trip)]
    for place, stop in located(timetable, trip, update.stops):
        said = stop.departure if stop.departure is not None else stop.arrival
        if said is not None:
            return abs(float(said - start - departures[place]))
    return abs(at.timestamp() - start - float(departures[0]))


def _update(said: gtfs_rt.TripUpdate) -> TripUpdate:
    trip = said.trip
    return TripUpdate(
        trip_id=trip.trip_id,
        route_id=trip.route_id,
        start_date=_day(trip.start_date),
        start_time=_clock(trip.start_time),
        cancelled=trip.schedule_relationship == CANCELLED,
        new=trip.schedule_relationship in NEW,
        stops=tuple(_stop(one) for one in said.stop_time_update if one.schedule_relationship != NO_DATA),
    )


def _stop(said: gtfs_rt.TripUpdate.StopTimeUpdate) -> StopUpdate:
    arrival, departure = said.arrival, said.departure
    return StopUpdate(
        sequence=said.stop_sequence if said.HasField("stop_sequence") else None,
        stop_id=said.stop_id,
        arrival=arrival.time or None,
        departure=departure.time or None,
        arrival_late=arrival.delay if arrival.HasField("delay") else None,
        departure_late=departure.delay if departure.HasField("delay") else None,
        skipped=said.schedule_relationship == SKIPPED,
    )


def _vehicle(id: str, said: gtfs_rt.VehiclePosition) -> Vehicle:
    position = said.position
    bearing = position.bearing if position.HasField("bearing") else None
    name = said.vehicle.id or id
    places = (float(f"{position.latitude:.6f}"), float(f"{position.longitude:.6f}"))  # they are of single precision
    return Vehicle(name, said.trip.trip_id, said.trip.route_id, *places, bearing, _instant(said.timestamp))


def _alert(id: str, said: gtfs_rt.Alert) -> Alert:
    about = said.informed_entity
    return Alert(
        id=id,
        periods=tuple((_instant(one.start), _instant(one.end)) for one in said.active_period),
        routes=tuple(dict.fromkeys(one.route_id for one in about if one.route_id)),
        stops=tuple(dict.fromkeys(one.stop_id for one in about if one.stop_id)),
        trips=tuple(dict.fromkeys(one.trip.trip_id for one in about if one.trip.trip_id)),
        cause=gtfs_rt.Alert.Cause.Name(said.cause),
        effect=gtfs_rt.Alert.Effect.Name(said.effect),
        header=_text(said.header_text),
        description=_text(said.description_text),
    )


def _text(said: gtfs_rt.TranslatedString) -> str:
    return said.translation[0].text if said.translation else ""


def _instant(seconds: int) -> datetime | None:
    """0 is what feeds write where they know nothing."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        raise FeedError(f"GTFS-RT: got the time {seconds}; expected seconds since 1970") from None


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if text else None
    except ValueError:
        raise FeedError(f"GTFS-RT: start_date: got {text!r}; expected YYYYMMDD") from None


def _clock(text: str) -> int | None:
    try:
        hours, minutes, seconds = map(int, text.split(":")) if text else (0, 0, 0)
    except ValueError:
        raise FeedError(f"GTFS-RT: start_time: got {text!r}; expected HH:MM:SS") from None
    return hours * 3600 + minutes * 60 + seconds if text else None
