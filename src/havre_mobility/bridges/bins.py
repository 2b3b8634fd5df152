"""The bins of a forecast: five minutes each, from the time that it is made for, and what is true of each."""

from collections.abc import Sequence

import polars as pl

from havre_mobility.bridges import closures
from havre_mobility.bridges.model import BIN, HORIZON, TIME
from havre_mobility.bridges.slots import LOCAL


def grid(bridges: Sequence[str], times: pl.Series) -> pl.DataFrame:
    """at, bridge, lead (minutes, a number), starts_at and ends_at of every bin."""
    leads = pl.DataFrame({"lead": [float(lead) for lead in range(0, HORIZON, BIN)]})
    begins = pl.col("at") + (pl.col("lead") * 60e6).cast(pl.Duration("us"))
    return (
        pl.DataFrame({"at": times.cast(TIME)})
        .join(pl.DataFrame({"bridge": list(bridges)}, schema={"bridge": pl.String}), how="cross")
        .join(leads, how="cross")
        .with_columns(starts_at=begins, ends_at=begins + pl.duration(minutes=BIN))
    )


def closed(bins: pl.DataFrame, openings: pl.DataFrame) -> pl.Series:
    """Whether the road was closed at any time of each bin (bridge, starts_at); an opening without end goes on."""
    sorted_ = openings.select("bridge", "opened_at", "closed_at").sort("opened_at")
    last = (
        bins.select("bridge", "starts_at")
        .with_row_index("number")
        .with_columns(ends_at=pl.col("starts_at") + pl.duration(minutes=BIN))
        .sort("ends_at")
        .join_asof(
            sorted_, left_on="ends_at", right_on="opened_at", by="bridge", strategy="backward",
            allow_exact_matches=False, check_sortedness=False,
        )
        .with_columns(
            closed=pl.col("opened_at").is_not_null()
            & (pl.col("closed_at").is_null() | (pl.col("closed_at") > pl.col("starts_at")))
        )
        .sort("number")
    )  # fmt: skip
    return last["closed"]


def usual(openings: pl.DataFrame, bridges: Sequence[str], times: pl.Series) -> pl.DataFrame:
    """The climatology: bridge, hour (local), usual, over the bins that begin at ``times``."""
    bins = pl.DataFrame({"starts_at": times.cast(TIME)}).join(
        pl.DataFrame({"bridge": list(bridges)}, schema={"bridge": pl.String}), how="cross"
    )
    hour = pl.col("starts_at").dt.convert_time_zone(LOCAL.key).dt.hour().cast(pl.Int32)
    return (
        bins.with_columns(closed=closed(bins, openings), hour=hour)
        .group_by("bridge", "hour")
        .agg(usual=pl.col("closed").mean())
        .sort("bridge", "hour")
    )


def in_slots(bins: pl.DataFrame, reserved: pl.DataFrame) -> pl.Series:
    """Whether each bin (bridge, starts_at) lies in a reserved slot as a whole."""
    end = pl.col("starts_at") + pl.duration(minutes=BIN)
    spans = reserved.select("bridge", slot_from="starts_at", slot_until="ends_at").sort("slot_from")
    found = (
        bins.select("bridge", "starts_at")
        .with_row_index("number")
        .sort("starts_at")
        .join_asof(
            spans, left_on="starts_at", right_on="slot_from", by="bridge", strategy="backward", check_sortedness=False
        )
        .with_columns(inside=(end <= pl.col("slot_until")).fill_null(False))
        .sort("number")
    )
    return found["inside"]


def in_closures(bins: pl.DataFrame, told: pl.DataFrame) -> pl.Series:
    """The reason for which a bridge is known at ``at`` to be closed for long in each bin (at, bridge, starts_at)."""
    known = closures.known(told, bins["at"].unique())
    found = (
        bins.select("at", "bridge", "starts_at")
        .with_row_index("number")
        .join(known, on=["at", "bridge"], suffix="_of_closure")
        .filter(pl.col("starts_at") + pl.duration(minutes=BIN) > pl.col("starts_at_of_closure"))
        .filter((pl.col("starts_at") < pl.col("ends_at")).fill_null(True))
        .select("number", "reason")
        .unique("number", keep="first")
    )
    numbered = bins.select("bridge").with_row_index("number")
    return numbered.join(found, on="number", how="left", maintain_order="left")["reason"]
