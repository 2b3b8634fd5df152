"""What each feed of the service has, and how long it is kept."""

from datetime import timedelta

import polars as pl

from havre.client.frames import TIME, Kind, Text
from havre_mobility.bridges import feeds, model

LONG, ALL = timedelta(days=28), None
HULL = ("to_bow", "to_stern", "to_port", "to_starboard")

KINDS: dict[str, Kind] = {
    "ais": Kind(
        pl.Schema({**feeds.POSITIONS, "heading": pl.Int64(), "status": pl.Int64(), "type": pl.Int64()}), "time", LONG,
        placed=True,
    ),
    "particulars": Kind(
        pl.Schema(
            {"time": TIME, "mmsi": pl.Int64(), "name": Text, "ship_type": pl.Int64(),
             "draught": pl.Float64(), **dict.fromkeys(HULL, pl.Int64())}
        ),
        "time",
        LONG,
        optional=frozenset({"draught", *HULL}),
    ),
    "movements": Kind(
        pl.Schema({**feeds.MOVEMENTS, "classifier": Text, "issuer": Text}), "said_at", LONG
    ),
    "bridge_messages": Kind(model.MESSAGES, "said_at", LONG, placed=True),
    "closures": Kind(feeds.CLOSURES, "said_at", ALL, placed=True),
    "reserved_slots": Kind(
        pl.Schema({"bridge": Text, "weekday": pl.Int64(), "starts": Text, "ends": Text}), "", ALL
    ),
    "tide": Kind(pl.Schema({"time": TIME, "level_m": pl.Float64()}), "time", ALL),
    "appointments": Kind(
        pl.Schema(
            {"said_at": TIME, "booking": Text, "gate": Text, "slot_starts_at": TIME, "slot_ends_at": TIME, "kind": Text,
             "status": Text}
        ),
        "said_at",
        LONG,
        placed=True,
    ),
    "gates": Kind(
        pl.Schema({"time": TIME, "gate": Text, "direction": Text, "kind": Text, "lane": pl.Int64(), "booking": Text}),
        "time",
        LONG,
        placed=True,
    ),
    "crossings": Kind(pl.Schema({"time": TIME, "bridge": Text}), "time", LONG),
    "certificate_requests": Kind(
        pl.Schema({"said_at": TIME, "booking": Text, "bridges": Text}), "said_at", LONG,
        optional=frozenset({"bridges"}),
    ),
}  # fmt: skip
