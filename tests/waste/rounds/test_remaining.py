"""The rest of a day: after a breakdown, or at any time."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from havre_waste.rounds.checker import check
from havre_waste.rounds.model import Kind, Window
from havre_waste.rounds.planning import Stopping, plan
from havre_waste.rounds.remaining import plan_again, remaining
from tests.waste.rounds.problems import HOUR, LUNCH, line, problem, truck

SOON = Stopping(seconds=None, iterations=150)
DAY = problem(
    9,
    stops=line(9, service=HOUR // 3),
    vehicles=tuple(truck(name, lunch=LUNCH, shift=Window(9 * HOUR, 19 * HOUR), kg_a_day=1500) for name in "abc"),
)
PLAN = plan(DAY, stop=SOON)
times = st.integers(8 * HOUR, 19 * HOUR)


@given(times)
def test_what_is_done_or_begun_is_not_done_again_and_nothing_is_forgotten(now: int) -> None:
    begun = {
        visit.id
        for one in PLAN.rounds
        for before, visit in pairwise(one.visits)
        if visit.kind == Kind.STOP and before.ends <= now
    }
    assert {one.id for one in remaining(DAY, PLAN, now).stops} == {one.id for one in DAY.stops} - begun


@given(times)
def test_the_rest_is_planned_from_where_trucks_are_with_what_they_carry(now: int) -> None:
    left, again = plan_again(DAY, PLAN, now, stop=Stopping(seconds=None, iterations=20))
    assert check(left, again) == ()
    assert again.left_out == ()


def test_after_a_breakdown_the_others_take_its_stops() -> None:
    now = 11 * HOUR
    broken = PLAN.rounds[0].vehicle
    left, again = plan_again(DAY, PLAN, now, broken={broken}, stop=SOON)
    lost = {visit.id for visit in PLAN.rounds[0].visits if visit.kind == Kind.STOP and visit.ends > now}
    assert check(left, again) == ()
    assert lost <= {stop for one in again.rounds for stop in one.stops} | set(again.left_out)
    assert broken not in {one.vehicle for one in again.rounds}


def test_what_is_no_longer_possible_is_left_out_by_name() -> None:
    broken = {"a", "b", "c"} - {PLAN.rounds[0].vehicle}
    left, again = plan_again(DAY, PLAN, 10 * HOUR, broken=broken, stop=SOON)
    assert check(left, again) == ()
    assert again.left_out != ()


def test_a_truck_that_is_out_without_stops_comes_home_empty() -> None:
    only = problem(1, stops=line(1))
    made = plan(only, stop=SOON)
    left, again = plan_again(only, made, made.rounds[0].visits[1].begins, stop=SOON)
    assert left.stops == ()
    assert [visit.kind for visit in again.rounds[0].visits] == [Kind.START, Kind.TIP, Kind.END]
    assert check(left, again) == ()
