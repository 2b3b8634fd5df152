"""What must be emptied is, what may wait waits, and no round takes longer than its crew has time."""

import datetime
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from havre_waste.choice import fixed, tours, what_if
from havre_waste.choice.driving import drive, share_out
from havre_waste.choice.model import DAY, Crew, Ground, Terms
from havre_waste.choice.outlook import Outlook, outlook
from havre_waste.choice.today import MUST, Reason, choose, most_worth, own_ways, wanted

MONDAY = datetime.date(2026, 3, 2)
TERMS = {"glass": Terms(must=0.2)}


def ground(count: int = 40, seconds: float = 6 * 3600.0, crews: int = 2, seed: int = 7) -> Ground:
    """Containers in a square of 6 km, with the depot in a corner and the tip in the middle."""
    chance = np.random.default_rng(seed)
    xy = np.concatenate([[[0.0, 0.0], [3000.0, 3000.0]], chance.uniform(0, 6000, (count, 2))])
    metres = 1.3 * np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    crew = Crew("", depot=0, tip=1, kg=6000, seconds=seconds)
    return Ground(
        ids=tuple(f"c-{number}" for number in range(count)),
        flow=("glass",) * count,
        place=np.arange(2, count + 2),
        litres=np.full(count, 4000.0),
        full_kg=np.full(count, 1200.0),
        metres=metres,
        seconds=metres / 8,
        crews={"glass": [replace(crew, id=f"truck-{number}") for number in range(crews)]},
    )


def believed(known: Ground, **risks: float) -> Outlook:
    """A third full and safe, but for those that are named (c_3=0.5 is a risk of one half)."""
    size = len(known.ids)
    fill, risk = np.full(size, 0.33), np.zeros(size)
    for name, value in risks.items():
        risk[int(name[2:])], fill[int(name[2:])] = value, 0.8
    return Outlook(fill, fill + 0.1, fill + 0.15, risk, risk / 2)


def test_what_may_overflow_is_emptied_and_what_is_nearly_empty_is_not() -> None:
    known = ground()
    made = choose(known, believed(known, c_3=0.5, c_17=0.21), TERMS, own_ways(known))
    assert sorted(made.chosen.tolist()) == [3, 17]
    assert [made.reason[row] for row in (3, 17, 5)] == [Reason.RISK, Reason.RISK, Reason.NOT_WORTH]


def test_what_lies_on_the_way_is_taken_along_when_it_is_nearly_due() -> None:
    known = ground()
    near, next_to_it = np.argsort(known.metres[known.place[3], known.place])[1:3].tolist()
    morning = believed(known, c_3=0.5)
    morning.fill[near], morning.later[near], morning.high[near] = 0.9, 0.94, 0.97
    morning.fill[next_to_it], morning.later[next_to_it], morning.high[next_to_it] = 0.65, 0.75, 0.8
    made = choose(known, morning, TERMS, own_ways(known))
    assert made.reason[near] is Reason.ON_THE_WAY and made.reason[next_to_it] is Reason.NOT_WORTH


def test_a_container_as_full_as_the_threshold_is_emptied_whatever_its_risk() -> None:
    known = ground()
    morning = believed(known)
    morning.fill[9] = 0.66
    made = choose(known, morning, {"glass": Terms(threshold=0.65)}, own_ways(known))
    assert made.reason[9] is Reason.FULL and made.worth[9] >= MUST


def test_with_the_same_risk_that_which_fills_slowly_is_emptied_and_that_which_fills_fast_waits() -> None:
    """To wait a day saves the fast one much of a cycle, the slow one next to nothing."""
    morning = Outlook(*(np.array(each) for each in ([0.7, 0.85], [0.9, 0.9], [0.97, 0.97], [0.1, 0.1], [0.02, 0.02])))
    found = wanted(morning, np.arange(2), Terms(overflow_eur=50.0, must=0.5), np.array([6.0, 6.0]))
    assert found.due.tolist() == [False, True]


