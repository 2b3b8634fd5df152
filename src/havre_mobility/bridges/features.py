"""What is known at a time, laid out by bridge and bin: one row for each bin of each forecast.

A bin ``lead`` begins ``lead`` minutes after ``at`` and lasts ``BIN`` minutes. Four sources may expect an opening: the
bridge's plan, a movement's plan, a ship under way, and the bridge itself while an opening is under way. Of each the
expectation nearest to the bin counts, told by how far into it the bin lies: ``since`` (minutes from its start to the
end of the bin) and ``left`` (minutes from the begin of the bin to its end); both are positive where they overlap.
"""

from dataclasses import dataclass

import polars as pl

from havre_mobility.bridges import approach, messages, ways
from havre_mobility.bridges.bins import grid
from havre_mobility.bridges.feeds import Feeds
from havre_mobility.bridges.model import BIN
from havre_mobility.bridges.passages import Margins
from havre_mobility.bridges.slots import LOCAL

SOURCES = ("plan", "move", "ship", "open")
FAR = 120.0
"""Minutes beyond which it makes no difference how far away something is."""
_OF_SOURCE = ("since", "left", "share", "spread", "age")
FEATURES = (
    *(f"{source}_{name}" for source in SOURCES for name in _OF_SOURCE),
    "ships", "lead", "weekend", "usual", "quiet", "to_slot", "from_slot", "bridge_number",
)  # fmt: skip


@dataclass(frozen=True)
class Learned:
    """What weeks that are over have taught.

    ``usual``: bridge, hour (local), usual: share of its bins in which it was closed to the road for ships.
    """

    bridges: tuple[str, ...]
    margins: Margins
    ways: pl.DataFrame
    approach: pl.DataFrame
    usual: pl.DataFrame


def table(feeds: Feeds, learned: Learned, times: pl.Series) -> pl.DataFrame:
    """at, bridge, lead, starts_at, and ``FEATURES``: one row a bin, in order of these. ``times`` are TIME."""
    bins = grid(learned.bridges, times)
    seen = approach.states(feeds.positions, feeds.movements, times)
    expected = {
        "plan": messages.plans(feeds.messages, times),
        "move": ways.expected(feeds.movements, learned.ways, times),
        "ship": approach.expected(seen, learned.approach, learned.margins),
        "open": messages.under_way(feeds.messages, times),
    }
    for source in SOURCES:
        bins = _beside(bins, expected[source], source)
    hour = pl.col("starts_at").dt.convert_time_zone(LOCAL.key)
    ships = expected["ship"].group_by("at", "bridge").agg(ships=pl.col("share").sum())
    return (
        bins.with_columns(
            weekend=(hour.dt.weekday() > 5).cast(pl.Float64),
            hour_of_day=hour.dt.hour().cast(pl.Int32),
        )
        .join(ships, on=["at", "bridge"], how="left")
        .join(learned.usual.rename({"hour": "hour_of_day"}), on=["bridge", "hour_of_day"], how="left")
        .with_columns(pl.col("ships").fill_null(0.0))
        .pipe(_since_the_last, feeds.messages)
        .pipe(_beside_slots, feeds.reserved)
        .with_columns(
            bridge_number=pl.col("bridge").replace_strict(
                {name: float(number) for number, name in enumerate(learned.bridges)}, return_dtype=pl.Float64
            )
        )
        .sort("at", "bridge", "lead")
        .select("at", "bridge", "lead", "starts_at", *(name for name in FEATURES if name != "lead"))
    )


def _beside(bins: pl.DataFrame, expected: pl.DataFrame, source: str) -> pl.DataFrame:
    """The bins with the features of one source; null where it expects nothing."""
    named = {name: f"{source}_{name}" for name in _OF_SOURCE}
    ends = pl.coalesce("ends_at_right", "starts_at_right")
    nearest = (
        bins.select("at", "bridge", "lead", "starts_at", "ends_at")
        .join(expected, on=["at", "bridge"])
        .with_columns(
            since=_between("starts_at_right", "ends_at"),
            left=(ends - pl.col("starts_at")).dt.total_seconds(fractional=True) / 60,
        )
        .with_columns(overlap=pl.min_horizontal("since", "left", pl.lit(float(BIN))))
        .sort(
            "overlap", pl.col("share").fill_null(1.0), "starts_at_right", "age", descending=[True, True, False, False]
        )
        .unique(["at", "bridge", "lead"], keep="first", maintain_order=True)
        .select("at", "bridge", "lead", *(pl.col(name).clip(-FAR, FAR).alias(to) for name, to in named.items()))
    )
    return bins.join(nearest, on=["at", "bridge", "lead"], how="left")


def _since_the_last(bins: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """``quiet``: minutes from the last end of an opening that was told of to the bin."""
    ended = said.filter(pl.col("status") == "ended").select("bridge", "said_at").sort("said_at")
    return (
        bins.sort("at")
        .join_asof(ended, left_on="at", right_on="said_at", by="bridge", strategy="backward", check_sortedness=False)
        .with_columns(quiet=_between("said_at", "starts_at").clip(0, FAR))
        .drop("said_at")
    )


def _beside_slots(bins: pl.DataFrame, reserved: pl.DataFrame) -> pl.DataFrame:
    """Minutes from the bin to the next slot, and from the end of the last: ships wait for it."""
    spans = reserved.select("bridge", slot_from="starts_at", slot_until="ends_at").sort("slot_from")
    return (
        bins.sort("starts_at")
        .join_asof(
            spans, left_on="starts_at", right_on="slot_from", by="bridge", strategy="forward", check_sortedness=False
        )
        .with_columns(to_slot=_between("starts_at", "slot_from").clip(0, FAR))
        .drop("slot_from", "slot_until")
        .join_asof(
            spans.sort("slot_until"), left_on="starts_at", right_on="slot_until", by="bridge", strategy="backward",
            check_sortedness=False,
        )
        .with_columns(from_slot=_between("slot_until", "starts_at").clip(0, FAR))
        .drop("slot_from", "slot_until")
    )  # fmt: skip


def _between(start: str, end: str) -> pl.Expr:
    """Minutes."""
    return (pl.col(end) - pl.col(start)).dt.total_seconds(fractional=True) / 60
