"""Many datasets in one request: all of them, or none."""

from typing import Any

import pytest

from tests.two_nodes import TwoNodes

SCHEMA = {"fields": [{"name": "weight", "type": "number", "unit": "t"}]}


def form(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "title": id.capitalize(), "schema": SCHEMA, **more}


def test_many_datasets_are_declared_as_each_alone_would_be(nodes: TwoNodes) -> None:
    harbour = nodes.harbour.client
    together = harbour.post("/api/datasets", [form("a", keywords=["x"]), form("b")])
    assert together == [harbour.get("/api/datasets/a"), harbour.get("/api/datasets/b")]
    again = harbour.post("/api/datasets", [form("b", title="Changed"), form("a", keywords=["x"]), form("c")])
    assert [(one["id"], one["title"]) for one in again] == [("b", "Changed"), ("a", "A"), ("c", "C")]
    assert [one["subject"] for one in nodes.harbour.audit("dataset:declared")][-3:] == ["a", "b", "c"]
    assert [one["subject"] for one in nodes.harbour.audit("dataset:changed")] == ["b"]


def test_a_dataset_with_rows_keeps_its_statistics_among_many(nodes: TwoNodes) -> None:
    ships = nodes.harbour.client.get("/api/datasets/ships")
    said = {name: ships[name] for name in ("id", "title", "schema")}
    assert nodes.harbour.client.post("/api/datasets", [form("a"), said])[1]["statistics"]["rows"] == 300


@pytest.mark.parametrize(
    ("second", "status", "field"),
    [
        (form("no spaces"), 400, "1.id"),
        ({**form("b"), "title": ""}, 400, "1.title"),
        ({**form("b"), "colour": "red"}, 400, "1.colour"),
        ({**form("b"), "schema": {"fields": []}}, 400, "1.schema.fields"),
        (form("a"), 400, "1.id"),
        (form("ships"), 400, "1.schema"),
        (form("gone"), 409, "1.id"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_one_that_is_wrong_is_named_and_none_is_declared(
    nodes: TwoNodes, second: dict[str, Any], status: int, field: str
) -> None:
    harbour = nodes.harbour.client
    harbour.post("/api/datasets", form("gone"))
    harbour.delete("/api/datasets/gone")
    reply = harbour.ask("POST", "/api/datasets", [form("a"), second])
    assert (reply.status, reply.json["field"]) == (status, field)
    assert [one["id"] for one in harbour.get("/api/datasets")] == ["ships"]


@pytest.mark.parametrize("count", [0, 101])
def test_there_is_a_limit_to_many(nodes: TwoNodes, count: int) -> None:
    reply = nodes.harbour.client.ask("POST", "/api/datasets", [form(f"set-{index}") for index in range(count)])
    assert reply.status == 400 and nodes.harbour.client.get("/api/datasets")[0]["id"] == "ships"
