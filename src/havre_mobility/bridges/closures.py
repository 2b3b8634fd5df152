"""Bridges that the road loses for long (works, damage): what is known of that, and when.

While a bridge is closed to the road anyway it stands open for ships: nobody waits for them, and no opening is counted.
"""

import polars as pl

from havre_mobility.bridges.model import TIME

CLOSURES = pl.Schema({"bridge": pl.String(), "starts_at": TIME, "ends_at": TIME, "reason": pl.String()})
"""``ends_at`` is null until further notice."""


def known(closures: pl.DataFrame, times: pl.Series) -> pl.DataFrame:
    """The closures as they were told at each of ``times``: at and ``CLOSURES``.

    ``closures``: said_at, closure, place, starts_at, ends_at, reason; what was said last of a closure counts.
    """
    told = (
        closures.sort("said_at")
        .with_columns(next_said=pl.col("said_at").shift(-1).over("closure"))
        .rename({"place": "bridge"})
        .lazy()
    )
    at = pl.LazyFrame({"at": times})
    return (
        told.join_where(at, pl.col("said_at") <= pl.col("at"))
        .filter(pl.col("next_said").is_null() | (pl.col("next_said") > pl.col("at")))
        .select("at", *(pl.col(name).cast(kind) for name, kind in CLOSURES.items()))
        .sort("at", "bridge")
        .collect()
    )


def last_told(closures: pl.DataFrame) -> pl.DataFrame:
    """``CLOSURES`` as they were told last."""
    last = closures.sort("said_at").group_by("closure", maintain_order=True).last().rename({"place": "bridge"})
    return last.select(pl.col(name).cast(kind) for name, kind in CLOSURES.items())


def without(openings: pl.DataFrame, closed: pl.DataFrame, *, time: str = "opened_at") -> pl.DataFrame:
    """The rows (bridge, ``time``, …) that do not fall into a closure (``CLOSURES``)."""
    numbered = openings.with_row_index("number")
    within = numbered.join(closed, on="bridge", suffix="_of_closure").filter(
        (pl.col(time) >= pl.col("starts_at")) & (pl.col(time) < pl.col("ends_at")).fill_null(True)
    )
    return numbered.join(within.select("number").unique(), on="number", how="anti").drop("number")
