"""Three quantiles of an arrival where too few have been seen for trees: what such statements were wrong by.

Of each arrival there is a best single statement (``samples``, ``base``). Statements of one kind (a plan, an agent's
estimate, the way to go, one whose time has passed), for one point and one stretch of ``forecast.HORIZONS`` were wrong
by so much; the quantiles of that are laid to the next one. Where fewer than ``FEWEST`` voyages have told, all kinds of
statements for that point and stretch do, and where those are too few, all that were made.
"""

from dataclasses import dataclass

import polars as pl

from havre_mobility.eta.forecast import QUANTILES, stretch

FEWEST = 10
NAMES = ("p10", "p50", "p90")
LEVELS = (("point", "kind", "stretch"), ("point", "stretch"), ())
"""By what statements are told apart, the finest first."""


@dataclass(frozen=True)
class Spread:
    """Hours that statements were wrong by, a table for each of ``LEVELS``."""

    tables: tuple[pl.DataFrame, ...]

    def predict(self, samples: pl.DataFrame) -> pl.DataFrame:
        """As ``Forecaster.predict``."""
        found = _kinds(samples)
        for number, (level, table) in enumerate(zip(LEVELS, self.tables, strict=True)):
            named = table.rename({name: f"{name}_{number}" for name in NAMES})
            found = found.join(named, on=level, how="left", maintain_order="left") if level else found.join(
                named, how="cross", maintain_order="left"
            )  # fmt: skip
        wrong = [pl.coalesce(f"{name}_{number}" for number in range(len(LEVELS))).alias(name) for name in NAMES]
        return found.select((one + pl.col("base")).clip(lower_bound=0) for one in wrong)


def fit(samples: pl.DataFrame) -> Spread:
    """``samples``: as for ``forecast.fit``. ``ValueError`` when there are fewer than ``FEWEST`` voyages."""
    known = _kinds(samples.filter(pl.col("base").is_not_null() & pl.col("came").is_not_null()))
    if known["movement"].n_unique() < FEWEST:
        raise ValueError(f"there are {known['movement'].n_unique()} voyages to learn from (expected {FEWEST} or more)")
    wrong = pl.col("came") - pl.col("base")
    asked = [wrong.quantile(level).alias(name) for level, name in zip(QUANTILES, NAMES, strict=True)]
    voyages = pl.col("movement").n_unique().alias("voyages")
    tables = (
        known.group_by(level).agg(*asked, voyages) if level else known.select(*asked, voyages) for level in LEVELS
    )
    return Spread(tuple(table.filter(pl.col("voyages") >= FEWEST).drop("voyages") for table in tables))


def _kinds(samples: pl.DataFrame) -> pl.DataFrame:
    """With ``kind``, what ``base`` is, and ``stretch``, where it lies."""
    at_berth = (pl.col("point") == "berth") & pl.col("berth_plan").is_not_null()
    kind = (
        pl.when(pl.col("base") <= 0).then(pl.lit("past"))
        .when(at_berth).then(pl.lit("berth_plan"))
        .when(pl.col("plan").is_not_null()).then(pl.lit("plan"))
        .when(pl.col("agent").is_not_null()).then(pl.lit("agent"))
        .otherwise(pl.lit("way"))
    )  # fmt: skip
    return samples.with_columns(kind=kind, stretch=pl.Series(stretch(samples["base"].to_numpy())))
