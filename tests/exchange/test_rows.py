"""The rows that an access gives: in every format, in the columns, order and pages that were asked for."""

import csv
import io
import json
from typing import Any
from urllib.parse import urljoin

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from tests.asgi import Reply
from tests.exchange.reading import Reader, reader
from tests.lake.rows import SCHEMA, row
from tests.two_nodes import ROWS, TwoNodes

NAMES = [*SCHEMA.names, "_position"]
MEDIA_TYPES = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}


@pytest.fixture(scope="module")
def ships(standing: TwoNodes) -> Reader:
    return reader(standing)


def read_as(format_: str, body: bytes) -> list[dict[str, Any]]:
    """The rows in an answer, with times as ISO 8601 texts, as one who has never seen Havre reads them."""
    match format_:
        case "json":
            return list(json.loads(body)["rows"])
        case "ndjson":
            return [json.loads(line) for line in body.splitlines()]
        case "csv":
            return [typed(one) for one in csv.DictReader(io.StringIO(body.decode()))]
        case "parquet":
            table = pq.read_table(pa.BufferReader(body))
        case _:
            table = pyarrow.ipc.open_stream(body).read_all()
    return [one | {"at": iso(one["at"])} for one in table.to_pylist()]


def typed(one: dict[str, str]) -> dict[str, Any]:
    numbers = {name: float(one[name]) if one[name] else None for name in ("speed", "lon", "lat")}
    return {**one, **numbers, "_position": int(one["_position"])}


def iso(time: Any) -> str:
    return str(time.isoformat()).replace("+00:00", "Z")


def expected(index: int) -> dict[str, Any]:
    whole = row(index)
    return {**whole, "at": iso(whole["at"]), "_position": index}


@pytest.mark.parametrize("format_", MEDIA_TYPES)
def test_every_format_gives_the_same_rows(ships: Reader, format_: str) -> None:
    reply = ships.read({"format": format_})
    assert (reply.status, reply.headers["content-type"]) == (200, MEDIA_TYPES[format_])
    found = sorted(read_as(format_, reply.body), key=lambda one: one["_position"])
    assert found == [expected(index) for index in range(ROWS)]


@pytest.mark.parametrize("format_", MEDIA_TYPES)
def test_a_format_can_be_asked_for_by_its_media_type(ships: Reader, format_: str) -> None:
    reply = ships.read({"limit": 1}, accept=MEDIA_TYPES[format_].partition(";")[0])
    assert reply.headers["content-type"] == MEDIA_TYPES[format_]
    assert len(read_as(format_, reply.body)) == 1


@pytest.mark.parametrize("format_", MEDIA_TYPES)
def test_no_rows_are_an_answer_too(ships: Reader, format_: str) -> None:
    reply = ships.read({"format": format_, "filter": "ship:eq:nobody"})
    assert reply.status == 200 and read_as(format_, reply.body) == []


def test_columns_come_as_they_were_chosen_and_in_that_order(ships: Reader) -> None:
    reply = ships.read({"format": "csv", "columns": "speed,_position,ship", "limit": 2})
    lines = list(csv.reader(io.StringIO(reply.body.decode())))
    assert lines[0] == ["speed", "_position", "ship"] and len(lines) == 3


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (["ship:eq:ship 3"], lambda one: one["ship"] == "ship 3"),
        (["ship:in:ship 1,ship 2"], lambda one: one["ship"] in ("ship 1", "ship 2")),
        (["speed:gt:5"], lambda one: one["speed"] is not None and one["speed"] > 5),
        (
            ["speed:le:5", "ship:ne:ship 0"],
            lambda one: one["speed"] is not None and one["speed"] <= 5 and one["ship"] != "ship 0",
        ),
        (["at:ge:2026-03-02T04:00:00Z"], lambda one: one["at"] >= "2026-03-02T04:00:00Z"),
        (["_position:lt:10"], lambda one: one["_position"] < 10),
    ],
)
def test_filters_hold_together(ships: Reader, filters: list[str], wanted: Any) -> None:
    reply = ships.read([("format", "ndjson"), *(("filter", one) for one in filters)])
    found = sorted(json.loads(line)["_position"] for line in reply.body.splitlines())
    every = [expected(index) for index in range(ROWS)]
    assert found == [one["_position"] for one in every if wanted(one)] != []


