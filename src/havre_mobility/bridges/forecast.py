"""The forecast: how likely each bridge is closed to the road in each five-minute bin of the next hour.

1. In a reserved slot the probability is zero, unless an opening is under way at that bridge.
2. While an opening is under way, its bins until the end that is expected have at least the probability ``SAID``.
3. A bridge that is closed for long (works, damage) is closed: its bins have the probability one and the reason.
4. Nothing that was said after the time of a forecast is looked at.
5. Without a model, or without any feed, the usual hour of the week is what is known; the slots hold there too.
"""

from functools import lru_cache

import lightgbm
import polars as pl

from havre_mobility.bridges import bins, messages
from havre_mobility.bridges.features import FEATURES, table
from havre_mobility.bridges.feeds import Feeds
from havre_mobility.bridges.learning import Model
from havre_mobility.bridges.model import TIME

LIKELY = 0.5
"""An opening is announced where the probability reaches this."""
SAID = 0.95
FORECAST = pl.Schema(
    {
        "at": TIME, "bridge": pl.String(), "lead": pl.Float64(), "starts_at": TIME, "probability": pl.Float64(),
        "reserved": pl.Boolean(), "under_way": pl.Boolean(), "closure": pl.String(),
    }
)  # fmt: skip
"""``lead``: minutes from ``at`` to the begin of the bin. ``closure``: why the bridge is closed for long."""


def forecast(model: Model, feeds: Feeds, times: pl.Series) -> pl.DataFrame:
    """``FORECAST`` of every bridge for each of ``times``."""
    found = table(feeds, model.learned, times)
    values = found.select(pl.col(name).cast(pl.Float32) for name in FEATURES).to_numpy()
    likely = _trees(model.trees).predict(values, num_threads=1)
    return _ruled(found.with_columns(probability=pl.Series("probability", likely)), feeds)


def climatology(usual: pl.DataFrame, feeds: Feeds, times: pl.Series) -> pl.DataFrame:
    """``FORECAST`` from nothing but ``usual`` (bridge, hour, usual): the fall-back, and what a forecast has to beat."""
    names = usual["bridge"].unique(maintain_order=True).to_list()
    hour = pl.col("starts_at").dt.convert_time_zone("Europe/Paris").dt.hour().cast(pl.Int32)
    found = bins.grid(names, times).with_columns(hour=hour)
    return _ruled(
        found.join(usual, on=["bridge", "hour"], how="left", maintain_order="left").with_columns(
            probability=pl.col("usual").fill_null(0.0)
        ),
        feeds,
    )


def _ruled(found: pl.DataFrame, feeds: Feeds) -> pl.DataFrame:
    """The bins with what the rules say of them."""
    running = messages.under_way(feeds.messages, found["at"].unique())
    running = running.group_by("at", "bridge").agg(until=pl.coalesce("ends_at", "starts_at").max())
    told = (
        found.with_columns(
            reserved=bins.in_slots(found, feeds.reserved), closure=bins.in_closures(found, feeds.closures)
        )
        .join(running, on=["at", "bridge"], how="left", maintain_order="left")
        .with_columns(under_way=pl.col("until").is_not_null())
    )
    goes_on = pl.col("under_way") & (pl.col("starts_at") < pl.col("until"))
    probability = (
        pl.when(pl.col("closure").is_not_null())
        .then(1.0)
        .when(goes_on)
        .then(pl.max_horizontal("probability", pl.lit(SAID)))
        .when(pl.col("reserved") & ~pl.col("under_way"))
        .then(0.0)
        .otherwise("probability")
    )
    return told.with_columns(probability=probability).select(pl.col(name).cast(kind) for name, kind in FORECAST.items())


@lru_cache(maxsize=4)
def _trees(text: str) -> lightgbm.Booster:
    return lightgbm.Booster(model_str=text)
