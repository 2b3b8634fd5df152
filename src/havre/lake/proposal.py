"""A schema proposed from a sample: to be looked at and confirmed, never taken by itself."""

import re

import pyarrow as pa

from havre.lake.columns import CONVERT
from havre.lake.model import FIELD_NAME, Field, FieldType, Schema
from havre.lake.parsed import Parsed

_TRIED = (FieldType.INTEGER, FieldType.NUMBER, FieldType.BOOLEAN, FieldType.DATE, FieldType.TIMESTAMP)
_PLACE = {
    "longitude": re.compile(r"^(long|x|(.+_)?(lon|lng|longitude))$", re.I),
    "latitude": re.compile(r"^(y|(.+_)?(lat|latitude))$", re.I),
}
_CODE = re.compile(r"\s*[+-]?0\d")
"""What begins so is a code, not a number: 0123."""
_PERSONAL = re.compile(r"(^|_)(email|phone|name_of_driver|driver|plate|licen[cs]e_plate|birth)", re.I)


def propose(parsed: Parsed) -> Schema:
    """Columns as in the sample, types by what all its values can be. Names that cannot be ours are left out."""
    rows = parsed.rows
    names = [name for name in rows.column_names if FIELD_NAME.fullmatch(name)]
    fields = tuple(_field(name, rows[name]) for name in names)
    by_name = {field.name: field for field in fields}
    time = next((name for name in names if by_name[name].type is FieldType.TIMESTAMP), None)
    place = {role: _place(pattern, fields) for role, pattern in _PLACE.items()}
    if None in place.values():
        place = dict.fromkeys(place)
    return Schema(fields, time, **place)


def _field(name: str, column: pa.ChunkedArray) -> Field:
    personal = _PERSONAL.search(name) is not None
    return Field(name, _type(column), nullable=True, personal=personal)


def _type(column: pa.ChunkedArray) -> FieldType:
    kind = column.type
    if pa.types.is_integer(kind):
        return FieldType.INTEGER
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return FieldType.NUMBER
    if pa.types.is_boolean(kind):
        return FieldType.BOOLEAN
    if pa.types.is_timestamp(kind):
        return FieldType.TIMESTAMP
    if pa.types.is_date(kind):
        return FieldType.DATE
    values = {str(value) for value in column.to_pylist() if value not in (None, "")}
    return next(
        (tried for tried in _TRIED if values and all(_reads(tried, value) for value in values)), FieldType.STRING
    )


def _reads(type_: FieldType, value: str) -> bool:
    if type_ is FieldType.BOOLEAN:
        return value.lower() in ("true", "false")
    if type_ in (FieldType.INTEGER, FieldType.NUMBER) and _CODE.match(value):
        return False
    try:
        CONVERT[type_](value)
    except (ValueError, TypeError, OverflowError, KeyError):
        return False
    return True


def _place(pattern: re.Pattern[str], fields: tuple[Field, ...]) -> str | None:
    found = (field.name for field in fields if pattern.match(field.name) and field.type is FieldType.NUMBER)
    return next(found, None)
