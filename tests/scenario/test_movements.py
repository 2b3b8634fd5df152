"""The ships of the period go where the truth says that they go, as ships can."""

import csv
import datetime
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from havre_scenario import City, areas, land, places, tide
from havre_scenario.harbour import CHANNEL_DEPTH, UNDER_KEEL
from havre_scenario.passages import Passage
from havre_scenario.plane import KNOT, Floats, Point, distance
from havre_scenario.ships import CALLING, Vessel
from havre_scenario.tracks import MOORED, Track

TOLERANCE = 0.4
"""Knots: between two nodes of a track on either side of the border of a zone."""


def sampled(vessel: Vessel, city: City) -> Track:
    start, end = max(0.0, vessel.track.start), min(city.end, vessel.track.end)
    return vessel.track.at(np.arange(start, end, 10.0))


def heard(city: City) -> Iterator[tuple[Vessel, Track]]:
    """All craft of the period, every ten seconds."""
    for vessel in city.vessels:
        if vessel.track.start < city.end - 60 and vessel.track.end > 60:
            yield vessel, sampled(vessel, city)


def passages(city: City) -> list[Passage]:
    return [one.passage for one in city.movements]


def inside(point: Point, ring: list[Point]) -> bool:
    """Left of every edge of a counter-clockwise convex ring."""
    return all((b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) >= 0 for a, b in pairwise(ring))


def test_about_thirty_ships_move_a_day(weeks: list[City]) -> None:
    for week in weeks:
        assert 26 <= len(week.movements) / 7 <= 34
        assert {one.kind for one in week.movements} == {"arrival", "departure", "shift"}


def test_ships_lie_at_berth_and_at_anchor_at_midnight_and_tracks_go_on_over_it(city: City) -> None:
    at_midnight = [
        vessel.track.at(np.array([86400.0])).status[0]
        for vessel in city.vessels
        if vessel.ship.kind in CALLING and vessel.track.start < 86400 < vessel.track.end
    ]
    assert at_midnight.count(MOORED) >= 5 and at_midnight.count(1) >= 1
    names = [vessel.ship.kind.name for vessel in city.vessels]
    assert (names.count("TUG"), names.count("PILOT"), names.count("DREDGER")) == (4, 2, 1)


def test_nobody_exceeds_a_speed_limit_nor_jumps(city: City) -> None:
    for vessel, state in heard(city):
        limit = vessel.limits.knots(state.x, state.y)
        assert (state.knots - limit).max() <= TOLERANCE, vessel.ship.name
        covered = np.hypot(np.diff(state.x), np.diff(state.y)) / 10 / KNOT
        assert (covered - np.maximum(limit[1:], limit[:-1])).max() <= TOLERANCE, vessel.ship.name
        assert np.diff(vessel.track.t).min() >= 0, vessel.ship.name


