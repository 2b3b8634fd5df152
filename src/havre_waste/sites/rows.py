"""Rows of files, read and checked against the description of their dataset.

Nothing is half done: either every row is as the dataset says, or ``NotAccepted`` names each row, its field, what was
expected and what was found. Rows are counted as one sees them: of CSV from 2, the line after the header, if no cell
spans lines; of GeoJSON the features, from 1.
"""

import csv
import datetime
import io
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from havre_waste.sites.datasets import DATASETS
from havre_waste.sites.fields import Dataset, Field, Kind
from havre_waste.sites.layout import AS_OURS, UNITS, BadLayout, Layout, Source, check

Row = dict[str, Any]
"""Values by field: str, int, float, bool, ``datetime.date``, ``datetime.datetime`` in UTC, or None."""
TRUE, FALSE = ("true", "1", "yes", "oui", "vrai"), ("false", "0", "no", "non", "faux")


@dataclass(frozen=True)
class Problem:
    """``row`` is 0 where it is about the whole dataset."""

    dataset: str
    row: int
    field: str
    expected: str
    found: str

    def __str__(self) -> str:
        where = f"{self.dataset}, row {self.row}" if self.row else self.dataset
        return f"{where}, {self.field}: expected {self.expected}, found {self.found}"


class NotAccepted(ValueError):
    """Nothing was brought in; ``problems`` says why, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        more = len(problems) - 5
        super().__init__("; ".join([*map(str, problems[:5]), *([f"and {more} more"] if more > 0 else [])]))


def read_csv(text: str, name: str, layout: Layout = AS_OURS) -> list[Row]:
    """The rows of the dataset ``name`` from a CSV file with a header line; a byte order mark is no part of it."""
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=layout.delimiter)
    header = next(lines, [])
    if len(set(header)) < len(header):
        raise BadLayout(f"columns have the same name: {', '.join(header)}")
    problems, cells = [], []
    for number, line in enumerate(lines, 2):
        if line and len(line) != len(header):
            problems.append(Problem(name, number, "all", f"{len(header)} cells", f"{len(line)}"))
        elif line:
            cells.append((number, dict(zip(header, line, strict=True))))
    if problems:
        raise NotAccepted(problems)
    return read(cells, header, name, layout)


def read_geojson(text: str, name: str, layout: Layout = AS_OURS) -> list[Row]:
    """The rows of the dataset ``name`` from a FeatureCollection (RFC 7946).

    The columns are the properties, and ``@longitude`` and ``@latitude`` of a point and ``@id`` of the feature; where
    there is no property of that name, ``longitude``, ``latitude`` and ``id`` mean the same.
    """
    try:
        features = json.loads(text)["features"]
    except (ValueError, TypeError, KeyError) as error:
        raise NotAccepted(
            [Problem(name, 0, "features", "a GeoJSON FeatureCollection", type(error).__name__)]
        ) from error
    cells, problems = [], []
    for number, feature in enumerate(features, 1):
        try:
            cells.append((number, _feature(feature)))
        except (TypeError, KeyError, ValueError, AttributeError):
            problems.append(Problem(name, number, "geometry", "a Feature with a Point", _short(feature)))
    if problems:
        raise NotAccepted(problems)
    columns = list(dict.fromkeys(column for _, one in cells for column in one))
    return read([(number, {**dict.fromkeys(columns), **one}) for number, one in cells], columns, name, layout)


def _feature(feature: Mapping[str, Any]) -> dict[str, Any]:
    geometry = feature["geometry"]
    if geometry["type"] != "Point":
        raise ValueError(geometry["type"])
    longitude, latitude = geometry["coordinates"][:2]
    place = {"longitude": longitude, "latitude": latitude, "id": feature.get("id")}
    named = {f"@{name}": value for name, value in place.items()}
    return {**place, **named, **(feature.get("properties") or {})}


def read(
    cells: Iterable[tuple[int, Mapping[str, Any]]], columns: Sequence[str], name: str, layout: Layout = AS_OURS
) -> list[Row]:
    """Rows of numbered cells, of text or of values as Python has them (rows of a frame)."""
    dataset = DATASETS[name]
    check(layout, dataset, columns)
    told = [(one, layout.source(one.name)) for one in dataset.fields]
    told = [(one, source if set(source.columns) <= set(columns) else Source()) for one, source in told]
    problems: list[Problem] = []
    found: list[tuple[int, Row]] = []
    for number, row in cells:
        if any(str(row[column]).strip() in words for column, words in layout.skip.items()):
            continue
        values = {}
        for one, source in told:
            try:
                values[one.name] = value(one, source, row, number, layout.decimal)
            except Unfit as unfit:
                problems.append(Problem(name, number, one.name, unfit.expected, unfit.found))
        found.append((number, values))
    if not problems:
        found, problems = _by_key(found, dataset, layout.distinct)
    if problems:
        raise NotAccepted(problems)
    return [values for _, values in found]


def _by_key(
    found: Sequence[tuple[int, Row]], dataset: Dataset, distinct: bool
) -> tuple[list[tuple[int, Row]], list[Problem]]:
    """Each key once, and what is wrong with those that come again."""
    if not dataset.key:
        return list(found), []
    first: dict[tuple[Any, ...], tuple[int, Row]] = {}
    problems = []
    for number, values in found:
        key = tuple(values[name] for name in dataset.key)
        before, same = first.setdefault(key, (number, values))
        if before == number:
            continue
        if not distinct:
            told = ", ".join(map(str, key))
            problems.append(
                Problem(dataset.name, number, ", ".join(dataset.key), "a value of its own", f"{told!r} again")
            )
        for name in (name for name in values if distinct and values[name] != same[name]):
            expected = f"{same[name]!r} as in row {before}"
            problems.append(Problem(dataset.name, number, name, expected, repr(values[name])))
    return list(first.values()), problems


class Unfit(ValueError):
    """A cell is not what its field says."""

    def __init__(self, expected: str, found: Any) -> None:
        super().__init__(expected, found)
        self.expected, self.found = expected, _short(found)


def value(one: Field, source: Source, row: Mapping[str, Any], number: int, decimal: str = ".") -> Any:
    """The value of the field in this row; ``Unfit`` says why it has none."""
    columns = source.columns
    whole = row[columns[0]] if len(columns) == 1 and source.text == f"{{{columns[0]}}}" else None
    if whole is not None and not isinstance(whole, str) and not source.values:
        return _limited(one, _scaled(one, _typed(one, whole, decimal), source.unit), whole)
    text = source.read(row, number) or one.default
    if text and source.values and text != source.default:
        if text not in source.values:
            raise Unfit(f"one of {', '.join(source.values)}", text)
        text = source.values[text]
    if not text:
        if one.required:
            raise Unfit(f"{'an' if one.kind[0] in 'aeiou' else 'a'} {one.kind}", "nothing")
        return None
    return _limited(one, _scaled(one, _typed(one, text, decimal), source.unit), text)


def _typed(one: Field, cell: Any, decimal: str) -> Any:
    try:
        return TYPED[one.kind](cell.strip().replace(decimal, ".") if _decimal(one, cell, decimal) else cell)
    except (ValueError, TypeError, OverflowError) as error:
        raise Unfit(EXPECTED[one.kind], cell) from error


def _decimal(one: Field, cell: Any, decimal: str) -> bool:
    return isinstance(cell, str) and one.kind in (Kind.NUMBER, Kind.INTEGER) and decimal != "."


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
        case _:
            return f"text as {one.pattern}"


def _short(found: Any) -> str:
    shown = repr(found) if isinstance(found, str) else str(found)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
