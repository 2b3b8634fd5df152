"""A bridge that may be closed costs a trip what is expected there; others win; lines and passengers are told."""

import itertools
from datetime import date, timedelta
from pathlib import Path

import pytest
from google.transit import gtfs_realtime_pb2 as gtfs_rt

from havre_mobility.people import gtfs, hits
from havre_mobility.people.crossings import Crossing, crossings
from havre_mobility.people.journeys import Ride, journeys, said
from havre_mobility.people.network import Risk
from havre_mobility.people.openings import FOREVER, Opening, by_bins, by_bridge, wait
from havre_scenario import places
from havre_scenario import timetable as scenario
from havre_scenario.network import LINES
from havre_scenario.plane import lon_lat
from tests.mobility.people.feeds import BREST, NIGHT, at, door, packed, real, snapshot, tables, timetable

PLACES = {"home": (0, 0), "quay": (0, 1000), "island": (0, 2000), "station": (1000, 1000)}
BRIDGE = {"rouge": door((0, 1500))}
TRIPS = {
    "bus": [("home", 36_000, 36_000), ("quay", 36_300, 36_300), ("island", 36_600, 36_600)],
    "tram": [("home", 36_060, 36_060), ("station", 36_400, 36_400), ("island", 37_000, 37_000)],
}
MADE = timetable(TRIPS, PLACES)
FOUND = crossings(MADE, BRIDGE)
BASE = int(NIGHT.timestamp())


def opening(start: int, end: int, latest: int | None = None, probability: float = 1.0) -> Opening:
    return Opening("rouge", at(start), at(end), None if latest is None else at(latest), probability)


def test_a_wait_is_the_time_that_is_left_times_its_probability() -> None:
    some = [opening(1000, 1600, 1900, 0.5)]
    assert [wait("rouge", some, BASE + now).expected for now in (900, 1000, 1300, 1600, 1700)] == [0, 300, 150, 0, 0]
    met = wait("rouge", some, BASE + 1300)
    assert (met.late, met.probability) == (600, 0.5)


def test_the_p90_is_not_met_by_what_happens_once_in_ten_or_less() -> None:
    assert wait("rouge", [opening(0, 600, 900, 0.1)], BASE).late == 0
    assert wait("rouge", [opening(0, 600, 900, 0.11)], BASE).late == 900
    both = [opening(0, 600, 900, 0.06), opening(0, 300, 500, 0.06)]
    assert wait("rouge", both, BASE).late == 500


def test_bins_exclude_each_other() -> None:
    bins = by_bins("rouge", [at(0), at(300)], [0.2, 0.3], timedelta(seconds=600), timedelta(seconds=900))
    met = wait("rouge", bins, BASE + 400)
    assert met.expected == pytest.approx(0.2 * 200 + 0.3 * 500)
    assert met.probability == pytest.approx(0.5) and met.late == 800


def test_a_probability_is_one() -> None:
    with pytest.raises(ValueError, match=r"opening of rouge: probability: got 1\.5; expected 0 to 1"):
        by_bridge([opening(0, 1, probability=1.5)])


def test_a_trip_crosses_where_its_line_comes_near() -> None:
    assert {MADE.trip_numbers["bus"]: (Crossing("rouge", 1, pytest.approx(0.5)),)} == FOUND


def test_a_shape_that_comes_back_crosses_twice() -> None:
    feed = tables({"loop": [("home", 0, 0), ("quay", 300, 300), ("island", 600, 600), ("quay", 900, 900)]}, PLACES)
    made = gtfs.read(packed(**feed))
    assert crossings(made, BRIDGE)[0] == (Crossing("rouge", 1, 0.5), Crossing("rouge", 2, 0.5))


