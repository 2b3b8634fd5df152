"""Which bridges a ship's movement opens, and when: learned from movements that have taken place.

The way of a movement is known by its kind, and by the berth that it leaves or makes for. Of each such movement the
openings that belonged to it are remembered with their lag: minutes after (before: negative) the departure, or the
arrival at the berth. A movement announced for a berth then announces openings, each with the share of such movements
that had one.
"""

import datetime

import polars as pl

from havre_mobility.bridges import closures
from havre_mobility.bridges.model import EXPECTED

KEY = ("kind", "point", "berth")
POINTS = ("departure", "berth")
FEWEST = 3
NEAR = datetime.timedelta(hours=6)
AHEAD, LAPSES = datetime.timedelta(minutes=75), datetime.timedelta(minutes=30)
WAYS = pl.Schema(
    {
        "kind": pl.String(), "point": pl.String(), "berth": pl.String(), "bridge": pl.String(),
        "lag": pl.Float64(), "spread": pl.Float64(), "minutes": pl.Float64(), "share": pl.Float64(),
    }
)  # fmt: skip
"""``lag``: minutes from the point's time to the opening, the median; ``spread``: half of what lies between the tenth
and the ninetieth percentile; ``minutes``: how long the road was closed."""


def of_movements(openings: pl.DataFrame, movements: pl.DataFrame) -> pl.DataFrame:
    """``OPENINGS`` in which a ship without a movement gets the one that she had announced nearest in time."""
    last = _last(movements).select("mmsi", "value_at", near=pl.col("movement")).drop_nulls().sort("value_at")
    told, seen = openings.filter(pl.col("mmsi").is_null()), openings.filter(pl.col("mmsi").is_not_null())
    joined = seen.sort("opened_at").join_asof(
        last, left_on="opened_at", right_on="value_at", by="mmsi", strategy="nearest", tolerance=NEAR,
        check_sortedness=False,
    )  # fmt: skip
    joined = joined.with_columns(movement=pl.coalesce("movement", "near"))
    return pl.concat([told, joined.select(openings.columns)]).sort("opened_at", "bridge")


def learn(openings: pl.DataFrame, movements: pl.DataFrame, closed: pl.DataFrame) -> pl.DataFrame:
    """``WAYS`` from ``OPENINGS`` with their movements; in closures (``CLOSURES``) nothing is learned."""
    last = _last(movements).filter(pl.col("point").is_in(POINTS))
    bridges = openings.select("bridge").unique()
    chances = closures.without(last.join(bridges, how="cross"), closed, time="value_at")
    lag = (pl.col("opened_at") - pl.col("value_at")).dt.total_seconds(fractional=True) / 60
    minutes = (pl.col("closed_at") - pl.col("opened_at")).dt.total_seconds(fractional=True) / 60
    had = (
        last.join(openings.drop_nulls("movement"), on="movement")
        .filter((pl.col("opened_at") - pl.col("value_at")).abs() <= NEAR)
        .group_by(*KEY, "bridge")
        .agg(
            lag=lag.median(), spread=(lag.quantile(0.9) - lag.quantile(0.1)) / 2, minutes=minutes.median(), had=pl.len()
        )
    )
    return (
        chances.group_by(*KEY, "bridge")
        .agg(all=pl.len())
        .join(had, on=[*KEY, "bridge"])
        .filter(pl.col("had") >= FEWEST)
        .with_columns(share=(pl.col("had") / pl.col("all")).clip(0, 1))
        .select(pl.col(name).cast(kind) for name, kind in WAYS.items())
        .sort(*KEY, "bridge")
    )


def _last(movements: pl.DataFrame) -> pl.DataFrame:
    return movements.sort("said_at").group_by("movement", "point", maintain_order=True).last()


def expected(movements: pl.DataFrame, ways: pl.DataFrame, times: pl.Series) -> pl.DataFrame:
    """The openings (``EXPECTED`` and mmsi) that the movements announced until each of ``times`` mean.

    ``movements``: said_at, movement, mmsi, kind, point, berth, value_at.
    """
    said = (
        movements.filter(pl.col("point").is_in(POINTS))
        .sort("said_at")
        .with_columns(next_said=pl.col("said_at").shift(-1).over("movement", "point"))
        .join(ways, on=KEY)
        .with_columns(starts_at=pl.col("value_at") + _minutes("lag"))
        .with_columns(ends_at=pl.col("starts_at") + _minutes("minutes"))
        .with_columns(
            since=pl.max_horizontal("said_at", pl.col("starts_at") - AHEAD),
            until=pl.min_horizontal("next_said", pl.col("ends_at") + LAPSES),
        )
        .lazy()
    )
    at = pl.LazyFrame({"at": times})
    age = (pl.col("at") - pl.col("said_at")).dt.total_seconds(fractional=True) / 60
    return (
        said.join_where(at, pl.col("since") <= pl.col("at"), pl.col("until") > pl.col("at"))
        .with_columns(age=age)
        .select(*(pl.col(name).cast(kind) for name, kind in EXPECTED.items()), "mmsi")
        .collect()
    )


def _minutes(column: str) -> pl.Expr:
    return (pl.col(column) * 60e6).cast(pl.Duration("us"))
