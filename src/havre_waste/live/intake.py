"""What the service hears: of what is there the rows as they are, of what happens the columns that it works with."""

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from havre.client import Field as Column
from havre.client import Schema
from havre.client.frames import TIME, Kind, Text
from havre_waste.sites import fields
from havre_waste.sites.datasets import DATASETS

STILL = ("sites", "containers", "depots", "plants", "trucks", "fixed_rounds", "street_nodes", "streets")
"""What stands in the city; all of it but ``ESSENTIAL`` may be missing."""
ESSENTIAL = ("sites", "containers")
HISTORY = ("readings", "deposits", "crew_notes", "truck_passes")
"""What levels are made of, in order of time."""
NOTIFICATIONS = "ship_notifications"
"""What ships told of their waste elsewhere, as ``ships.wire.to_rows`` makes it."""
LONG, SHORT = timedelta(days=70), timedelta(days=2)
TYPES: Mapping[fields.Kind, tuple[pl.DataType, str]] = {
    fields.Kind.STRING: (Text, "string"),
    fields.Kind.INTEGER: (pl.Int64(), "integer"),
    fields.Kind.NUMBER: (pl.Float64(), "number"),
    fields.Kind.BOOLEAN: (pl.Boolean(), "boolean"),
    fields.Kind.DATE: (pl.Date(), "date"),
    fields.Kind.DATETIME: (TIME, "timestamp"),
}


UNSEEN = frozenset({"badge"})
"""Whose card it was is not needed for levels: it is not kept with them, nor asked for (``counts`` has its own)."""


def columns(name: str) -> pl.Schema:
    return pl.Schema({one.name: TYPES[one.kind][0] for one in DATASETS[name].fields if one.name not in UNSEEN})


def schema(name: str) -> Schema:
    """Of a dataset of ours, as the exchange has it."""
    dataset = DATASETS[name]
    found = tuple(
        Column(one.name, TYPES[one.kind][1], nullable=not one.required, unit=one.unit or None, description=one.about.en)
        for one in dataset.fields
    )
    return Schema(found, time="time" if any(one.name == "time" for one in dataset.fields) else None)


KINDS: dict[str, Kind] = {
    **{name: Kind(columns(name), "time", LONG) for name in HISTORY},
    "weather": Kind(columns("weather"), "", None),
    "holidays": Kind(columns("holidays"), "", None),
    "bridge_messages": Kind(
        pl.Schema(
            {"said_at": TIME, "bridge": Text, "opening": Text, "status": Text, "starts_at": TIME, "ends_at": TIME}
        ),
        "said_at",
        SHORT,
    ),
    "bridge_forecasts": Kind(
        pl.Schema({"made_at": TIME, "bridge": Text, "minutes": pl.Int64(), "probability": pl.Float64()}),
        "made_at",
        timedelta(hours=2),
    ),
    "port_call_timestamps": Kind(
        pl.Schema(
            {
                **dict.fromkeys(("told_at", "at", "said_at"), TIME),
                **dict.fromkeys(("call", "movement", "service", "event", "place", "classifier"), Text),
                "mmsi": pl.Int64(),
            }
        ),
        "told_at",
        timedelta(days=5),
    ),
    "ship_etas": Kind(
        pl.Schema(
            {
                **dict.fromkeys(("made_at", "p50", "p90"), TIME),
                **dict.fromkeys(("movement", "point", "berth"), Text),
                "mmsi": pl.Int64(),
            }
        ),
        "made_at",
        timedelta(hours=6),
    ),
    "reserved_slots": Kind(pl.Schema({"bridge": Text, "weekday": pl.Int64(), "starts": Text, "ends": Text}), "", None),
}
