"""Rounds that know of bridges and gates."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from havre_waste.rounds.bridges import Expected, around, closures, plan_around
from havre_waste.rounds.checker import check
from havre_waste.rounds.crossings import Lost, Roads
from havre_waste.rounds.model import Closure, Crossing, Matrix, Peak, Plan, Problem, Stop, Window
from havre_waste.rounds.planning import Stopping, orders_of, plan, written
from tests.waste.rounds.problems import HOUR, grid, truck

SOON = Stopping(seconds=None, iterations=150)


def beyond(shut: tuple[Closure, ...], *, detour: bool = False) -> Problem:
    """Four stops on each side of a bridge, a truck that begins at six."""
    points = [(0, 0), *((1000 * n, 500) for n in range(1, 5)), *((1000 * n, 3000) for n in range(1, 5))]
    usual = grid(points)
    south = set(range(5))
    legs = {(a, b): (Crossing("bridge", 60),) for a in range(9) for b in range(9) if (a in south) != (b in south)}
    around = Matrix(
        usual.metres + 900 * (1 - np.eye(9, dtype=np.int64)),
        usual.seconds + 90 * (1 - np.eye(9, dtype=np.int64)),
        "around",
    )
    matrix = Matrix(usual.metres, usual.seconds, "with a bridge", legs, (around,) if detour else ())
    stops = tuple(Stop(f"s{n}", n, 10, 300) for n in range(1, 9))
    return Problem(stops, (truck(out=True),), (), matrix, shut)


def blind(given: Problem) -> tuple[Plan, Plan]:
    """A plan made without closures, and what becomes of it."""
    made = plan(replace(given, closures=()), stop=SOON)
    driven = written(given, Roads(given), orders_of(given, made))
    assert driven is not None
    return made, driven


def crossed(made: Plan) -> int:
    """When the bridge is reached first in a plan made without closures."""
    visits = made.rounds[0].visits
    first = next(number for number, one in enumerate(visits) if one.place >= 5)
    return visits[first - 1].ends + 60


def test_an_order_is_changed_when_that_costs_less_than_the_wait() -> None:
    at = crossed(blind(beyond(()))[0])
    given = replace(beyond((Closure("bridge", at - 60, at + 900),)), waiting=1.0)
    made, driven = blind(given)
    knowing = around(given, made)
    assert driven.waited == 900
    assert check(given, knowing) == ()
    assert knowing.waited < 450
    assert knowing.metres <= 1.3 * made.metres


def test_the_more_waiting_counts_the_farther_one_goes_round() -> None:
    given = beyond((Closure("bridge", 0, 1000),), detour=True)
    leaves = 1000 - 60 - 60
    ways = [Roads(replace(given, waiting=counts)).leave(1, 5, leaves) for counts in (1.0, 5.0)]
    assert [(one.number, one.waited) for one in ways] == [(0, 60), (1, 0)]


def test_another_bridge_is_taken_when_that_is_shorter_than_the_wait() -> None:
    at = crossed(blind(beyond(()))[0])
    given = beyond((Closure("bridge", at - 60, at + 900),), detour=True)
    driven = blind(given)[1]
    assert check(given, driven) == ()
    assert driven.waited == 0
    assert 1 in {one.way for one in driven.rounds[0].visits}


def test_nothing_changes_where_nothing_is_shut() -> None:
    given = beyond((Closure("other bridge", 0, 24 * HOUR),))
    made = plan(given, stop=SOON)
    assert around(given, made) == made


def test_a_plan_around_closures_keeps_everything() -> None:
    given = beyond((Closure("bridge", 6 * HOUR, 7 * HOUR, 0.5),))
    assert check(given, plan_around(given, stop=SOON)) == ()


def test_a_reserved_slot_is_free() -> None:
    found = closures(
        [Expected("bridge", 1000, 2000, 0.9)], [("bridge", Window(1200, 1500)), ("other", Window(0, 9000))]
    )
    assert found == (Closure("bridge", 1000, 1200, 0.9), Closure("bridge", 1500, 2000, 0.9))


def test_the_error_of_a_plan_spreads_it_and_keeps_its_probability() -> None:
    found = closures([Expected("bridge", 1000, 2000, 0.9, error=100)])
    assert [one.starts for one in found] == [878, 1000, 1122]
    assert sum(one.probability for one in found) == pytest.approx(0.9)
    assert Lost(found, ()).at(1500) == pytest.approx(0.9 * 500, abs=1)


def test_a_peak_at_a_gate_costs_time_but_not_more_than_to_wait_for_its_end() -> None:
    gate = Lost((), (Peak("gate", 0, 1000, 300),))
    assert [gate.at(one) for one in (0, 500, 900, 1000)] == [300, 300, 100, 0]


spans = st.tuples(st.integers(0, 100), st.integers(1, 60))


@given(
    st.lists(st.tuples(spans, st.sampled_from([0.1, 0.5, 1.0])), max_size=4),
    st.lists(st.tuples(spans, st.integers(1, 50)), max_size=3),
)
def test_who_comes_later_never_leaves_earlier(
    shut: list[tuple[tuple[int, int], float]], peaks: list[tuple[tuple[int, int], int]]
) -> None:
    lost = Lost(
        [Closure("b", start, start + length, share) for (start, length), share in shut],
        [Peak("b", start, start + length, seconds) for (start, length), seconds in peaks],
    )
    left = [time + lost.at(time) for time in range(180)]
    assert left == sorted(left)
