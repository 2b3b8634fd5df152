"""How good the forecast of openings is: against the truth of the scenario, and against a real timetable.

Scenario. The model learns from ``LEARN_DAYS`` days of one seed (``LEARN_SEED``), from the feeds alone: what took place
is what messages and AIS say. It is scored on a week of each other seed, every five minutes, on the bins that begin 15
minutes later, of bridges that are not closed for long, against the true openings. A bin is *closed* when the road is
closed at any time of it, and *called* when its probability is 0.5 or more.

- ``opening_recall``: of the true openings, how many have a called bin in their time.
- ``opening_precision``: of the runs of called bins that follow each other, how many meet a true opening.
- ``opening_brier_skill``: 1 − Brier score / that of the climatology by bridge and hour of the day (of the learning
  period; its reserved slots are zero, too), over all these bins.
- ``opening_bin_recall``, ``opening_bin_precision``: the same of single bins, to the five minutes.
- ``opening_start_error``: median minutes between the announced start (P50) and the true one, of openings that are
  announced for 10 to 20 minutes later; ``opening_start_p90``, ``opening_duration_p90``: how many are within their P90.

Tower Bridge. Lifts a day as the timetable shows them at last, forecast one day before (midnight to midnight UTC), for
the days from 2025 on, after learning from those of October 2022 until then. ``tower_bridge_gain_pct``: by how much
the root mean squared error is less than that of the mean of the same month and weekday (the climatology);
``tower_bridge_timetable_gain_pct``: than that of the timetable taken at its word. Days on which no fresh timetable was
seen are left out.
"""

import datetime
import json
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.scores.results import Score, once, over_seeds, table
from havre.sources import formats
from havre_mobility.bridges import bins, closures, learning, lifts, slots
from havre_mobility.bridges.coming import coming
from havre_mobility.bridges.feeds import Feeds, feeds
from havre_mobility.bridges.forecast import LIKELY, climatology, forecast
from havre_mobility.bridges.model import BIN, Bridge
from havre_scenario.city import DEFAULT_START, city

LEARN_SEED, LEARN_DAYS, DAYS, LEAD = 900, 42, 7, 15
START = datetime.datetime.combine(DEFAULT_START, datetime.time(), datetime.UTC)
HOUR = datetime.timedelta(hours=1)
TOWER_BRIDGE = Path(__file__).parents[3] / "shared/data/bridge_lifts_tower_bridge/lifts_2020_2026.csv"
LEARN_FROM, SCORE_FROM = datetime.date(2022, 10, 1), datetime.date(2025, 1, 1)


@dataclass(frozen=True)
class Period:
    feeds: Feeds
    bridges: list[Bridge]
    truth: pl.DataFrame
    end: datetime.datetime


def measure(seeds: Sequence[int]) -> list[Score]:
    if LEARN_SEED in seeds:
        raise ValueError(f"the model has learned from seed {LEARN_SEED}")
    past = period(LEARN_SEED, LEARN_DAYS)
    model = learning.learn(past.feeds, past.bridges, START, past.end)
    found = [scored(model, period(seed, DAYS)) for seed in seeds]
    said = [over_seeds(name, [one[name] for one in found], unit, wanted) for name, unit, wanted in NAMES]
    return [*said, *tower_bridge()]


NAMES = (
    ("opening_recall", "", ">= 0.90"),
    ("opening_precision", "", ">= 0.85"),
    ("opening_brier_skill", "", ">= 0.4"),
    ("opening_bin_recall", "", ""),
    ("opening_bin_precision", "", ""),
    ("opening_start_error", "min", ""),
    ("opening_start_p90", "", ""),
    ("opening_duration_p90", "", ""),
)


def period(seed: int, days: int) -> Period:
    """A period of the scenario: the feeds as the service reads them, and the true openings aside."""
    with tempfile.TemporaryDirectory(prefix="havre-score-") as name:
        folder = Path(name)
        city(seed, DEFAULT_START, days).write(folder)
        spans = slots.spans(
            slots.slots(pl.read_csv(folder / "reserved_slots.csv")),
            DEFAULT_START - datetime.timedelta(days=2),
            DEFAULT_START + datetime.timedelta(days=days + 2),
        )
        read = feeds(
            messages=_csv(folder / "bridge_messages.csv"),
            movements=_csv(folder / "movements.csv"),
            positions=_positions(folder / "ais.nmea"),
            closures=_csv(folder / "closures.csv"),
            reserved=spans,
        )
        places = json.loads((folder / "places.geojson").read_text())["features"]
        named = [(one["properties"], one["geometry"]) for one in places if one["properties"]["kind"] == "bridge"]
        bridges = [Bridge(said["id"], said["name"], *where["coordinates"]) for said, where in named]
        truth = _csv(folder / "truth/openings.csv")
    return Period(read, bridges, truth, START + datetime.timedelta(days=days))


def _csv(file: Path) -> pl.DataFrame:
    return pl.read_csv(file, try_parse_dates=True, infer_schema_length=None)


def _positions(file: Path) -> pl.DataFrame:
    columns = ("time", "mmsi", "longitude", "latitude", "speed", "course")
    with file.open("rb") as log:
        pieces = [pl.DataFrame(piece.rows.select(columns)) for piece in formats.pieces("nmea", log, {}, START)]
    return pl.concat(pieces, how="vertical_relaxed")