def test_a_far_round_is_not_driven_for_what_it_is_not_worth() -> None:
    """Two that are near each other, far from all else: one alone pays the way, so does neither."""
    cost = np.array([[0.0, 1.0, 50.0, 50.0], [1.0, 0.0, 50.0, 50.0], [50.0, 50.0, 0.0, 1.0], [50.0, 50.0, 1.0, 0.0]])
    order = np.array([1, 2, 3])
    assert tours.without_losses(cost, order, np.array([5.0, 30.0, 30.0])).tolist() == [1]
    assert tours.without_losses(cost, order, np.array([5.0, 60.0, 60.0])).tolist() == [1, 2, 3]


class Sure:
    """It fills by a fifth a day, and was four fifths full at 0; more than full is certain, or excluded."""

    def __init__(self, at: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> None:
        self.level = 0.8 + 0.2 * at / DAY

    def quantile(self, z: float) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        return self.level + 0.05 * z

    def over(self) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        return (self.level > 1).astype(float)


def test_days_of_overflow_count_from_todays_truck_to_the_next() -> None:
    made = outlook(Sure, np.array([0.0, 0.0, 2 * DAY]), np.array([0.9 * DAY, 10 * DAY, 5 * DAY]))
    assert made.fill == pytest.approx([0.8, 0.8, 1.2]) and made.later == pytest.approx([0.98, 2.8, 1.8])
    assert made.overflow_days == pytest.approx([0.0, 9.0, 3.0], abs=2.0), "looked at a few times only"
    assert made.overflow_p.tolist() == [0.0, 1.0, 1.0]
    assert (made.high > made.later).all()


def test_what_the_crews_have_no_time_for_is_named() -> None:
    known = ground(seconds=1.2 * 3600.0, crews=1)
    made = choose(known, believed(known, **{f"c_{row}": 0.9 for row in range(40)}), TERMS, own_ways(known))
    short = [row for row, one in enumerate(made.reason) if one is Reason.NO_ROOM]
    assert short and sorted([*short, *made.chosen.tolist()]) == list(range(40))
    for one in made.rounds:
        assert drive(known, one.crew, one.stops, 0.8 * known.full_kg[one.stops]).seconds <= one.crew.seconds * 1.05


@given(seed=st.integers(0, 10_000), count=st.integers(1, 30))
@settings(max_examples=40, deadline=None)
def test_a_tour_visits_each_once_and_changes_make_it_no_longer(seed: int, count: int) -> None:
    cost = np.random.default_rng(seed).uniform(1, 100, (count + 1, count + 1))
    np.fill_diagonal(cost, 0.0)
    stops = np.arange(1, count + 1)

    def length(order: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> float:
        way = np.concatenate([[0], order, [0]])
        return float(cost[way[:-1], way[1:]].sum())

    order = tours.tour(cost, stops)
    assert sorted(order.tolist()) == stops.tolist()
    better = tours.improved(cost, stops)
    assert sorted(better.tolist()) == stops.tolist() and length(better) <= length(stops) + 1e-9


def test_a_truck_is_emptied_when_the_next_would_not_fit_and_at_its_end() -> None:
    known = ground()
    stops = np.arange(10)
    took = drive(known, known.crews["glass"][0], stops, np.full(10, 1200.0))
    assert took.tips == 2
    assert drive(known, known.crews["glass"][0], stops, np.full(10, 600.0)).tips == 1


@given(seed=st.integers(0, 10_000), count=st.integers(1, 7))
@settings(max_examples=40, deadline=None)
def test_a_tour_is_shared_out_at_the_least_cost(seed: int, count: int) -> None:
    """Against all ways to cut it, each driven."""
    known = ground(count, seed=seed)
    first, second = known.crews["glass"]
    crews = [first, replace(second, kg=2500.0, depot=1, eur_per_km=0.8)]
    kg = np.random.default_rng(seed).uniform(200, 1200, count)
    order = np.random.default_rng(seed + 1).permutation(count)

    def eur(crew: Crew, stops: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> float:
        return drive(known, crew, stops, kg[stops]).eur(crew) if len(stops) else 0.0

    best = min(eur(crews[0], order[:cut]) + eur(crews[1], order[cut:]) for cut in range(count + 1))
    found = share_out(known, crews, order, kg[order])
    assert found is not None and found[0] == pytest.approx(best)
    assert np.concatenate([one.stops for one in found[1]]).tolist() == order.tolist()
    assert sum(eur(one.crew, one.stops) for one in found[1]) == pytest.approx(best)


def test_a_crew_that_has_no_time_gets_no_round() -> None:
    known = ground(seconds=60.0)
    assert share_out(known, known.crews["glass"], np.arange(3), np.full(3, 100.0)) is None


def test_when_few_crews_run_they_do_what_is_worth_most_for_the_way() -> None:
    known = ground(seconds=1.5 * 3600.0, crews=3)
    worth = np.where(np.arange(40) < 8, 1.0, 0.02)
    rows, fill = np.arange(40), np.full(40, 0.9)
    one, two = (most_worth(known, "glass", rows, worth, fill, running) for running in (1, 2))
    done = [[row for each in those for row in each.stops.tolist()] for those in (one, two)]
    assert len(one) == 1 and len(set(done[0])) == len(done[0]) < len(done[1])
    assert worth[done[0]].sum() >= 5 and worth[done[1]].sum() >= 7.9
    with pytest.raises(ValueError, match="running"):
        most_worth(known, "glass", rows, worth, fill, 0)


def test_fixed_rounds_are_the_same_each_week_and_each_other_week_where_they_say_so() -> None:
    known = ground()
    stops = [fixed.Stop(0, f"c-{row}") for row in range(10)] + [fixed.Stop(0, "c-20", "even")]
    always = fixed.Fixed(known, tuple(stops), frozenset({MONDAY + datetime.timedelta(days=21)}))
    driven = [sum(len(one.stops) for one in always.of(MONDAY + datetime.timedelta(days=7 * week))) for week in range(4)]
    assert driven == [11, 10, 11, 0]
    assert always.of(MONDAY + datetime.timedelta(days=1)) == ()
    with pytest.raises(ValueError, match="c-lost"):
        fixed.Fixed(known, (fixed.Stop(0, "c-lost"),))


# What if


def asked(known: Ground, terms: Mapping[str, Terms]) -> what_if.Answer:
    belief = what_if.Belief(np.full(40, 0.4), np.linspace(0.1, 0.3, 40), np.full(40, 0.06))
    return what_if.what_if(known, belief, terms, MONDAY, 21)


def test_less_risk_is_more_service_and_more_emptyings() -> None:
    known = ground()
    bold, careful = (asked(known, what_if.with_risk(TERMS, risk)) for risk in (0.5, 0.02))
    assert careful.service_pct > bold.service_pct
    assert careful.totals.emptied > bold.totals.emptied
    assert careful.totals.fill_pct < bold.totals.fill_pct


def test_an_overflow_that_costs_more_is_more_service() -> None:
    known = ground()
    little, much = (asked(known, what_if.with_overflow_cost(TERMS, factor)) for factor in (0.2, 20.0))
    assert much.service_pct > little.service_pct and much.totals.emptied > little.totals.emptied


def test_a_lower_threshold_empties_more_often() -> None:
    known = ground()
    low, high = (asked(known, what_if.with_threshold(TERMS, level)) for level in (0.5, 0.8))
    assert low.totals.emptied > high.totals.emptied and low.totals.fill_pct < high.totals.fill_pct


def test_a_smaller_fleet_leaves_out_what_it_cannot_do() -> None:
    known = ground(seconds=1.0 * 3600.0, crews=3)
    whole, less = asked(known, TERMS), asked(what_if.with_fleet(known, {"glass": 1}), TERMS)
    assert less.left_out > whole.left_out and less.service_pct < whole.service_pct
    for count in (0, 4):
        with pytest.raises(ValueError, match=r"crews\.glass"):
            what_if.with_fleet(known, {"glass": count})
