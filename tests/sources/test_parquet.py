"""Parquet and Arrow IPC: tables from elsewhere, in the columns that a dataset can have."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from havre.errors import Invalid
from havre.sources import formats
from havre.sources.formats.records import PIECE_ROWS
from tests.sources.reading import AT, alone, conformed, never_crashes, pieces, placed, types

Write = Callable[[pa.Table], bytes]


def parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=max(1, table.num_rows // 3))
    return out.getvalue()


def arrow_file(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def arrow_stream(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


WRITERS: list[tuple[str, Write]] = [("parquet", parquet), ("arrow", arrow_file), ("arrow", arrow_stream)]
each_writer = pytest.mark.parametrize(("format", "write"), WRITERS, ids=[write.__name__ for _, write in WRITERS])

MOMENT = datetime(2026, 3, 2, 12, 30, 0, 123456, UTC)
LOCAL = datetime.fromisoformat("2026-03-02T12:30:00")
TABLE = pa.table(
    {
        "Heure d'arrivée": pa.array([MOMENT, None], pa.timestamp("ns", "Europe/Paris")),
        "local": pa.array([LOCAL, None], pa.timestamp("ms")),
        "day": pa.array([date(2026, 3, 2), None], pa.date64()),
        "clock": pa.array([time(12, 30), None], pa.time64("us")),
        "wait": pa.array([timedelta(minutes=5), None], pa.duration("s")),
        "name": pa.array(["é", None], pa.large_string()),
        "kind": pa.array(["tanker", None]).dictionary_encode(),
        "speed": pa.array([1.5, float("nan")], pa.float32()),
        "mmsi": pa.array([227000001, None], pa.uint64()),
        "price": pa.array([Decimal("1.25"), None], pa.decimal128(10, 2)),
        "moored": pa.array([True, None]),
        "shape": pa.array([b"\x01\x02", None]),
        "place": pa.array([{"lon": 0.5, "in": {"lat": 49.0}}, None]),
        "stops": pa.array([[1, 2], None]),
        "tags": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())),
        "nothing": pa.array([None, None], pa.null()),
    }
)
ROW = {
    "Heure_d_arrivee": MOMENT,
    "local": LOCAL,
    "day": date(2026, 3, 2),
    "clock": "12:30:00.000000",
    "wait": "0:05:00",
    "name": "é",
    "kind": "tanker",
    "speed": 1.5,
    "mmsi": 227000001,
    "price": Decimal("1.25"),
    "moored": True,
    "shape": "0102",
    "place_lon": 0.5,
    "place_in_lat": 49.0,
    "stops": "[1, 2]",
    "tags": '[["a", 1]]',
}


@each_writer
def test_columns_become_such_as_a_dataset_can_have(format: str, write: Write) -> None:
    assert placed(pieces(format, write(TABLE)))[0] == (0, ROW)


@each_writer
def test_null_and_nan_are_null(format: str, write: Write) -> None:
    found = pieces(format, write(TABLE))
    assert placed(found)[1] == (1, {})


@each_writer
def test_all_rows_fit_the_schema_that_it_suggests_and_so_does_each_alone(format: str, write: Write) -> None:
    found = pieces(format, write(TABLE))
    table, rejected, schema = conformed(found)
    assert (table.num_rows, rejected) == (2, [])
    kinds = types(schema)
    assert (kinds["Heure_d_arrivee"], kinds["day"], kinds["price"], kinds["mmsi"]) == (
        "timestamp",
        "date",
        "number",
        "integer",
    )
    assert (kinds["local"], kinds["moored"], kinds["shape"]) == ("timestamp", "boolean", "string")
    by_itself, bad, _ = conformed(pieces(found[0].raw_format, found[0].raw(0)), schema)
    assert (by_itself.to_pylist(), bad) == (table.slice(0, 1).to_pylist(), [])


@each_writer
def test_a_long_table_comes_in_pieces_and_the_document_stays_open(format: str, write: Write) -> None:
    count = PIECE_ROWS + 1000
    document = write(pa.table({"a": range(count)}))
    found = pieces(format, document)
    assert len(found) > 1 and max(piece.rows.num_rows for piece in found) <= PIECE_ROWS
    assert [position for piece in found for position in piece.positions.to_pylist()] == list(range(count))
    opened = io.BytesIO(document)
    assert sum(piece.rows.num_rows for piece in formats.pieces(format, opened, {}, AT)) == count
    assert not opened.closed


@each_writer
def test_a_table_without_rows_has_none(format: str, write: Write) -> None:
    assert sum(piece.rows.num_rows for piece in pieces(format, write(TABLE.slice(0, 0)))) == 0


@pytest.mark.parametrize("format", ["parquet", "arrow"])
@pytest.mark.parametrize("document", [b"", b"PAR1", b"ARROW1", b"a,b\n1,2\n", b"PAR1" + b"\0" * 50 + b"PAR1"])
def test_a_broken_file_says_what_was_expected(format: str, document: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        pieces(format, document)
    assert caught.value.expected in ("a Parquet file", "Arrow IPC, a file or a stream")


def test_a_text_that_is_none_is_invalid() -> None:
    broken = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff"))
    with pytest.raises(Invalid, match="UTF8"):
        pieces("arrow", arrow_stream(pa.table({"a": broken})))


def test_times_beyond_the_calendar_are_invalid_or_kept_but_never_others() -> None:
    far = pa.array([2**62], pa.int64()).cast(pa.timestamp("s"))
    with pytest.raises(Invalid):
        pieces("arrow", arrow_stream(pa.table({"a": far})))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_file_with_broken_bytes_never_crashes(data: st.DataObject) -> None:
    format, write = data.draw(st.sampled_from(WRITERS))
    document = bytearray(write(TABLE))
    for _ in range(data.draw(st.integers(1, 3))):
        document[data.draw(st.integers(0, len(document) - 1))] = data.draw(st.integers(0, 255))
    never_crashes(format, bytes(document[: data.draw(st.integers(len(document) // 2, len(document)))]))


def test_a_row_is_given_alone_as_an_object() -> None:
    found = pieces("parquet", parquet(TABLE))[0]
    (row,), bad = alone(found.raw(0), found.raw_format)
    assert bad == [] and (row["name"], row["speed"], row["stops"]) == ("é", 1.5, "[1, 2]")
