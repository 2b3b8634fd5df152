"""Emptyings are told once, at their time, and nothing else is told as one."""

import pytest

from havre_waste.levels import levels, take
from tests.waste.levels import bins

EMPTIED_AT = 61.0


def filling(hour: float) -> float:
    """Six points in a working day's six hours, emptied at ``EMPTIED_AT``."""
    return 0.1 + 0.009 * hour if hour < EMPTIED_AT else 0.01 + 0.009 * (hour - EMPTIED_AT)


def steady(hour: float) -> float:
    return 0.1 + 0.009 * hour


def test_a_stop_and_a_level_that_falls_are_one_emptying_at_the_stop() -> None:
    told = bins.rows(bins.at(range(0, 90, 4), filling), [bins.stop(EMPTIED_AT)])
    _, emptyings, _ = bins.run(bins.start(bins.fleet()), told, 90)
    ((time, container, before, by),) = emptyings.iter_rows()
    assert abs((time - bins.after(EMPTIED_AT)).total_seconds()) < 60
    assert (container, by) == ("c-0", "sensor")
    assert before == pytest.approx(0.64, abs=0.06)


def test_a_stop_its_note_and_a_level_that_falls_are_one_emptying() -> None:
    notes = [bins.note(EMPTIED_AT + 0.03, "emptied", 0.75)]
    told = bins.rows(bins.at(range(0, 90, 4), filling), [bins.stop(EMPTIED_AT)], notes)
    _, emptyings, _ = bins.run(bins.start(bins.fleet()), told, 90)
    assert emptyings["told"].to_list() == ["note"]


def test_a_level_that_falls_and_stays_low_is_an_emptying_of_which_no_truck_told() -> None:
    told = bins.rows(bins.at(range(0, 90, 4), filling), [bins.stop(20.0)])
    _, emptyings, _ = bins.run(bins.start(bins.fleet()), told, 90)
    assert emptyings.height == 1
    assert abs((emptyings["time"][0] - bins.after(EMPTIED_AT)).total_seconds()) < 4 * 3600


def test_a_stop_after_which_the_level_stays_is_none() -> None:
    told = bins.rows(bins.at(range(0, 90, 4), steady), [bins.stop(EMPTIED_AT)])
    _, emptyings, faults = bins.run(bins.start(bins.fleet()), told, 90)
    assert emptyings.is_empty() and faults.is_empty()


def test_one_low_value_is_wild_and_no_emptying() -> None:
    told = bins.rows(bins.at(range(0, 90, 4), lambda hour: 0.02 if hour == 60 else steady(hour)), [bins.stop(20.0)])
    state, emptyings, _ = bins.run(bins.start(bins.fleet()), told, 90)
    assert emptyings.is_empty() and state.counters.wild == 1


@pytest.mark.parametrize(
    ("stops", "notes", "emptied"),
    [
        ([bins.stop(10.0)], [], True),
        ([bins.stop(10.0, seconds=20)], [], False),
        ([bins.stop(10.0, truck="glass")], [], False),
        ([bins.stop(10.0)], [bins.note(10.02, "blocked")], False),
        ([bins.stop(10.0)], [bins.note(10.02, "not_found")], False),
        ([], [bins.note(10.0, "emptied", 0.5)], True),
        ([], [bins.note(10.0, "full")], False),
        ([bins.stop(10.0)], [bins.note(10.02, "emptied")], True),
        ([bins.stop(10.0), bins.stop(10.05)], [], True),
    ],
    ids=["stop", "short stop", "other flow", "blocked", "not found", "note", "seen full", "both", "two stops"],
)
def test_without_a_sensor_stops_and_notes_tell(stops: list[dict], notes: list[dict], emptied: bool) -> None:  # type: ignore[type-arg]
    state, emptyings, _ = bins.run(
        bins.start(bins.fleet(sensed=False)), bins.rows(stops=stops, notes=notes), 16, every=2
    )
    assert emptyings.filter(emptyings["container"] == "c-0").height == emptied
    p50 = levels(state, bins.after(16))["p50"][0]
    assert (p50 < 0.15) == emptied


def test_a_note_that_comes_hours_late_counts_from_its_own_time() -> None:
    state, *_ = bins.run(bins.start(bins.fleet(sensed=False)), bins.rows(), 30)
    late = take(state, bins.rows(notes=[bins.note(12.0, "emptied")]), bins.after(36))
    again, *_ = bins.run(bins.start(bins.fleet(sensed=False)), bins.rows(notes=[bins.note(12.0, "emptied")]), 36)
    on_time, lately = levels(again, bins.after(36)), levels(late.levels, bins.after(36))
    assert late.emptyings["time"].to_list() == [bins.after(12)]
    assert lately["p50"][0] == pytest.approx(on_time["p50"][0], abs=0.02)
