"""Learning from weeks that are over: the ways that ships take, how long an opening lasts, and a model of bins.

The tables of ways and approaches are learned from the first half of the time and the trees grow on the second: on a
table that already knows their outcome they would learn to believe it. What is used then has learned from all of it.
What took place is taken from the feeds themselves (messages, AIS): there is no other truth in service.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm
import polars as pl

from havre_mobility.bridges import approach, bins, closures, messages, openings, passages, timings, ways
from havre_mobility.bridges.features import FEATURES, Learned, table
from havre_mobility.bridges.feeds import Feeds
from havre_mobility.bridges.model import BIN, Bridge

TREES = 250
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 150, "lambda_l2": 5.0,
    "feature_fraction": 0.8, "bagging_fraction": 0.8, "bagging_freq": 1, "verbosity": -1, "deterministic": True,
    "force_row_wise": True, "seed": 1, "num_threads": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Model:
    """``trees``: LightGBM's own text. ``timings``: ``TIMINGS`` of ``havre_mobility.bridges.timings``."""

    learned: Learned
    trees: str
    timings: pl.DataFrame


def took_place(feeds: Feeds, bridges: Sequence[Bridge]) -> pl.DataFrame:
    """``OPENINGS`` by messages, else by AIS, with their movements; in closures there are none."""
    return _took_place(feeds, passages.passages(feeds.positions, bridges))[0]


def _took_place(feeds: Feeds, passed: pl.DataFrame) -> tuple[pl.DataFrame, passages.Margins]:
    told = messages.took_place(feeds.messages)
    margins = passages.margins(told, passed)
    found = ways.of_movements(openings.together([told, passages.as_openings(passed, margins)]), feeds.movements)
    return closures.without(found, closures.last_told(feeds.closures)), margins


def learn(feeds: Feeds, bridges: Sequence[Bridge], start: datetime.datetime, end: datetime.datetime) -> Model:
    """A model of what the feeds tell from ``start`` to ``end`` (UTC): some weeks, or it will not know the ways."""
    passed = passages.passages(feeds.positions, bridges)
    happened, margins = _took_place(feeds, passed)
    middle = start + (end - start) / 2
    names = tuple(sorted(bridge.id for bridge in bridges))
    first = _learned(feeds, happened, passed, margins, names, start, middle)
    times = steps(middle, end - datetime.timedelta(minutes=60))
    return Model(
        _learned(feeds, happened, passed, margins, names, start, end),
        _grown(rows(feeds, first, times), happened),
        timings.learn(feeds.messages, happened),
    )


def steps(start: datetime.datetime, end: datetime.datetime) -> pl.Series:
    """Every ``BIN`` minutes from ``start`` until before ``end``."""
    return pl.datetime_range(start, end, f"{BIN}m", closed="left", time_unit="us", eager=True)


def rows(feeds: Feeds, learned: Learned, times: pl.Series) -> pl.DataFrame:
    """The bins that a model decides: not those in reserved slots, nor of bridges that are closed for long."""
    found = table(feeds, learned, times)
    ruled = bins.in_slots(found, feeds.reserved) | bins.in_closures(found, feeds.closures).is_not_null()
    return found.filter(~ruled)


def _learned(
    feeds: Feeds,
    happened: pl.DataFrame,
    passed: pl.DataFrame,
    margins: passages.Margins,
    names: tuple[str, ...],
    start: datetime.datetime,
    end: datetime.datetime,
) -> Learned:
    """The tables, from what took place between the two times."""
    within = pl.col("opened_at").is_between(start, end)
    moved = feeds.movements.filter(pl.col("value_at").is_between(start, end))
    times = steps(start, end)
    seen = approach.states(feeds.positions, feeds.movements, times)
    return Learned(
        names,
        margins,
        ways.learn(happened.filter(within), moved, closures.last_told(feeds.closures)),
        approach.learn(seen, passed),
        bins.usual(happened.filter(within), names, times),
    )


def _grown(found: pl.DataFrame, happened: pl.DataFrame) -> str:
    values = found.select(pl.col(name).cast(pl.Float32) for name in FEATURES).to_numpy()
    closed = bins.closed(found, happened).cast(pl.Float32).to_numpy()
    data = lightgbm.Dataset(
        values, closed, feature_name=list(FEATURES), categorical_feature=["bridge_number"], params={"verbosity": -1}
    )
    grown: str = lightgbm.train(PARAMETERS, data, TREES).model_to_string()
    return grown
