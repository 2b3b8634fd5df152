"""A node's sources in a test: datasets, files in the inbox, and passes that are waited for."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from havre.context import Context
from havre.lake import store as lake
from havre.lake import table
from havre.lake import usecases as datasets
from havre.lake.model import Dataset, Field, FieldType, Schema
from havre.sources import store, usecases
from havre.sources.model import Source, State, Status
from havre.sources.runner import Runner

SCHEMA = Schema((Field("number", FieldType.INTEGER, nullable=False), Field("name", FieldType.STRING)))


def declare(context: Context, id: str = "things", schema: Schema = SCHEMA) -> Dataset:
    context.database.create_tables()
    now = context.clock()
    dataset = Dataset("harbour", id, "Things", schema, now)
    return context.database.write(lambda conn: datasets.declare(conn, dataset, now=now))


def source(context: Context, transport: str, format: str, id: str = "source", **options: object) -> Source:
    given = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in options.items()}
    wanted = Source("harbour", id, "things", transport, format, given, context.clock())
    return context.database.write(lambda conn: usecases.add(conn, context, wanted)[0])


def inbox(context: Context) -> Path:
    folder = context.settings.home / "inbox" / "harbour"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def status(context: Context, id: str = "source") -> Status:
    with context.database.read() as conn:
        return store.load(conn, "harbour", id)[1]


def run(context: Context, one: Source) -> Status:
    """One pass, to its end, by a runner of its own: as after a start of the node."""
    runner = Runner(context)
    runner.run(one)
    until(lambda: status(context, one.id).state is not State.RUNNING)
    runner.stop()
    return status(context, one.id)


def until(holds: Callable[[], Any], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)


def numbers(context: Context, dataset: Dataset) -> list[int]:
    found = table.create(context.settings, dataset).to_pyarrow_table().sort_by("_position")
    values: list[int] = found["number"].to_pylist()
    return values


def quarantined(context: Context) -> list[tuple[str, bytes]]:
    with context.database.read() as conn:
        return [(one.reason, one.raw) for one in lake.quarantined(conn, "harbour", "things")]
