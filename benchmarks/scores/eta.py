"""Arrivals at the pilot boarding place and at berth, forecast on weeks that the forecaster has not seen.

Protocol: it learns from weeks of other seeds (``LEARNED``) what the service is told: announcements, AIS, particulars,
tide. What took place it takes from the announcements of it (ACT), never from the truth. Then each half hour of a test
week, for each announced arrival, it says three quantiles. Those whose P50 lies within 24 h count: that is known when it
is said, while to choose by what came to pass would leave out the late ones of the one kind of error and the early ones
of the other. What came to pass is taken from the truth. ``eta_gain_pct``:
how much smaller the mean absolute error of P50 is than that of distance over speed, at the moments at which the ship
was heard within 45 min (else there is no distance); the speed is her own when she is under way, else her last one
under way. ``eta_coverage_pct``: of how many of all moments the truth lay between P10 and P90. With ``_no_plans`` the
same where the port's plans and terminals' requests are told to nobody: in the scenario the plans are good, and most of
the gain close to the arrival is theirs.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.scores import feeds
from benchmarks.scores.results import Score, over_seeds, table
from havre_mobility.calls import cleaning
from havre_mobility.eta import forecast, network, samples
from havre_mobility.eta.forecast import Forecaster
from havre_mobility.eta.network import Network
from havre_mobility.eta.samples import Known

DAYS = 7
LEARNED = (101, 102, 103, 104)
HORIZON_H = 24.0
STRETCHES = ((0, 3), (3, 6), (6, 12), (12, 24))
SCORES = {
    "eta_gain_pct": ("%", ">= 25"),
    "eta_coverage_pct": ("%", "75-85"),
    "eta_gain_under_way_pct": ("%", ""),
    "eta_gain_pilot_pct": ("%", ""),
    "eta_gain_berth_pct": ("%", ""),
    "eta_gain_agent_pct": ("%", ""),
    **{f"eta_error_{begin}_{end}h_min": ("min", "") for begin, end in STRETCHES},
    "eta_gain_pct_no_plans": ("%", ""),
    "eta_coverage_pct_no_plans": ("%", ""),
}


@dataclass(frozen=True)
class Week:
    known: Known
    targets: pl.DataFrame
    truth: pl.DataFrame


def measure(seeds: Sequence[int]) -> list[Score]:
    if set(LEARNED) & set(seeds):
        raise ValueError(f"the forecaster has learned from the seeds {LEARNED}")
    before = [read(feeds.written(seed, DAYS)) for seed in LEARNED]
    full, alone = learned(before), learned([without_plans(one) for one in before])
    each = []
    for seed in seeds:
        tested = read(feeds.written(seed, DAYS))
        unplanned = compared(without_plans(tested), *alone)
        each.append(compared(tested, *full) | {f"{name}_no_plans": value for name, value in unplanned.items()})
    return over_seeds(SCORES, each)


def without_plans(one: Week) -> Week:
    """What is left where the port tells nobody its plans: agents, positions, ways, tide."""
    told = one.known.announcements.filter(pl.col("classifier").is_in(["EST", "ACT"]))
    return replace(one, known=replace(one.known, announcements=told))


def read(folder: Path) -> Week:
    positions, _ = feeds.decoded(folder / "ais.nmea", "positions")
    told, _ = feeds.decoded(folder / "ais.nmea", "static")
    cleaned, _ = cleaning.clean(positions, feeds.BOUNDS)
    read_csv = {name: pl.read_csv(folder / f"{name}.csv", try_parse_dates=True) for name in ("movements", "tide")}
    truth = pl.read_csv(folder / "truth/movements.csv", try_parse_dates=True)
    known = Known(samples.steps(cleaned), read_csv["movements"], cleaning.particulars(told), read_csv["tide"])
    return Week(known, targets(folder), truth.filter(pl.col("kind") == "arrival"))


def targets(folder: Path) -> pl.DataFrame:
    """The pilot boarding place, and the middle of each berth."""
    places = json.loads((folder / "places.geojson").read_text(encoding="utf-8"))["features"]
    pilot = next(one for one in places if one["properties"]["kind"] == "pilot boarding place")
    middles = {area.id: np.mean(area.ring[:-1], axis=0) for area in feeds.areas_of(folder) if area.kind == "berth"}
    rows = [("pilot", *pilot["geometry"]["coordinates"]), *((name, *map(float, at)) for name, at in middles.items())]
    return pl.DataFrame(rows, schema=["target", "longitude", "latitude"], orient="row")


def learned(weeks: Sequence[Week]) -> tuple[Network, Forecaster]:
    ways = [network.ways(one.known.steps, samples.voyages(one.known), one.targets) for one in weeks]
    learned_ways = network.learn(pl.concat(ways), weeks[0].targets)
    each = [
        samples.samples(
            samples.moments(samples.outcomes(one.known.announcements)), one.known, learned_ways
        ).with_columns(movement=pl.format("{}/{}", pl.lit(index), "movement"))
        for index, one in enumerate(weeks)
    ]
    return learned_ways, forecast.fit(pl.concat(each))


def compared(one: Week, ways: Network, forecaster: Forecaster) -> dict[str, float]:
    true = pl.concat(
        [
            one.truth.select("movement", "mmsi", pl.lit("pilot").alias("point"), "berth", came_at="pilot_at"),
            one.truth.select("movement", "mmsi", pl.lit("berth").alias("point"), "berth", came_at="ended_at"),
        ]
    )
    asked = samples.moments(true.drop_nulls("came_at"), within=2 * HORIZON_H)
    announced = one.known.announcements.group_by("movement").agg(pl.col("said_at").min())
    asked = asked.join(announced, on="movement").filter(pl.col("said_at") <= pl.col("at")).drop("said_at")
    found = samples.samples(asked, one.known, ways).filter(pl.col("base").is_not_null())
    told = pl.concat([found, forecaster.predict(found)], how="horizontal").filter(pl.col("p50") < HORIZON_H)
    pilot, berth, under_way = pl.col("point") == "pilot", pl.col("point") == "berth", pl.col("rests") < 1
    within = pl.col("came").is_between("p10", "p90")
    return {
        "eta_gain_pct": _gain(told, "straight_h"),
        "eta_coverage_pct": 100 * told.select(within.mean()).item(),
        "eta_gain_under_way_pct": _gain(told.filter(under_way), "straight_h"),
        "eta_gain_pilot_pct": _gain(told.filter(pilot), "straight_h"),
        "eta_gain_berth_pct": _gain(told.filter(berth), "straight_h"),
        "eta_gain_agent_pct": _gain(told.filter(pilot), "agent"),
        **{
            f"eta_error_{begin}_{end}h_min": 60 * _error(told.filter(_stretch(begin, end)), "p50")
            for begin, end in STRETCHES
        },
    }


def _stretch(begin: int, end: int) -> pl.Expr:
    return pl.col("p50").is_between(begin, end, closed="left")


def _gain(told: pl.DataFrame, other: str) -> float:
    """Per cent less error than the other one, where that says something."""
    both = told.filter(pl.col(other).is_not_null())
    return 100 * (1 - _error(both, "p50") / _error(both, other))


def _error(told: pl.DataFrame, name: str) -> float:
    return float(told.select((pl.col(name) - pl.col("came")).abs().mean()).item())


if __name__ == "__main__":
    print(table(measure([1])))
