"""Ships pass open bridges only, slots are mostly kept, and what the bridges and agents say is wrong as they are."""

import datetime
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from havre_scenario import City, bridge_messages, calls, places, slots
from havre_scenario.announcements import announcements
from havre_scenario.closures import DAY, closures
from havre_scenario.plane import distance

Rows = list[dict[str, str]]
Table = Callable[[str], Rows]
MINUTE, HOUR = 60.0, 3600.0
each_week = pytest.mark.parametrize("week", [0, 1, 2], indirect=True)


@pytest.fixture
def week(request: pytest.FixtureRequest, weeks: list[City]) -> City:
    return weeks[request.param]


def test_a_ship_is_at_a_bridge_only_while_it_is_closed_to_the_road(city: City) -> None:
    passed = 0
    for one in city.movements:
        for bridge, (_, point) in places.BRIDGES.items():
            seconds = np.arange(one.passage.left_at, one.passage.ended_at, 5.0)
            state = one.passage.track.at(seconds)
            near = seconds[np.hypot(state.x - point.x, state.y - point.y) < 90]
            for second in near:
                open_now = [each for each in city.openings if each.opened_at <= second <= each.closed_at]
                shut = [each for each in city.closures if each.overlaps(float(second), float(second) + 1)]
                assert bridge in [each.bridge for each in (*open_now, *shut)], (one.name, bridge)
                passed += 1
    assert passed > 300


@each_week
def test_there_are_fifteen_to_thirty_openings_a_day_of_eight_to_twenty_minutes(week: City) -> None:
    found = [one for one in week.openings if 0 <= one.opened_at < week.end]
    assert 15 <= len(found) / 7 <= 30
    assert all(8 * MINUTE <= one.closed_at - one.opened_at <= 20 * MINUTE for one in found)
    long = [one for one in found if one.movement and one.movement.ship.length > 150]
    short = [one for one in found if one.movement and one.movement.ship.length < 110]
    mean = [statistics.fmean(one.closed_at - one.opened_at for one in some) for some in (long, short)]
    assert mean[0] > mean[1] + 2 * MINUTE
    unannounced = [one for one in found if one.movement is None]
    assert len(unannounced) <= 0.08 * len(found)
    by_bridge = defaultdict(list)
    for one in week.openings:
        by_bridge[one.bridge].append(one)
    for some in by_bridge.values():
        assert all(before.closed_at < after.opened_at for before, after in pairwise(some))


def test_reserved_slots_are_mostly_kept() -> None:
    """In twice four weeks: of 360 slots of three bridges, two or three in a hundred see an opening."""
    start, days = datetime.date(2026, 3, 2), 28
    reserved = [(bridge, *span) for bridge in slots.BRIDGES for span in slots.spans(start, 0, days)]
    broken = 0
    for seed in (1, 2):
        called, _, harbour = calls.plan(places.build(), start, days, (), np.random.default_rng(seed))
        found = [each for call in called for one in call.movements for each in harbour.openings(one.passage)]
        for bridge, begins, ends in reserved:
            broken += any(name == bridge and opened < ends and closed > begins for name, opened, closed in found)
    assert 1 <= broken <= 0.05 * 2 * len(reserved) and len(reserved) == 180


def test_the_slots_are_those_of_the_bridges_in_local_time(table: Table) -> None:
    rows = table("reserved_slots.csv")
    assert {row["bridge"] for row in rows} == {"bridge-rouge", "bridge-7", "bridge-7bis"}
    assert {(row["starts"], row["ends"]) for row in rows} == {
        ("07:15", "08:15"), ("12:00", "13:00"), ("16:45", "17:30"),
    }  # fmt: skip
    # on 30 March 2026 summer time is a day old
    [first, *_] = slots.spans(datetime.date(2026, 3, 30), 0, 1)
    assert first == (5.25 * HOUR, 6.25 * HOUR)


def test_messages_of_an_opening_come_in_order_and_end_with_the_truth(table: Table) -> None:
    true = {row["opening"]: row for row in table("truth/openings.csv")}
    told = defaultdict(list)
    for row in table("bridge_messages.csv"):
        told[row["opening"]].append(row)
    order = {"planned": 0, "starting": 1, "in_operation": 2, "ended": 3, "cancelled": 3}
    whole = 0
    for name, rows in told.items():
        stages = [order[row["status"]] for row in rows]
        assert stages == sorted(stages)
        assert all(row["starts_at"] < row["ends_at"] for row in rows)
        if rows[-1]["status"] == "ended" and name in true:
            assert (rows[-1]["starts_at"], rows[-1]["ends_at"]) == (true[name]["opened_at"], true[name]["closed_at"])
            whole += stages[0] == 0
    assert whole >= 10


