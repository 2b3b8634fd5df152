"""Three quantiles of an arrival: gradient-boosted trees on what the best single statement is wrong by.

LightGBM with the pinball loss (Koenker & Bassett 1978) for 0.1, 0.5 and 0.9; the band is then widened or narrowed so
that it covers what it says, by conformalised quantile regression (Romano, Patterson & Candès 2019), apart for each
stretch of ``HORIZONS`` of the forecast itself. That needs forecasts of what was not learned from: each fold is forecast
by trees that learned from the others (cross-conformal, Vovk 2015). Folds are of whole weeks where there are enough of
them: within a week agents keep their habits and the port its delays, and a band that has seen a Monday is too sure of
the Tuesday. The error that is stated comes from the same forecasts.
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
FOLDS = 4
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
        return _told(_raw(self.models, samples), self.margins)

    def to_json(self) -> str:
        state = {"margins": self.margins, "errors": [asdict(one) for one in self.errors]}
        return json.dumps({**state, "models": [model.model_to_string() for model in self.models]})


def of_json(text: str) -> Forecaster:
    state = json.loads(text)
    models = tuple(lgb.Booster(model_str=model) for model in state["models"])
    return Forecaster(models, tuple(state["margins"]), tuple(Error(**one) for one in state["errors"]))


def fit(samples: pl.DataFrame) -> Forecaster:
    """``samples``: what ``samples.samples`` gives, with ``came`` (hours until it took place) and ``week``, a name.

    ``ValueError`` when there are fewer than ``FOLDS`` voyages.
    """
    known = samples.filter(pl.col("base").is_not_null() & pl.col("came").is_not_null())
    fold = _folds(known)
    apart = np.empty((len(QUANTILES), known.height))
    for one in range(FOLDS):
        learned, left = known.filter(fold != one), known.filter(fold == one)
        apart[:, fold == one] = _raw(_trees(learned), left)
    came, middle = known["came"].to_numpy(), apart[1]
    margins = _margins(np.maximum(apart[0] - came, came - apart[2]), stretch(middle))
    return Forecaster(_trees(known), margins, errors(_told(apart, margins), came))


def _folds(known: pl.DataFrame) -> NDArray[np.int64]:
    """Which fold each sample is in: by week, or by voyage where there are too few weeks."""
    by = "week" if known["week"].n_unique() >= FOLDS else "movement"
    if known[by].n_unique() < FOLDS:
        raise ValueError(f"there are {known[by].n_unique()} voyages to learn from (expected {FOLDS} or more)")
    found: NDArray[np.int64] = known[by].rank("dense").to_numpy().astype(np.int64) % FOLDS
    return found


def _trees(learned: pl.DataFrame) -> tuple[lgb.Booster, ...]:
    data = lgb.Dataset(_features(learned), (learned["came"] - learned["base"]).to_numpy(), free_raw_data=False)
    return tuple(lgb.train({**TREES, "alpha": alpha}, data, ROUNDS) for alpha in QUANTILES)


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


def _told(raw: Floats, margins: Sequence[float]) -> pl.DataFrame:
    low, middle, high = raw
    margin = np.array(margins)[stretch(middle)]
    band = np.sort(np.maximum(np.stack([low - margin, middle, high + margin]), 0), axis=0)
    # where a narrowed band would leave the middle out, it ends there
    return pl.DataFrame({"p10": np.minimum(band[0], middle), "p50": middle, "p90": np.maximum(band[2], middle)})


def _raw(models: Sequence[lgb.Booster], samples: pl.DataFrame) -> Floats:
    """Hours (3, n) as the trees say them; none in the past for the middle."""
    features, base = _features(samples), samples["base"].to_numpy()
    found: Floats = np.stack([np.asarray(model.predict(features, num_threads=1)) + base for model in models])
    found[1] = np.maximum(found[1], 0)
    return found


def _features(samples: pl.DataFrame) -> Floats:
    return samples.select(pl.col(FEATURES).cast(pl.Float64)).to_numpy()
