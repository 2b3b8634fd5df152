"""Ships that passed a bridge, found in AIS positions, and the openings that this means.

Two positions of a ship in a row are joined by a straight line, at most ``GAP`` apart; where the line comes within
``REACH`` metres of the bridge the ship has passed it, at the moment when she was nearest. A ship that lies there does
not pass: the line has to be sailed with ``SLOWEST`` knots or more. A bridge lies for the ship as the road has it to be:
closed to the road from ``before`` minutes before her until ``after`` minutes after, and once for ships close together.
"""

import datetime
import math
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from havre_mobility.bridges.model import OPENINGS, TIME, Bridge

REACH = 60.0
GAP = datetime.timedelta(minutes=6)
SLOWEST, FASTEST = 0.7, 25.0
"""Knots. Faster than that is no ship in a port but a false position."""
ONE_PASSAGE = datetime.timedelta(minutes=15)
KNOT = 1852 / 3600
METRES_PER_DEGREE = 60 * 1852.0
PASSAGES = pl.Schema({"bridge": pl.String(), "mmsi": pl.Int64(), "passed_at": TIME})


@dataclass(frozen=True)
class Margins:
    """Minutes that the road is closed before and after a ship passes."""

    before: float = 7.0
    after: float = 6.0


def passages(positions: pl.DataFrame, bridges: Iterable[Bridge]) -> pl.DataFrame:
    """``PASSAGES`` in order of time. ``positions``: time, mmsi, longitude, latitude (WGS 84), in any order."""
    legs = _legs(positions)
    found = [_past(legs, bridge) for bridge in bridges]
    return pl.concat([pl.DataFrame(schema=PASSAGES), *found]).sort("passed_at", "bridge", "mmsi")


def _legs(positions: pl.DataFrame) -> pl.DataFrame:
    columns = ("time", "longitude", "latitude")
    return (
        positions.select("mmsi", *columns)
        .drop_nulls()
        .sort("mmsi", "time")
        .with_columns(pl.col(name).shift(1).over("mmsi").name.suffix("_before") for name in columns)
        .filter((pl.col("time") > pl.col("time_before")) & (pl.col("time") - pl.col("time_before") <= GAP))
    )


def _past(legs: pl.DataFrame, bridge: Bridge) -> pl.DataFrame:
    """In metres on a plane around the bridge: (x, y) is where a leg begins, (u, v) the leg."""
    east = METRES_PER_DEGREE * math.cos(math.radians(bridge.latitude))
    x, y = (pl.col("longitude_before") - bridge.longitude) * east, _north("latitude_before", bridge.latitude)
    u = (pl.col("longitude") - pl.col("longitude_before")) * east
    v = (pl.col("latitude") - pl.col("latitude_before")) * METRES_PER_DEGREE
    seconds = (pl.col("time") - pl.col("time_before")).dt.total_seconds(fractional=True)
    nearest = (-(pl.col("x") * pl.col("u") + pl.col("y") * pl.col("v")) / (pl.col("length") ** 2)).clip(0, 1)
    return (
        legs.with_columns(x=x, y=y, u=u, v=v, seconds=seconds)
        .with_columns(length=(pl.col("u") ** 2 + pl.col("v") ** 2).sqrt())
        .filter((pl.col("length") / pl.col("seconds")).is_between(SLOWEST * KNOT, FASTEST * KNOT))
        .with_columns(part=nearest)
        .with_columns(
            away=((pl.col("x") + pl.col("part") * pl.col("u")) ** 2 + (pl.col("y") + pl.col("part") * pl.col("v")) ** 2)
            .sqrt()
        )
        .filter(pl.col("away") <= REACH)
        .with_columns(passed_at=pl.col("time_before") + _microseconds(pl.col("part") * pl.col("seconds") * 1e6))
        .sort("mmsi", "passed_at")
        .with_columns(new=(pl.col("passed_at").diff().over("mmsi") > ONE_PASSAGE).fill_null(True))
        .with_columns(number=pl.col("new").cum_sum().over("mmsi"))
        .group_by("mmsi", "number")
        .agg(passed_at=pl.col("passed_at").sort_by("away").first())
        .select(pl.lit(bridge.id).alias("bridge"), "mmsi", pl.col("passed_at").cast(TIME))
    )  # fmt: skip


def _microseconds(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.Duration("us"))


def _north(column: str, latitude: float) -> pl.Expr:
    return (pl.col(column) - latitude) * METRES_PER_DEGREE


def as_openings(passed: pl.DataFrame, margins: Margins) -> pl.DataFrame:
    """The openings (``OPENINGS``, source ``ais``) that ``PASSAGES`` mean; the first ship of each gives the MMSI."""
    before = pl.duration(microseconds=round(margins.before * 60e6))
    after = pl.duration(microseconds=round(margins.after * 60e6))
    nothing = pl.lit(None, pl.String)
    return (
        passed.sort("bridge", "passed_at")
        .with_columns(opened_at=pl.col("passed_at") - before, closed_at=pl.col("passed_at") + after)
        .with_columns(apart=(pl.col("opened_at") > pl.col("closed_at").shift(1).over("bridge")).fill_null(True))
        .with_columns(group=pl.col("apart").cum_sum().over("bridge"))
        .group_by("bridge", "group", maintain_order=True)
        .agg(pl.col("opened_at").first(), pl.col("closed_at").last(), pl.col("mmsi").first())
        .with_columns(source=pl.lit("ais"), opening=nothing, movement=nothing)
        .select(pl.col(name).cast(kind) for name, kind in OPENINGS.items())
        .sort("opened_at", "bridge")
    )


def margins(openings: pl.DataFrame, passed: pl.DataFrame, *, fewest: int = 20) -> Margins:
    """The medians of what bridges told of, ``fewest`` or more openings with a ship in them; the default else.

    ``openings``: ``OPENINGS`` of ``messages``.
    """
    told = openings.drop_nulls("closed_at").join(passed, on="bridge")
    told = told.filter(pl.col("passed_at").is_between("opened_at", "closed_at"))
    if told.height < fewest:
        return Margins()
    minutes = {
        "before": pl.col("passed_at") - pl.col("opened_at"),
        "after": pl.col("closed_at") - pl.col("passed_at"),
    }
    found = told.select(
        (span.dt.total_seconds(fractional=True) / 60).median().alias(name) for name, span in minutes.items()
    )
    return Margins(*found.row(0))
