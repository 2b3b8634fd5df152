"""What a plan keeps."""

import pytest
from hypothesis import HealthCheck, assume, given, settings

from havre_waste.rounds.balance import balanced
from havre_waste.rounds.checker import check
from havre_waste.rounds.model import Kind, Lunch, Problem, Stop, Tip, Window, cost
from havre_waste.rounds.planning import NoPlan, Progress, Stopping, plan
from tests.waste.rounds.problems import HOUR, grid, line, problem, problems, street, truck

SOON = Stopping(seconds=None, iterations=150)


@given(problems())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_plan_keeps_everything(given: Problem) -> None:
    try:
        found = plan(given, stop=SOON)
    except NoPlan:
        assume(False)
    assert check(given, found) == ()


def test_a_truck_empties_when_full_and_before_it_is_home() -> None:
    given = problem(6)
    found = plan(given, stop=SOON)
    (one,) = found.rounds
    assert check(given, found) == ()
    assert [len(trip) for trip in one.trips] == [4, 4]
    assert one.visits[-1].kg == 0
    assert one.visits[-2].kind == Kind.TIP


def test_without_tips_a_round_ends_loaded_and_takes_no_more_than_the_truck_holds() -> None:
    given = problem(6, tips=(), vehicles=(truck("a"), truck("b")))
    found = plan(given, stop=SOON)
    assert check(given, found) == ()
    assert sorted(len(one.stops) for one in found.rounds) == [3, 3]


def test_lunch_is_taken_where_the_truck_stands_and_begins_in_its_window() -> None:
    given = problem(6, stops=line(6, service=HOUR))
    (one,) = plan(given, stop=SOON).rounds
    (lunch,) = [visit for visit in one.visits if visit.kind == Kind.LUNCH]
    assert 11 * HOUR <= lunch.begins <= 12 * HOUR


def test_who_is_home_before_lunch_takes_none_on_the_way() -> None:
    given = problem(2, stops=line(2, windows=(Window(7 * HOUR, 8 * HOUR),)))
    (one,) = plan(given, stop=SOON).rounds
    assert Kind.LUNCH not in [visit.kind for visit in one.visits]


def test_a_stop_is_served_in_one_of_its_windows() -> None:
    early, late = Window(6 * HOUR, 6 * HOUR + 60), Window(12 * HOUR, 13 * HOUR)
    given = problem(3, stops=(*line(2), Stop("w", 4, 10, windows=(early, late))))
    found = plan(given, stop=SOON)
    (begins,) = [visit.begins for visit in found.rounds[0].visits if visit.id == "w"]
    assert check(given, found) == ()
    assert 12 * HOUR <= begins <= 13 * HOUR


def test_a_stop_is_served_by_a_truck_that_may_come() -> None:
    given = problem(2, stops=line(2, vehicles=frozenset({"b"})), vehicles=(truck("a"), truck("b", eur_a_day=50.0)))
    assert [one.vehicle for one in plan(given, stop=SOON).rounds] == ["b"]


def test_an_optional_stop_is_left_out_when_its_way_costs_more() -> None:
    cheap, dear = Stop("cheap", 2, 10, prize=1.0), Stop("dear", 3, 10, prize=500.0)
    given = Problem((cheap, dear), (truck(),), (), grid([(0, 0), (5000, 0), (0, 30000), (1000, 0)]))
    found = plan(given, stop=SOON)
    assert found.left_out == ("cheap",)
    assert cost(given, found) == pytest.approx(1.0 + 2 * 1.1 + 70 * 200 / 3600)


@pytest.mark.parametrize(
    ("cap", "rounds"), [({"kg_a_day": 1000}, 2), ({"stops_a_day": 2}, 3), ({"kg_a_day": 900, "stops_a_day": 4}, 2)]
)
def test_a_cap_of_the_day_holds_over_all_trips(cap: dict[str, int], rounds: int) -> None:
    trucks = tuple(truck(name, **cap) for name in "abc")
    given = problem(6, vehicles=trucks)
    found = plan(given, stop=SOON)
    assert check(given, found) == ()
    assert len(found.rounds) == rounds


def test_a_cap_of_the_day_counts_in_the_prize_of_an_optional_stop() -> None:
    trucks = (truck("a", kg_a_day=600),)
    given = problem(6, stops=line(6, prize=50.0), vehicles=trucks)
    found = plan(given, stop=SOON)
    assert check(given, found) == ()
    assert len(found.left_out) == 4


def test_a_cap_of_the_trips_holds() -> None:
    given = problem(6, vehicles=(truck("a", trips=1), truck("b", trips=1)))
    found = plan(given, stop=SOON)
    assert check(given, found) == ()
    assert [len(one.trips) for one in found.rounds] == [1, 1]


def test_where_nothing_is_possible_it_is_said() -> None:
    with pytest.raises(NoPlan, match="6 stops, 1 vehicles"):
        plan(problem(6, vehicles=(truck(kg=200),)), stop=SOON)


def test_the_last_tip_is_open_when_the_truck_comes() -> None:
    shut = Tip("near", 1, 600, (Window(0, 6 * HOUR),))
    given = problem(3, tips=(shut, Tip("far", 4, 600)))
    found = plan(given, stop=SOON)
    assert check(given, found) == ()
    assert [visit.id for visit in found.rounds[0].visits if visit.kind == Kind.TIP] == ["far"]


def test_the_same_seed_and_iterations_give_the_same_plan() -> None:
    given = problem(6, vehicles=(truck("a"), truck("b")))
    assert plan(given, stop=SOON, seed=3) == plan(given, stop=SOON, seed=3)


def test_progress_tells_of_plans_that_keep_everything_each_better_than_the_last() -> None:
    given = problem(8, vehicles=(truck("a"), truck("b")))
    told: list[Progress] = []
    found = plan(given, stop=SOON, on_progress=told.append)
    assert all(check(given, one.plan) == () for one in told)
    assert [one.cost for one in told] == sorted({one.cost for one in told}, reverse=True)
    assert told[-1].plan == found


def test_a_plan_is_begun_with_another() -> None:
    given = problem(6)
    known = plan(given, stop=SOON)
    again = plan(given, stop=Stopping(seconds=None, iterations=0), warm=known)
    assert cost(given, again) <= cost(given, known)


def test_balanced_rounds_are_as_long_as_each_other_and_not_much_dearer() -> None:
    trucks = (truck("a", kg=5000), truck("b", kg=5000))
    given = problem(6, stops=line(6, service=HOUR // 2), vehicles=trucks)
    usual, even = plan(given, stop=SOON), balanced(given, dearer=0.3, stop=SOON)
    assert check(given, even) == ()
    assert max(one.worked for one in even.rounds) < max(one.worked for one in usual.rounds)
    assert cost(given, even) <= 1.3 * cost(given, usual)


def test_a_round_may_have_no_lunch_and_another_its_own() -> None:
    lunches = (None, Lunch(10 * HOUR, 11 * HOUR, HOUR))
    trucks = tuple(truck(str(n), lunch=one, kg=900, shift=Window(9 * HOUR, 17 * HOUR)) for n, one in enumerate(lunches))
    given = Problem(line(6, service=HOUR), trucks, (), street(6))
    found = plan(given, stop=SOON)
    assert check(given, found) == ()
    assert [sum(visit.kind == Kind.LUNCH for visit in one.visits) for one in found.rounds] == [0, 1]
