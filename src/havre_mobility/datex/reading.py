"""Openings that others tell in DATEX II: rows of the exchange's source ``datex2`` become messages and bridges."""

import re

import polars as pl

from havre_mobility.bridges.model import MESSAGES, Bridge
from havre_mobility.datex.model import KIND, STATUSES, TYPE

ISRS = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[A-Z0-9]{5}[A-Z0-9]{5}\d{5}")
"""The code of an object on an inland waterway: country, place, fairway section, object, hectometre."""


def messages(rows: pl.DataFrame) -> pl.DataFrame:
    """``MESSAGES`` from rows with situation, type, kind, status, said_at, starts_at, ends_at; others are left out.

    The bridge is the ISRS code within the situation's id, as in the Dutch feed; in the feed of this service that is
    what stands before the opening; else it is the id itself.
    """
    found = rows.filter((pl.col("type") == TYPE) & (pl.col("kind") == KIND) & pl.col("status").is_in(list(STATUSES)))
    return (
        found.with_columns(
            bridge=pl.col("situation").map_elements(_bridge, pl.String),
            opening=pl.col("situation"),
            status=pl.col("status").replace_strict(STATUSES, return_dtype=pl.String),
            movement=pl.lit(None, pl.String),
        )
        .select(pl.col(name).cast(kind) for name, kind in MESSAGES.items())
        .sort("said_at", "opening")
    )


def bridges(rows: pl.DataFrame) -> list[Bridge]:
    """The bridges of rows that have a place (longitude and latitude), each once, by their id."""
    found = rows.filter((pl.col("kind") == KIND) & pl.col("longitude").is_not_null())
    placed = {_bridge(id): (longitude, latitude) for id, longitude, latitude in _places(found)}
    return [Bridge(id, id, *place) for id, place in sorted(placed.items())]


def _places(rows: pl.DataFrame) -> list[tuple[str, float, float]]:
    return rows.select("situation", "longitude", "latitude").rows()


def _bridge(situation: str) -> str:
    code = ISRS.search(situation)
    return code.group() if code else situation.rpartition("_")[0] or situation
