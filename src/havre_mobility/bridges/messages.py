"""What bridges say of their openings: what took place, what is planned, what is under way.

1. The last message of an opening counts, by the time at which it was said; of two at one time the later status.
2. A plan that was not followed by anything is forgotten ``LAPSES`` after its start, and an opening under way
   ``STUCK`` after the end that was expected: a bridge that has stopped speaking must not stay closed for ever.
"""

import datetime
from typing import TypeVar

import polars as pl

from havre_mobility.bridges.model import (
    CANCELLED,
    ENDED,
    EXPECTED,
    IN_OPERATION,
    OPENINGS,
    PLANNED,
    STARTING,
    UNDER_WAY,
)

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
LAPSES = datetime.timedelta(minutes=30)
STUCK = datetime.timedelta(minutes=30)
_ORDER = {PLANNED: 0, STARTING: 1, IN_OPERATION: 2, ENDED: 3, CANCELLED: 4}


def took_place(messages: pl.DataFrame) -> pl.DataFrame:
    """Openings that were said to have begun (``OPENINGS``, source ``messages``), from ``MESSAGES``.

    One that was not said to have ended has no ``closed_at``.
    """
    said = messages.filter(pl.col("status").is_in([*UNDER_WAY, ENDED]))
    found = (
        _in_order(said)
        .group_by("bridge", "opening", maintain_order=True)
        .agg(
            opened_at=pl.col("starts_at").last(),
            closed_at=pl.when(pl.col("status").last() == ENDED).then(pl.col("ends_at").last()),
            movement=pl.col("movement").last(),
        )
    )
    return _as_openings(found)


def _as_openings(found: pl.DataFrame) -> pl.DataFrame:
    mmsi, source = pl.lit(None, pl.Int64).alias("mmsi"), pl.lit("messages").alias("source")
    return found.with_columns(mmsi, source).select(pl.col(name).cast(kind) for name, kind in OPENINGS.items())


def plans(messages: pl.DataFrame, times: pl.Series) -> pl.DataFrame:
    """The plans that were in force at each of ``times``: ``EXPECTED`` (share and spread null) and opening."""
    lapse = pl.min_horizontal("next_said", pl.col("starts_at") + LAPSES)
    return _known(messages.lazy(), times, (PLANNED,), lapse)


def under_way(messages: pl.DataFrame, times: pl.Series) -> pl.DataFrame:
    """The openings that were under way at each of ``times``, with the end that was expected then: as ``plans``."""
    stuck = pl.coalesce("ends_at", "starts_at") + STUCK
    return _known(messages.lazy(), times, UNDER_WAY, pl.min_horizontal("next_said", stuck))


def _known(messages: pl.LazyFrame, times: pl.Series, statuses: tuple[str, ...], until: pl.Expr) -> pl.DataFrame:
    in_force = (
        _in_order(messages)
        .with_columns(next_said=pl.col("said_at").shift(-1).over("bridge", "opening"))
        .filter(pl.col("status").is_in(statuses))
        .with_columns(until=until)
    )
    at = pl.LazyFrame({"at": times})
    known = in_force.join_where(at, pl.col("said_at") <= pl.col("at"), pl.col("until") > pl.col("at"))
    age = (pl.col("at") - pl.col("said_at")).dt.total_seconds(fractional=True) / 60
    nothing = pl.lit(None, pl.Float64)
    return (
        known.with_columns(share=nothing, spread=nothing, age=age)
        .select(*(pl.col(name).cast(kind) for name, kind in EXPECTED.items()), "opening")
        .sort("at", "bridge", "starts_at")
        .collect()
    )


def _in_order(messages: Frame) -> Frame:
    return messages.sort("said_at", pl.col("status").replace_strict(_ORDER, default=0), maintain_order=True)
