"""Real logs of ships, of whose port calls nobody tells the truth: what is found in them, and where it can be checked.

New York: an hour of the harbour, 2020-06-30 (NOAA). Each ship of class A tells her status: at anchor or moored, or
under way. Detection is asked when she rested, from places and speeds alone, with the whole harbour as one berth; the
score says how many reports both agree on. A status is set by hand and often wrong, so that 1 is not to be had.
English Channel: a day of traffic out at sea, 2011-07-26, heard aboard a yacht: cleaning has to keep what is sound.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from benchmarks.scores import feeds
from benchmarks.scores.results import DATA, Record, table
from havre_mobility.calls import areas, cleaning, detection
from havre_mobility.calls.areas import Area
from havre_mobility.calls.cleaning import Bounds

HARBOUR = Area("harbour", "berth", "New York Harbor", ((-74.4, 40.3), (-73.5, 40.3), (-73.5, 41.0), (-74.4, 41.0)))
AT_REST, UNDER_WAY = (1, 5), 0
FASTEST_AT_REST = 1.0
"""Knots: who says that she is under way and goes slower may well lie still."""


def in_new_york(file: Path) -> Mapping[str, float]:
    cleaned, _ = cleaning.clean(new_york(file), Bounds(-75, 40, -73, 42))
    visits = detection.visits(cleaned, areas.grid([HARBOUR], detection.rims()))
    rests = visits.select("mmsi", "track", "entered_at", "left_at")
    said = cleaned.filter(
        pl.col("status").is_in(AT_REST) | ((pl.col("status") == UNDER_WAY) & (pl.col("speed") > FASTEST_AT_REST))
    )
    during = pl.col("time").is_between(pl.col("entered_at"), pl.col("left_at"))
    seen = said.join(rests, on=["mmsi", "track"], how="left").with_columns(during.fill_null(False).alias("rests"))
    reports = seen.group_by("mmsi", "track", "time").agg(pl.col("rests").any(), pl.col("status").first())
    agree = reports.select((pl.col("rests") == pl.col("status").is_in(AT_REST)).mean()).item()
    return {"new_york_rest_agreement": agree, "new_york_ships_at_rest": visits["mmsi"].n_unique()}


def new_york(file: Path) -> pl.DataFrame:
    """As positions of a dataset. Their courses reach down to -180, and 511 is a heading that is not known."""
    rows = pl.read_csv(file, try_parse_dates=True)
    return rows.select(
        pl.col("BaseDateTime").dt.replace_time_zone("UTC").dt.cast_time_unit("us").alias("time"),
        pl.col("MMSI").alias("mmsi"),
        pl.col("LAT").alias("latitude"),
        pl.col("LON").alias("longitude"),
        pl.col("SOG").alias("speed"),
        (pl.col("COG") % 360).alias("course"),
        pl.when(pl.col("Heading") < 360).then(pl.col("Heading")).cast(pl.Int64).alias("heading"),
        pl.col("Status").cast(pl.Int64).alias("status"),
    )


def in_the_channel(file: Path) -> Mapping[str, float]:
    positions, aside = feeds.decoded(file, "positions")
    _, counters = cleaning.clean(positions, Bounds(-6, 48, 0, 52), checksum=aside)
    return {"channel_reports_kept": counters.kept / counters.received, "channel_jumps": counters.jump}


NEW_YORK = Record(
    DATA / "ais_csv_noaa/NYHarbor_2020_06_30_first_hour.csv",
    {"new_york_rest_agreement": ("", ""), "new_york_ships_at_rest": ("ships", "")},
    in_new_york,
)
CHANNEL = Record(
    DATA / "ais_nmea_english_channel/Go_to_Guernesey.nmea.txt",
    {"channel_reports_kept": ("", ""), "channel_jumps": ("reports", "")},
    in_the_channel,
)

if __name__ == "__main__":
    print(table([*NEW_YORK.measure(), *CHANNEL.measure()]))
