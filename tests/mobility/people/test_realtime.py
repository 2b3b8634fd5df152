"""Real time finds its trips, and a snapshot says what it says."""

from datetime import UTC, date, datetime, timedelta

import pytest
from google.transit import gtfs_realtime_pb2 as gtfs_rt

from havre_mobility.people import gtfs, realtime
from havre_mobility.people.network import Network
from havre_mobility.people.realtime import StopUpdate, TripUpdate
from havre_mobility.people.timetable import FeedError
from tests.mobility.people.feeds import BREST, NIGHT, PLACES, at, packed, real, snapshot, tables, timetable

MADE = timetable(
    {
        "one": [("a", 36_000, 36_000), ("b", 36_300, 36_360), ("c", 36_600, 36_600), ("d", 37_000, 37_000)],
        "night": [("a", 86_000, 86_000), ("b", 87_000, 87_000)],
    },
    PLACES,
)
BASE = int(NIGHT.timestamp())


def seen(*updates: TripUpdate, trip: str = "one") -> list[tuple[int, int]]:
    """Departure and arrival of each connection of the trip, in seconds of the day."""
    found = after(*updates)
    of_trip = [one for one in found.connections if MADE.trip_ids[found.run_trip[one[4]]] == trip]
    return [(one[0] - BASE, one[1] - BASE) for one in of_trip]


def after(*updates: TripUpdate) -> Network:
    matching = realtime.match(MADE, updates, at(36_000))
    assert matching.unmatched == ()
    return snapshot(MADE, matches=matching.matched)


def test_a_delay_holds_for_the_stops_after_it() -> None:
    late = TripUpdate("one", stops=(StopUpdate(2, "b", arrival_late=120, departure_late=180),))
    assert seen(late) == [(36_000, 36_420), (36_540, 36_780), (36_780, 37_180)]


def test_a_later_word_corrects_it() -> None:
    stops = (StopUpdate(1, "a", departure_late=300), StopUpdate(3, "c", arrival=BASE + 36_650))
    assert seen(TripUpdate("one", stops=stops)) == [(36_300, 36_600), (36_660, 36_660), (36_660, 37_050)]


def test_an_early_arrival_at_the_first_stop_moves_nothing() -> None:
    """It is the layover: seen at Brest."""
    waiting = TripUpdate("one", stops=(StopUpdate(1, "a", arrival=BASE + 35_000, departure=BASE + 36_000),))
    assert seen(waiting) == seen()


def test_sequences_that_count_from_nought_are_found_by_the_stop() -> None:
    late = TripUpdate("one", stops=(StopUpdate(1, "b", arrival_late=120, departure_late=180),))
    assert seen(late) == [(36_000, 36_420), (36_540, 36_780), (36_780, 37_180)]


def test_a_skipped_stop_is_passed() -> None:
    found = after(TripUpdate("one", stops=(StopUpdate(2, "b", skipped=True),)))
    first, second, _ = (one for one in found.connections if one[0] < BASE + 40_000)
    assert first[3] >= len(MADE.stop_ids) and second[2] >= len(MADE.stop_ids)


def test_a_cancelled_trip_is_not_there() -> None:
    assert seen(TripUpdate("one", cancelled=True)) == []


def test_times_never_fall_along_a_run() -> None:
    stops = (StopUpdate(1, "a", departure_late=3000), StopUpdate(4, "d", arrival_late=0))
    times = [time for one in seen(TripUpdate("one", stops=stops)) for time in one]
    assert times == sorted(times)


@pytest.mark.parametrize(("hour", "day"), [(23, 1), (24, 1), (20, 2)])
def test_a_trip_without_a_date_is_of_the_day_nearest_to_its_times(hour: int, day: int) -> None:
    said = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hour) + (timedelta(days=1) if day == 2 else timedelta())
    update = TripUpdate("night", stops=(StopUpdate(1, "a", departure=int(said.timestamp())),))
    (found,) = realtime.match(MADE, [update], at(0)).matched
    assert found.day == date(2026, 3, day)


