"""Rows of files, read and checked against the description of their dataset.

Nothing is half done: either every row is as the dataset says, or ``NotAccepted`` names each row, its field, what was
expected and what was found. Rows are counted as one sees them: of CSV from 2, the line after the header, if no cell
spans lines; of GeoJSON the features, from 1.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from havre_waste.sites.cells import Unfit, short, value
from havre_waste.sites.datasets import DATASETS
from havre_waste.sites.fields import Dataset
from havre_waste.sites.layout import AS_OURS, BadLayout, Layout, Source, check

Row = dict[str, Any]
"""Values by field: str, int, float, bool, ``datetime.date``, ``datetime.datetime`` in UTC, or None."""


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
    try:
        lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), ""), delimiter=layout.delimiter))
    except csv.Error as error:
        raise NotAccepted([Problem(name, 0, "all", "a CSV file", str(error))]) from error
    header = lines.pop(0) if lines else []
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
        features = list(json.loads(text)["features"])
    except (ValueError, TypeError, KeyError) as error:
        raise NotAccepted(
            [Problem(name, 0, "features", "a GeoJSON FeatureCollection", type(error).__name__)]
        ) from error
    cells, problems = [], []
    for number, feature in enumerate(features, 1):
        try:
            cells.append((number, _feature(feature)))
        except (TypeError, KeyError, ValueError, AttributeError):
            problems.append(Problem(name, number, "geometry", "a Feature with a Point", short(feature)))
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
