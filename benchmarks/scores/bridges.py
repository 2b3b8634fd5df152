"""How good the forecast of openings is, against the truth of the scenario.

The model learns from ``LEARN_DAYS`` days of one seed (``LEARN_SEED``), from the feeds alone: what took place
is what messages and AIS say. It is scored on a week of each other seed, every five minutes, on the bins that begin 15
minutes later, of bridges that are not closed for long, against the true openings. A bin is *closed* when the road is
closed at any time of it, and *called* when its probability is 0.5 or more.

- ``opening_recall``: of the true openings, how many have a called bin in their time.
- ``opening_precision``: of the runs of called bins that follow each other, how many meet a true opening.
- ``opening_brier_skill``: 1 − Brier score / that of the climatology by bridge and hour of the day (of the learning
  period; its reserved slots are zero, too), over all these bins.
- ``opening_plan_recall``, ``opening_plan_precision``: the same of the bridges' own plans, taken at their word;
  ``opening_plan_brier_skill``: 1 − Brier score / that of these plans. In the scenario plans are good.
- ``opening_bin_recall``, ``opening_bin_precision``: the same of single bins, to the five minutes.
- ``opening_start_error``: median minutes between the announced start (P50) and the true one, of openings that are
  announced for 10 to 20 minutes later; ``opening_start_p90``, ``opening_duration_p90``: how many are within their P90.
"""

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.scores import feeds
from benchmarks.scores.results import Score, over_seeds, table
from havre.sources import formats
from havre_mobility.bridges import bins, closures, learning, messages, slots
from havre_mobility.bridges.coming import coming
from havre_mobility.bridges.feeds import Feeds
from havre_mobility.bridges.feeds import feeds as told
from havre_mobility.bridges.forecast import LIKELY, climatology, forecast
from havre_mobility.bridges.model import BIN, Bridge
from havre_scenario.city import DEFAULT_START

LEARN_SEED, DAYS, LEAD = 900, 7, 15
LEARN_DAYS = 28
"""As long as the running service keeps what it heard (``live.intake``)."""
START = datetime.datetime.combine(DEFAULT_START, datetime.time(), datetime.UTC)
HOUR = datetime.timedelta(hours=1)
SCORES = {
    "opening_recall": ("", ">= 0.90"),
    "opening_precision": ("", ">= 0.85"),
    "opening_brier_skill": ("", ">= 0.4"),
    "opening_plan_recall": ("", ""),
    "opening_plan_precision": ("", ""),
    "opening_plan_brier_skill": ("", "> 0"),
    "opening_bin_recall": ("", ""),
    "opening_bin_precision": ("", ""),
    "opening_start_error": ("min", ""),
    "opening_start_p90": ("", ""),
    "opening_duration_p90": ("", ""),
}


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
    return over_seeds(SCORES, [scored(model, period(seed, DAYS)) for seed in seeds])


def period(seed: int, days: int) -> Period:
    """A period of the scenario: the feeds as the service reads them, and the true openings aside."""
    folder = feeds.written(seed, days)
    spans = slots.spans(
        slots.slots(pl.read_csv(folder / "reserved_slots.csv")),
        DEFAULT_START - datetime.timedelta(days=2),
        DEFAULT_START + datetime.timedelta(days=days + 2),
    )
    read = told(
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
    at_lead = at_lead.with_columns(planned=_planned(at_lead, week.feeds, times))
    called, planned = at_lead.filter(pl.col("probability") >= LIKELY), at_lead.filter("planned")
    error = _brier(at_lead, "probability")
    return {
        "opening_recall": _met(truth, called) / truth.height,
        "opening_precision": _right(called),
        "opening_brier_skill": 1 - error / _brier(at_lead, "usual"),
        "opening_plan_recall": _met(truth, planned) / truth.height,
        "opening_plan_precision": _right(planned),
        "opening_plan_brier_skill": 1 - error / _brier(at_lead, "planned"),
        "opening_bin_recall": called.filter("closed").height / at_lead.filter("closed").height,
        "opening_bin_precision": called.filter("closed").height / called.height,
        **_times(model, week, bare),
    }


def _planned(found: pl.DataFrame, told: Feeds, times: pl.Series) -> pl.Series:
    """Whether the bridge's plan, as it stood at ``at``, has it closed at any time of the bin."""
    plans = messages.plans(told.messages, times).select("at", "bridge", begins="starts_at", ends="ends_at")
    overlap = (pl.col("begins") < pl.col("starts_at") + pl.duration(minutes=BIN)) & (
        pl.col("ends") > pl.col("starts_at")
    )
    bins_planned = found.join(plans, on=["at", "bridge"]).filter(overlap).select("at", "bridge").unique()
    both = found.join(bins_planned.with_columns(planned=True), on=["at", "bridge"], how="left", maintain_order="left")
    return both["planned"].fill_null(False)


def _brier(found: pl.DataFrame, column: str) -> float:
    return float(
        found.select(((pl.col(column).cast(pl.Float64) - pl.col("closed").cast(pl.Float64)) ** 2).mean()).item()
    )


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


if __name__ == "__main__":
    print(table(measure(range(1, 11))))
