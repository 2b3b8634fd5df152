"""Where few arrivals were seen: the band of an arrival is what statements of its kind were wrong by."""

import polars as pl
import pytest

from havre_mobility.eta.spread import FEWEST, fit


def samples(rows: list[tuple[str, str, float, float | None, float | None, float | None]]) -> pl.DataFrame:
    names = {"movement": pl.String, "point": pl.String, "base": pl.Float64, "came": pl.Float64}
    statements = {"plan": pl.Float64, "agent": pl.Float64}
    return pl.DataFrame(rows, {**names, **statements}, orient="row").with_columns(berth_plan=pl.lit(None, pl.Float64))


def stated(kind: str, wrong: list[float], base: float = 4.0, point: str = "pilot") -> list[tuple]:  # type: ignore[type-arg]
    """Of a voyage each: a plan or an agent's estimate, and what it was wrong by."""
    plan, agent = (base, None) if kind == "plan" else (None, base)
    return [(f"{kind}-{number}", point, base, base + one, plan, agent) for number, one in enumerate(wrong)]


SMALL = [0.1 * number for number in range(-10, 11)]
LARGE = [5.0 + number for number in range(-10, 11)]


def predicted(learned: list[tuple], asked: list[tuple]) -> list[tuple[float, ...]]:  # type: ignore[type-arg]
    return [tuple(round(one, 2) for one in row) for row in fit(samples(learned)).predict(samples(asked)).iter_rows()]


def test_a_plan_has_the_band_of_plans_and_an_estimate_that_of_estimates() -> None:
    learned = [*stated("plan", SMALL), *stated("agent", LARGE)]
    plan, agent = predicted(learned, [*stated("plan", [0.0]), *stated("agent", [0.0])])
    assert plan == (3.2, 4.0, 4.8)
    assert agent == (1.0, 9.0, 17.0)


def test_what_few_have_told_is_taken_from_statements_of_other_kinds() -> None:
    (agent,) = predicted([*stated("plan", SMALL), *stated("agent", [9.0] * (FEWEST - 1))], stated("agent", [0.0]))
    assert agent[1] == 4.5, "the median of all"
    ((low, _, _),) = predicted(stated("plan", SMALL, base=4.0), stated("plan", [0.0], base=30.0))
    assert low == 29.2, "in another stretch"


def test_an_arrival_that_is_overdue_has_the_band_of_those_that_were() -> None:
    learned = [*stated("plan", SMALL, base=0.5), *stated("plan", [10.0] * FEWEST, base=0.0)]
    assert predicted(learned, stated("plan", [0.0], base=0.0)) == [(10.0, 10.0, 10.0)]


def test_no_ship_comes_in_the_past() -> None:
    assert predicted(stated("plan", [-3.0] * FEWEST, base=2.0), stated("plan", [0.0], base=2.0)) == [(0.0, 0.0, 0.0)]


def test_too_few_voyages_are_an_error() -> None:
    with pytest.raises(ValueError, match="9 voyages"):
        fit(samples(stated("plan", SMALL[:9])))
