"""Real feeds of others: how much of each is understood.

Brest: the trip updates (GTFS Realtime) of one moment, 2023-04-30 13:31, against the timetable that was published with
them. A trip matches when it is found in the timetable. ``brest_stops_matched``: of the stops in updates that match, how
many are found.
Netherlands: the openings of bridges as the national feed told them at one moment, 2023-11-20 08:13 UTC, in DATEX II v2.
``dutch_openings``: how many become messages of a bridge that has a place.
Most are plans of which no more is told.
"""

import gzip
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from benchmarks.scores.results import DATA, Record, table
from havre.sources.formats import pieces
from havre_mobility.datex import reading
from havre_mobility.people import gtfs, realtime

DAY = datetime(2023, 11, 20, tzinfo=UTC)


def in_brest(folder: Path) -> Mapping[str, float]:
    timetable = gtfs.read((folder / "gtfs.zip").read_bytes())
    feed = realtime.read((folder / "gtfs-rt-trip-updates.pb").read_bytes())
    if feed.at is None:
        raise ValueError(f"the feed in {folder} does not say of when it is")
    matched = realtime.match(timetable, feed.updates, feed.at).matched
    stops = sum(len(one.update.stops) for one in matched)
    located = sum(len(realtime.located(timetable, one.trip, one.update.stops)) for one in matched)
    return {
        "brest_trips_matched": len(matched) / len(feed.updates),
        "brest_trips": len(feed.updates),
        "brest_stops_matched": located / stops,
    }


def in_the_netherlands(file: Path) -> Mapping[str, float]:
    read = pieces("datex2", io.BytesIO(gzip.decompress(file.read_bytes())), {}, DAY)
    rows = pl.concat([pl.DataFrame(one.rows) for one in read], how="diagonal")
    rows = rows.with_columns(pl.col("said_at", "starts_at", "ends_at").str.to_datetime(time_zone="UTC"))
    told, placed = reading.messages(rows), {one.id for one in reading.bridges(rows)}
    return {"dutch_openings": told.filter(pl.col("bridge").is_in(placed)).height, "dutch_bridges": len(placed)}


BREST = Record(
    DATA / "gtfs_brest_bibus",
    {"brest_trips_matched": ("", ">= 0.995"), "brest_trips": ("trips", ""), "brest_stops_matched": ("", "")},
    in_brest,
)
NETHERLANDS = Record(
    DATA / "bridge_openings_ndw/brugopeningen_2023-11-20.xml.gz",
    {"dutch_openings": ("openings", ">= 992"), "dutch_bridges": ("bridges", "")},
    in_the_netherlands,
)

if __name__ == "__main__":
    print(table([*BREST.measure(), *NETHERLANDS.measure()]))
