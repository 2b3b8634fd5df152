"""Rows to publish, in what the API takes: lists of dicts as NDJSON, tables and frames as an Arrow IPC stream."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from havre.client.wire import iso

if TYPE_CHECKING:
    import pyarrow as pa

PIECE_BYTES = 32 * 1024 * 1024
PIECE_ROWS = 50_000
SAMPLE_ROWS = 1000


@dataclass(frozen=True)
class Body:
    """What is posted, and its ``format``."""

    format: str
    data: bytes


def sample(rows: Any) -> Body:
    """The first rows, for a schema to be proposed from."""
    table = as_table(rows)
    return _ndjson(rows[:SAMPLE_ROWS]) if table is None else _arrow(table.slice(0, SAMPLE_ROWS))


def bodies(rows: Any, *, whole: bool) -> Iterator[Body]:
    """All rows, in bodies of a moderate size, or ``whole`` in one."""
    table = as_table(rows)
    if table is None:
        size = max(1, len(rows)) if whole else PIECE_ROWS
        yield from (_ndjson(rows[start : start + size]) for start in range(0, len(rows), size))
        return
    size = table.num_rows if whole else math.ceil(table.num_rows * PIECE_BYTES / max(table.nbytes, PIECE_BYTES))
    yield from (_arrow(table.slice(start, size)) for start in range(0, table.num_rows, size or 1))


def as_table(rows: Any) -> "pa.Table | None":
    """What is a table or a frame, as a table; None for a list. ``TypeError`` for what is neither."""
    match type(rows).__module__.partition(".")[0]:
        case "pyarrow":
            return _of_arrow(rows)
        case "pandas":
            return _of_pandas(rows)
        case "polars":
            return (rows.collect() if hasattr(rows, "collect") else rows).to_arrow()
    if isinstance(rows, Sequence) and all(isinstance(row, Mapping) for row in rows):
        return None
    wanted = "a list of dicts, a pyarrow Table or RecordBatch, a pandas or a polars DataFrame"
    raise TypeError(f"rows: got {type(rows).__name__}, expected {wanted}")


def _of_arrow(rows: Any) -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows


def _of_pandas(frame: Any) -> "pa.Table":
    """An index that has a name is a column too."""
    import pyarrow as pa

    named = any(name is not None for name in frame.index.names)
    return pa.Table.from_pandas(frame, preserve_index=named)


def _arrow(table: "pa.Table") -> Body:
    import pyarrow as pa
    import pyarrow.ipc

    sink = pa.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return Body("arrow", sink.getvalue().to_pybytes())


def _ndjson(rows: Sequence[Mapping[str, Any]]) -> Body:
    lines = (json.dumps(row, ensure_ascii=False, allow_nan=False, default=_plain) for row in rows)
    return Body("ndjson", "".join(line + "\n" for line in lines).encode())


def _plain(value: object) -> object:
    match value:
        case date():
            return iso(value)
        case Decimal():
            return float(value)
    raise TypeError(f"rows: {type(value).__name__} has no JSON form; use texts, numbers, true or false, times")
