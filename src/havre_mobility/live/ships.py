"""The ships of the picture: where each was heard last, what she makes for, and whether that can be true."""

from datetime import datetime, timedelta

import polars as pl

from havre_mobility.calls.cleaning import Bounds, clean
from havre_mobility.calls.cleaning import particulars as known_of
from havre_mobility.picture.model import Expected, How, Next, Place, Said, Ship

SHOWN = timedelta(minutes=30)
"""A ship that was not heard for longer is not shown."""
JUDGED = timedelta(minutes=30)
EVERYWHERE = Bounds(-180.0, -90.0, 180.0, 90.0)
PLACES = {"pilot": Place.PILOT, "berth": Place.BERTH, "departure": Place.SEA}
KINDS = (
    ("fishing", (30, 30)), ("dredger", (33, 33)), ("sailing", (36, 37)), ("pilot", (50, 50)), ("tug", (52, 52)),
    ("tug", (31, 32)), ("passenger", (60, 69)), ("cargo", (70, 79)), ("tanker", (80, 89)),
)  # fmt: skip
"""Type of ship and cargo (ITU-R M.1371-5, table 53)."""


def kind(ship_type: int | None) -> str:
    number = -1 if ship_type is None else ship_type
    return next((name for name, (first, last) in KINDS if first <= number <= last), "other")


def doubted(positions: pl.DataFrame, now: datetime) -> frozenset[int]:
    """Numbers under which, of late, more than one ship was heard, or one that cannot move so."""
    recent = positions.filter(pl.col("time") >= now - JUDGED)
    sound, _ = clean(recent, EVERYWHERE)
    several = sound.filter(pl.col("track") > 0)["mmsi"].unique()
    return frozenset(several.to_list())


def expected(movements: pl.DataFrame, now: datetime) -> dict[int, Next]:
    """What each ship comes to next, as it was announced last."""
    told = movements.filter((pl.col("said_at") <= now) & (pl.col("classifier") != "ACT"))
    last = told.sort("said_at").group_by("movement", "point", maintain_order=True).last()
    ahead = last.filter(pl.col("value_at") > now).sort("value_at").group_by("mmsi", maintain_order=True).first()
    found = {}
    for row in ahead.iter_rows(named=True):
        said = Said("movements", How.MESSAGE, row["said_at"])
        place = PLACES.get(row["point"])
        if place is not None:
            name = row["berth"] if place is Place.BERTH else ""
            found[row["mmsi"]] = Next(place, name or "", Expected.known(row["value_at"]), said)
    return found


def ships(
    last: pl.DataFrame, particulars: pl.DataFrame, nexts: dict[int, Next], wrong: frozenset[int], now: datetime
) -> tuple[Ship, ...]:
    """``last``: the last position of each ship (mmsi, time, longitude, latitude, speed, course)."""
    named = known_of(particulars).select("mmsi", "name", "ship_type") if particulars.height else None
    shown = last.filter(pl.col("time") >= now - SHOWN).drop_nulls(["longitude", "latitude"])
    shown = (
        shown.join(named, on="mmsi", how="left")
        if named is not None
        else shown.with_columns(name=pl.lit(None, pl.String), ship_type=pl.lit(None, pl.Int64))
    )
    return tuple(
        Ship(
            mmsi=row["mmsi"],
            name=row["name"] or str(row["mmsi"]),
            kind=kind(row["ship_type"]),
            longitude=row["longitude"],
            latitude=row["latitude"],
            course=row["course"],
            speed=row["speed"],
            seen_at=row["time"],
            next=nexts.get(row["mmsi"]),
            doubted=row["mmsi"] in wrong,
        )
        for row in shown.sort("mmsi").iter_rows(named=True)
    )
