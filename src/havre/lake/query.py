"""What is asked of a dataset's rows (pure).

The same parameters hold for the data plane and for the rows of an own dataset; who follows rows has no use for some,
and says with ``after`` at which position to go on. ``read`` and ``followed`` name the wrong one.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from havre.errors import Invalid
from havre.lake.model import POSITION, FieldType, Schema

OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "in")
PARAMETERS = frozenset({"columns", "filter", "from", "to", "bbox", "order", "limit", "after"})
FOLLOWED = PARAMETERS - {"to", "order", "limit"}
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Filter:
    """``field operator values``; only ``in`` has several values, typed as the field is."""

    field: str
    operator: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Cursor:
    """Where the last page ended: the value of the ordering field, and the position, which breaks ties."""

    value: Any
    position: int


@dataclass(frozen=True)
class Query:
    """``columns`` None means all; ``order`` is a field with its direction, None means by position."""

    columns: tuple[str, ...] | None = None
    filters: tuple[Filter, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    bbox: Box | None = None
    order: str | None = None
    descending: bool = False
    limit: int | None = None
    after: Cursor | None = None


def read(parameters: Sequence[tuple[str, str]], schema: Schema) -> Query:
    """The query in a request's parameters. ``Invalid`` names the parameter and what was expected."""
    given = _single(parameters, PARAMETERS)
    descending = given.get("order", "").startswith("-")
    order = _order(given.get("order", "").removeprefix("-"), schema)
    if order is not None and "limit" not in given:
        raise Invalid("is missing", field="limit", expected=f"a limit of at most {MOST_ROWS} with an order")
    return Query(
        columns=_columns(given.get("columns"), schema),
        filters=tuple(_filter(value, schema) for name, value in parameters if name == "filter"),
        since=_time("from", given.get("from"), schema),
        until=_time("to", given.get("to"), schema),
        bbox=_bbox(given.get("bbox"), schema),
        order=order,
        descending=descending,
        limit=_limit(given.get("limit")),
        after=_after(given.get("after"), order, schema),
    )


def followed(parameters: Sequence[tuple[str, str]], schema: Schema) -> Query:
    """As ``read``, for who follows: ``after`` is the position of the last row that is known, -1 before the first."""
    after = _single(parameters, FOLLOWED).get("after")
    asked = read([one for one in parameters if one[0] != "after"], schema)
    return asked if after is None else replace(asked, after=Cursor(None, position(after)))


def position(text: str) -> int:
    value: int = _typed(text, FieldType.INTEGER, "after")
    if value < -1:
        raise Invalid(f"got {value}", field="after", expected="the position of a row, or -1")
    return value


def _single(parameters: Sequence[tuple[str, str]], known: frozenset[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in parameters:
        if name not in known:
            raise Invalid("is not a parameter here", field=name, expected=", ".join(sorted(known)))
        if name in given and name != "filter":
            raise Invalid("is given twice", field=name, expected="once")
        given[name] = value
    return given


def cursor_text(cursor: Cursor) -> str:
    value = cursor.value.isoformat() if isinstance(cursor.value, date) else cursor.value
    return base64.urlsafe_b64encode(json.dumps([value, cursor.position]).encode()).decode().rstrip("=")


def _columns(text: str | None, schema: Schema) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        _known(name, schema, "columns")
    return names


def _known(name: str, schema: Schema, parameter: str) -> FieldType:
    if name == POSITION:
        return FieldType.INTEGER
    try:
        return schema.field(name).type
    except Invalid as error:
        raise Invalid(error.message, field=parameter, expected=error.expected) from None


def _filter(text: str, schema: Schema) -> Filter:
    parts = text.split(":", 2)
    if len(parts) != 3 or parts[1] not in OPERATORS:
        wanted = f"<field>:<operator>:<value>, the operator one of {', '.join(OPERATORS)}"
        raise Invalid(f"got {text!r}", field="filter", expected=wanted)
    name, operator, value = parts
    type_ = _known(name, schema, "filter")
    values = value.split(",") if operator == "in" else [value]
    return Filter(name, operator, tuple(_typed(one, type_, "filter") for one in values))


def _typed(text: str, type_: FieldType, parameter: str) -> Any:
    try:
        return _READ[type_](text)
    except (ValueError, KeyError):
        raise Invalid(f"got {text!r}", field=parameter, expected=_WANTED[type_]) from None


def instant(text: str) -> datetime:
    """An ISO 8601 time; without a zone it is UTC."""
    # a plus sign that was not escaped in an address arrives as a space
    read = datetime.fromisoformat(text.strip().replace(" ", "+") if "T" in text else text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


_READ: dict[FieldType, Any] = {
    FieldType.STRING: str,
    FieldType.INTEGER: lambda text: _within_int64(int(text)),
    FieldType.NUMBER: float,
    FieldType.BOOLEAN: lambda text: {"true": True, "false": False}[text.lower()],
    FieldType.TIMESTAMP: instant,
    FieldType.DATE: date.fromisoformat,
}
_WANTED = {
    FieldType.STRING: "a text",
    FieldType.INTEGER: "a whole number",
    FieldType.NUMBER: "a number",
    FieldType.BOOLEAN: "true or false",
    FieldType.TIMESTAMP: "a time as in 2026-03-02T12:00:00Z",
    FieldType.DATE: "a date as in 2026-03-02",
}


def _within_int64(value: int) -> int:
    if not -(2**63) <= value < 2**63:
        raise ValueError("out of range")
    return value


def _time(parameter: str, text: str | None, schema: Schema) -> datetime | None:
    if text is None:
        return None
    if schema.time is None:
        raise Invalid("this dataset has no field for time", field=parameter, expected="no time window")
    value: datetime = _typed(text, FieldType.TIMESTAMP, parameter)
    return value


def _bbox(text: str | None, schema: Schema) -> Box | None:
    if text is None:
        return None
    if schema.longitude is None:
        raise Invalid("this dataset has no fields for place", field="bbox", expected="no bounding box")
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise Invalid(f"got {text!r}", field="bbox", expected="west,south,east,north in degrees") from None
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise Invalid(f"got {text!r}", field="bbox", expected="degrees, with south not above north")
    return west, south, east, north


def _order(name: str, schema: Schema) -> str | None:
    if not name:
        return None
    _known(name, schema, "order")
    return name


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    value: int = _typed(text, FieldType.INTEGER, "limit")
    if not 1 <= value <= MOST_ROWS:
        raise Invalid(f"got {value}", field="limit", expected=f"1 to {MOST_ROWS}")
    return value


MOST_ROWS = 1_000_000


def _after(text: str | None, order: str | None, schema: Schema) -> Cursor | None:
    if text is None:
        return None
    try:
        value, position = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        position = _within_int64(int(position))
        if order is not None and value is not None:
            value = _again(value, _known(order, schema, "order"))
    except (ValueError, TypeError, Invalid):
        raise Invalid(
            "is not a cursor of this query", field="after", expected="the cursor of the page before"
        ) from None
    return Cursor(value if order is not None else None, position)


def _again(value: Any, type_: FieldType) -> Any:
    """A cursor's JSON value in the field's type."""
    if type_ in (FieldType.TIMESTAMP, FieldType.DATE, FieldType.STRING):
        if not isinstance(value, str):
            raise ValueError("not a text")
        return _typed(value, type_, "after")
    if isinstance(value, bool) != (type_ is FieldType.BOOLEAN) or not isinstance(value, int | float):
        raise ValueError("another type")
    return value
