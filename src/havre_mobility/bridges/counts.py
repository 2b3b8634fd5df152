"""Openings that road counts mean: where nobody has crossed for longer than chance allows, the bridge was not there.

Vehicles come as a Poisson process whose rate is that of the hour of the week. A silence in which ``e`` vehicles were
to be expected has the probability exp(−e): with ``e`` of ``EXPECTED_IN_SILENCE`` it is about one in nine million,
which a busy road does not reach in years. Little traffic says little: at 80 vehicles an hour an opening of less than
twelve minutes is not found, and at night none.
"""

import datetime

import polars as pl

from havre_mobility.bridges.model import OPENINGS
from havre_mobility.bridges.slots import LOCAL

EXPECTED_IN_SILENCE = 16.0
LONGEST = datetime.timedelta(minutes=45)
"""A longer silence is a counter that has failed, or a road that is closed for another reason."""


def rates(crossings: pl.DataFrame) -> pl.DataFrame:
    """Vehicles a second that usually cross each bridge in each hour of the week: columns bridge, hour, rate.

    ``crossings``: bridge, time; one row a vehicle. An hour of the week counts for as many weeks as had it.
    """
    weeks = pl.col("time").dt.convert_time_zone(LOCAL.key).dt.truncate("1h").n_unique()
    return crossings.with_columns(_hour()).group_by("bridge", "hour").agg(rate=pl.len() / weeks / 3600)


def openings(crossings: pl.DataFrame, usual: pl.DataFrame | None = None) -> pl.DataFrame:
    """``OPENINGS`` (source ``counts``) from vehicles that crossed. ``usual``: of ``rates``, else of these rows.

    The opening is the silence itself: the road is closed a little later than the last vehicle and free a little before
    the next.
    """
    nothing = pl.lit(None, pl.String)
    return (
        crossings.select("bridge", "time", _hour())
        .join(rates(crossings) if usual is None else usual, on=["bridge", "hour"])
        .sort("bridge", "time")
        .with_columns(opened_at=pl.col("time").shift(1).over("bridge"), before=pl.col("rate").shift(1).over("bridge"))
        .with_columns(silence=pl.col("time") - pl.col("opened_at"))
        .filter(pl.col("silence") <= LONGEST)
        .filter(
            pl.col("silence").dt.total_seconds(fractional=True) * (pl.col("rate") + pl.col("before")) / 2
            >= EXPECTED_IN_SILENCE
        )
        .with_columns(
            closed_at=pl.col("time"), source=pl.lit("counts"), opening=nothing, movement=nothing, mmsi=pl.lit(None)
        )
        .select(pl.col(name).cast(kind) for name, kind in OPENINGS.items())
        .sort("opened_at", "bridge")
    )


def _hour() -> pl.Expr:
    """Of the local week."""
    local = pl.col("time").dt.convert_time_zone(LOCAL.key)
    return (local.dt.weekday() * 24 + local.dt.hour()).alias("hour")
