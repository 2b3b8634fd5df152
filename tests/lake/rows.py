"""Rows and datasets for the tests of the lake."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from havre.context import Context
from havre.lake import store, usecases
from havre.lake.model import Dataset, Field, FieldType, Rejected, Schema
from havre.lake.parsed import Parsed

START = datetime(2026, 3, 2, tzinfo=UTC)
SCHEMA = Schema(
    (
        Field("at", FieldType.TIMESTAMP, nullable=False),
        Field("ship", FieldType.STRING),
        Field("speed", FieldType.NUMBER, unit="kn"),
        Field("lon", FieldType.NUMBER),
        Field("lat", FieldType.NUMBER),
    ),
    time="at",
    longitude="lon",
    latitude="lat",
)


def row(index: int) -> dict[str, Any]:
    return {
        "at": START + timedelta(minutes=index),
        "ship": f"ship {index % 7}",
        "speed": (index * 37 % 101) / 10 if index % 11 else None,
        "lon": index / 100,
        "lat": 49 + index / 1000,
    }


def parsed(rows: list[dict[str, Any]], first: int = 0, rejected: tuple[Rejected, ...] = ()) -> Parsed:
    names = list(dict.fromkeys(name for one in rows for name in one)) or list(SCHEMA.names)
    table = pa.table({name: [one.get(name) for one in rows] for name in names})
    positions = pa.array(range(first, first + len(rows)), pa.int64())
    return Parsed(table, positions, lambda index: repr(rows[index]).encode(), "ndjson", rejected)


def declare(context: Context, schema: Schema = SCHEMA, id: str = "ships") -> Dataset:
    context.database.create_tables()
    now = context.clock()
    return context.database.write(
        lambda conn: usecases.declare(conn, Dataset("harbour", id, "Ships", schema, now), now=now)
    )


def statistics(context: Context, dataset: Dataset) -> Any:
    with context.database.read() as conn:
        return store.statistics(conn, dataset.participant, dataset.id)