def test_time_and_place_are_windows(ships: Reader) -> None:
    hour = ships.rows({"from": "2026-03-02T01:00:00Z", "to": "2026-03-02T02:00:00Z"})
    assert sorted(one["_position"] for one in hour) == list(range(60, 120))
    box = ships.rows({"bbox": "0.5,49,1,49.08"})
    assert sorted(one["_position"] for one in box) == list(range(50, 81))


@pytest.mark.parametrize("order", ["speed", "-speed", "ship", "-at", "_position", "-_position", "lon"])
@pytest.mark.parametrize(("limit", "first"), [(1, 290), (7, 230), (100, 0), (ROWS, 0), (ROWS + 1, 0)])
def test_the_pages_together_are_all_rows_once_and_in_order(ships: Reader, order: str, limit: int, first: int) -> None:
    found: list[dict[str, Any]] = []
    parameters = {"order": order, "limit": limit, "filter": f"_position:ge:{first}"}
    after: dict[str, Any] = {}
    while True:
        page = ships.read({**parameters, **after}).json
        found += page["rows"]
        if page["next"] is None:
            break
        assert len(page["rows"]) == limit
        after = {"after": page["next"]}
    wanted = in_order([expected(index) for index in range(first, ROWS)], order)
    assert [one["_position"] for one in found] == [one["_position"] for one in wanted]


def in_order(rows: list[dict[str, Any]], order: str) -> list[dict[str, Any]]:
    """By a column, nulls last, ties by position."""
    name, descending = order.removeprefix("-"), order.startswith("-")
    known = [one for one in rows if one[name] is not None]
    ordered = sorted(known, key=lambda one: one[name], reverse=descending)
    return ordered + [one for one in rows if one[name] is None]


def test_the_link_leads_to_the_next_page(ships: Reader) -> None:
    access = ships.nodes.town.access(ships.transfer)
    url, found = f"{access['endpoint']}?format=ndjson&limit=120&columns=_position", []
    while url:
        reply = ships.ask(url, access["token"])
        found += [json.loads(line)["_position"] for line in reply.body.splitlines()]
        url = following(url, reply)
    assert found == list(range(ROWS))


def following(url: str, reply: Reply) -> str:
    link = reply.headers.get("link", "")
    assert not link or link.endswith('>; rel="next"')
    return urljoin(url, link[1:].partition(">")[0]) if link else ""


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"format": "xlsx"}, "format"),
        ({"columns": "ship,cargo"}, "columns"),
        ({"filter": "ship"}, "filter"),
        ({"filter": "cargo:eq:coal"}, "filter"),
        ({"filter": "speed:gt:fast"}, "filter"),
        ({"limit": "0"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"after": "elsewhere"}, "after"),
        ({"order": "cargo", "limit": "1"}, "order"),
        ({"from": "yesterday"}, "from"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"colour": "blue"}, "colour"),
        ({"limit": "1", "speed": "1"}, "speed"),
    ],
)
def test_a_wrong_question_is_told_where_and_is_no_access(ships: Reader, parameters: dict[str, str], field: str) -> None:
    before = ships.usage(), ships.nodes.harbour.audit("access:")
    reply = ships.read(parameters)
    assert (reply.status, reply.json["code"], reply.json["field"]) == (400, "invalid", field)
    assert (ships.usage(), ships.nodes.harbour.audit("access:")) == before


def test_an_owner_reads_its_own_rows_without_an_agreement(ships: Reader) -> None:
    harbour = ships.nodes.harbour.client
    before = harbour.get("/api/usage")
    found = harbour.get("/api/datasets/ships/rows?limit=2&columns=ship")
    assert [one["ship"] for one in found["rows"]] == ["ship 0", "ship 1"]
    assert harbour.get("/api/usage") == before