def test_stops_are_laid_on_a_shape_that_crosses_itself_in_their_order() -> None:
    """Out and back over the same bridge: the last stop is beside the first, its place on the shape at the end."""
    feed = tables({"loop": [("home", 0, 0), ("island", 300, 300), ("home", 900, 900)]}, PLACES)
    feed["trips"][0]["shape_id"] = "s"
    way = [(0, 0), (5, 1500), (0, 2000), (-5, 1500), (0, 0)]
    feed["shapes"] = [
        {"shape_id": "s", "shape_pt_sequence": n, "shape_pt_lat": door(one)[0], "shape_pt_lon": door(one)[1]}
        for n, one in enumerate(way)
    ]
    (first, second) = crossings(gtfs.read(packed(**feed)), BRIDGE)[0]
    assert (first.after, second.after) == (0, 1)
    assert first.share == pytest.approx(0.75, abs=0.02) and second.share == pytest.approx(0.25, abs=0.02)


def test_a_trip_waits_at_the_bridge_and_keeps_the_delay() -> None:
    plain, late = (snapshot(MADE, openings=some, crossings=FOUND) for some in ([], [opening(36_400, 37_000)]))
    arrivals = [[one[1] - BASE for one in found.connections if one[0] < BASE + 40_000] for found in (plain, late)]
    assert arrivals[0] == [36_300, 36_400, 36_600, 37_000]
    assert arrivals[1] == [36_300, 36_400, 36_600 + 550, 37_000]  # at the bridge at 36,450


def test_an_alternative_wins_when_the_bridge_is_likely_to_open() -> None:
    def first_line(probability: float, risk: Risk) -> str:
        some = [opening(36_400, 37_000, 37_200, probability)]
        found = snapshot(MADE, openings=some, crossings=FOUND, risk=risk)
        (best,) = journeys(found, door((0, 0)), door((0, 2000)), at(35_900))
        return best.rides[0].line

    assert [first_line(probability, Risk.EXPECTED) for probability in (0.0, 0.5, 1.0)] == ["bus", "bus", "tram"]
    assert [first_line(probability, Risk.P90) for probability in (0.0, 0.05, 0.5)] == ["bus", "bus", "tram"]


def test_a_journey_explains_its_waits_and_how_sure_it_is() -> None:
    found = snapshot(MADE, openings=[opening(36_400, 36_600, 36_900, 0.4)], crossings=FOUND)
    (best,) = journeys(found, door((0, 0)), door((0, 2000)), at(35_900))
    (ride,) = best.rides
    assert [type(leg).__name__ for leg in best.legs] == ["Walk", "Ride", "Walk"]
    assert (ride.line, ride.start.name, ride.end.name, ride.live) == ("bus", "home", "island", False)
    assert (best.bridges, best.confidence) == (("rouge",), pytest.approx(0.6))
    assert ride.arrives_at - ride.timetable_arrives_at == timedelta(seconds=60)
    assert best.latest_arrival == best.arrives_at + timedelta(seconds=450 - 60)
    assert said(best) == (
        "Leave at 10:00, bus from home to island, arrive at 10:11; "
        "rouge is closed at 10:07 with 40%: 1 min expected, 8 min at worst in nine of ten."
    )


def test_the_window_shows_what_leaves_later() -> None:
    trips = TRIPS | {"next": [(stop, arrival + 900, departure + 900) for stop, arrival, departure in TRIPS["bus"]]}
    found = snapshot(timetable(trips, PLACES))
    lines = [
        [
            one.rides[0].line
            for one in journeys(found, door((0, 0)), door((0, 2000)), at(35_900), timedelta(minutes=much))
        ]
        for much in (0, 20)
    ]
    assert lines == [["bus"], ["bus", "tram", "next"]]


def test_a_change_that_a_long_opening_breaks_has_no_latest_arrival() -> None:
    trips = {"bus": TRIPS["bus"], "boat": [("island", 36_700, 36_700), ("sea", 37_500, 37_500)]}
    made = timetable(trips, PLACES | {"sea": (0, 9000)})
    found = snapshot(made, openings=[opening(36_400, 36_480, 37_000, 0.5)], crossings=crossings(made, BRIDGE))
    (best,) = journeys(found, door((0, 0)), door((0, 9000)), at(35_900))
    assert len(best.rides) == 2 and best.latest_arrival is None


