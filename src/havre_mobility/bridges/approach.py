"""Which bridges a ship makes for, from where she is: as ships that were here before her have done.

The water is cut into cells of about 300 m, and courses into quarters. Of each such state it is learned how often a
ship passed a bridge within the hour and how long it took, apart for ships with and without an announced movement:
tugs and pilot boats go everywhere. No chart is needed, and a lock on the way is in the minutes.
"""

import datetime

import polars as pl

from havre_mobility.bridges.model import EXPECTED, HORIZON, TIME
from havre_mobility.bridges.passages import Margins

UNDER_WAY = 1.0
"""Knots."""
FRESH = datetime.timedelta(minutes=5)
ANNOUNCED = datetime.timedelta(hours=4)
CELLS_A_DEGREE = (250, 370)
"""Of longitude and latitude."""
FEWEST, LEAST_SHARE = 4, 0.05
STATE = ("column", "row", "quarter", "announced")
TABLE = pl.Schema(
    {
        "column": pl.Int32(), "row": pl.Int32(), "quarter": pl.Int32(), "announced": pl.Boolean(),
        "bridge": pl.String(), "minutes": pl.Float64(), "spread": pl.Float64(), "share": pl.Float64(),
    }
)  # fmt: skip


def states(positions: pl.DataFrame, movements: pl.DataFrame, times: pl.Series) -> pl.DataFrame:
    """Ships under way at each of ``times``: at, mmsi, age (minutes) and ``STATE``.

    ``positions``: ``POSITIONS``; ``movements``: ``MOVEMENTS`` of ``feeds``.
    """
    at = pl.DataFrame({"at": times}).unique().sort("at")
    last = (
        positions.select("time", "mmsi", "longitude", "latitude", "speed", "course")
        .filter(pl.col("time").is_between(pl.lit(at["at"].min(), TIME) - FRESH, pl.lit(at["at"].max(), TIME)))
        .sort("time")
        .join_asof(at, left_on="time", right_on="at", strategy="forward", tolerance=FRESH)
        .drop_nulls("at")
        .group_by("at", "mmsi")
        .last()
        .filter(pl.col("speed") >= UNDER_WAY)
        .drop_nulls()
    )
    east, north = CELLS_A_DEGREE
    return (
        last.with_columns(
            age=(pl.col("at") - pl.col("time")).dt.total_seconds(fractional=True) / 60,
            column=(pl.col("longitude") * east).floor().cast(pl.Int32),
            row=(pl.col("latitude") * north).floor().cast(pl.Int32),
            quarter=(((pl.col("course") + 45) % 360) / 90).floor().cast(pl.Int32),
        )
        .join(_announced(movements, at), on=["at", "mmsi"], how="left")
        .with_columns(pl.col("announced").fill_null(False))
        .select("at", "mmsi", "age", *STATE)
    )


def _announced(movements: pl.DataFrame, at: pl.DataFrame) -> pl.DataFrame:
    """Ships that were said to move about then."""
    said = movements.select(
        "said_at", "mmsi", since=pl.col("value_at") - ANNOUNCED, until=pl.col("value_at") + ANNOUNCED
    )
    known = said.with_columns(since=pl.max_horizontal("said_at", "since")).lazy()
    return (
        known.join_where(at.lazy(), pl.col("since") <= pl.col("at"), pl.col("until") > pl.col("at"))
        .select("at", "mmsi", announced=pl.lit(True))
        .unique()
        .collect()
    )


def learn(seen: pl.DataFrame, passed: pl.DataFrame) -> pl.DataFrame:
    """``TABLE`` from ``states`` and the ``PASSAGES`` of the same time."""
    minutes = (pl.col("passed_at") - pl.col("at")).dt.total_seconds(fractional=True) / 60
    led = (
        seen.join(passed, on="mmsi")
        .with_columns(minutes=minutes)
        .filter(pl.col("minutes").is_between(0, HORIZON))
        .sort("minutes")
        .unique(["at", "mmsi", "bridge"], keep="first", maintain_order=True)
        .group_by(*STATE, "bridge")
        .agg(
            pl.col("minutes").median(),
            spread=(pl.col("minutes").quantile(0.9) - pl.col("minutes").quantile(0.1)) / 2,
            led=pl.len(),
        )
    )
    return (
        seen.group_by(STATE)
        .agg(all=pl.len())
        .filter(pl.col("all") >= FEWEST)
        .join(led, on=STATE)
        .with_columns(share=pl.col("led") / pl.col("all"))
        .filter(pl.col("share") >= LEAST_SHARE)
        .select(pl.col(name).cast(kind) for name, kind in TABLE.items())
        .sort(*STATE, "bridge")
    )


def expected(seen: pl.DataFrame, table: pl.DataFrame, margins: Margins) -> pl.DataFrame:
    """The openings (``EXPECTED`` and mmsi) that these ``states`` mean."""
    passes = pl.col("at") + _minutes(pl.col("minutes") - pl.col("age"))
    return (
        seen.join(table, on=STATE)
        .with_columns(
            starts_at=passes - _minutes(pl.lit(margins.before)), ends_at=passes + _minutes(pl.lit(margins.after))
        )
        .select(*(pl.col(name).cast(kind) for name, kind in EXPECTED.items()), "mmsi")
    )


def _minutes(number: pl.Expr) -> pl.Expr:
    return (number * 60e6).cast(pl.Duration("us"))
