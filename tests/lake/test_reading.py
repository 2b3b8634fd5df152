"""A query gives what it says: filters, windows, order, pages; checked against plain Python."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from havre.context import Context
from havre.errors import Invalid
from havre.lake import query
from havre.lake.model import Dataset
from havre.lake.query import cursor_text
from havre.lake.reading import scan
from havre.lake.writer import Writer
from tests.lake.rows import SCHEMA, declare, parsed, row

ROWS = [row(index) | {"_position": index} for index in range(300)]


@pytest.fixture
def dataset(context: Context) -> Dataset:
    found = declare(context)
    for first in range(0, 300, 100):
        with Writer(context, found) as writer:
            writer.add(parsed([row(index) for index in range(first, first + 100)], first), source="s", offset=first + 1)
    return found


def asked(context: Context, dataset: Dataset, *parameters: tuple[str, str]) -> list[dict[str, Any]]:
    rows = scan(context.settings, dataset, query.read(parameters, dataset.schema))
    return pa.Table.from_batches(rows.batches, rows.schema).to_pylist()


CASES: list[tuple[tuple[str, str], Callable[[dict[str, Any]], bool]]] = [
    (("filter", "ship:eq:ship 3"), lambda r: r["ship"] == "ship 3"),
    (("filter", "ship:ne:ship 3"), lambda r: r["ship"] != "ship 3"),
    (("filter", "ship:in:ship 3,ship 4"), lambda r: r["ship"] in ("ship 3", "ship 4")),
    (("filter", "speed:gt:5"), lambda r: r["speed"] is not None and r["speed"] > 5),
    (("filter", "speed:le:0.4"), lambda r: r["speed"] is not None and r["speed"] <= 0.4),
    (("filter", "at:lt:2026-03-02T01:00:00Z"), lambda r: r["_position"] < 60),
    (("filter", "_position:ge:290"), lambda r: r["_position"] >= 290),
    (("from", "2026-03-02T02:00:00+01:00"), lambda r: r["_position"] >= 60),
    (("to", "2026-03-02T01:00:00Z"), lambda r: r["_position"] < 60),
    (("bbox", "1,49,2,49.15"), lambda r: 1 <= r["lon"] <= 2 and r["lat"] <= 49.15),
    (("bbox", "2,49,1,50"), lambda r: r["lon"] >= 2 or r["lon"] <= 1),
]


@pytest.mark.parametrize(("parameter", "holds"), CASES, ids=[f"{name}={value}" for (name, value), _ in CASES])
def test_filters(
    context: Context, dataset: Dataset, parameter: tuple[str, str], holds: Callable[[dict[str, Any]], bool]
) -> None:
    found = asked(context, dataset, parameter)
    assert sorted(r["_position"] for r in found) == [r["_position"] for r in ROWS if holds(r)]


def test_columns_come_in_the_order_asked_for(context: Context, dataset: Dataset) -> None:
    found = asked(context, dataset, ("columns", "speed,_position"), ("filter", "_position:eq:5"))
    assert [list(r.items()) for r in found] == [[("speed", ROWS[5]["speed"]), ("_position", 5)]]


def in_order(field: str, descending: bool) -> list[int]:
    """Ordered by plain Python: nulls last, ties by position."""
    present = [r for r in ROWS if r[field] is not None]
    present.sort(key=lambda r: r["_position"])
    present.sort(key=lambda r: r[field], reverse=descending)
    return [r["_position"] for r in present] + [r["_position"] for r in ROWS if r[field] is None]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    field=st.sampled_from(["_position", "at", "ship", "speed", "lon"]),
    descending=st.booleans(),
    limit=st.integers(7, 400),
)
def test_pages_hold_every_row_once_and_in_order(
    context: Context, dataset: Dataset, field: str, descending: bool, limit: int
) -> None:
    order, after, found = ("-" if descending else "") + field, [], []
    while True:
        parameters = [("order", order), ("limit", str(limit)), ("columns", "_position"), *after]
        page = scan(context.settings, dataset, query.read(parameters, dataset.schema))
        found += [r["_position"] for batch in page.batches for r in batch.to_pylist()]
        if page.next is None:
            break
        after = [("after", cursor_text(page.next))]
    assert found == in_order(field, descending)


def test_an_order_needs_a_limit() -> None:
    with pytest.raises(Invalid) as caught:
        query.read([("order", "speed")], SCHEMA)
    assert caught.value.field == "limit"


def test_an_empty_dataset_has_columns_and_no_rows(context: Context) -> None:
    empty = declare(context)
    assert asked(context, empty) == []
    assert asked(context, empty, ("limit", "5")) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("columns", "ship,captain"),
        ("filter", "ship"),
        ("filter", "ship:like:x"),
        ("filter", "captain:eq:x"),
        ("filter", "speed:gt:fast"),
        ("filter", "_position:gt:99999999999999999999"),
        ("from", "yesterday"),
        ("bbox", "1,2,3"),
        ("bbox", "1,60,2,50"),
        ("bbox", "nan,0,1,1"),
        ("order", "captain"),
        ("limit", "0"),
        ("limit", "ten"),
        ("after", "x"),
        ("after", "W10"),
        ("where", "1=1"),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(Invalid) as caught:
        query.read([(name, value)], SCHEMA)
    assert caught.value.field == name
