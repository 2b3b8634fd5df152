"""What was heard, by feed: frames of the columns that are needed, no older than it takes.

A feed's columns may come as texts (a time that was empty in all rows of a sample): they are read as what they are.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from havre_mobility.bridges import feeds, model
from havre_mobility.bridges.model import TIME

Text = pl.String()
POSITION = "_position"
"""Of a row in its dataset; -1 where it came from none."""
LONG, ALL = timedelta(days=28), None
HULL = ("to_bow", "to_stern", "to_port", "to_starboard")


@dataclass(frozen=True)
class Kind:
    """A feed: its columns, the one by which it is in time, and how long its rows are kept.

    ``placed``: with their ``POSITION``, for who has to say which row it was. ``optional``: columns that may be missing.
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


KINDS: dict[str, Kind] = {
    "ais": Kind(
        pl.Schema({**feeds.POSITIONS, "heading": pl.Int64(), "status": pl.Int64(), "type": pl.Int64()}), "time", LONG,
        placed=True,
    ),
    "particulars": Kind(
        pl.Schema(
            {"time": TIME, "mmsi": pl.Int64(), "name": Text, "ship_type": pl.Int64(),
             "draught": pl.Float64(), **dict.fromkeys(HULL, pl.Int64())}
        ),
        "time",
        LONG,
        optional=frozenset({"draught", *HULL}),
    ),
    "movements": Kind(
        pl.Schema({**feeds.MOVEMENTS, "classifier": Text, "issuer": Text}), "said_at", LONG
    ),
    "bridge_messages": Kind(model.MESSAGES, "said_at", LONG, placed=True),
    "closures": Kind(feeds.CLOSURES, "said_at", ALL, placed=True),
    "reserved_slots": Kind(
        pl.Schema({"bridge": Text, "weekday": pl.Int64(), "starts": Text, "ends": Text}), "", ALL
    ),
    "tide": Kind(pl.Schema({"time": TIME, "level_m": pl.Float64()}), "time", ALL),
    "appointments": Kind(
        pl.Schema(
            {"said_at": TIME, "booking": Text, "gate": Text, "slot_starts_at": TIME, "slot_ends_at": TIME, "kind": Text,
             "status": Text}
        ),
        "said_at",
        LONG,
        placed=True,
    ),
    "gates": Kind(
        pl.Schema({"time": TIME, "gate": Text, "direction": Text, "kind": Text, "lane": pl.Int64(), "booking": Text}),
        "time",
        LONG,
        placed=True,
    ),
    "crossings": Kind(pl.Schema({"time": TIME, "bridge": Text}), "time", LONG),
    "certificate_requests": Kind(
        pl.Schema({"said_at": TIME, "booking": Text, "bridges": Text}), "said_at", LONG,
        optional=frozenset({"bridges"}),
    ),
}  # fmt: skip


class Intake:
    """Frames by feed. Rows are added as they come and laid together when they are looked at."""

    def __init__(self) -> None:
        self._parts: dict[str, list[pl.DataFrame]] = {
            name: [pl.DataFrame(schema=kind.schema)] for name, kind in KINDS.items()
        }
        self.heard: dict[str, datetime] = {}
        """The newest time that a feed has told, of those that do not look ahead."""

    def add(self, feed: str, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows as they are kept. ``LookupError``: a column is missing that is needed."""
        kind = KINDS[feed]
        lacking = [name for name in kind.optional if name not in rows.columns]
        rows = rows.with_columns(pl.lit(None, kind.columns[name]).alias(name) for name in lacking)
        told = read(feed, kind.columns, rows)
        if kind.placed:
            place = rows[POSITION].cast(pl.Int64) if POSITION in rows.columns else pl.lit(-1, pl.Int64)
            told = told.with_columns(place.alias(POSITION))
        self._parts[feed].append(told)
        newest = told[kind.time].max() if kind.time and told.height else None
        if isinstance(newest, datetime):
            self.heard[feed] = max(newest, self.heard.get(feed, newest))
        return told

    def frame(self, feed: str) -> pl.DataFrame:
        parts = self._parts[feed]
        if len(parts) > 1:
            parts[:] = [pl.concat(parts)]
        return parts[0]

    def forget(self, now: datetime) -> None:
        """What is older than it is kept."""
        for feed, kind in KINDS.items():
            if kind.kept is not None:
                self._parts[feed] = [self.frame(feed).filter(pl.col(kind.time) >= now - kind.kept)]


def read(feed: str, columns: pl.Schema, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with these columns alone. ``LookupError``: one is missing."""
    missing = [name for name in columns if name not in rows.columns]
    if missing:
        raise LookupError(f"{feed}: there is no column {', '.join(missing)}")
    return rows.select(_read(name, to, rows.schema[name]) for name, to in columns.items())


def _read(name: str, to: pl.DataType, given: pl.DataType) -> pl.Expr:
    if to == TIME and given == pl.String:
        return pl.col(name).str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    return pl.col(name).cast(to)
