"""How far it is to go along the ways that ships of a class usually take, learned from past tracks.

A track that ended at a target tells of each cell that it passed how far it still was from there. The network keeps the
median of what all tracks of a class told, by target and cell; where no track of the class came by, that of all
classes; where none did, the straight line, longer by what ways to that target usually are.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
METRES_PER_DEGREE = 60 * 1852.0
CELL_DEGREES = (0.03, 0.02)
"""Of longitude and latitude: about 2 km at 49.5° N. Channels are narrower, but ways do not part within a cell."""
SWING = 150.0
"""Metres between two steps that a ship at anchor may move: no part of a way."""
FEWEST = 2
"""Tracks that have to have told something before a class has its own way."""
CLASSES = {6: "passenger", 7: "cargo", 8: "tanker"}
"""By the first digit of a ship's type (ITU-R M.1371-5, table 53)."""
WITHIN = pl.duration(hours=36)
"""How long before its end a way may begin."""


def ship_class() -> pl.Expr:
    """The class of a ship of ``ship_type``."""
    return (pl.col("ship_type") // 10).replace_strict(CLASSES, default="other", return_dtype=pl.String)


def metres(longitude: Floats, latitude: Floats, to_longitude: Floats, to_latitude: Floats) -> Floats:
    """On an equirectangular plane between the two places; within 100 km at 50° N wrong by less than 0.1 %."""
    x = (to_longitude - longitude) * np.cos(np.radians((latitude + to_latitude) / 2))
    found: Floats = np.hypot(x, to_latitude - latitude) * METRES_PER_DEGREE
    return found


@dataclass(frozen=True)
class Network:
    """``own`` and ``any``: target, (class,) column, row → metres to go. ``targets``: target → longitude, latitude, and
    how many times longer than the straight line the ways to it were."""

    own: pl.DataFrame
    any: pl.DataFrame
    targets: pl.DataFrame

    def to_go(self, places: pl.DataFrame) -> pl.DataFrame:
        """``places`` (target, class, longitude, latitude) with ``straight`` and ``route``, in metres; null where the
        target is not known."""
        found = (
            places.with_columns(*_cell())
            .join(self.own, on=["target", "class", "column", "row"], how="left", maintain_order="left")
            .join(self.any, on=["target", "column", "row"], how="left", maintain_order="left", suffix="_any")
            .join(self.targets, on="target", how="left", maintain_order="left", suffix="_target")
        )
        straight = metres(
            *(found[name].to_numpy() for name in ("longitude", "latitude", "longitude_target", "latitude_target"))
        )
        found = found.with_columns(pl.Series("straight", straight, nan_to_null=True))
        route = pl.coalesce("to_go", "to_go_any", pl.col("straight") * pl.col("detour"))
        # of a cell only the median is known: nearer than straight there is no way
        return places.with_columns(
            found["straight"], found.select(pl.max_horizontal(route, "straight").alias("route"))["route"]
        )


def ways(steps: pl.DataFrame, arrivals: pl.DataFrame, targets: pl.DataFrame) -> pl.DataFrame:
    """What past voyages tell, for ``learn``: of each step how far it still was along the way.

    ``steps``: mmsi, time, longitude, latitude, in order of ship and time. ``arrivals``: target, voyage, mmsi, class,
    left_at (null: not known), came_at. ``targets``: target, longitude, latitude.
    """
    on_the_way = (
        arrivals.join(steps.select("mmsi", "time", "longitude", "latitude"), on="mmsi", maintain_order="left_right")
        .filter((pl.col("time") <= pl.col("came_at")) & (pl.col("time") >= pl.col("came_at") - WITHIN))
        .filter(pl.col("left_at").is_null() | (pl.col("time") >= pl.col("left_at")))
        .join(targets, on="target", maintain_order="left", suffix="_target")
    )
    voyage = ["voyage", "target"]
    after = [
        pl.col(name).shift(-1).over(voyage).fill_null(pl.col(f"{name}_target")).alias(f"{name}_after")
        for name in ("longitude", "latitude")
    ]
    placed = on_the_way.with_columns(*after)
    legs = metres(*(placed[name].to_numpy() for name in ("longitude", "latitude", "longitude_after", "latitude_after")))
    far = placed.with_columns(leg=pl.Series(np.where(legs > SWING, legs, 0.0)))
    return far.with_columns(to_go=pl.col("leg").cum_sum(reverse=True).over(voyage)).select(
        "target", "class", "voyage", "longitude", "latitude", "to_go"
    )


def learn(tracks: pl.DataFrame, targets: pl.DataFrame) -> Network:
    """``tracks``: target, class, voyage, longitude, latitude, to_go (metres), of ships on their way to a target;
    ``targets``: target, longitude, latitude."""
    cells = tracks.with_columns(*_cell())
    by = ["target", "column", "row"]
    each = cells.group_by("voyage", "class", *by).agg(pl.col("to_go").median())
    own = each.group_by("class", *by).agg(pl.col("to_go").median(), pl.len().alias("voyages"))
    ways = cells.join(targets, on="target", suffix="_target")
    straight = metres(
        *(ways[name].to_numpy() for name in ("longitude", "latitude", "longitude_target", "latitude_target"))
    )
    longer = ways.with_columns(longer=pl.col("to_go") / pl.Series(np.maximum(straight, 500.0)))
    detours = longer.group_by("target").agg(detour=pl.col("longer").median().clip(lower_bound=1))
    return Network(
        own.filter(pl.col("voyages") >= FEWEST).drop("voyages"),
        each.group_by(by).agg(pl.col("to_go").median()),
        targets.join(detours, on="target", how="left").with_columns(pl.col("detour").fill_null(1.2)),
    )


def _cell() -> tuple[pl.Expr, pl.Expr]:
    width, height = CELL_DEGREES
    column, row = pl.col("longitude") / width, pl.col("latitude") / height
    return column.floor().cast(pl.Int32).alias("column"), row.floor().cast(pl.Int32).alias("row")
