"""From what a format found to a dataset's columns: types, and which rows do not fit and why.

A column is cast as a whole; only when that fails are its values looked at one by one.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from havre.lake.model import POSITION, Field, FieldType, Rejected, Schema
from havre.lake.parsed import Parsed
from havre.lake.query import instant

ARROW: dict[FieldType, pa.DataType] = {
    FieldType.STRING: pa.string(),
    FieldType.INTEGER: pa.int64(),
    FieldType.NUMBER: pa.float64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    FieldType.DATE: pa.date32(),
}


def arrow_schema(schema: Schema) -> pa.Schema:
    """The table's columns at rest: the declared fields, then the position.

    That a field must have a value is checked on the way in and not written into the table: it may be given up later.
    """
    fields = [pa.field(field.name, ARROW[field.type]) for field in schema.fields]
    return pa.schema([*fields, pa.field(POSITION, pa.int64(), nullable=False)])


def conform(parsed: Parsed, schema: Schema) -> tuple[pa.Table, tuple[Rejected, ...]]:
    """The rows that fit, in the declared columns (without positions), and all input that does not, with reasons.

    A column that is not declared is left out; a declared one that is missing is null.
    """
    rows = parsed.rows
    wrong: dict[int, str] = {}
    columns = [_column(rows, field, wrong) for field in schema.fields]
    wanted = pa.schema([pa.field(field.name, ARROW[field.type]) for field in schema.fields])
    table = pa.table(columns, schema=wanted)
    if not wrong:
        return table, parsed.rejected
    rejected = [
        Rejected(parsed.raw(index), parsed.raw_format, wrong[index], parsed.positions[index].as_py())
        for index in sorted(wrong)
    ]
    keep = pa.array([index for index in range(rows.num_rows) if index not in wrong], pa.int64())
    return table.take(keep), (*parsed.rejected, *rejected)


def _column(rows: pa.Table, field: Field, wrong: dict[int, str]) -> pa.ChunkedArray:
    """One column in its type; ``wrong`` gets the reason of each row whose value does not fit."""
    type_ = ARROW[field.type]
    if field.name not in rows.column_names:
        column = pa.chunked_array([pa.nulls(rows.num_rows, type_)])
    else:
        column = _cast(rows[field.name], field, type_, wrong)
    if not field.nullable and column.null_count:
        for index in pc.indices_nonzero(column.is_null()).to_pylist():
            wrong.setdefault(index, f"{field.name}: is missing (expected a value)")
    return column


def _cast(column: pa.ChunkedArray, field: Field, type_: pa.DataType, wrong: dict[int, str]) -> pa.ChunkedArray:
    if column.type == type_ and field.type is not FieldType.NUMBER:
        return column
    try:
        cast = column if column.type == type_ else _whole(column, field.type, type_)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.chunked_array([_one_by_one(column, field, type_, wrong)])
    if field.type is FieldType.NUMBER and not pc.all(pc.is_finite(cast)).as_py() and cast.null_count < len(cast):
        return pa.chunked_array([_one_by_one(column, field, type_, wrong)])
    return cast


def _whole(column: pa.ChunkedArray, kind: FieldType, type_: pa.DataType) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string(column.type) and kind is not FieldType.STRING:
        trimmed = pc.utf8_trim_whitespace(column)
        column = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    if kind is FieldType.TIMESTAMP and pa.types.is_timestamp(column.type) and column.type.tz is None:
        column = pc.assume_timezone(column, "UTC")
    if kind is FieldType.BOOLEAN and pa.types.is_integer(column.type):
        raise pa.ArrowInvalid("numbers are looked at one by one")
    return pc.cast(column, type_)


def _one_by_one(column: pa.ChunkedArray, field: Field, type_: pa.DataType, wrong: dict[int, str]) -> pa.Array:
    convert, values = CONVERT[field.type], []
    for index, value in enumerate(column.to_pylist()):
        try:
            blank = value is None or (value == "" and field.type is not FieldType.STRING)
            values.append(None if blank else convert(value))
        except (ValueError, TypeError, OverflowError, KeyError):
            values.append(None)
            wrong.setdefault(index, f"{field.name}: got {_shown(value)} (expected a {field.type.value})")
    return pa.array(values, type_)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _text(value: object) -> str:
    if isinstance(value, dict | list | bytes):
        raise TypeError("not a text")
    return str(value)


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError("not a number")
    number = int(value) if not isinstance(value, float) else int(value) if value.is_integer() else int(str(value))
    if not -(2**63) <= number < 2**63:
        raise ValueError("out of range")
    return number


def _number(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool) or number != number or number in (float("inf"), float("-inf")):
        raise ValueError("not a number")
    return number


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False, "1": True, "0": False}[str(value).strip().lower()]


def _timestamp(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return instant(str(value))


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value).strip())


CONVERT: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.STRING: _text,
    FieldType.INTEGER: _integer,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.TIMESTAMP: _timestamp,
    FieldType.DATE: _date,
}
