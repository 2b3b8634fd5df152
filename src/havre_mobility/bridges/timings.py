"""How long an opening lasts, and how far plans are off: quantiles in minutes, learned by bridge.

``basis`` says of what they are quantiles: ``history``, of how long openings lasted; ``plan``, of what they lasted
longer than planned; ``start 0``, ``start 40`` and ``start 90``, of how much later they began than planned so many
minutes ahead or more; ``end``, of how much later they ended than was expected while they were under way. The bridge
``""`` stands for all.
"""

import polars as pl

from havre_mobility.bridges.model import PLANNED, UNDER_WAY

TIMINGS = pl.Schema(
    {"bridge": pl.String(), "basis": pl.String(), "p50": pl.Float64(), "p90": pl.Float64(), "count": pl.UInt32()}
)
AHEAD = (0, 40, 90)
FEWEST = 20
"""Openings of one bridge below which those of all bridges speak for it."""


def learn(messages: pl.DataFrame, openings: pl.DataFrame) -> pl.DataFrame:
    """``TIMINGS`` from ``MESSAGES`` and ``OPENINGS``."""
    ended = openings.drop_nulls("closed_at")
    lasted = _minutes("opened_at", "closed_at")
    known = ended.drop_nulls("opening")
    planned = _last(messages, known, (PLANNED,))
    parts = [
        ended.select("bridge", pl.lit("history").alias("basis"), lasted.alias("minutes")),
        planned.select(
            "bridge", pl.lit("plan").alias("basis"), (lasted - _minutes("starts_at", "ends_at")).alias("minutes")
        ),
        known.join(messages.filter(pl.col("status") == PLANNED), on=["bridge", "opening"]).select(
            "bridge", _start_basis().alias("basis"), _minutes("starts_at", "opened_at").alias("minutes")
        ),
        _last(messages, known, UNDER_WAY).select(
            "bridge", pl.lit("end").alias("basis"), _minutes("ends_at", "closed_at").alias("minutes")
        ),
    ]
    found = pl.concat(parts).drop_nulls("minutes")
    return pl.concat([_quantiles(found), _quantiles(found.with_columns(bridge=pl.lit("")))])


def of(timings: pl.DataFrame, bridge: str, basis: str) -> tuple[float, float] | None:
    """The median and the ninetieth percentile in minutes; None where nothing is known."""
    some = timings.filter((pl.col("basis") == basis) & pl.col("bridge").is_in([bridge, ""]))
    own = some.filter((pl.col("bridge") == bridge) & (pl.col("count") >= FEWEST))
    found = own if own.height else some.filter(pl.col("bridge") == "")
    return None if not found.height else (float(found["p50"][0]), float(found["p90"][0]))


def start(ahead: float) -> str:
    """The basis of a plan that was made ``ahead`` minutes before its start."""
    return f"start {max((one for one in AHEAD if one <= ahead), default=AHEAD[0])}"


def _start_basis() -> pl.Expr:
    return _minutes("said_at", "starts_at").map_elements(start, pl.String)


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
        .select(pl.col(name).cast(kind) for name, kind in TIMINGS.items())
        .sort("bridge", "basis")
    )


def _minutes(start: str, end: str) -> pl.Expr:
    return (pl.col(end) - pl.col(start)).dt.total_seconds(fractional=True) / 60
