"""Rows are committed exactly once, with their offset; what does not fit is kept aside; the rest passes."""

import socket
import subprocess
import sys
from datetime import timedelta

import pytest
from deltalake import DeltaTable

from havre.context import Context
from havre.errors import Conflict, Invalid
from havre.lake import store, table, usecases
from havre.lake.model import POSITION, Dataset, Field, FieldType, Ingested, Rejected, Schema
from havre.lake.writer import Resume, Writer
from tests.conftest import Clock
from tests.engines import on_both
from tests.lake.rows import SCHEMA, START, declare, parsed, row, statistics

__all__ = ["on_both"]


def positions(context: Context, dataset: Dataset) -> list[int]:
    where = table.location(context.settings, dataset)
    return sorted(DeltaTable(where).to_pyarrow_table()[POSITION].to_pylist())


def test_rows_and_offset_are_committed_together(context: Context) -> None:
    dataset = declare(context)
    with Writer(context, dataset) as writer:
        assert writer.resume("log") is None
        writer.add(parsed([row(index) for index in range(10)]), source="log", offset=10)
        assert writer.resume("log") is None
        assert writer.flush() == Ingested(10, 0)
        assert writer.resume("log") == Resume(10, None)
    with Writer(context, dataset) as again:
        assert again.resume("log") == Resume(10, None)
        again.add(parsed([row(index) for index in range(10, 15)], 10), source="log", offset=15)
    assert positions(context, dataset) == list(range(15))


def test_statistics_say_what_is_there(context: Context) -> None:
    dataset = declare(context)
    with Writer(context, dataset) as writer:
        writer.add(parsed([row(index) for index in range(100)]), source="log", offset=1)
    found = statistics(context, dataset)
    assert (found.rows, found.next) == (100, 100)
    assert (found.first, found.last) == (START, START + timedelta(minutes=99))
    assert found.bbox == (0.0, 49.0, 0.99, pytest.approx(49.099))


def test_statistics_lost_in_a_crash_are_found_again(context: Context) -> None:
    dataset = declare(context)
    with Writer(context, dataset) as writer:
        writer.add(parsed([row(1)]), source="log", offset=1)
    before = statistics(context, dataset)
    context.database.write(lambda conn: conn.execute(store.statistics_table.delete()))
    with Writer(context, dataset):
        pass
    assert statistics(context, dataset) == before


def test_rows_that_do_not_fit_go_to_the_quarantine_and_the_rest_passes(context: Context) -> None:
    dataset = declare(context)
    rows = [row(0), row(1) | {"speed": "fast"}, row(2) | {"at": None}, row(3)]
    texts = [{name: None if value is None else str(value) for name, value in one.items()} for one in rows]
    broken = Rejected(b"???", "ndjson", "not a row", 4)
    with Writer(context, dataset) as writer:
        writer.add(parsed(texts, rejected=(broken,)), source="log", offset=5)
        assert writer.flush() == Ingested(2, 3)
    with context.database.read() as conn:
        kept = store.quarantined(conn, "harbour", "ships")
    reasons = {one.position: one.reason for one in kept}
    assert reasons == {
        1: "speed: got 'fast' (expected a number)",
        2: "at: is missing (expected a value)",
        4: "not a row",
    }


def test_input_offered_again_is_quarantined_once(context: Context) -> None:
    dataset = declare(context)
    for _ in range(2):
        with Writer(context, dataset) as writer:
            writer.add(parsed([], rejected=(Rejected(b"x", "ndjson", "bad", 7),)), source="log", offset=8)
    with context.database.read() as conn:
        assert store.count_quarantined(conn, "harbour", "ships") == 1


def test_a_dataset_has_one_writer(context: Context, clock: Clock) -> None:
    dataset = declare(context)
    with Writer(context, dataset) as first:
        with pytest.raises(Conflict), Writer(context, dataset, patience=0.1):
            pass
        first.add(parsed([row(0)]), source="log", offset=1)
    abandoned = Writer(context, dataset).__enter__()
    clock.advance(seconds=31)
    with Writer(context, dataset), pytest.raises(Conflict):
        abandoned.add(parsed([row(1)]), source="log", offset=2)
        abandoned.flush()


def test_what_a_source_must_remember_counts_only_with_its_offset(context: Context) -> None:
    dataset = declare(context)
    with Writer(context, dataset) as writer:
        writer.add(parsed([row(0)]), source="log", offset=1, state={"clock": 1})
        writer.flush()
        writer.add(parsed([row(1)], 1), source="log", offset=2, state={"clock": 2})
        context.database.write(writer._prepare)  # a crash between this and the commit of the rows
        assert writer.resume("log") == Resume(1, {"clock": 1})
    with Writer(context, dataset) as again:
        assert again.resume("log") == Resume(2, {"clock": 2})


def test_small_appends_are_compacted_and_positions_stay(context: Context) -> None:
    dataset = declare(context)
    for index in range(table.SMALL_FILES + 3):
        with Writer(context, dataset) as writer:
            writer.add(parsed([row(index)], index), source="log", offset=index + 1)
    where = table.location(context.settings, dataset)
    assert len(DeltaTable(where).file_uris()) < 6
    assert positions(context, dataset) == list(range(table.SMALL_FILES + 3))
    assert statistics(context, dataset).rows == table.SMALL_FILES + 3


def test_the_columns_of_a_dataset_are_fixed(context: Context) -> None:
    dataset = declare(context)
    assert declare(context) == dataset
    with pytest.raises(Invalid, match="fixed"):
        declare(context, Schema(SCHEMA.fields[:2]))


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Schema(()), "schema.fields"),
        (lambda: Schema((Field("_x", FieldType.STRING),)), "schema.fields.0.name"),
        (lambda: Schema((Field("a", FieldType.STRING), Field("A", FieldType.STRING))), "schema.fields.1.name"),
        (lambda: Schema((Field("a", FieldType.STRING),), time="a"), "schema.time"),
        (lambda: Schema((Field("a", FieldType.STRING),), time="b"), "schema.time"),
        (lambda: Schema((Field("a", FieldType.NUMBER),), longitude="a"), "schema.longitude"),
        (lambda: Dataset("p", "../x", "X", SCHEMA, START), "id"),
    ],
)
def test_a_wrong_declaration_is_refused_by_the_name_of_its_field(make: object, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        make()  # type: ignore[operator]
    assert caught.value.field == field


def test_a_withdrawn_dataset_is_not_withdrawn_twice(context: Context, clock: Clock) -> None:
    declare(context)
    context.database.write(lambda conn: usecases.withdraw(conn, "harbour", "ships", now=clock()))
    with pytest.raises(Conflict):
        context.database.write(lambda conn: usecases.withdraw(conn, "harbour", "ships", now=clock()))


def test_the_lease_of_a_process_that_died_is_void(context: Context) -> None:
    dataset = declare(context)
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    died = f"{socket.gethostname()} {int(done.stdout)} another 1"
    for holder, free in ((died, True), (f"elsewhere {int(done.stdout)} another 1", False)):
        until = context.clock() + timedelta(seconds=20)
        context.database.write(lambda conn: conn.execute(store.leases.delete()))
        row = {"participant": "harbour", "dataset": "ships", "holder": holder, "until": until}
        context.database.write(lambda conn, row=row: conn.execute(store.leases.insert(), row))  # type: ignore[misc]
        if free:
            with Writer(context, dataset, patience=0):
                pass
        else:
            with pytest.raises(Conflict), Writer(context, dataset, patience=0):
                pass
