"""Arrow record batches as columns: what the formats parquet and arrow have in common.

1. A struct becomes columns, as an object in JSON does: ``ship`` with ``name`` is ``ship_name``. Lists and maps are kept
   as JSON text, times of day and durations as text, binary values in hexadecimal digits.
2. Timestamps are kept to the microsecond. NaN is what tables have where there is no number: it becomes null.
3. A batch is validated in full: its offsets and texts come from outside.
"""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.compute as pc

from havre.errors import Invalid
from havre.lake.parsed import Parsed
from havre.sources.formats import records
from havre.sources.formats.naming import identifiers

UTC_TIME = pa.timestamp("us", "UTC")
LOCAL_TIME = pa.timestamp("us")


@contextmanager
def reading(expected: str) -> Iterator[None]:
    """What PyArrow says of a file that is broken, as ``Invalid``."""
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeError, OverflowError) as error:
        raise Invalid(f"cannot be read: {str(error)[:300]}", expected=expected) from None


def parsed(batch: pa.RecordBatch, first: int) -> Parsed:
    """The rows of a batch whose first is row ``first`` of the document."""
    batch.validate(full=True)
    rows = columns(pa.Table.from_batches([batch]))
    positions = pa.array(range(first, first + rows.num_rows), pa.int64())
    return Parsed(rows, positions, raw(rows), "ndjson")


def columns(table: pa.Table) -> pa.Table:
    """The table without structs, its columns under names and in types that a dataset can have."""
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    names = identifiers(table.column_names, field="columns")
    return pa.table([_plain(column) for column in table.columns], names=list(names))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type))
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        return _timestamps(column, kind)
    if pa.types.is_floating(kind):
        floats = column.cast(pa.float64())
        return pc.if_else(pc.is_nan(floats), pa.scalar(None, pa.float64()), floats)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_time(kind):
        return column.cast(pa.string())
    if pa.types.is_date(kind):
        return column.cast(pa.date32())
    if pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind):
        return column
    return pa.chunked_array([pa.array([_text(value) for value in column.to_pylist()], pa.string())])


def _timestamps(column: pa.ChunkedArray, kind: pa.TimestampType) -> pa.ChunkedArray:
    wanted = LOCAL_TIME if kind.tz is None else UTC_TIME
    # only nanoseconds may be cut off: to let everything pass would make other times of those out of range
    return pc.cast(column, wanted, safe=kind.unit != "ns")


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.hex()
    return json.dumps(value, ensure_ascii=False, default=_text) if isinstance(value, list | dict) else str(value)


def raw(rows: pa.Table) -> Callable[[int], bytes]:
    """Each row as an object for ndjson, its values as texts where JSON has nothing of their kind."""

    def one(index: int) -> bytes:
        row = rows.slice(index, 1)
        return records.text({name: _value(row[name]) for name in row.column_names})

    return one


def _value(column: pa.ChunkedArray) -> object:
    kind = column.type
    plain = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    value: object = (column if plain else column.cast(pa.string()))[0].as_py()
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
