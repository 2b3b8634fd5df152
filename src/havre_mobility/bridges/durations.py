"""How long an opening lasts: by its plan where it has one, else as openings of this bridge have lasted.

``basis`` is ``history`` (the quantiles are minutes of an opening), ``plan`` (minutes to add to the planned duration) or
``open`` (minutes to add to the end that is expected while it is under way). The bridge ``""`` stands for all.
"""

import polars as pl

from havre_mobility.bridges.model import PLANNED, UNDER_WAY

DURATIONS = pl.Schema(
    {"bridge": pl.String(), "basis": pl.String(), "p50": pl.Float64(), "p90": pl.Float64(), "count": pl.UInt32()}
)
FEWEST = 20
"""Openings of one bridge below which those of all bridges speak for it."""


def learn(messages: pl.DataFrame, openings: pl.DataFrame) -> pl.DataFrame:
    """``DURATIONS`` from ``MESSAGES`` and ``OPENINGS``."""
    ended = openings.drop_nulls("closed_at")
    lasted = _minutes("opened_at", "closed_at")
    known = ended.drop_nulls("opening")
    parts = [
        ended.select("bridge", pl.lit("history").alias("basis"), lasted.alias("minutes")),
        _last(messages, known, (PLANNED,)).select(
            "bridge", pl.lit("plan").alias("basis"), (lasted - _minutes("starts_at", "ends_at")).alias("minutes")
        ),
        _last(messages, known, UNDER_WAY).select(
            "bridge", pl.lit("open").alias("basis"), _minutes("ends_at", "closed_at").alias("minutes")
        ),
    ]
    found = pl.concat(parts).drop_nulls("minutes")
    return pl.concat([_quantiles(found), _quantiles(found.with_columns(bridge=pl.lit("")))])


def of(durations: pl.DataFrame, bridge: str, basis: str) -> tuple[float, float] | None:
    """The median and the ninetieth percentile in minutes; None where nothing is known."""
    some = durations.filter((pl.col("basis") == basis) & pl.col("bridge").is_in([bridge, ""]))
    own = some.filter((pl.col("bridge") == bridge) & (pl.col("count") >= FEWEST))
    found = own if own.height else some.filter(pl.col("bridge") == "")
    return None if not found.height else (float(found["p50"][0]), float(found["p90"][0]))


def _last(messages: pl.DataFrame, openings: pl.DataFrame, statuses: tuple[str, ...]) -> pl.DataFrame:
    """Each opening with the last message of these that was said before it was over."""
    said = messages.filter(pl.col("status").is_in(statuses)).drop_nulls("ends_at")
    return (
        openings.join(said, on=["bridge", "opening"])
        .filter(pl.col("said_at") < pl.col("closed_at"))
        .sort("said_at")
        .group_by("bridge", "opening")
        .last()
    )


def _quantiles(found: pl.DataFrame) -> pl.DataFrame:
    return (
        found.group_by("bridge", "basis")
        .agg(p50=pl.col("minutes").median(), p90=pl.col("minutes").quantile(0.9, "linear"), count=pl.len())
        .select(pl.col(name).cast(kind) for name, kind in DURATIONS.items())
        .sort("bridge", "basis")
    )


def _minutes(start: str, end: str) -> pl.Expr:
    return (pl.col(end) - pl.col(start)).dt.total_seconds(fractional=True) / 60
