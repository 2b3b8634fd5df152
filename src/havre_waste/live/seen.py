"""What the service itself knows of a year: emptyings, rounds as they were driven or planned last, hours of overflow.

Rules that hold here:

1. It is what the products hold: rows are taken as they are published, and after a new start those of earlier starts are
   read again (``recall``). What is found a second time, of a time that a product has told, is left, as it is when it is
   published: nothing counts twice.
2. A visit counts as the plan says that was the last before it began: what was driven stays, though the day was planned
   anew without it.
3. Of levels only hours above full are kept, and the first hour of each year, which says what was looked at.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl

from havre.client.frames import TIME, Text
from havre_waste.figures.inputs import SCHEMAS, ZONE
from havre_waste.sites.city import City

KEPT = timedelta(days=800)
"""Two years and the time to write the report of the last one."""
EMPTYINGS = pl.Schema({"said_at": TIME, **SCHEMAS["emptyings"]})
VISITS = pl.Schema(
    {
        "said_at": TIME, "day": pl.Date(), "round": Text, "truck": Text, "flow": Text, "begins_at": TIME,
        "ends_at": TIME, "metres": pl.Int64(),
    }
)  # fmt: skip
LEVELS = pl.Schema({"time": TIME, "container": Text, "p50": pl.Float64()})
Published = Callable[..., pl.DataFrame]
"""``client.service.Running.published``."""


class Seen:
    """``frames`` are inputs of the figures, by their names there."""

    def __init__(self) -> None:
        self._emptyings = EMPTYINGS.to_frame()
        self._visits = VISITS.to_frame()
        """Of the days that are planned last."""
        self._rounds = SCHEMAS["rounds"].to_frame()
        self._levels = SCHEMAS["levels"].to_frame()

    def recall(self, published: Published, city: City, now: datetime) -> None:
        """What was published before this start. ``ExchangeError``."""
        since = now - KEPT
        # all is read before any of it is taken: what fails is asked for again, whole
        emptied = published("container-emptyings", columns=list(EMPTYINGS), since=since)
        rounds = published("collection-rounds", columns=list(VISITS), since=since)
        levels = _levels(published, since, now, len(city.containers))
        self.empty(emptied)
        self.drive(rounds, city)
        self.fill(levels, city)

    def empty(self, rows: pl.DataFrame) -> None:
        """Rows of ``container-emptyings``, in order."""
        new = _read(rows, EMPTYINGS).filter(_after(self._emptyings["said_at"]))
        self._emptyings = pl.concat([self._emptyings, new])

    def drive(self, rows: pl.DataFrame, city: City) -> None:
        """Rows of ``collection-rounds``: whole plans of days."""
        new = _read(rows, VISITS)
        if new.is_empty():
            return
        begins = new["day"].min()
        self._visits = pl.concat([self._visits.filter(pl.col("day") >= begins), new])
        litres = {one.id: one.litres_per_100km for one in city.trucks.values()}
        before = self._rounds.filter(pl.col("date") < begins)
        self._rounds = pl.concat([before, driven(self._visits, litres)])

    def fill(self, rows: pl.DataFrame, city: City) -> None:
        """Rows of ``container-levels``, in order. Those of containers that are gone tell no flow, and are left."""
        flows = {one.id: str(one.flow) for one in city.containers.values()}
        year = pl.col("time").dt.convert_time_zone(ZONE).dt.year()
        years = self._levels.select(year.unique())["time"]
        flow = pl.col("container").replace_strict(flows, default=None, return_dtype=Text)
        new = (
            _read(rows, LEVELS)
            .filter(_after(self._levels["time"]), (pl.col("p50") > 1) | ~year.is_in(years.implode()))
            .select("time", "container", flow.alias("flow"), "p50")
            .drop_nulls("flow")
        )
        self._levels = pl.concat([self._levels, new])

    def forget(self, now: datetime) -> None:
        since = now - KEPT
        self._emptyings = self._emptyings.filter(pl.col("time") > since)
        self._rounds = self._rounds.filter(pl.col("date") > since.date())
        self._levels = self._levels.filter(pl.col("time") > since)

    def frames(self) -> dict[str, pl.DataFrame]:
        return {
            "emptyings": self._emptyings.select(list(SCHEMAS["emptyings"])),
            "rounds": self._rounds,
            "levels": self._levels,
        }


def driven(visits: pl.DataFrame, litres: Mapping[str, float]) -> pl.DataFrame:
    """Rounds of the days, by the plans of them: each visit as the last plan has it that was made before it began.

    ``visits``: rows of ``VISITS``, the whole day in each plan (``said_at``). ``litres``: of diesel on 100 km, by truck.
    """
    plans = visits.select("day", "said_at").unique().sort("day", "said_at")
    plans = plans.with_columns(
        pl.col("said_at").shift(-1).over("day").alias("until"),
        (pl.col("said_at") == pl.col("said_at").min().over("day")).alias("first"),
    )
    begins = pl.col("begins_at")
    counts = (pl.col("first") | (begins > pl.col("said_at"))) & (
        pl.col("until").is_null() | (begins <= pl.col("until"))
    )
    return (
        visits.join(plans, on=["day", "said_at"])
        .filter(counts)
        .group_by("day", "round", "truck", "flow")
        .agg(
            pl.col("metres").sum().cast(pl.Float64),
            (pl.col("ends_at").max() - begins.min()).dt.total_seconds().cast(pl.Float64).alias("seconds"),
        )
        .select(
            pl.col("day").alias("date"), "round", "truck", "flow", "metres", "seconds",
            pl.col("truck").replace_strict(litres, default=None, return_dtype=pl.Float64).alias("litres_per_100km"),
            pl.lit(0.0).alias("kwh_per_100km"),
        )
        .sort("date", "round")
    )  # fmt: skip


def _levels(published: Published, since: datetime, now: datetime, containers: int) -> pl.DataFrame:
    """Hours above full, and the first of each year."""

    def read(**asked: Any) -> pl.DataFrame:
        return _read(published("container-levels", columns=list(LEVELS), **asked), LEVELS)

    years = [datetime(year, 1, 1, tzinfo=UTC) for year in range(since.year + 1, now.year + 2)]
    firsts = [read(since=one, until=after, limit=containers) for one, after in pairwise(years)]
    full = read(since=since, filters=[("p50", "gt", 1)])
    return pl.concat([*firsts, full]).unique().sort("time", "container")


def _after(told: pl.Series) -> pl.Expr:
    """Of a time that has not been told."""
    last = told.max()
    return pl.lit(value=True) if last is None else pl.col(told.name) > last


def _read(rows: pl.DataFrame, wanted: pl.Schema) -> pl.DataFrame:
    """The columns that are wanted; what was never published has none."""
    return rows.select(pl.col(name).cast(to) for name, to in wanted.items()) if rows.width else wanted.to_frame()