@pytest.mark.parametrize(
    ("update", "why"),
    [
        (TripUpdate("gone", "line-one"), "trip gone is not in the timetable"),
        (TripUpdate("gone", "NAV"), "trip gone is not in the timetable, nor is its route NAV"),
        (TripUpdate("one", start_date=date(2026, 4, 1)), "trip one does not run on 2026-04-01"),
        (TripUpdate("extra", new=True), "trip extra is new: the timetable cannot have it"),
    ],
)
def test_what_does_not_match_says_why(update: TripUpdate, why: str) -> None:
    assert realtime.match(MADE, [update], at(0)).unmatched == ((update, why),)


def test_a_run_by_frequency_is_meant_by_its_start() -> None:
    feed = tables({"one": [("a", 0, 0), ("b", 300, 300)]}, PLACES)
    feed["frequencies"] = [{"trip_id": "one", "start_time": "10:00:00", "end_time": "11:00:00", "headway_secs": 1200}]
    made = gtfs.read(packed(**feed))
    late = (StopUpdate(1, "a", departure_late=60),)
    matching = realtime.match(made, [TripUpdate("one", start_time=37_200, stops=late)], at(36_000))
    found = snapshot(made, matches=matching.matched)
    assert [one - BASE for one in found.departures] == [36_000, 37_260, 38_400]
    assert found.live.tolist().count(True) == 1


def test_a_feed_says_how_old_it_is() -> None:
    message = gtfs_rt.FeedMessage()
    message.header.gtfs_realtime_version = "2.0"
    message.header.timestamp = BASE
    feed = realtime.read(message.SerializeToString())
    assert [feed.stale(at(seconds)) for seconds in (0, 300, 301)] == [False, False, True]
    message.header.timestamp = 0
    assert realtime.read(message.SerializeToString()).stale(at(0))


def test_bytes_that_are_no_feed_are_refused() -> None:
    with pytest.raises(FeedError, match="expected a FeedMessage"):
        realtime.read(b"<html>")


@pytest.mark.parametrize(
    ("trip", "said"),
    [({"start_date": "today"}, "start_date: got 'today'"), ({"start_time": "8h"}, "start_time: got '8h'")],
)
def test_a_trip_is_described_in_the_words_of_the_reference(trip: dict[str, str], said: str) -> None:
    message = gtfs_rt.FeedMessage()
    message.header.gtfs_realtime_version = "2.0"
    message.entity.add(id="1").trip_update.trip.MergeFrom(gtfs_rt.TripDescriptor(**trip))
    with pytest.raises(FeedError, match=said):
        realtime.read(message.SerializeToString())


def test_of_434_updates_of_brest_432_match_and_two_are_of_a_route_that_is_not_in_the_timetable() -> None:
    made = gtfs.read(real(f"{BREST}/gtfs.zip"))
    feed = realtime.read(real(f"{BREST}/gtfs-rt-trip-updates.pb"))
    assert feed.at is not None and len(feed.updates) == 434
    matching = realtime.match(made, feed.updates, feed.at)
    assert len(matching.matched) == 432
    assert [why for _, why in matching.unmatched] == [
        f"trip {id} is not in the timetable, nor is its route NAV" for id in (15797570, 15797571)
    ]
    assert {one.day for one in matching.matched} == {date(2023, 4, 30)}
    stops = [stop for one in matching.matched for stop in one.update.stops]
    found = sum(len(realtime.located(made, one.trip, one.update.stops)) for one in matching.matched)
    assert (len(stops), found) == (12_164, 12_132)
    assert {stop.stop_id for stop in stops} - set(made.stop_ids) == {"PGARE_2", "ROBERV_3"}  # these are the 32


def test_vehicles_and_alerts_of_brest_are_of_its_timetable() -> None:
    made = gtfs.read(real(f"{BREST}/gtfs.zip"))
    vehicles = realtime.read(real(f"{BREST}/gtfs-rt-vehicle-positions.pb")).vehicles
    alerts = realtime.read(real(f"{BREST}/gtfs-rt-alerts.pb")).alerts
    assert len(vehicles) == 33 and {one.trip_id for one in vehicles} <= set(made.trip_ids)
    assert all(48 < one.latitude < 49 and one.at is None for one in vehicles)  # their times are 0: not known
    assert len(alerts) == 42 and {route for one in alerts for route in one.routes} <= set(made.route_ids)
    assert all(one.active(datetime(2023, 4, 30, 11, 31, tzinfo=UTC)) for one in alerts)
