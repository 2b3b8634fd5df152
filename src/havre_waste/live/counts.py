"""How often containers were used, as ``privacy.by_container`` lets it leave: the only place that sees a badge.

Rules that hold here:

1. A month is told once, when it is over and whole. Its time (``said_at``) follows from the month alone, so that a new
   start, which counts it again, does not publish it again: two extracts of one month could be compared.
2. A badge is kept until its month is told, and is in no row that leaves.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from havre.client.frames import TIME, Text, read
from havre_waste.privacy import ZONE, Refused, by_container

log = logging.getLogger("havre.waste")

Row = Mapping[str, Any]
PRODUCT, NEED = "deposit-counts", "deposits"
LATE = timedelta(days=2)
"""After its end a month is waited for so long."""
COLUMNS = pl.Schema({"time": TIME, "container": Text, "badge": Text})


class Counts:
    """``problem``: why nothing can be counted."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self._months: dict[date, list[pl.DataFrame]] = {}
        """Deposits of the months that were not told, by their first day."""
        self._told: date | None = None
        """The last month of which there were any."""

    def take(self, rows: pl.DataFrame) -> None:
        try:
            deposits = read(NEED, COLUMNS, rows).drop_nulls(["time", "container"])
        except LookupError as error:
            self.problem = f"no {PRODUCT}: {error}"
            return
        month = pl.col("time").dt.convert_time_zone(ZONE).dt.date().dt.truncate("1mo").alias("month")
        for (first,), some in (
            deposits.with_columns(month).partition_by("month", as_dict=True, include_key=False).items()
        ):
            if self._told is None or first > self._told:
                self._months.setdefault(first, []).append(some)

    def due(self, now: datetime) -> list[Row]:
        """Those of months that are over; of one that is not whole there are none."""
        found: list[Row] = []
        for month in sorted(self._months):
            if (at := said_at(month)) <= now:
                # a need that is read anew tells again what it has told
                rows = _rows(pl.concat(self._months.pop(month)).unique(), month, at)
                self._told = month if rows else self._told
                found += rows
        return found


def said_at(month: date) -> datetime:
    """When a month is told, by its first day."""
    following = (month + timedelta(days=31)).replace(day=1)
    return datetime.combine(following, time(), ZoneInfo(ZONE)).astimezone(UTC) + LATE


def _rows(deposits: pl.DataFrame, month: date, at: datetime) -> Sequence[Row]:
    try:
        counted = by_container(deposits, month)
    except Refused as refused:
        log.info("%s of %s: none, %s", PRODUCT, month, refused)
        return ()
    return counted.rows.select(
        pl.lit(at).cast(TIME).alias("said_at"), pl.col("from").cast(TIME).alias("from_at"), "container", "deposits"
    ).to_dicts()
