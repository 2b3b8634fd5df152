"""Where first: what rots by a school comes before what only is full, and each reason is told with its part."""

import pytest

from havre_waste.choice.crisis import Ground, Standing, Weights, rank, rounds

SCHOOL = Standing("school", {"food": 0.9}, 0.4, density=3000, sensitive="école", minutes=10, days=5, round="r1")
SQUARE = Standing("square", {"glass": 1.0}, 0.9, density=6000, minutes=5, days=10, round="r2")
PORT = Standing("port", {"packaging": 0.2}, 0.0, density=0, minutes=25, days=1, round="r2")


def test_food_by_a_school_comes_before_glass_that_is_full() -> None:
    assert [one.site for one in rank([PORT, SQUARE, SCHOOL], 28.0)] == ["school", "square", "port"]


def test_reasons_are_told_with_their_parts_the_weightiest_first() -> None:
    first = rank([PORT, SQUARE, SCHOOL], 28.0)[0]
    assert first.score == pytest.approx(sum(one.share for one in first.reasons))
    assert [one.share for one in first.reasons] == sorted((one.share for one in first.reasons), reverse=True)
    health = first.reasons[0]
    assert (health.ground, health.name, health.value) == (Ground.HEALTH, "école", 90.0)


def test_in_the_cold_rotting_matters_less() -> None:
    warm, cold = (next(one for one in rank([SCHOOL, SQUARE], at) if one.site == "school") for at in (28.0, 2.0))
    assert cold.score < warm.score


def test_weights_decide_and_wrong_ones_are_refused() -> None:
    ranked = rank([SCHOOL, SQUARE], 28.0, Weights(health=0, overflow=1, density=0, access=0, waited=0))
    assert [one.site for one in ranked] == ["square", "school"]
    with pytest.raises(ValueError, match="weights"):
        Weights(health=-1)
    with pytest.raises(ValueError, match="weights"):
        Weights(0, 0, 0, 0, 0)


def test_the_rounds_that_run_are_those_in_which_most_is_done() -> None:
    those = [SCHOOL, SQUARE, PORT]
    chosen = rounds(those, rank(those, 28.0), 1)
    assert [(one.round, one.sites) for one in chosen] == [("r1", ("school",))]
    assert [one.sites for one in rounds(those, rank(those, 28.0), 5)] == [("school",), ("square", "port")]
    assert rounds(those, rank(those, 28.0), 0) == []
    with pytest.raises(ValueError, match="running"):
        rounds(those, [], -1)


def test_nothing_known_is_no_reason() -> None:
    (only,) = rank([Standing("x", {}, 0.0, minutes=60)], 15.0)
    assert only.score == 0 and only.reasons == ()
