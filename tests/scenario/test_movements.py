"""The ships of the day go where the truth says that they go, as ships can."""

import csv
import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from havre_scenario import Day, Written, day, places, tide
from havre_scenario.harbour import CHANNEL_DEPTH, UNDER_KEEL
from havre_scenario.passages import Passage
from havre_scenario.plane import KNOT, Point, distance
from havre_scenario.ships import CALLING, Vessel
from havre_scenario.tracks import MOORED, Track

TOLERANCE = 0.4
"""Knots: between two nodes of a track on either side of the border of a zone."""


def sampled(vessel: Vessel) -> Track:
    start, end = max(0.0, vessel.track.start), min(86400.0, vessel.track.end)
    return vessel.track.at(np.arange(start, end, 10.0))


def inside(point: Point, ring: list[Point]) -> bool:
    """Left of every edge of a counter-clockwise convex ring."""
    return all((b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) >= 0 for a, b in pairwise(ring))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_about_thirty_ships_move(seed: int) -> None:
    kinds = [one.movement for one in day(seed, density=0).passages]
    assert 25 <= len(kinds) <= 36
    assert set(kinds) == {"arrival", "departure", "shift"}


def test_there_are_ten_at_berth_all_day_eight_at_anchor_and_the_service_craft(city: Day) -> None:
    moving = {one.ship.mmsi for one in city.passages}
    still = [vessel for vessel in city.vessels if vessel.ship.mmsi not in moving]
    assert sum(set(vessel.track.status) == {5} for vessel in still) >= 10
    assert sum(set(vessel.track.status) == {1} for vessel in still) == 8
    names = [vessel.ship.kind.name for vessel in city.vessels]
    assert (names.count("TUG"), names.count("PILOT"), names.count("DREDGER")) == (4, 2, 1)


def test_nobody_exceeds_a_speed_limit(city: Day) -> None:
    for vessel in city.vessels:
        state = sampled(vessel)
        limit = vessel.limits.knots(state.x, state.y)
        assert (state.knots - limit).max() <= TOLERANCE, vessel.ship.name
        covered = np.hypot(np.diff(state.x), np.diff(state.y)) / 10 / KNOT
        assert (covered - np.maximum(limit[1:], limit[:-1])).max() <= TOLERANCE, vessel.ship.name


def test_nobody_jumps(city: Day) -> None:
    for vessel in city.vessels:
        assert np.diff(vessel.track.t).min() >= 0, vessel.ship.name
        steps = np.hypot(np.diff(vessel.track.x), np.diff(vessel.track.y))
        assert steps.max() < 60, vessel.ship.name


def test_the_course_is_that_of_the_track(city: Day) -> None:
    for vessel in city.vessels:
        state = sampled(vessel)
        dx, dy = np.diff(state.x), np.diff(state.y)
        moving = (state.knots[1:] > 3) & (state.knots[:-1] > 3)
        off = np.degrees(np.arctan2(dx, dy)) - state.course[:-1]
        off = np.abs((off + 180) % 360 - 180)[moving]
        # in a sharp turn the line between two samples cuts the corner
        assert np.percentile(off, 97) < 5 if len(off) else True, vessel.ship.name


def test_moored_ships_lie_in_their_berth(city: Day) -> None:
    last = {one.ship.mmsi: one for one in city.passages}
    for vessel in city.vessels:
        if vessel.ship.kind not in CALLING or vessel.track.end < 86400 or vessel.track.status[-1] != MOORED:
            continue
        end = vessel.track.place(86399.0)
        found = [berth.name for berth in city.port.berths.values() if inside(end, berth.polygon())]
        assert len(found) == 1, vessel.ship.name
        if vessel.ship.mmsi in last:
            assert found == [last[vessel.ship.mmsi].end_at]
        assert vessel.ship.length <= city.port.berths[found[0]].metres


def test_no_ship_sails_through_a_berth(city: Day) -> None:
    """A ship touches berths only of the row that it leaves or comes to."""
    rings = {name: np.array(berth.polygon()) for name, berth in city.port.berths.items()}
    for one in city.passages:
        nodes = np.stack([one.track.x, one.track.y], axis=1)[:, None]
        for name, ring in rings.items():
            begin, edge = ring[:-1], np.diff(ring, axis=0)
            offset = nodes - begin
            within = (edge[:, 0] * offset[..., 1] - edge[:, 1] * offset[..., 0] >= 0).all(axis=1)
            same_row = name.split("-")[0] in (one.start_at.split("-")[0], one.end_at.split("-")[0])
            assert same_row or not within.any(), (one.ship.name, name)


