"""From the JSON of the API to values, by the values' own annotations."""

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def read(kind: type[T], members: object) -> T:
    """``members`` as a ``kind``; ``ValueError`` names what is missing. Unknown members are left out."""
    if not isinstance(members, Mapping):
        raise ValueError(f"the answer is no {kind.__name__}")
    hints, values = _hints(typing.cast(Any, kind)), {}
    for one in fields(kind):  # type: ignore[arg-type]
        if members.get(one.name) is not None:
            values[one.name] = _value(hints[one.name], members[one.name], one.name)
        elif one.default is MISSING and one.default_factory is MISSING:
            raise ValueError(f"the answer has no {one.name!r}")
    return kind(**values)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _value(hint: Any, value: Any, name: str) -> Any:
    origin = typing.get_origin(hint)
    if origin is types.UnionType:
        return _value(typing.get_args(hint)[0], value, name)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{name!r} in the answer is no list")
        return tuple(_value(typing.get_args(hint)[0], one, name) for one in value)
    if hint is datetime:
        return instant(str(value))
    if is_dataclass(hint):
        return read(typing.cast(type[Any], hint), value)
    return value


def instant(text: str) -> datetime:
    """An ISO 8601 time, aware, in UTC."""
    read = datetime.fromisoformat(text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def iso(value: date | datetime | str) -> str:
    """A time as the API takes it; one without a zone is in UTC."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC)
    return value.isoformat().replace("+00:00", "Z")


def without_nothing(**members: object) -> dict[str, object]:
    """The members that are there."""
    return {name: value for name, value in members.items() if value is not None}
