"""Rows on the wire: JSON, NDJSON, CSV, Parquet and Arrow, made batch by batch.

Each encoder takes the columns and the batches and gives chunks of bytes. Arrow and Parquet keep the columns' types;
in JSON and CSV a time is ISO 8601 with ``Z``.
"""

import io
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq

Chunks = Iterator[bytes]
CHUNK_BYTES = 1024 * 1024


class _Sink(io.RawIOBase):
    """Where PyArrow's writers write; ``take`` gives what came since."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self.size += len(part)
        return len(part)

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts, self.size = [], 0
        return taken


def arrow(schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> Chunks:
    """Arrow IPC stream."""
    sink = _Sink()
    with pyarrow.ipc.new_stream(sink, schema) as writer:
        yield sink.take()
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(batch)
                yield sink.take()
    yield sink.take()


def parquet(schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> Chunks:
    sink = _Sink()
    with pq.ParquetWriter(sink, schema, compression="zstd", compression_level=1) as writer:
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(batch)
            if sink.size >= CHUNK_BYTES:
                yield sink.take()
    yield sink.take()


def csv(schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> Chunks:
    """RFC 4180, with a header; a null is an empty field."""
    sink = _Sink()
    wanted = pa.schema([pa.field(field.name, _csv_type(field.type)) for field in schema])
    with pyarrow.csv.CSVWriter(sink, wanted) as writer:
        for batch in batches:
            if batch.num_rows:
                columns = [_csv_column(batch.column(index)) for index in range(batch.num_columns)]
                writer.write_batch(pa.record_batch(columns, schema=wanted))
                yield sink.take()
    yield sink.take()


def ndjson(schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> Chunks:
    """One JSON object a line."""
    for batch in batches:
        for part in _parts(batch):
            yield "".join(text(row) + "\n" for row in part).encode()


def json_page(schema: pa.Schema, batches: Iterator[pa.RecordBatch], following: str | None) -> Chunks:
    """``{"rows": […], "next": "<cursor>" or null}``."""
    yield b'{"rows":['
    first = True
    for batch in batches:
        for part in _parts(batch):
            joined = ",".join(map(text, part))
            yield (joined if first else "," + joined).encode()
            first = False
    yield f'],"next":{json.dumps(following)}}}'.encode()


Encoder = Callable[[pa.Schema, Iterator[pa.RecordBatch]], Chunks]
ENCODERS: dict[str, Encoder] = {"arrow": arrow, "parquet": parquet, "csv": csv, "ndjson": ndjson}


def _parts(batch: pa.RecordBatch) -> Iterator[list[dict[str, Any]]]:
    """The rows in handfuls: Python objects take many times the memory of columns."""
    for start in range(0, batch.num_rows, 4096):
        yield batch.slice(start, 4096).to_pylist()


def text(value: object) -> str:
    """JSON, on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _csv_type(type_: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_timestamp(type_) else type_


def _csv_column(column: pa.Array) -> pa.Array:
    if not pa.types.is_timestamp(column.type):
        return column
    values = (None if value is None else _plain(value) for value in column.to_pylist())
    return pa.array(values, pa.string())
