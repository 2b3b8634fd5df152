"""Tram and bus: a timetable that a reader of GTFS takes, real time that protobuf takes, waits at open bridges."""

import csv
import datetime
import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from google.transit import gtfs_realtime_pb2 as realtime

from havre.sources import formats
from havre_scenario import City, gtfs_rt, network, play, transit
from havre_scenario.plane import at as point_at
from havre_scenario.plane import distance
from havre_scenario.protobuf import message

Rows = list[dict[str, str]]
Table = Callable[[str], Rows]


@pytest.fixture(scope="module")
def timetable(folder: Path, written: dict[str, int]) -> dict[str, Rows]:
    with zipfile.ZipFile(folder / "gtfs.zip") as feed:
        return {
            name.removesuffix(".txt"): list(csv.DictReader(io.StringIO(feed.read(name).decode())))
            for name in feed.namelist()
        }


@pytest.fixture(scope="module")
def feeds(folder: Path, written: dict[str, int]) -> list[realtime.FeedMessage]:
    """Each tenth message."""
    return [realtime.FeedMessage.FromString(path.read_bytes()) for path in sorted((folder / "gtfs_rt").iterdir())[::10]]


def test_every_reference_of_the_timetable_leads_somewhere(timetable: dict[str, Rows]) -> None:
    def ids(table: str, column: str) -> set[str]:
        return {row[column] for row in timetable[table]}

    assert ids("trips", "route_id") == ids("routes", "route_id")
    assert ids("trips", "service_id") == ids("calendar", "service_id")
    assert ids("trips", "shape_id") == ids("shapes", "shape_id")
    assert ids("stop_times", "trip_id") == ids("trips", "trip_id")
    assert ids("stop_times", "stop_id") == ids("stops", "stop_id")
    assert ids("routes", "agency_id") == ids("agency", "agency_id")
    assert len(ids("trips", "trip_id")) == len(timetable["trips"])
    assert {row["route_type"] for row in timetable["routes"]} == {"0", "3"}


def test_stops_of_a_trip_come_in_order_of_time(timetable: dict[str, Rows]) -> None:
    trips = defaultdict(list)
    for row in timetable["stop_times"]:
        trips[row["trip_id"]].append(row)
    for rows in trips.values():
        assert [int(row["stop_sequence"]) for row in rows] == list(range(1, len(rows) + 1))
        times = [row["arrival_time"] for row in rows]
        assert times == sorted(times) and len(set(times)) == len(times) >= 4
        assert all(len(row["arrival_time"]) == 8 and row["departure_time"] >= row["arrival_time"] for row in rows)


def test_the_calendar_covers_the_period(timetable: dict[str, Rows]) -> None:
    for row in timetable["calendar"]:
        assert row["start_date"] <= "20260302" and row["end_date"] >= "20260303"
    weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    assert [sum(int(row[day]) for row in timetable["calendar"]) for day in weekdays] == [1] * 7


@pytest.mark.parametrize("name", ["stops", "routes", "trips", "stop_times", "calendar", "shapes", "agency"])
def test_the_exchange_reads_every_table(name: str, folder: Path, timetable: dict[str, Rows]) -> None:
    with (folder / "gtfs.zip").open("rb") as file:
        found = list(formats.pieces("gtfs", file, {"table": name}, datetime.datetime.now(datetime.UTC)))
    assert sum(len(piece.positions) for piece in found) == len(timetable[name])
    assert not any(piece.rejected for piece in found)


def test_real_time_speaks_of_trips_of_the_timetable(
    feeds: list[realtime.FeedMessage], timetable: dict[str, Rows]
) -> None:
    trips = {row["trip_id"]: row for row in timetable["trips"]}
    stops = {(row["trip_id"], int(row["stop_sequence"])): row["stop_id"] for row in timetable["stop_times"]}
    kinds = Counter[str]()
    for feed in feeds:
        assert feed.header.gtfs_realtime_version == "2.0"
        assert len({entity.id for entity in feed.entity}) == len(feed.entity)
        for entity in feed.entity:
            if entity.HasField("trip_update"):
                kinds["trip_update"] += 1
                trip = entity.trip_update.trip
                assert trips[trip.trip_id]["route_id"] == trip.route_id
                assert int(trips[trip.trip_id]["direction_id"]) == trip.direction_id
                assert entity.trip_update.stop_time_update
                for update in entity.trip_update.stop_time_update:
                    assert stops[trip.trip_id, update.stop_sequence] == update.stop_id
                    assert update.arrival.time >= feed.header.timestamp - 1
            if entity.HasField("vehicle"):
                kinds["vehicle"] += 1
                here = point_at(entity.vehicle.position.latitude, entity.vehicle.position.longitude)
                assert min(distance(here, point) for _, point in network.STOPS.values()) < 4_000
            if entity.HasField("alert"):
                kinds["alert"] += 1
                assert entity.alert.header_text.translation[0].language == "fr"
                assert all(one.route_id in {row["route_id"] for row in timetable["routes"]} for one in
                           entity.alert.informed_entity)  # fmt: skip
    assert min(kinds["trip_update"], kinds["vehicle"], kinds["alert"]) > 50


