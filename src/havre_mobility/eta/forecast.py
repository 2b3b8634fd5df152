"""Three quantiles of an arrival: gradient-boosted trees on what the best single statement is wrong by.

LightGBM with the pinball loss (Koenker & Bassett 1978) for 0.1, 0.5 and 0.9; the band is then widened or narrowed so
that it covers what it says, by conformalised quantile regression (Romano, Patterson & Candès 2019) on voyages that
the trees have not seen, apart for each stretch of ``HORIZONS`` of the forecast itself. The error that is stated comes
from the same voyages.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from havre_mobility.eta.samples import FEATURES

Floats = NDArray[np.float64]
QUANTILES = (0.1, 0.5, 0.9)
COVERS = QUANTILES[2] - QUANTILES[0]
HORIZONS = (0.0, 3.0, 6.0, 12.0, 24.0, 72.0)
"""Hours: the edges of the stretches that are calibrated and reported apart."""
ROUNDS = 300
CALIBRATED = 3
"""Each third voyage is kept from the trees."""
TREES: Mapping[str, Any] = {
    "objective": "quantile", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 60, "lambda_l2": 1.0,
    "feature_fraction": 0.8, "bagging_fraction": 0.7, "bagging_freq": 1, "seed": 1, "deterministic": True,
    "force_row_wise": True, "num_threads": 1, "verbosity": -1,
}  # fmt: skip


@dataclass(frozen=True)
class Error:
    """What the forecast was wrong by on voyages that it had not seen, of one stretch of its horizon (hours)."""

    from_h: float
    to_h: float
    samples: int
    mean_absolute_h: float
    coverage: float


@dataclass(frozen=True)
class Forecaster:
    """``margins``: hours by which the band is widened, by stretch."""

    models: tuple[lgb.Booster, ...]
    margins: tuple[float, ...]
    errors: tuple[Error, ...]

    def predict(self, samples: pl.DataFrame) -> pl.DataFrame:
        """``p10``, ``p50``, ``p90``: hours from each sample's moment, rising and not negative."""
        low, middle, high = _raw(self.models, samples)
        margin = np.array(self.margins)[stretch(middle)]
        band = np.sort(np.maximum(np.stack([low - margin, middle, high + margin]), 0), axis=0)
        # where a narrowed band would leave the middle out, it ends there
        band[0], band[2] = np.minimum(band[0], middle), np.maximum(band[2], middle)
        return pl.DataFrame({"p10": band[0], "p50": middle, "p90": band[2]})

    def to_json(self) -> str:
        state = {"margins": self.margins, "errors": [asdict(one) for one in self.errors]}
        return json.dumps({**state, "models": [model.model_to_string() for model in self.models]})


def of_json(text: str) -> Forecaster:
    state = json.loads(text)
    models = tuple(lgb.Booster(model_str=model) for model in state["models"])
    return Forecaster(models, tuple(state["margins"]), tuple(Error(**one) for one in state["errors"]))


def fit(samples: pl.DataFrame) -> Forecaster:
    """``samples``: what ``samples.samples`` gives, with ``came`` (hours until it took place).

    ``ValueError`` when there are fewer than ``CALIBRATED`` voyages.
    """
    known = samples.filter(pl.col("base").is_not_null() & pl.col("came").is_not_null())
    voyages = known["movement"].unique().sort()
    if len(voyages) < CALIBRATED:
        raise ValueError(f"there are {len(voyages)} voyages to learn from (expected {CALIBRATED} or more)")
    aside = known["movement"].is_in(voyages.gather_every(CALIBRATED).implode())
    learned, kept = known.filter(~aside), known.filter(aside)
    data = lgb.Dataset(_features(learned), (learned["came"] - learned["base"]).to_numpy(), free_raw_data=False)
    models = tuple(lgb.train({**TREES, "alpha": alpha}, data, ROUNDS) for alpha in QUANTILES)
    low, middle, high = _raw(models, kept)
    came = kept["came"].to_numpy()
    margins = _margins(np.maximum(low - came, came - high), stretch(middle))
    uncalibrated = Forecaster(models, margins, ())
    return Forecaster(models, margins, errors(uncalibrated.predict(kept), came))


def errors(told: pl.DataFrame, came: Floats) -> tuple[Error, ...]:
    """The error of forecasts (``Forecaster.predict``) by stretch of what they said; stretches with none are left."""
    middle = told["p50"].to_numpy()
    wrong = np.abs(middle - came)
    within = (told["p10"].to_numpy() <= came) & (came <= told["p90"].to_numpy())
    where = stretch(middle)
    return tuple(
        Error(begin, end, int(here.sum()), float(wrong[here].mean()), float(within[here].mean()))
        for index, (begin, end) in enumerate(pairwise(HORIZONS))
        if (here := where == index).any()
    )


def stretch(hours: Floats) -> NDArray[np.int64]:
    """The index of the stretch of ``HORIZONS`` that each forecast falls in; beyond the last edge the last one."""
    found: NDArray[np.int64] = np.clip(np.searchsorted(HORIZONS, hours, side="right") - 1, 0, len(HORIZONS) - 2)
    return found


def _margins(scores: Floats, where: NDArray[np.int64]) -> tuple[float, ...]:
    """The quantile of the scores that makes the band cover ``COVERS``; of all where a stretch has too few."""
    return tuple(_quantile(scores[where == index], scores) for index in range(len(HORIZONS) - 1))


def _quantile(own: Floats, all_: Floats) -> float:
    scores = own if len(own) >= 50 else all_
    return float(np.quantile(scores, min(1.0, COVERS * (len(scores) + 1) / len(scores)), method="higher"))


def _raw(models: Sequence[lgb.Booster], samples: pl.DataFrame) -> tuple[Floats, Floats, Floats]:
    features, base = _features(samples), samples["base"].to_numpy()
    low, middle, high = (np.asarray(model.predict(features, num_threads=1)) + base for model in models)
    return low, np.maximum(middle, 0), high


def _features(samples: pl.DataFrame) -> Floats:
    return samples.select(pl.col(FEATURES).cast(pl.Float64)).to_numpy()
