"""A feed becomes arrays: days, times, time zones and clocks that change; what is wrong is told with file and field."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from havre_mobility.people import gtfs
from havre_mobility.people.network import Network, network
from havre_mobility.people.realtime import day_start
from havre_mobility.people.timetable import FeedError
from havre_mobility.people.walking import Walking, footpaths, near_stops
from tests.mobility.people.feeds import BREST, PLACES, packed, real, snapshot, tables, timetable

TRIPS = {"one": [("a", 3600, 3600), ("b", 4000, 4060), ("d", 5000, 5000)]}


def changed(table: str, row: int = 0, **fields: Any) -> bytes:
    feed = tables(TRIPS, PLACES)
    feed[table][row] |= fields
    return packed(**feed)


def departures(found: Network) -> list[datetime]:
    return [datetime.fromtimestamp(one, UTC) for one in found.departures]


def test_a_service_runs_on_its_weekdays_within_its_dates_but_for_the_exceptions() -> None:
    feed = tables(TRIPS, PLACES)
    feed["calendar"] = [feed["calendar"][0] | {"saturday": 0, "sunday": 0}]
    feed["calendar_dates"] = [
        {"service_id": "daily", "date": "20260303", "exception_type": 2},
        {"service_id": "daily", "date": "20260307", "exception_type": 1},
        {"service_id": "special", "date": "20260308", "exception_type": 1},
    ]
    services = gtfs.read(packed(**feed)).services
    runs = {day: services.on(date(2026, 3, day)).tolist() for day in (2, 3, 7, 8, 9)}
    assert services.ids == ("daily", "special")
    assert runs == {2: [True, False], 3: [False, False], 7: [True, False], 8: [False, True], 9: [True, False]}
    assert not services.on(date(2026, 4, 1)).any() and not services.on(date(2026, 2, 28)).any()


def test_a_trip_past_midnight_runs_on_the_next_day() -> None:
    feed = packed(**tables({"late": [("a", 86_000, 86_000), ("b", 91_000, 91_000), ("d", 92_000, 92_000)]}, PLACES))
    made = gtfs.read(feed)
    morning = datetime(2026, 3, 10, tzinfo=UTC)
    found = network(made, footpaths(made, Walking()), morning, morning + timedelta(hours=3))
    assert departures(found) == [morning + timedelta(seconds=91_000 - 86_400)]


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        (date(2026, 3, 28), "2026-03-28T07:00"),
        (date(2026, 3, 29), "2026-03-29T06:00"),  # at two in the morning it became three
        (date(2026, 10, 25), "2026-10-25T07:00"),
    ],
)
def test_eight_o_clock_is_eight_on_the_clock_also_when_clocks_change(day: date, utc: str) -> None:
    at = datetime.fromtimestamp(day_start(day, "Europe/Paris") + 8 * 3600, UTC)
    assert at.isoformat()[:16] == utc


def test_a_time_of_half_past_two_counts_from_noon_on_the_day_on_which_there_is_none() -> None:
    """GTFS Reference, "Service day" and "Time": measured from noon minus 12 h."""
    at = datetime.fromtimestamp(day_start(date(2026, 3, 29), "Europe/Paris") + 9000, UTC)
    assert at == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


def test_a_trip_by_frequency_leaves_again_and_again() -> None:
    feed = tables(TRIPS, PLACES)
    feed["frequencies"] = [{"trip_id": "one", "start_time": "05:00:00", "end_time": "06:00:00", "headway_secs": 1200}]
    found = snapshot(gtfs.read(packed(**feed)))
    leaves = [f"{one:%H:%M}" for one in departures(found)]
    assert leaves == ["05:00", "05:07", "05:20", "05:27", "05:40", "05:47"]


def test_stop_times_are_put_in_order_and_missing_times_between_their_neighbours() -> None:
    feed = tables({"one": [("a", 3600, 3600), ("b", 0, 0), ("c", 0, 0), ("d", 4200, 4200)]}, PLACES)
    for row in (1, 2):
        feed["stop_times"][row] |= {"arrival_time": "", "departure_time": ""}
    feed["stop_times"].reverse()
    made = gtfs.read(packed(**feed))
    assert made.arrival.tolist() == [3600, 3800, 4000, 4200]
    assert [made.stop_ids[stop] for stop in made.stop] == ["a", "b", "c", "d"]


def test_nobody_boards_or_alights_where_that_is_not_possible() -> None:
    made = gtfs.read(changed("stop_times", 1, pickup_type=1, drop_off_type=1))
    (first, second) = snapshot(made).connections
    assert first[3] >= len(made.stop_ids) and second[2] >= len(made.stop_ids)


def test_trips_that_one_must_book_are_asked_for() -> None:
    feed = tables(TRIPS, PLACES)
    for row in feed["stop_times"]:
        row["pickup_type"] = row["drop_off_type"] = 2
    made = gtfs.read(packed(**feed))
    served = [[one[2] < len(made.stop_ids) for one in snapshot(made, on_demand=asked).connections] for asked in (0, 1)]
    assert served == [[False, False], [True, True]]


def test_transfers_of_the_feed_go_before_distances() -> None:
    feed = tables(TRIPS, PLACES)
    feed["transfers"] = [
        {"from_stop_id": "a", "to_stop_id": "b", "transfer_type": 3},
        {"from_stop_id": "c", "to_stop_id": "d", "transfer_type": 2, "min_transfer_time": 500},
        {"from_stop_id": "b", "to_stop_id": "b", "transfer_type": 2, "min_transfer_time": 240},
    ]
    feed["stop_times"].append({"trip_id": "one", "stop_sequence": 4, "stop_id": "c"} | {"arrival_time": "02:00:00"})
    made = gtfs.read(packed(**feed))
    paths, a, b, c, d = footpaths(made, Walking()), *(made.stop_numbers[id] for id in "abcd")
    assert b not in dict(paths.onward[a]) and a in dict(paths.onward[b])
    assert dict(paths.onward[c])[d] == 500 and (c, 500) in paths.back[d]
    assert (paths.change[b], paths.change[a]) == (240, 60)


def test_references_to_nothing_cost_the_record_and_are_counted() -> None:
    feed = tables(TRIPS, PLACES)
    feed["stop_times"].append(feed["stop_times"][0] | {"trip_id": "gone"})
    feed["stop_times"].append(feed["stop_times"][0] | {"stop_id": "gone", "stop_sequence": 9})
    made = gtfs.read(packed(**feed))
    assert len(made.stop) == 3
    assert made.faults == {"stop_times.txt: unknown trip_id": 1, "stop_times.txt: unknown stop_id": 1}


def test_a_stop_without_a_place_is_near_to_nobody() -> None:
    made = gtfs.read(changed("stops", 0, stop_lat="", stop_lon=""))
    assert set(near_stops(made, (0.0, 0.0), 300)) == {made.stop_numbers["b"]}
    assert np.isnan(made.latitude[0])


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        (b"no zip", "the feed cannot be read: File is not a zip file; expected a zip of text files"),
        (packed(stops=[{"stop_id": "a"}]), "there is no routes.txt in the feed; there are stops.txt"),
        (
            changed("stop_times", 1, arrival_time="8h30"),
            "stop_times.txt, record 2: arrival_time: got '8h30'; expected HH:MM:SS",
        ),
        (
            changed("stop_times", 2, stop_sequence="last"),
            "stop_times.txt, record 3: stop_sequence: got 'last'; expected a whole number",
        ),
        (
            changed("calendar", 0, end_date="2026-03-31"),
            "calendar.txt, record 1: end_date: got '2026-03-31'; expected YYYYMMDD",
        ),
        (
            changed("agency", 0, agency_timezone="Mars/North"),
            "agency.txt, record 1: agency_timezone: got 'Mars/North'; expected a time zone",
        ),
        (packed(**(tables(TRIPS, PLACES) | {"trips": [{"trip_id": "one"}]})), "trips.txt has no column route_id"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_field(feed: bytes, said: str) -> None:
    with pytest.raises(FeedError) as caught:
        gtfs.read(feed)
    assert str(caught.value).startswith(said)


def test_brest_is_read_whole() -> None:
    made = gtfs.read(real(f"{BREST}/gtfs.zip"))
    counts = len(made.route_ids), len(made.stop_ids), len(made.trip_ids), len(made.stop)
    assert counts == (65, 1058, 6471, 133_464)
    assert sum(map(len, made.shapes)) == 80_412
    assert made.faults == {}
    assert int(made.services.on(date(2023, 4, 30))[made.trip_service].sum()) == 858  # a Sunday
    assert timetable(TRIPS, PLACES).timezone == "UTC" and made.timezone == "Europe/Paris"