def test_a_closure_ends_the_run_before_the_bridge() -> None:
    closed = Opening("rouge", at(0), None)
    found = snapshot(MADE, openings=[closed], crossings=FOUND)
    assert [one[1] - BASE for one in found.connections if one[0] < BASE + 40_000] == [36_300, 36_400, 37_000]
    assert wait("rouge", [closed], BASE).expected == FOREVER


def test_lines_hit_are_told_with_what_they_lose() -> None:
    found = snapshot(MADE, openings=[opening(36_400, 36_600, 36_900, 0.5)], crossings=FOUND)
    (line,) = hits.lines(hits.passages(found, FOUND, at(36_000), at(39_600)))
    assert (line.bridge, line.line, line.trips, line.hit, line.lost) == ("rouge", "bus", 1, 1, False)
    assert (line.expected, line.late) == (75, 450)
    assert line.first_at == at(36_450)
    assert hits.passages(found, FOUND, at(36_500), at(39_600)) == []


def test_alerts_are_a_feed_in_two_languages() -> None:
    found = snapshot(MADE, openings=[opening(36_400, 36_600, 36_900, 0.5)], crossings=FOUND)
    lines = hits.lines(hits.passages(found, FOUND, at(36_000), at(39_600)))
    feed = gtfs_rt.FeedMessage()
    feed.ParseFromString(hits.alerts(lines, {"rouge": "Pont Rouge"}, at(36_000)))
    (entity,) = feed.entity
    assert entity.alert.informed_entity[0].route_id == "line-bus"
    assert entity.alert.effect == gtfs_rt.Alert.SIGNIFICANT_DELAYS
    texts = {one.language: one.text for one in entity.alert.header_text.translation}
    assert texts["en"] == "Line bus: delays of up to 8 min at Pont Rouge about 11:07"
    assert texts["fr"] == "Ligne\u00a0bus\u00a0: retards jusqu’à 8\u00a0min au Pont Rouge vers 11\u00a0h\u00a007"


def test_the_tram_of_brest_crosses_the_lift_bridge_of_recouvrance() -> None:
    made = gtfs.read(real(f"{BREST}/gtfs.zip"))
    found = crossings(made, {"recouvrance": (48.38421, -4.49765)})
    lines = {made.route_names[made.trip_route[trip]] for trip in found}
    assert "A" in lines
    between = set()
    for trip, (one,) in found.items():
        if made.route_names[made.trip_route[trip]] == "A":
            stops = made.stop[made.calls(trip)]
            between.add(frozenset(made.stop_names[stops[one.after + step]] for step in (0, 1)))
    assert between == {frozenset({"Château", "Recouvrance"})}


def test_legs_meet_in_time_and_place() -> None:
    found = snapshot(MADE, openings=[opening(36_400, 37_000)], crossings=FOUND)
    for journey in journeys(found, door((0, 50)), door((0, 2050)), at(35_900), timedelta(hours=1)):
        legs = journey.legs
        assert (legs[0].departs_at, legs[-1].arrives_at) == (journey.departs_at, journey.arrives_at)
        for leg, following in itertools.pairwise(legs):
            assert leg.end == following.start and leg.arrives_at <= following.departs_at
        assert any(isinstance(leg, Ride) for leg in legs)


def test_the_crossings_of_the_scenario_are_found_and_no_others(tmp_path: Path) -> None:
    scenario.write(tmp_path / "gtfs.zip", date(2026, 3, 2), 1)
    made = gtfs.read((tmp_path / "gtfs.zip").read_bytes())
    bridges = {name: lon_lat(point)[::-1] for name, (_, point) in places.BRIDGES.items()}
    found = {
        (made.route_names[made.trip_route[trip]], *(one.bridge for one in several))
        for trip, several in crossings(made, bridges).items()
    }
    over = {line.name: [leg.bridge for leg in line.legs if leg.bridge] for line in LINES}
    wanted = {(line, *way) for line, there in over.items() for way in (there, there[::-1]) if there}
    assert found == wanted
