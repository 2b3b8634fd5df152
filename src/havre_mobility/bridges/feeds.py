"""What a forecast is made from: everything that was said, with the time at which it was."""

from dataclasses import dataclass

import polars as pl

from havre_mobility.bridges.model import MESSAGES, TIME
from havre_mobility.bridges.slots import SPANS

MOVEMENTS = pl.Schema(
    {
        "said_at": TIME, "movement": pl.String(), "mmsi": pl.Int64(), "kind": pl.String(), "point": pl.String(),
        "berth": pl.String(), "value_at": TIME,
    }
)  # fmt: skip
POSITIONS = pl.Schema(
    {
        "time": TIME, "mmsi": pl.Int64(), "longitude": pl.Float64(), "latitude": pl.Float64(), "speed": pl.Float64(),
        "course": pl.Float64(),
    }
)  # fmt: skip
CLOSURES = pl.Schema(
    {
        "said_at": TIME, "closure": pl.String(), "place": pl.String(), "starts_at": TIME, "ends_at": TIME,
        "reason": pl.String(),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Feeds:
    """A feed may hold what was said later than a forecast is made for: that is not looked at."""

    messages: pl.DataFrame
    movements: pl.DataFrame
    positions: pl.DataFrame
    closures: pl.DataFrame
    reserved: pl.DataFrame


def feeds(
    *,
    messages: pl.DataFrame | None = None,
    movements: pl.DataFrame | None = None,
    positions: pl.DataFrame | None = None,
    closures: pl.DataFrame | None = None,
    reserved: pl.DataFrame | None = None,
) -> Feeds:
    """The columns that are needed of each feed; one that is missing, or dead, has said nothing.

    ``messages``: ``MESSAGES``; ``movements``: ``MOVEMENTS``; ``positions``: ``POSITIONS`` (kn, degrees); ``closures``:
    ``CLOSURES``; ``reserved``: ``SPANS``. Further columns do no harm.
    """
    return Feeds(
        _columns(messages, MESSAGES),
        _columns(movements, MOVEMENTS),
        _columns(positions, POSITIONS),
        _columns(closures, CLOSURES),
        _columns(reserved, SPANS),
    )


def _columns(frame: pl.DataFrame | None, schema: pl.Schema) -> pl.DataFrame:
    if frame is None:
        return pl.DataFrame(schema=schema)
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())
