"""Three quantiles that are honest, on voyages that were not learned from."""

import numpy as np
import polars as pl
import pytest

from havre_mobility.eta.forecast import FOLDS, HORIZONS, Forecaster, _folds, errors, fit, of_json, stretch
from havre_mobility.eta.samples import moments, outcomes, samples
from tests.mobility.eta.sea import known, network


def learnable(count: int, seed: int) -> pl.DataFrame:
    of = known(count, seed)
    return samples(moments(outcomes(of.announcements), within=12), of, network(of))


@pytest.fixture(scope="module")
def forecaster() -> Forecaster:
    return fit(learnable(90, seed=1))


@pytest.fixture(scope="module")
def fresh() -> pl.DataFrame:
    return learnable(40, seed=2).filter(pl.col("base").is_not_null())


def test_what_agents_are_always_wrong_by_is_learned(forecaster: Forecaster, fresh: pl.DataFrame) -> None:
    told = forecaster.predict(fresh)["p50"].to_numpy()
    wrong, agent_wrong = (np.abs(of - fresh["came"].to_numpy()).mean() for of in (told, fresh["base"].to_numpy()))
    assert wrong < 0.4 * agent_wrong


def test_the_band_covers_what_it_says(forecaster: Forecaster, fresh: pl.DataFrame) -> None:
    told, came = forecaster.predict(fresh), fresh["came"]
    covered = ((told["p10"] <= came) & (came <= told["p90"])).mean()
    assert 0.7 < covered < 0.9  # type: ignore[operator]


def test_quantiles_rise_and_nothing_lies_in_the_past(forecaster: Forecaster, fresh: pl.DataFrame) -> None:
    told = forecaster.predict(fresh)
    assert (told["p10"] <= told["p50"]).all() and (told["p50"] <= told["p90"]).all()
    assert (told["p10"] >= 0).all()


def test_the_stated_error_is_that_of_voyages_it_has_not_seen(forecaster: Forecaster, fresh: pl.DataFrame) -> None:
    found = errors(forecaster.predict(fresh), fresh["came"].to_numpy())
    stated = {one.from_h: one for one in forecaster.errors}
    for one in found:
        assert one.mean_absolute_h == pytest.approx(stated[one.from_h].mean_absolute_h, rel=0.5, abs=0.1)


def test_a_forecaster_is_kept_as_text(forecaster: Forecaster, fresh: pl.DataFrame) -> None:
    again = of_json(forecaster.to_json())
    assert again.predict(fresh).equals(forecaster.predict(fresh))
    assert again.errors == forecaster.errors


def test_the_same_samples_give_the_same_forecaster() -> None:
    some = learnable(12, seed=3)
    assert fit(some).to_json() == fit(some).to_json()


def test_nothing_is_learned_from_nothing() -> None:
    with pytest.raises(ValueError, match="voyages"):
        fit(learnable(3, seed=1))


def test_each_hour_is_in_one_stretch() -> None:
    assert stretch(np.array([0.0, 2.9, 3.0, 23.9, 24.0, 500.0])).tolist() == [0, 0, 1, 3, 4, 4]
    assert len(HORIZONS) == 6


def test_folds_are_of_weeks_where_there_are_enough() -> None:
    voyages = pl.DataFrame(
        {"movement": [f"m-{one}" for one in range(12)], "week": [f"w-{one // 2}" for one in range(12)]}
    )
    by_week = _folds(voyages)
    assert all(len(set(by_week[week * 2 : week * 2 + 2])) == 1 for week in range(6))
    assert set(by_week) == set(range(FOLDS))
    assert set(_folds(voyages.with_columns(week=pl.lit("w")))) == set(range(FOLDS))
