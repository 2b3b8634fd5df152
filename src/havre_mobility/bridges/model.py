"""What the frames of this part hold. An opening is seen from the road: *closed* means that no vehicle can cross.

Times are UTC (``Datetime("us", "UTC")``). A time in a frame called ``at`` is one at which something was known: what
stands beside it may rest on nothing that was said later.
"""

from dataclasses import dataclass

import polars as pl

TIME = pl.Datetime("us", "UTC")
BIN = 5
"""Minutes of one bin of a forecast."""
HORIZON = 60
"""Minutes that a forecast looks ahead."""
PLANNED, STARTING, IN_OPERATION, ENDED, CANCELLED = "planned", "starting", "in_operation", "ended", "cancelled"
UNDER_WAY = (STARTING, IN_OPERATION)

MESSAGES = pl.Schema(
    {
        "said_at": TIME, "bridge": pl.String(), "opening": pl.String(), "status": pl.String(),
        "starts_at": TIME, "ends_at": TIME, "movement": pl.String(),
    }
)  # fmt: skip
"""What bridges say. ``status``: planned, starting (the first warning light), in_operation, ended or cancelled."""

OPENINGS = pl.Schema(
    {
        "bridge": pl.String(), "opened_at": TIME, "closed_at": TIME, "source": pl.String(),
        "opening": pl.String(), "movement": pl.String(), "mmsi": pl.Int64(),
    }
)  # fmt: skip
"""What took place: the road was closed from ``opened_at`` until ``closed_at``. ``source``: messages, ais or counts."""

EXPECTED = pl.Schema(
    {
        "at": TIME, "bridge": pl.String(), "starts_at": TIME, "ends_at": TIME,
        "share": pl.Float64(), "spread": pl.Float64(), "age": pl.Float64(),
    }
)  # fmt: skip
"""What is expected at ``at``. ``share`` of such expectations came true, ``spread`` is their error and ``age`` the time
since it was said, both in minutes."""


@dataclass(frozen=True)
class Bridge:
    """Degrees of WGS 84, of the middle of the span."""

    id: str
    name: str
    longitude: float
    latitude: float