def scored(model: learning.Model, week: Period) -> dict[str, float]:
    times = learning.steps(START, week.end - HOUR)
    bare = forecast(model, week.feeds, times)
    usual = climatology(model.learned.usual, week.feeds, times).select("at", "bridge", "lead", usual="probability")
    found = bare.with_columns(closed=bins.closed(bare, week.truth)).join(usual, on=["at", "bridge", "lead"])
    at_lead = found.filter((pl.col("lead") == LEAD) & pl.col("closure").is_null())
    truth = closures.without(week.truth, closures.last_told(week.feeds.closures))
    truth = truth.filter(pl.col("opened_at").is_between(START + HOUR, week.end - HOUR))
    called = at_lead.filter(pl.col("probability") >= LIKELY)
    error = _brier(at_lead, "probability")
    return {
        "opening_recall": _met(truth, called) / truth.height,
        "opening_precision": _right(called),
        "opening_brier_skill": 1 - error / _brier(at_lead, "usual"),
        "opening_bin_recall": called.filter("closed").height / at_lead.filter("closed").height,
        "opening_bin_precision": called.filter("closed").height / called.height,
        **_times(model, week, bare),
    }


def _brier(found: pl.DataFrame, column: str) -> float:
    return float(found.select(((pl.col(column) - pl.col("closed").cast(pl.Float64)) ** 2).mean()).item())


def _met(truth: pl.DataFrame, called: pl.DataFrame) -> int:
    end = pl.col("starts_at") + pl.duration(minutes=BIN)
    pairs = truth.join(called, on="bridge", suffix="_called")
    met = pairs.filter((pl.col("starts_at") < pl.col("closed_at")) & (end > pl.col("opened_at")))
    return met.select("bridge", "opened_at").unique().height


def _right(called: pl.DataFrame) -> float:
    """Share of the runs in which at least one bin was closed."""
    step = pl.col("starts_at").diff().over("bridge")
    runs = (
        called.sort("bridge", "starts_at")
        .with_columns(run=(step > pl.duration(minutes=BIN)).fill_null(True).cum_sum())
        .group_by("run")
        .agg(pl.col("closed").any())
    )
    return runs.filter("closed").height / runs.height


def _times(model: learning.Model, week: Period, bare: pl.DataFrame) -> dict[str, float]:
    """Announced starts and durations, against the first true opening that begins after the time of the forecast."""
    said = [
        (one.at, one.bridge, one.starts_p50, one.starts_p90, one.lasts_p90)
        for one in coming(bare, week.feeds, model.timings)
        if one.state == "open" and one.starts_p50 is not None and 10 <= one.starts_p50 <= 20
    ]
    names = ("at", "bridge", "p50", "p90", "lasts")
    expected = pl.DataFrame(said, schema=names, orient="row").with_columns(pl.col("at").cast(bare.schema["at"]))
    both = expected.sort("at").join_asof(
        week.truth.sort("opened_at"), left_on="at", right_on="opened_at", by="bridge", strategy="forward",
        tolerance="60m", check_sortedness=False,
    ).drop_nulls("opened_at")  # fmt: skip
    starts = (pl.col("opened_at") - pl.col("at")).dt.total_seconds() / 60
    lasts = (pl.col("closed_at") - pl.col("opened_at")).dt.total_seconds() / 60
    row = both.select(
        (starts - pl.col("p50")).abs().median(),
        (starts <= pl.col("p90")).mean().alias("within"),
        (lasts <= pl.col("lasts")).mean().alias("duration"),
    ).row(0)
    return {"opening_start_error": row[0], "opening_start_p90": row[1], "opening_duration_p90": row[2]}


def tower_bridge() -> list[Score]:
    """Nothing where the record is not there."""
    if not TOWER_BRIDGE.exists():
        return []
    counted = lifts.by_day(read_lifts(TOWER_BRIDGE), [1])
    past = counted.filter(pl.col("day").is_between(LEARN_FROM, SCORE_FROM, closed="left"))
    season = [pl.col("day").dt.month().alias("month"), pl.col("day").dt.weekday().alias("weekday")]
    usual = past.group_by(season).agg(usual=pl.col("kept").mean())
    (belief,) = lifts.learn(past)
    scored_days = counted.filter(pl.col("day") >= SCORE_FROM).with_columns(season)
    scored_days = scored_days.join(usual, on=["month", "weekday"], how="left").with_columns(
        pl.col("usual").fill_null(past["kept"].mean()), forecast=belief.lifts(pl.col("announced"))
    )
    ours, season_error, timetable = (_rmse(scored_days, name) for name in ("forecast", "usual", "announced"))
    return [
        once("tower_bridge_gain_pct", 100 * (1 - ours / season_error), "%"),
        once("tower_bridge_timetable_gain_pct", 100 * (1 - ours / timetable), "%"),
        once("tower_bridge_rmse", ours, "lifts"),
    ]


def read_lifts(file: Path) -> pl.DataFrame:
    names = {"lift_time": "lift_at", "first_seen_in_feed": "first_seen", "last_seen_in_feed": "last_seen"}
    return _csv(file).rename(names).select(pl.col(name).cast(kind) for name, kind in lifts.LIFTS.items())


def _rmse(found: pl.DataFrame, column: str) -> float:
    return math.sqrt(found.select(((pl.col(column) - pl.col("kept")) ** 2).mean()).item())


if __name__ == "__main__":
    print(table(measure(range(1, 11))))
