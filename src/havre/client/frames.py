"""What a service has heard, as Polars frames: of each need the columns that it works with, no older than it takes.

A need's columns may come as texts (a time that was empty in all rows of a sample): they are read as what they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

TIME = pl.Datetime("us", "UTC")
Text = pl.String()
POSITION = "_position"
"""Of a row in its dataset; -1 where it came from none."""


@dataclass(frozen=True)
class Kind:
    """A need: its columns, the one by which it is in time, and how long its rows are kept (None: for good).

    ``time`` is empty where its rows are rules, not moments.
    ``placed``: with their ``POSITION``, for who has to say which row it was.
    """

    columns: pl.Schema
    time: str
    kept: timedelta | None
    placed: bool = False
    optional: frozenset[str] = frozenset()
    """Columns that may be missing: nothing is known of them then."""

    @property
    def schema(self) -> pl.Schema:
        return pl.Schema({**self.columns, POSITION: pl.Int64()}) if self.placed else self.columns


class Intake:
    """Frames by need. Rows are added as they come and laid together when they are looked at."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self.kinds = kinds
        self._parts: dict[str, list[pl.DataFrame]] = {
            name: [pl.DataFrame(schema=kind.schema)] for name, kind in kinds.items()
        }
        self.heard: dict[str, datetime] = {}
        """The newest time that a need has told, of those that do not look ahead."""

    def add(self, need: str, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows as they are kept. ``LookupError``: a column is missing that is needed."""
        kind = self.kinds[need]
        lacking = [name for name in kind.optional if name not in rows.columns]
        rows = rows.with_columns(pl.lit(None, kind.columns[name]).alias(name) for name in lacking)
        told = read(need, kind.columns, rows)
        if kind.placed:
            place = rows[POSITION].cast(pl.Int64) if POSITION in rows.columns else pl.lit(-1, pl.Int64)
            told = told.with_columns(place.alias(POSITION))
        self._parts[need].append(told)
        newest = told[kind.time].max() if kind.time and told.height else None
        if isinstance(newest, datetime):
            self.heard[need] = max(newest, self.heard.get(need, newest))
        return told

    def frame(self, need: str) -> pl.DataFrame:
        parts = self._parts[need]
        if len(parts) > 1:
            parts[:] = [pl.concat(parts)]
        return parts[0]

    def clear(self, needs: Iterable[str]) -> None:
        """What was looked at and is kept elsewhere."""
        for need in needs:
            self._parts[need] = [pl.DataFrame(schema=self.kinds[need].schema)]

    def forget(self, now: datetime) -> None:
        """What is older than it is kept."""
        for need, kind in self.kinds.items():
            if kind.kept is not None:
                self._parts[need] = [self.frame(need).filter(pl.col(kind.time) >= now - kind.kept)]


def read(need: str, columns: pl.Schema, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with these columns alone. ``LookupError``: one is missing."""
    missing = [name for name in columns if name not in rows.columns]
    if missing:
        raise LookupError(f"{need}: there is no column {', '.join(missing)}")
    return rows.select(_read(name, to, rows.schema[name]) for name, to in columns.items())


def _read(name: str, to: pl.DataType, given: pl.DataType) -> pl.Expr:
    if to == TIME and given == pl.String:
        return pl.col(name).str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    return pl.col(name).cast(to)