@each_week
def test_the_last_plan_is_minutes_wrong_and_not_every_bridge_tells(week: City) -> None:
    said = bridge_messages.messages(week.openings, np.random.default_rng(0))
    last = {one.opening: one for one in said if one.status == "planned"}
    errors = [abs(last[one.name].starts_at - one.opened_at) / MINUTE for one in week.openings if one.name in last]
    assert np.percentile(errors, 90) < 5 and max(errors) > 5
    silent = Counter(one.bridge for one in week.openings if one.name not in {each.opening for each in said})
    assert silent["bridge-7bis"] >= 5 and silent["bridge-rouge"] == 0
    cancelled = [one for one in said if one.status == "cancelled"]
    assert 0 < len(cancelled) < 0.08 * len(week.openings)
    planned = [one for one in week.openings if one.name in last and one.movement]
    assert all(last[one.name].said_at < one.opened_at for one in planned)


def test_agents_are_wrong_and_better_when_the_ship_is_near(weeks: list[City]) -> None:
    """Over three weeks: early on the mean, the spread grows with the horizon, some errors are huge."""
    by_horizon = defaultdict(list)
    for week in weeks:
        moved = [one for call in week.calls for one in call.movements]
        for one in announcements(moved, list(week.port.berths), np.random.default_rng(week.seed)):
            if one.issuer == "agent" and one.classifier == "EST":
                roads = one.movement.roads_at or 0.0
                ahead = (roads - one.said_at) / HOUR
                by_horizon["near" if ahead < 7 else "day" if ahead < 28 else "far"].append(
                    (one.value_at - roads) / HOUR
                )
    spread = {name: np.percentile(np.abs(errors), 80) for name, errors in by_horizon.items()}
    assert spread["near"] < 1.2 < spread["day"] < spread["far"]
    assert np.median(by_horizon["far"]) < -0.5
    assert max(np.abs(by_horizon["far"])) > 12


def test_the_last_pilotage_plan_is_accurate_and_announcements_are_revised(city: City, table: Table) -> None:
    rows = table("movements.csv")
    assert [row["said_at"] for row in rows] == sorted(row["said_at"] for row in rows)
    assert {row["classifier"] for row in rows} == {"EST", "REQ", "PLN", "ACT"}
    assert {row["point"] for row in rows} == {"pilot", "berth", "departure"}
    last, revised = {}, Counter[str]()
    for row in rows:
        revised[row["movement"]] += 1
        if row["classifier"] == "PLN" and row["issuer"] == "pilot":
            last[row["movement"]] = datetime.datetime.fromisoformat(row["value_at"])
    errors = []
    for row in table("truth/movements.csv"):
        true = row["pilot_at"] if row["kind"] == "arrival" else row["started_at"]
        if row["movement"] in last and row["ended_at"] < "2026-03-03T20":
            errors.append(abs((last[row["movement"]] - datetime.datetime.fromisoformat(true)).total_seconds()))
    assert np.median(errors) < 6 * MINUTE
    assert statistics.median(revised.values()) >= 5


def test_one_bridge_is_lost_for_a_while_and_one_until_further_notice(table: Table, city: City) -> None:
    rows = table("closures.csv")
    assert {row["place"] for row in rows} == {"bridge-rouge", "bridge-5"}
    [hit] = [row for row in rows if row["place"] == "bridge-5"]
    assert hit["ends_at"] == "" and hit["said_at"] > hit["starts_at"]
    works = [row for row in rows if row["place"] == "bridge-rouge"]
    assert works[0]["said_at"] < works[0]["starts_at"] and works[-1]["ends_at"] > works[0]["ends_at"]
    for closure in city.closures:
        until = min(closure.until, city.end)
        assert not [
            one
            for one in city.openings
            if one.bridge == closure.bridge and closure.starts_at < one.opened_at < until - 600
        ]


def test_the_long_closure_is_of_weeks_when_the_period_allows() -> None:
    works, hit = closures(180, np.random.default_rng(1))
    assert works.ends_at is not None and works.ends_at - works.starts_at == 28 * DAY
    assert 180 * DAY - hit.starts_at > 28 * DAY


def test_bridges_lie_on_the_way_of_the_berths_behind_them(city: City) -> None:
    behind = {"BASIN": {"bridge-5", "bridge-6"}, "EURE": {"bridge-7", "bridge-7bis"}, "CITY": {"bridge-rouge"}}
    for row, bridges in {**behind, "P2000": set(), "CANAL": set()}.items():
        assert {name for name in city.port.way("sea-west", f"{row}-01") if name in places.BRIDGES} == bridges
    for one in city.movements:
        for bridge, at in one.passage.bridges:
            assert distance(one.passage.track.place(at), places.BRIDGES[bridge][1]) < 80
