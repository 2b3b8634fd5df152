"""What took place, from all that says so: messages first, AIS where they are silent, road counts where both are."""

import datetime
from collections.abc import Sequence

import polars as pl

from havre_mobility.bridges.model import OPENINGS

NEAR = datetime.timedelta(minutes=3)
"""Two sources that are no further apart than this speak of one opening."""


def together(sources: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """``OPENINGS`` of all sources, the best first: what a better source has told is not taken from another.

    A message without its end takes that from the next source which has seen the same opening.
    """
    found = pl.DataFrame(schema=OPENINGS)
    for source in sources:
        found = pl.concat([_ended(found, source), _unknown(found, source)])
    return found.sort("opened_at", "bridge")


def _unknown(found: pl.DataFrame, source: pl.DataFrame) -> pl.DataFrame:
    numbered = source.with_row_index("number")
    seen = _same(found, numbered).select("number").unique()
    return numbered.join(seen, on="number", how="anti").drop("number")


def _ended(found: pl.DataFrame, source: pl.DataFrame) -> pl.DataFrame:
    numbered = found.with_row_index("number")
    ends = (
        _same(numbered.filter(pl.col("closed_at").is_null()), source)
        .group_by("number")
        .agg(ended_at=pl.col("closed_at_right").max())
    )
    return (
        numbered.join(ends, on="number", how="left", maintain_order="left")
        .with_columns(closed_at=pl.coalesce("closed_at", "ended_at"))
        .drop("number", "ended_at")
    )


def _same(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Pairs at one bridge that overlap; one without an end is taken to have lasted no time."""
    ends, ends_right = pl.coalesce("closed_at", "opened_at"), pl.coalesce("closed_at_right", "opened_at_right")
    return left.join(right, on="bridge").filter(
        (pl.col("opened_at") <= ends_right + NEAR) & (pl.col("opened_at_right") <= ends + NEAR)
    )
