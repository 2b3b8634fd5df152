"""Rows make a new state; the old one, the order of rows and their repetition change nothing."""

import copy
import dataclasses
import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from havre_waste.levels import Fleet, Levels, Rows, levels, take
from havre_waste.sites.model import Container, Flow, Site
from tests.waste.levels import bins


def rising(hour: float) -> float:
    return 0.1 + 0.008 * hour


def same(one: Levels, other: Levels) -> bool:
    pairs = [(one.belief, other.belief), (one.watch, other.watch), (one.visits, other.visits)]
    return all(
        np.array_equal(getattr(a, field.name), getattr(b, field.name), equal_nan=True)
        for a, b in pairs
        for field in dataclasses.fields(a)
    )


def test_a_state_is_a_value() -> None:
    state = take(bins.start(bins.fleet(2)), bins.rows(bins.at(range(0, 8, 4), rising)), bins.after(8)).levels
    before = copy.deepcopy(state)
    told = bins.rows(bins.at(range(12, 20, 4), rising), [bins.stop(13.0)], [bins.note(13.1, "emptied")])
    one, other = take(state, told, bins.after(20)), take(state, told, bins.after(20))
    assert same(state, before) and same(one.levels, other.levels) and not same(one.levels, state)


def test_the_order_of_rows_does_not_matter() -> None:
    told = bins.rows(bins.at(range(0, 20, 4), rising), [bins.stop(13.0)], [bins.note(13.1, "half")])
    frames = (told.readings, told.deposits, told.crew_notes, told.truck_passes)
    one = take(bins.start(bins.fleet()), told, bins.after(20))
    other = take(bins.start(bins.fleet()), Rows(*(frame.reverse() for frame in frames)), bins.after(20))
    assert same(one.levels, other.levels)


def test_in_steps_it_is_as_at_once() -> None:
    told = bins.rows(bins.at(range(1, 22, 4), rising), puts=bins.deposits([2.5, 7.5, 7.6, 19.0]))
    whole, *_ = bins.run(bins.start(bins.fleet(counts=True)), told, 22, every=22)
    steps, *_ = bins.run(bins.start(bins.fleet(counts=True)), told, 22, every=2)
    near = [0.01, 0.05, 0.05]
    assert (np.abs(steps.belief.mean[0, :3] - whole.belief.mean[0, :3]) < near).all()


def test_repeated_late_and_unknown_rows_are_counted_and_change_nothing() -> None:
    readings = bins.at(range(0, 20, 4), rising)
    strange = [readings[0] | {"sensor": "s-99"}]
    clean = take(bins.start(bins.fleet()), bins.rows(readings), bins.after(20)).levels
    twice = take(bins.start(bins.fleet()), bins.rows([*readings, readings[2], *strange]), bins.after(20)).levels
    again = take(twice, bins.rows([readings[-1], readings[1]]), bins.after(20)).levels
    assert same(clean, twice) and same(clean, again)
    found = again.counters
    assert (found.readings, found.duplicates, found.late, found.unknown) == (9, 2, 1, 1)


def test_readings_that_do_not_arrive_are_counted() -> None:
    told = [row for number, row in enumerate(bins.at(range(0, 80, 4), rising)) if number not in (5, 9, 10)]
    assert bins.run(bins.start(bins.fleet()), bins.rows(told), 80)[0].counters.lost == 3


def test_time_does_not_go_back() -> None:
    state = take(bins.start(bins.fleet()), Rows(), bins.after(5)).levels
    with pytest.raises(ValueError, match="expected not before 2026-03-02 05:00"):
        take(state, Rows(), bins.after(4))


def test_a_container_a_sensor_and_a_depth_are_checked() -> None:
    one = Container("a", "x", Flow.GLASS, 4000, 2000, 250, "s")
    for other, words in (
        (dataclasses.replace(one, sensor="t"), "a is there twice"),
        (dataclasses.replace(one, id="b"), "s is there twice"),
        (dataclasses.replace(one, id="b", sensor="t", depth_mm=200), "b: depth_mm must be more than dead_zone_mm"),
    ):
        with pytest.raises(ValueError, match=words):
            Fleet.of([one, other], [Site("x", "", 0.1, 49.5)])


READING = st.tuples(
    st.integers(0, 400), st.one_of(st.none(), st.integers(-10, 5000)), st.one_of(st.none(), st.floats(0, 90, width=32))
)


@settings(max_examples=60, deadline=None)
@given(
    readings=st.lists(READING, max_size=40),
    stops=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 10_000)), max_size=6),
    notes=st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from(["emptied", "full", "blocked", "?"]), st.floats(0, 1)),
        max_size=6,
    ),
    puts=st.lists(st.integers(0, 400), max_size=30),
)
def test_whatever_comes_levels_are_numbers_in_order(
    readings: list[tuple[int, int | None, float | None]],
    stops: list[tuple[int, int]],
    notes: list[tuple[int, str, float]],
    puts: list[int],
) -> None:
    made = [
        {"time": bins.after(at / 4), "sensor": "s-0", "distance_mm": mm, "tilt_deg": tilt} for at, mm, tilt in readings
    ]
    told = bins.rows(
        made,
        [bins.stop(at / 4, seconds=seconds) for at, seconds in stops],
        [bins.note(at / 4, state, fill) for at, state, fill in notes],
        bins.deposits([at / 4 for at in puts]),
    )
    state, *_ = bins.run(bins.start(bins.fleet(counts=True, unsensed=1)), told, 100, every=50)
    for days in (0, 3, 60):
        found = levels(state, bins.after(100) + datetime.timedelta(days=days))
        p10, p50, p90, over = (found[name].to_numpy() for name in ("p10", "p50", "p90", "overflow_p"))
        assert np.isfinite(found.select(pl.col(pl.Float64)).to_numpy()).all()
        assert (p10 >= 0).all() and (p10 <= p50).all() and (p50 <= p90).all() and ((over >= 0) & (over <= 1)).all()
