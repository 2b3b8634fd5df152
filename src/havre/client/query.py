"""What is asked of rows, as the data plane takes it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from havre.client.wire import iso

Moment = date | datetime | str
Filter = str | tuple[str, str, object]
POSITION = "_position"
"""The column that says which row of its dataset a row is."""


def parameters(
    *,
    purpose: str | Iterable[str] | None = None,
    columns: Iterable[str] | None = None,
    filters: Iterable[Filter] = (),
    since: Moment | None = None,
    until: Moment | None = None,
    bbox: Sequence[float] | None = None,
    order: str | None = None,
    limit: int | None = None,
) -> list[tuple[str, str]]:
    """The parameters of a query; ``ValueError`` for a value that has no form there.

    A filter is ``"field:operator:value"`` or ``(field, operator, value)``, the operator one of eq, ne, lt, le, gt,
    ge, and in, whose value is several. ``order`` is a field, with a ``-`` before it for the greatest first, and needs
    a ``limit``. ``bbox`` is west, south, east, north, in degrees.
    """
    single = {
        "columns": None if columns is None else ",".join([columns] if isinstance(columns, str) else columns),
        "from": None if since is None else iso(since),
        "to": None if until is None else iso(until),
        "bbox": None if bbox is None else _bbox(bbox),
        "order": order,
        "limit": None if limit is None else str(limit),
    }
    purposes = [purpose] if isinstance(purpose, str) else purpose or ()
    return [
        *((name, value) for name, value in single.items() if value is not None),
        *(("filter", _filter(one)) for one in ([filters] if isinstance(filters, str) else filters)),
        *(("purpose", one) for one in purposes),
    ]


def _bbox(bbox: Sequence[float]) -> str:
    if len(bbox) != 4:
        raise ValueError(f"bbox: got {len(bbox)} numbers, expected west, south, east, north")
    return ",".join(repr(float(degrees)) for degrees in bbox)


def _filter(given: Filter) -> str:
    if isinstance(given, str):
        return given
    field, operator, value = given
    if operator != "in" or isinstance(value, str) or not isinstance(value, Iterable):
        return f"{field}:{operator}:{_text(value)}"
    texts = [_text(one) for one in value]
    if any("," in text for text in texts):
        raise ValueError(f"filter on {field}: a value with a comma cannot stand in a list; ask for it with eq")
    return f"{field}:in:{','.join(texts)}"


def _text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case date():
            return iso(value)
        case _:
            return str(value)


def followed(
    *,
    purpose: str | Iterable[str] | None = None,
    columns: Iterable[str] | None = None,
    filters: Iterable[Filter] = (),
    since: Moment | None = None,
    bbox: Sequence[float] | None = None,
) -> list[tuple[str, str]]:
    """As ``parameters``, for rows that are followed: their position is always among the columns."""
    if columns is not None:
        columns = list(dict.fromkeys([*([columns] if isinstance(columns, str) else columns), POSITION]))
    return parameters(purpose=purpose, columns=columns, filters=filters, since=since, bbox=bbox)
