"""Trucks keep their appointments as well as road, bridges and gates let them, and the truth says why they do not."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from havre_scenario import City, bookings, city
from havre_scenario.places import GATES
from havre_scenario.trucks import APPROACHES, REASONS

Rows = list[dict[str, str]]
Table = Callable[[str], Rows]


@pytest.fixture(scope="module")
def fortnight() -> City:
    return city(seed=1, days=14, density=0)


def at(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def test_about_two_and_a_half_thousand_trucks_come_on_a_weekday(table: Table) -> None:
    passes = table("gates.csv")
    coming = [row["time"] for row in passes if row["kind"] == "truck" and row["direction"] == "in"]
    assert 2 * 2100 <= len(coming) <= 2 * 2900
    hourly = Counter(time[:13] for time in coming)
    assert max(hourly.values()) > 150 and hourly["2026-03-02T01"] < 20
    assert [row["time"] for row in passes] == sorted(row["time"] for row in passes)
    assert list(passes[0]) == ["time", "gate", "direction", "kind", "lane", "booking"], "a plate would be personal data"
    assert all(bool(row["booking"]) == (row["kind"] == "truck") for row in passes)


def test_few_trucks_come_on_a_sunday(weeks: list[City]) -> None:
    for week in weeks:
        daily = Counter(int(one.time // 86400) for one in week.gate_passes if one.kind == "truck")
        assert daily[6] < 900 < daily[5] < daily[3] / 2


def test_appointments_are_booked_ahead_then_some_changed_or_cancelled(table: Table) -> None:
    rows = table("appointments.csv")
    assert [row["said_at"] for row in rows] == sorted(row["said_at"] for row in rows)
    status = Counter(row["status"] for row in rows)
    assert 0.06 < status["changed"] / status["booked"] < 0.15
    assert 0.03 < status["cancelled"] / status["booked"] < 0.07
    assert all(row["said_at"] < row["slot_starts_at"] for row in rows if row["status"] != "cancelled")
    assert all(at(row["slot_ends_at"]) - at(row["slot_starts_at"]) == timedelta(hours=1) for row in rows)
    assert {row["kind"] for row in rows} == {"drop", "pick", "both"}


def test_a_truck_is_let_in_for_its_last_appointment(table: Table) -> None:
    last = {row["booking"]: row for row in table("appointments.csv")}
    trucks = table("truth/trucks.csv")
    for row in trucks:
        assert last[row["booking"]]["slot_starts_at"] == row["slot_starts_at"]
        assert last[row["booking"]]["gate"] == row["gate"]
        assert last[row["booking"]]["status"] != "cancelled"
    came = {row["booking"] for row in trucks}
    due = {
        name
        for name, row in last.items()
        if row["status"] != "cancelled" and "2026-03-02T06" < row["slot_starts_at"] < "2026-03-03T18"
    }
    assert 0.02 < len(due - came) / len(due) < 0.06, "some never come"


def test_delays_add_up_and_every_late_truck_has_the_largest_as_its_reason(table: Table) -> None:
    late = 0
    for row in table("truth/trucks.csv"):
        delays = {reason: int(row[f"{reason}_s"]) for reason in REASONS}
        entered = at(row["gate_in_at"])
        assert entered - at(row["planned_at"]) == timedelta(seconds=sum(delays.values()))
        over = (entered - at(row["slot_starts_at"])).total_seconds() - 3600
        assert int(row["late_s"]) == max(0, over)
        assert bool(row["why"]) == (over > 0)
        if row["why"]:
            late += 1
            assert delays[row["why"]] == max(delays.values()) > 0
    assert 0.05 < late / len(table("truth/trucks.csv")) < 0.25


def test_who_waited_for_an_opening_came_to_the_bridge_while_it_was_open(table: Table, city: City) -> None:
    openings = {one.name: one for one in city.openings}
    waited = [row for row in table("truth/trucks.csv") if row["opening"]]
    assert len(waited) > 20
    for row in waited:
        bridge = openings[row["opening"]].bridge
        assert bridge in row["bridges"].split()
        assert any(bridge == name for _, way in APPROACHES[row["gate"]] for name, _ in way)
        assert 0 < int(row["opening_s"]) < 2 * 20 * 60
    assert {row["why"] for row in table("truth/trucks.csv")} >= {"", "driver", "traffic", "closure", "queue"}


def test_lanes_are_first_in_first_out_and_queues_are_what_is_not_yet_in(table: Table) -> None:
    trucks = table("truth/trucks.csv")
    lanes = defaultdict(list)
    for row in trucks:
        assert 1 <= int(row["lane"]) <= GATES[row["gate"]][2]
        lanes[row["gate"], row["lane"]].append(row)
    for some in lanes.values():
        assert [row["arrived_at"] for row in some] == sorted(row["arrived_at"] for row in some)
        assert all(before["gate_in_at"] < after["gate_in_at"] for before, after in pairwise(some))
    told = [row for row in table("truth/queues.csv") if row["time"] == "2026-03-02T14:00:00Z"]
    for row in told:
        here = [one for one in trucks if one["gate"] == row["gate"]]
        counted = sum(one["arrived_at"] <= row["time"] < one["gate_in_at"] for one in here)
        assert int(row["waiting"]) == counted
    assert any(int(row["waiting"]) > 5 for row in table("truth/queues.csv"))


def test_the_gates_log_says_when_the_truth_says(table: Table) -> None:
    inward = {row["booking"]: row["time"] for row in table("gates.csv") if row["booking"] and row["direction"] == "in"}
    for row in table("truth/trucks.csv"):
        if row["gate_in_at"] < "2026-03-04":
            assert inward[row["booking"]] == row["gate_in_at"]


def test_bookings_tell_more_than_the_same_hour_of_last_week(fortnight: City) -> None:
    """The plainest forecast from what is booked six hours ahead, against the hour a week before, over two weeks."""
    edges, lead = np.arange(0, fortnight.end + 1, 3600.0), 6 * 3600
    booked, gain = fortnight.booked, []
    for number in range(len(GATES)):
        true, _ = np.histogram(fortnight.trucks.gate_in_at[fortnight.trucks.gate == number], edges)
        here = booked.gate == number
        # as it stood six hours before each slot: what was changed or cancelled later still stands
        stands = here & (booked.said_at < booked.slot - lead) & (booked.altered_at > booked.slot - lead)
        moved = here & (booked.altered_at < booked.new_slot - lead) & np.isfinite(booked.new_slot)
        told, _ = np.histogram(np.concatenate([booked.slot[stands], booked.new_slot[moved]]), edges)
        # trucks of a slot come within it and after it: how they spread is learnt on the first week
        lagged = np.stack([np.roll(told, shift) for shift in (-1, 0, 1)], axis=1)
        week = slice(24, 168)
        weights, *_ = np.linalg.lstsq(lagged[week].astype(float), true[week].astype(float), rcond=None)
        error = lagged[168:] @ weights - true[168:]
        gain.append((np.mean(error**2), np.mean((true[168:] - true[:-168]) ** 2)))
    own, naive = (np.sqrt(np.mean([pair[side] for pair in gain])) for side in (0, 1))
    assert 1 - own / naive >= 0.25


def test_ships_make_the_gates_behind_them_busier(fortnight: City) -> None:
    factors = bookings.work([one for call in fortnight.calls for one in call.movements], 14)[:, 2:16]
    assert factors.std(axis=1).min() > 0.05
    assert factors.min() > 0.5 and factors.max() < 1.5
    assert 0.9 < factors.mean() < 1.1
