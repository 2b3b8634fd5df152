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


def openings(crossings: pl.DataFrame) -> pl.DataFrame:
    """``OPENINGS`` (source ``counts``) from vehicles that crossed. ``crossings``: bridge, time; one row a vehicle.

    The opening is the silence itself: the road is closed a little later than the last vehicle and free a little before
    the next.
    """
    hour = pl.col("time").dt.convert_time_zone(LOCAL.key)
    key = (hour.dt.weekday() * 24 + hour.dt.hour()).alias("hour")
    counted = crossings.select("bridge", "time", key).sort("bridge", "time")
    weeks = pl.col("time").dt.convert_time_zone(LOCAL.key).dt.truncate("1h").n_unique()
    rates = counted.group_by("bridge", "hour").agg(rate=pl.len() / weeks / 3600)
    nothing = pl.lit(None, pl.String)
    return (
        counted.join(rates, on=["bridge", "hour"])
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