def test_no_berth_is_given_twice(city: Day) -> None:
    hours = np.arange(0, 86400, 600.0)
    taken: dict[tuple[str, int], str] = {}
    for vessel in city.vessels:
        for hour in hours[(hours >= vessel.track.start) & (hours < vessel.track.end)]:
            state = vessel.track.at(np.array([hour]))
            if vessel.ship.kind in CALLING and state.status[0] == MOORED:
                point = Point(float(state.x[0]), float(state.y[0]))
                berth = next(one.name for one in city.port.berths.values() if distance(one.centre, point) < 1)
                assert taken.setdefault((berth, int(hour)), vessel.ship.name) == vessel.ship.name


def happened(one: Passage) -> list[float]:
    """The moments of a movement in the order in which they must come."""
    lock = [one.lock_in_at, one.lock_out_at]
    outer = [one.pilot_at, one.entrance_at]
    order = [*outer, *lock] if one.movement == "arrival" else [*lock, *reversed(outer)]
    return [one.left_at, *(at for at in order if at is not None), one.ended_at]


def test_a_movement_goes_by_pilot_entrance_and_lock_in_order(city: Day) -> None:
    for one in city.passages:
        moments = happened(one)
        assert moments == sorted(moments)
        if one.movement != "shift":
            assert one.pilot_at is not None and one.entrance_at is not None
        inner = next(name for name in (one.start_at, one.end_at) if name in city.port.berths)
        if one.movement != "shift":
            assert (one.lock is not None) == (city.port.berths[inner].row in {"BASIN", "CANAL"})


def test_a_ship_lies_in_the_lock_while_the_truth_says_so_and_alone(city: Day) -> None:
    spans: dict[str, list[tuple[float, float]]] = {}
    for one in city.passages:
        if one.lock and one.lock_in_at and one.lock_out_at:
            middle = one.track.place((one.lock_in_at + one.lock_out_at) / 2)
            assert distance(middle, places.LOCKS[one.lock][1]) < 1
            spans.setdefault(one.lock, []).append((one.lock_in_at, one.lock_out_at))
    assert spans
    for booked in spans.values():
        booked.sort()
        assert all(before[1] < after[0] for before, after in pairwise(booked))


def test_no_kind_of_ship_needs_two_locks(city: Day) -> None:
    for kind in CALLING:
        berths = [berth.name for berth in city.port.berths.values() if berth.row in kind.rows]
        for start in (*places.SEAS, *berths[::3]):
            for end in berths[::3]:
                assert sum(name in places.LOCKS for name in city.port.way(start, end)) <= 1


def test_deep_ships_come_in_on_the_tide(city: Day) -> None:
    deep = [one for one in city.passages if one.ship.draught > 12 and one.movement == "arrival"]
    assert deep
    for one in deep:
        assert one.pilot_at is not None
        levels = tide.level(city.date, np.arange(one.pilot_at, one.ended_at, 60.0))
        assert levels.min() + CHANNEL_DEPTH >= one.ship.draught * UNDER_KEEL - 0.05


def test_the_tide_is_near_the_published_one() -> None:
    """The predicted water level of Le Havre for the day of the scenario and for one half a year later."""
    published = Path(__file__).parents[3] / "shared/data/tide_le_havre/derived_predicted_2026_10min.csv"
    if not published.exists():
        pytest.skip("the published tide is not on this machine")
    with published.open(encoding="utf-8") as file:
        rows = {row["t_utc"]: float(row["water_level_m"]) for row in csv.DictReader(file)}
    for date in (datetime.date(2026, 3, 2), datetime.date(2026, 9, 10)):
        for hour in range(24):
            told = float(tide.level(date, np.array([hour * 3600.0]))[0])
            assert told == pytest.approx(rows[f"{date}T{hour:02}:00Z"], abs=0.8)


def test_port_calls_tell_what_the_ships_did(city: Day, folder: Path, written: Written) -> None:
    with (folder / "truth" / "port_calls.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == written.port_calls == len(city.passages)
    tracks = {vessel.ship.mmsi: vessel.track for vessel in city.vessels}
    for row in rows:
        if row["movement"] == "arrival":
            at = datetime.datetime.fromisoformat(row["ended_at"]) - datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)
            place = tracks[int(row["mmsi"])].place(at.total_seconds())
            assert distance(place, city.port.berths[row["end_at"]].centre) < 10