def within(ring: list[Point], x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
    """Which points lie in a closed ring, by the number of edges to their right."""
    found = np.zeros(len(x), bool)
    for a, b in pairwise(ring):
        if a.y != b.y:
            found ^= ((a.y > y) != (b.y > y)) & (x < a.x + (y - a.y) * (b.x - a.x) / (b.y - a.y))
    return found


def test_nobody_sails_over_land(city: City) -> None:
    """But through the locks: tugs, pilots and the dredger keep to the water as well."""
    outline, *basins = land.rings()
    locks = [areas.lock(city.port, name) for name in places.LOCKS]
    for vessel, state in heard(city):
        dry = within(outline, state.x, state.y)
        for ring in (*basins, *locks):
            dry &= ~within(ring, state.x, state.y)
        assert not dry.any(), (vessel.ship.name, state.place(float(state.t[dry][0])))


def test_areas_hold_what_happens_in_them(city: City) -> None:
    approach, anchorage = areas.closed(areas.APPROACH), areas.closed(areas.ANCHORAGE)
    for one in city.movements:
        track = one.passage.track
        moments = []
        if one.passage.pilot_at is not None:
            moments.append((approach, track.place(one.passage.pilot_at)))
        if one.anchored is not None:
            moments.append((anchorage, track.place(one.passage.left_at)))
        if one.passage.lock is not None and one.passage.lock_in_at is not None:
            moments.append((areas.lock(city.port, one.passage.lock), track.place(one.passage.lock_in_at + 60)))
        for ring, point in moments:
            assert within(ring, np.array([point.x]), np.array([point.y])).all(), one.name


def test_the_course_is_that_of_the_track(city: City) -> None:
    for vessel, state in heard(city):
        dx, dy = np.diff(state.x), np.diff(state.y)
        moving = (state.knots[1:] > 3) & (state.knots[:-1] > 3)
        off = np.degrees(np.arctan2(dx, dy)) - state.course[:-1]
        off = np.abs((off + 180) % 360 - 180)[moving]
        # in a sharp turn the line between two samples cuts the corner
        assert np.percentile(off, 97) < 6 if len(off) else True, vessel.ship.name


def test_moored_ships_lie_in_their_berth(city: City) -> None:
    for call in city.calls:
        for one, after in pairwise(call.movements):
            middle = call.vessel.track.at(np.array([(one.passage.ended_at + after.passage.left_at) / 2]))
            point = Point(float(middle.x[0]), float(middle.y[0]))
            found = [berth.name for berth in city.port.berths.values() if inside(point, berth.polygon())]
            assert found == [one.berth] and middle.status[0] == MOORED
            assert call.vessel.ship.length <= city.port.berths[one.berth].metres


def test_no_ship_sails_through_a_berth(city: City) -> None:
    """A ship touches berths only of the row that it leaves or comes to."""
    rings = {name: np.array(berth.polygon()) for name, berth in city.port.berths.items()}
    for one in passages(city):
        nodes = np.stack([one.track.x, one.track.y], axis=1)[:, None]
        for name, ring in rings.items():
            begin, edge = ring[:-1], np.diff(ring, axis=0)
            offset = nodes - begin
            within = (edge[:, 0] * offset[..., 1] - edge[:, 1] * offset[..., 0] >= 0).all(axis=1)
            same_row = name.split("-")[0] in (one.start_at.split("-")[0], one.end_at.split("-")[0])
            assert same_row or not within.any(), (one.ship.name, name)


def test_no_berth_is_given_twice(city: City) -> None:
    taken: dict[str, list[tuple[float, float]]] = {}
    for call in city.calls:
        for one, after in pairwise(call.movements):
            taken.setdefault(one.berth, []).append((one.passage.ended_at, after.passage.left_at))
    assert len(taken) > 20
    for spans in taken.values():
        spans.sort()
        assert all(before[1] < after[0] for before, after in pairwise(spans))


def happened(one: Passage) -> list[float]:
    """The moments of a movement in the order in which they must come."""
    lock = [one.lock_in_at, one.lock_out_at]
    outer = [one.pilot_at, one.entrance_at]
    order = [*outer, *lock] if one.movement == "arrival" else [*lock, *reversed(outer)]
    return [one.left_at, *(at for at in order if at is not None), one.ended_at]


def test_a_movement_goes_by_pilot_entrance_and_lock_in_order(city: City) -> None:
    for one in passages(city):
        moments = happened(one)
        assert moments == sorted(moments)
        if one.movement != "shift":
            assert one.pilot_at is not None and one.entrance_at is not None
        inner = next(name for name in (one.start_at, one.end_at) if name in city.port.berths)
        if one.movement != "shift":
            assert (one.lock is not None) == (city.port.berths[inner].row in {"BASIN", "CANAL", "EURE", "CITY"})


def test_a_ship_lies_in_the_lock_while_the_truth_says_so_and_alone(city: City) -> None:
    spans: dict[str, list[tuple[float, float]]] = {}
    for one in passages(city):
        if one.lock and one.lock_in_at and one.lock_out_at:
            middle = one.track.place((one.lock_in_at + one.lock_out_at) / 2)
            assert distance(middle, places.LOCKS[one.lock][1]) < 1
            spans.setdefault(one.lock, []).append((one.lock_in_at, one.lock_out_at))
    assert spans
    for booked in spans.values():
        booked.sort()
        assert all(before[1] < after[0] for before, after in pairwise(booked))


def test_no_kind_of_ship_needs_two_locks(city: City) -> None:
    for kind in CALLING:
        berths = [berth.name for berth in city.port.berths.values() if berth.row in kind.rows]
        for start in (*places.SEAS, *berths[::3]):
            for end in berths[::3]:
                assert sum(name in places.LOCKS for name in city.port.way(start, end)) <= 1


def test_deep_ships_come_in_on_the_tide(city: City) -> None:
    deep = [one for one in passages(city) if one.ship.draught > 12 and one.movement == "arrival"]
    assert deep
    for one in deep:
        assert one.pilot_at is not None
        levels = tide.level(city.start, np.arange(one.pilot_at, one.ended_at, 60.0))
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


def test_the_truth_of_movements_is_what_the_ships_did(city: City, table: Callable[[str], list[dict[str, str]]]) -> None:
    rows = table("truth/movements.csv")
    assert len(rows) == len(city.movements)
    tracks = {vessel.ship.mmsi: vessel.track for vessel in city.vessels}
    midnight = datetime.datetime.combine(city.start, datetime.time(), datetime.UTC)

    def place(row: dict[str, str], column: str) -> Point:
        at = (datetime.datetime.fromisoformat(row[column]) - midnight).total_seconds()
        return tracks[int(row["mmsi"])].place(at)

    for row in rows:
        if row["kind"] != "departure":
            assert distance(place(row, "ended_at"), city.port.berths[row["berth"]].centre) < 10
        if row["kind"] == "arrival":
            assert distance(place(row, "pilot_at"), places.PILOT_POINT) < 500
        if row["anchored_at"]:
            assert distance(place(row, "anchor_up_at"), city.port.point(places.ANCHORAGE)) < 6_000
            assert row["roads_at"] < row["anchored_at"] < row["anchor_up_at"] < row["pilot_at"]
    assert sum(bool(row["anchored_at"]) for row in rows) >= 3
