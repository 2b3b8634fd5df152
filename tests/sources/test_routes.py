"""Rows that are sent, proposals, the quarantine and sources, over the API."""

from typing import Any
from urllib.parse import urlencode

import pyais
import pytest

from tests.asgi import Reply, ask
from tests.two_nodes import Hosted, TwoNodes

SCHEMA = {"fields": [{"name": "number", "type": "integer", "nullable": False}, {"name": "name", "type": "string"}]}


def send(who: Hosted, path: str, body: bytes, **parameters: object) -> Reply:
    headers = {"authorization": who.client._headers["authorization"]}
    return ask(who.node.app, "POST", f"{path}?{urlencode(parameters)}", body, headers)


def declare(who: Hosted, schema: dict[str, Any] = SCHEMA) -> None:
    who.client.post("/api/datasets", {"id": "things", "title": "Things", "schema": schema})


def rows(who: Hosted) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.client.get("/api/datasets/things/rows?format=json")["rows"]
    return found


def test_rows_that_are_sent_again_with_their_offset_add_nothing(nodes: TwoNodes) -> None:
    harbour = nodes.harbour
    declare(harbour)
    body = b"number,name\n1,one\n2,two\n"
    for expected in (2, 0):
        reply = send(harbour, "/api/datasets/things/rows", body, format="csv", source="daily", offset=2)
        assert reply.json["rows"] == expected
    more = send(harbour, "/api/datasets/things/rows", b"number,name\n3,three\n", format="csv", source="daily", offset=3)
    assert more.json["rows"] == 1
    assert [one["number"] for one in rows(harbour)] == [1, 2, 3]


def test_rows_without_an_offset_are_added_each_time(nodes: TwoNodes) -> None:
    declare(nodes.harbour)
    for _ in range(2):
        send(nodes.harbour, "/api/datasets/things/rows", b'{"number": 1}\n', format="ndjson")
    assert len(rows(nodes.harbour)) == 2


def test_a_body_that_breaks_in_the_middle_leaves_nothing(nodes: TwoNodes) -> None:
    declare(nodes.harbour)
    reply = send(nodes.harbour, "/api/datasets/things/rows", b'[{"number": 1}, {"numb', format="json")
    assert reply.status == 400
    assert rows(nodes.harbour) == []


def test_what_does_not_fit_is_listed_with_its_reason_and_can_be_replayed(nodes: TwoNodes) -> None:
    harbour = nodes.harbour
    declare(harbour)
    body = b'{"number": 1, "name": "one"}\n{"name": "no number"}\n'
    assert send(harbour, "/api/datasets/things/rows", body, format="ndjson").json == {
        "rows": 1,
        "quarantined": 1,
        "offset": None,
    }
    kept = harbour.client.get("/api/datasets/things/quarantine")
    assert kept["count"] == 1
    assert "number: is missing" in kept["rows"][0]["reason"] and "no number" in kept["rows"][0]["raw"]
    assert harbour.client.post("/api/datasets/things/quarantine/replay") == {"rows": 0, "quarantined": 1}
    declare(harbour, {"fields": [{"name": "number", "type": "integer"}, {"name": "name", "type": "string"}]})
    assert harbour.client.post("/api/datasets/things/quarantine/replay") == {"rows": 1, "quarantined": 0}
    assert harbour.client.post("/api/datasets/things/quarantine/replay") == {"rows": 0, "quarantined": 0}
    assert [one["number"] for one in rows(harbour)] == [1, None]


def test_a_schema_is_proposed_from_a_sample(nodes: TwoNodes) -> None:
    sample = b"time,gate,trucks,lon,lat\n2026-03-02T12:00:00Z,A,3,0.1,49.5\n2026-03-02T13:00:00Z,B,4,0.2,49.4\n"
    proposed = send(nodes.harbour, "/api/schema", sample, format="csv").json
    assert [(field["name"], field["type"]) for field in proposed["fields"]] == [
        ("time", "timestamp"),
        ("gate", "string"),
        ("trucks", "integer"),
        ("lon", "number"),
        ("lat", "number"),
    ]
    assert (proposed["time"], proposed["longitude"], proposed["latitude"]) == ("time", "lon", "lat")


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({}, "format"),
        ({"format": "xls"}, "format"),
        ({"format": "csv", "colour": "red"}, "options.colour"),
        ({"format": "csv", "source": "daily"}, "offset"),
        ({"format": "csv", "offset": "3"}, "offset"),
        ({"format": "csv", "source": "daily", "offset": "-1"}, "offset"),
    ],
)
def test_a_wrong_parameter_is_named(nodes: TwoNodes, parameters: dict[str, object], field: str) -> None:
    declare(nodes.harbour)
    reply = send(nodes.harbour, "/api/datasets/things/rows", b"number\n1\n", **parameters)
    assert (reply.status, reply.json["field"]) == (400, field)


def test_sources_are_declared_run_seen_and_removed(nodes: TwoNodes) -> None:
    harbour = nodes.harbour
    declare(harbour)
    inbox = harbour.node.settings.home / "inbox" / "harbour"
    inbox.mkdir(parents=True)
    (inbox / "a.csv").write_text("number,name\n1,one\nx,y\n")
    form = {"id": "daily", "dataset": "things", "transport": "file", "format": "csv", "options": {"path": "a.csv"}}
    added = harbour.client.post("/api/sources", form)
    assert added["status"]["state"] == "idle"
    assert harbour.client.post("/api/sources/daily/run")["status"]["state"] in ("running", "idle")
    ended = harbour.client.get("/api/sources/daily?wait=5")
    assert (ended["status"]["state"], ended["status"]["rows"], ended["status"]["quarantined"]) == ("idle", 1, 1)
    assert [one["id"] for one in harbour.client.get("/api/sources")] == ["daily"]
    assert nodes.terminal.client.ask("GET", "/api/sources/daily").status == 404
    harbour.client.delete("/api/sources/daily")
    assert harbour.client.get("/api/sources") == []
    assert [one["number"] for one in rows(harbour)] == [1]
    assert {one["event"] for one in harbour.audit("source:")} == {"source:declared", "source:removed"}


def test_a_withdrawn_dataset_takes_no_rows(nodes: TwoNodes) -> None:
    declare(nodes.harbour)
    nodes.harbour.client.delete("/api/datasets/things")
    assert send(nodes.harbour, "/api/datasets/things/rows", b"number\n1\n", format="csv").status == 404


def test_a_message_in_quarantine_is_replayed_whatever_was_asked_for_when_it_came(nodes: TwoNodes) -> None:
    harbour = nodes.harbour
    columns = [{"name": "mmsi", "type": "integer"}, {"name": "callsign", "type": "string", "nullable": False}]
    declare(harbour, {"fields": columns})
    sentences = pyais.encode_dict({"msg_type": 5, "mmsi": 227000001, "shipname": "HV ONE"}, talker_id="AI")
    body = "".join(sentence + "\r\n" for sentence in sentences).encode()
    taken = send(harbour, "/api/datasets/things/rows", body, format="nmea", messages="static").json
    assert (taken["rows"], taken["quarantined"]) == (0, 1)
    declare(harbour, {"fields": [columns[0], {"name": "callsign", "type": "string"}]})
    assert harbour.client.post("/api/datasets/things/quarantine/replay") == {"rows": 1, "quarantined": 0}