def test_a_negative_delay_and_a_long_text_survive_the_encoding() -> None:
    event = realtime.TripUpdate.StopTimeEvent.FromString(message((1, -75), (2, 1_772_438_400)))
    assert (event.delay, event.time) == (-75, 1_772_438_400)
    text = "é" * 200
    assert realtime.TranslatedString.Translation.FromString(message((1, text), (2, None))).text == text
    assert realtime.Position.FromString(message((1, 49.5), (2, -0.125))).longitude == -0.125


def test_nobody_leaves_before_time_and_who_meets_an_opening_waits(city: City, table: Table) -> None:
    openings = {one.name: one for one in city.openings}
    waited = 0
    for run in city.runs:
        assert all(true >= planned - 0.5 for true, planned in zip(run.actual, run.scheduled, strict=True))
        for stop, (name, seconds) in run.waited_at.items():
            assert openings[name].bridge == run.trip.bridges[stop - 1]
            assert seconds > 0 and run.actual[stop] >= openings[name].closed_at - 1
            waited += 1
    assert waited > 20
    rows = table("truth/trips.csv")
    assert sum(bool(row["opening"]) for row in rows) > 15
    assert {row["line"] for row in rows if row["opening"]} <= {line.name for line in network.LINES}


def test_an_update_foresees_what_is_on_time_and_not_the_opening(city: City) -> None:
    """Before the bridge the delay is small; behind it the truth is late by the wait that nobody foresaw."""
    run, stop = next(
        (run, stop)
        for run in city.runs
        for stop, (_, seconds) in run.waited_at.items()
        if seconds > 300 and run.says and run.actual[0] > 0
    )
    now = int(run.actual[stop - 1]) + 1
    [(_, feed)] = gtfs_rt.feeds(city.runs, city.closures, city.epoch, now, now + 1)
    told = realtime.FeedMessage.FromString(feed)
    [update] = [
        one.trip_update.stop_time_update[0]
        for one in told.entity
        if one.HasField("trip_update")
        and one.trip_update.trip.trip_id == run.trip.name
        and one.trip_update.trip.start_date == f"{run.date:%Y%m%d}"
    ]
    assert run.actual[stop] + city.epoch - update.arrival.time > 200


def test_a_vehicle_stands_at_the_bridge_while_it_waits(city: City) -> None:
    run, stop = next((run, stop) for run in city.runs for stop, (_, seconds) in run.waited_at.items() if seconds > 300)
    name, _ = run.waited_at[stop]
    opening = next(one for one in city.openings if one.name == name)
    from havre_scenario.places import BRIDGES

    here = transit.place(run, opening.closed_at - 1)
    assert distance(here, BRIDGES[opening.bridge][1]) < 150


def test_everything_is_played_in_order_of_time(folder: Path, written: dict[str, int]) -> None:
    since = datetime.datetime(2026, 3, 2, 10, tzinfo=datetime.UTC)
    told = [one for one in play.play(folder, since) if one.time < since + datetime.timedelta(hours=1)]
    assert [one.time for one in told] == sorted(one.time for one in told)
    feeds = Counter(one.feed for one in told)
    assert set(feeds) >= {"ais.nmea", "movements.csv", "appointments.csv", "gates.csv", "gtfs_rt", "bins.ndjson"}
    assert feeds["gtfs_rt"] == 30
    log = (folder / "ais.nmea").read_bytes()
    assert all(one.line in log for one in told[:200] if one.feed == "ais.nmea")


def test_a_paced_hour_takes_a_minute_at_sixty_times_the_speed(folder: Path, written: dict[str, int]) -> None:
    since = datetime.datetime(2026, 3, 2, 10, tzinfo=datetime.UTC)
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    for one in play.paced(play.play(folder, since), 60, clock=lambda: now[0], sleep=sleep):
        if one.time >= since + datetime.timedelta(hours=1):
            break
    assert sum(slept) == pytest.approx(60, abs=0.5)
