"""Openings of bridges of others, as a dataset of the exchange's format ``datex2`` tells them: the last of each."""

from datetime import datetime, timedelta

import polars as pl

from havre.client.frames import Text, read
from havre_mobility.bridges.model import TIME
from havre_mobility.datex import reading
from havre_mobility.pages.elsewhere import Elsewhere, Opening

NEED = "foreign_bridges"
ROWS = pl.Schema(
    {
        "situation": Text, "type": Text, "kind": Text, "status": Text, "said_at": TIME, "starts_at": TIME,
        "ends_at": TIME, "longitude": pl.Float64(), "latitude": pl.Float64(),
    }
)  # fmt: skip
PUBLISHED = "published_at"
"""A column that may be there: when the publication was made that a row comes from."""
KEPT = timedelta(days=7)
"""Before the newest publication: an opening of which nothing was told since is forgotten."""


class Heard:
    """``elsewhere`` is what was told, made new with every rows."""

    def __init__(self) -> None:
        self._rows = pl.DataFrame(schema={**ROWS, PUBLISHED: TIME})
        self.elsewhere: Elsewhere | None = None

    def take(self, rows: pl.DataFrame) -> None:
        columns = ROWS if PUBLISHED not in rows.columns else pl.Schema({**ROWS, PUBLISHED: TIME})
        told = read(NEED, columns, rows)
        if PUBLISHED not in columns:
            told = told.with_columns(pl.col("said_at").alias(PUBLISHED))
        last = (
            pl.concat([self._rows, told])
            .drop_nulls(["situation", "said_at", "starts_at"])
            .sort("said_at", PUBLISHED, maintain_order=True)
            .unique("situation", keep="last", maintain_order=True)
        )
        newest = last[PUBLISHED].max()
        if not isinstance(newest, datetime):
            return
        self._rows = last.filter(pl.max_horizontal("said_at", "starts_at", "ends_at", PUBLISHED) >= newest - KEPT)
        self.elsewhere = Elsewhere(newest, _openings(self._rows))


def _openings(rows: pl.DataFrame) -> tuple[Opening, ...]:
    """Of bridges that have a place; by start."""
    places = {one.id: one for one in reading.bridges(rows)}
    told = reading.messages(rows).sort("starts_at", "opening")
    return tuple(
        Opening(
            row["opening"], row["bridge"], places[row["bridge"]].longitude, places[row["bridge"]].latitude,
            row["status"], row["starts_at"], row["ends_at"],
        )
        for row in told.iter_rows(named=True)
        if row["bridge"] in places
    )  # fmt: skip
