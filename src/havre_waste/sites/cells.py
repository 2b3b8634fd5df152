"""A cell of a file as the value of its field: its type, its unit, its limits."""

import datetime
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from havre_waste.sites.fields import Field, Kind
from havre_waste.sites.layout import UNITS, Source

TRUE, FALSE = ("true", "1", "yes", "oui", "vrai"), ("false", "0", "no", "non", "faux")


class Unfit(ValueError):
    """A cell is not what its field says."""

    def __init__(self, expected: str, found: Any) -> None:
        super().__init__(expected, found)
        self.expected, self.found = expected, short(found)


def value(one: Field, source: Source, row: Mapping[str, Any], number: int, decimal: str = ".") -> Any:
    """The value of the field in this row; ``Unfit`` says why it has none."""
    cell = source.read(row, number)
    if cell is None:
        if one.required and not one.default:
            raise Unfit(EXPECTED[one.kind], None)
        return _scaled(one, _typed(one, one.default, "."), "") if one.default else None
    if source.values and str(cell) != source.default:
        if str(cell) not in source.values:
            raise Unfit(f"one of {', '.join(source.values)}", cell)
        cell = source.values[str(cell)]
    return _limited(one, _scaled(one, _typed(one, cell, decimal), source.unit), cell)


def _typed(one: Field, cell: Any, decimal: str) -> Any:
    if isinstance(cell, str) and one.kind in (Kind.NUMBER, Kind.INTEGER):
        cell = cell.replace(decimal, ".")
    try:
        return TYPED[one.kind](cell)
    except (ValueError, TypeError, OverflowError) as error:
        raise Unfit(EXPECTED[one.kind], cell) from error


def _string(cell: Any) -> str:
    return str(cell).strip()


def _number(cell: Any) -> float:
    if isinstance(cell, bool) or not math.isfinite(found := float(cell)):
        raise ValueError
    return found


def _boolean(cell: Any) -> bool:
    word = str(cell).strip().lower()
    if word not in TRUE + FALSE:
        raise ValueError
    return word in TRUE


def _date(cell: Any) -> datetime.date:
    if isinstance(cell, datetime.date) and not isinstance(cell, datetime.datetime):
        return cell
    return datetime.date.fromisoformat(str(cell).strip())


def _datetime(cell: Any) -> datetime.datetime:
    found = cell if isinstance(cell, datetime.datetime) else datetime.datetime.fromisoformat(str(cell).strip())
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(datetime.UTC)


TYPED: dict[Kind, Callable[[Any], Any]] = {
    Kind.STRING: _string, Kind.INTEGER: _number, Kind.NUMBER: _number, Kind.BOOLEAN: _boolean,
    Kind.DATE: _date, Kind.DATETIME: _datetime,
}  # fmt: skip
EXPECTED = {
    Kind.STRING: "text", Kind.INTEGER: "a whole number", Kind.NUMBER: "a number",
    Kind.BOOLEAN: f"one of {', '.join(TRUE + FALSE)}", Kind.DATE: "a date such as 2026-03-02",
    Kind.DATETIME: "a time with its offset such as 2026-03-02T06:00:00Z",
}  # fmt: skip


def _scaled(one: Field, found: Any, unit: str) -> Any:
    """In the unit of the field; whole where the field is."""
    if unit:
        found = found * UNITS.get(one.unit, {unit: 1.0})[unit]
    if one.kind is not Kind.INTEGER:
        return round(found, 9) if unit else found
    if abs(found - round(found)) > 1e-6 and not unit:
        raise Unfit("a whole number", found)
    return round(found)


def _limited(one: Field, found: Any, cell: Any) -> Any:
    if one.enum and found not in one.enum:
        raise Unfit(f"one of {', '.join(one.enum)}", cell)
    if one.minimum is not None and found < one.minimum:
        raise Unfit(f"at least {one.minimum:g}", cell)
    if one.maximum is not None and found > one.maximum:
        raise Unfit(f"at most {one.maximum:g}", cell)
    if one.pattern and not re.fullmatch(one.pattern, found):
        raise Unfit(_example(one), cell)
    return found


def _example(one: Field) -> str:
    """What a pattern means, for people."""
    match one.name:
        case "hours" | "shift":
            return "hours such as Mo-Fr 06:00-12:00; Sa 08:00-12:00"
        case "flows":
            return f"some of {', '.join(word for word in re.findall('[a-z]+', one.pattern)[:6])}, separated by spaces"
        case "id":
            return "text without spaces"
        case _:
            return f"text as {one.pattern}"


def short(found: Any) -> str:
    if found is None:
        return "nothing"
    shown = repr(found) if isinstance(found, str) else str(found)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
