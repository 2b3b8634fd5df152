"""Arrivals to come: what announcements and positions of the past tell of those that are announced now.

Rules that hold here:

1. It is learned from what took place (ACT) at this port. With fewer than ``FEWEST`` arrivals nothing is: then a ship
   comes when she was announced for, and the picture says that it is an announcement.
2. Trees need whole weeks (``forecast.FOLDS``) to see what changes from one to the next. Trees that had seen five days
   of the scenario were wrong by hours on the sixth: before that it is the band of such statements (``spread``).
3. An arrival is forecast from its first announcement until it took place, and no longer than ``OVERDUE`` after the
   last time that it was announced for: what was called off is not always told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from havre_mobility.calls import areas
from havre_mobility.calls.cleaning import clean
from havre_mobility.calls.cleaning import particulars as known_of
from havre_mobility.eta import forecast, network, samples, spread
from havre_mobility.live.ships import EVERYWHERE, PLACES
from havre_mobility.picture.model import Expected, How, Next, Place, Said

FEWEST = 20
"""Arrivals at a berth."""
OVERDUE = timedelta(hours=24)
PILOT = "pilot boarding place"
QUANTILES = ("p10", "p50", "p90")
FORECASTS = pl.Schema(
    {
        "movement": pl.String(), "mmsi": pl.Int64(), "point": pl.String(), "berth": pl.String(),
        **dict.fromkeys(QUANTILES, pl.Datetime("us", "UTC")),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Learned:
    ways: network.Network
    forecaster: forecast.Forecaster | spread.Spread


@dataclass(frozen=True)
class Coming:
    """What a ship that arrives comes to next, by the forecast, and the berth that she makes for."""

    next: Next
    berth: str


def targets(places: Mapping[str, Any]) -> pl.DataFrame:
    """The pilot boarding place and the middle of each berth (target, longitude, latitude); none without the former."""
    rows = [
        ("pilot", *map(float, one["geometry"]["coordinates"][:2]))
        for one in places["features"]
        if one["properties"].get("kind") == PILOT
    ][:1]
    berths = [area for area in areas.of_geojson(places) if area.kind == "berth"] if rows else []
    rows += [(area.id, *map(float, np.mean(area.ring[:-1], axis=0))) for area in berths]
    return pl.DataFrame(
        rows, {"target": pl.String(), "longitude": pl.Float64(), "latitude": pl.Float64()}, orient="row"
    )


def learn(told: Mapping[str, pl.DataFrame], to: pl.DataFrame) -> Learned | None:
    """Of the feeds (by name); None where there is not enough to learn from. ``to``: see ``targets``."""
    took_place = samples.outcomes(told["movements"]).drop_nulls("came_at")
    if not to.height or took_place.filter(pl.col("point") == "berth").height < FEWEST:
        return None
    sound, _ = clean(told["ais"], EVERYWHERE)
    known = _known(samples.steps(sound), told, known_of(told["particulars"]))
    ways = network.learn(network.ways(known.steps, samples.voyages(known), to), to)
    moments = samples.moments(took_place)
    first = told["movements"].group_by("movement").agg(first=pl.col("said_at").min())
    announced = moments.join(first, on="movement").filter(pl.col("first") <= pl.col("at")).drop("first")
    known_then = samples.samples(announced, known, ways)
    weeks = known_then["week"].n_unique()
    return Learned(ways, (forecast.fit if weeks >= forecast.FOLDS else spread.fit)(known_then))


def _known(steps: pl.DataFrame, told: Mapping[str, pl.DataFrame], ships: pl.DataFrame) -> samples.Known:
    return samples.Known(steps, told["movements"], ships, told["tide"])


def forecasts(
    learned: Learned, steps: pl.DataFrame, told: Mapping[str, pl.DataFrame], ships: pl.DataFrame, now: datetime
) -> pl.DataFrame:
    """What is to be expected at ``now`` (``FORECASTS``), the first first. ``steps``: of the last days; ``ships``: one
    row a ship."""
    current = _current(told["movements"], now)
    known = _known(steps, {**told, "movements": current}, ships)
    found = samples.samples(samples.expected(current, now), known, learned.ways).filter(pl.col("base").is_not_null())
    if not found.height:
        return pl.DataFrame(schema=FORECASTS)
    hours = learned.forecaster.predict(found)
    times = [(pl.col("at") + pl.duration(seconds=pl.col(name) * 3600)).dt.round("1s").alias(name) for name in QUANTILES]
    both = pl.concat([found, hours], how="horizontal").with_columns(times)
    return both.select(*(pl.col(name).cast(to) for name, to in FORECASTS.items())).sort("p50")


def _current(movements: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The announcements of arrivals that are not overdue."""
    said = movements.filter((pl.col("said_at") <= now) & (pl.col("kind") == "arrival"))
    last = said.group_by("movement").agg(last=pl.col("value_at").max())
    return said.join(last, on="movement", maintain_order="left").filter(pl.col("last") >= now - OVERDUE).drop("last")


def coming(found: pl.DataFrame, at: datetime) -> dict[int, Coming]:
    """What each ship comes to first, of ``FORECASTS``: the pilot before the berth."""
    first = found.sort(pl.col("p50").min().over("movement"), pl.col("point") == "berth", maintain_order=True)
    said = Said("movements", How.FORECAST, at)
    chosen = {}
    for row in first.unique("mmsi", keep="first", maintain_order=True).iter_rows(named=True):
        place, berth = PLACES[row["point"]], row["berth"] or ""
        expected = Expected(*(row[name] for name in QUANTILES))
        chosen[row["mmsi"]] = Coming(Next(place, berth if place is Place.BERTH else "", expected, said), berth)
    return chosen


def nexts(told: Mapping[int, Next], found: Mapping[int, Coming]) -> dict[int, Next]:
    """What each ship comes to next: what was announced (``told``), or the forecast where there is one.

    What was announced stands where it is something else and comes before: a ship leaves before she comes again.
    """
    chosen = dict(told)
    for mmsi, one in found.items():
        before = told.get(mmsi)
        same = before is not None and (before.place is one.next.place or before.name == one.berth)
        if before is None or same or one.next.at.p50 <= before.at.p50:
            chosen[mmsi] = one.next
    return chosen
