"""The doctor finds what keeps a node from its work, says what to do, and finds nothing where nothing is wrong."""

import base64
import io
from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import sqlalchemy as sa
import urllib3
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from havre.context import Context, utc_now
from havre.doctor.asking import ask
from havre.doctor.usecases import examine
from havre.errors import Unreachable
from havre.participants import did, keys
from havre.participants import store as people
from havre.settings import Settings
from havre.web import application
from tests.network import answered
from tests.two_nodes import RunningNode, TwoNodes, within

CHECKS = {"database", "node key", "our address", "our DID", "trust list", "their address", "clock", "context", "outbox"}
Found = list[Mapping[str, Any]]


def examined(nodes: TwoNodes, node: RunningNode) -> Found:
    found: Found = nodes.operator(node).get("/api/node/doctor")
    return found


def bad(found: Found) -> list[tuple[str, str, str]]:
    """What is not as it should be; each says what to do."""
    wrong = [one for one in found if one["status"] != "ok"]
    assert [one for one in wrong if not one["next"]] == []
    return [(one["status"], one["check"], one["subject"]) for one in wrong]


def with_status(found: Found, *checks: str) -> set[str]:
    return {one["status"] for one in found if one["check"] in checks}


def with_settings(node: RunningNode, **changes: Any) -> Found:
    """What the doctor finds at a node by other settings."""
    values = {
        name: value for name, value in node.settings.model_dump().items() if name in node.settings.model_fields_set
    }
    settings = Settings(**{**values, **changes})
    context = Context(settings, node.context.database, node.context.clock, http=node.context.http)
    return [vars(finding) for finding in examine(context)]


def test_where_nothing_is_wrong_nothing_is_found(standing: TwoNodes) -> None:
    found = examined(standing, standing.port)
    assert bad(found) == []
    assert {one["check"] for one in found} == CHECKS
    subjects = [one["subject"] for one in found if one["check"] in ("our DID", "trust list")]
    assert subjects == [standing.hosted[name].did for name in ("harbour", "terminal", "city", "startup")]


def test_the_doctor_is_for_the_operator(standing: TwoNodes) -> None:
    assert standing.harbour.client.ask("GET", "/api/node/doctor").status == 404


def test_no_secret_is_told(standing: TwoNodes) -> None:
    told = str(with_settings(standing.port, node_key=base64.b64encode(bytes(32)).decode()))
    assert base64.b64encode(bytes(32)).decode() not in told
    assert "hvr_" not in told and "hvo_" not in told


def test_who_is_down_is_named_and_nobody_else(nodes: TwoNodes) -> None:
    nodes.network.down.add(nodes.city.host)
    lost = [("problem", "trust list", nodes.hosted[name].did) for name in ("city", "startup")]
    assert bad(examined(nodes, nodes.port)) == lost


def test_an_address_of_ours_that_nobody_answers_is_found(nodes: TwoNodes) -> None:
    nodes.network.route(nodes.harbour.participant.url, "http://nobody:1")
    assert bad(examined(nodes, nodes.port)) == [
        ("problem", "our address", nodes.harbour.participant.url),
        ("problem", "our DID", nodes.harbour.did),
    ]


def test_an_address_of_ours_at_which_somebody_else_answers_is_found(nodes: TwoNodes) -> None:
    nodes.network.route(nodes.harbour.participant.url, nodes.town.participant.url)
    found = examined(nodes, nodes.port)
    assert [check for _, check, _ in bad(found)] == ["our address", "our DID"]
    assert "answers 200, but not as harbour" in str(found)


def test_a_document_of_ours_with_another_key_is_found(nodes: TwoNodes) -> None:
    harbour = nodes.harbour.participant
    strange = did.document(harbour.did, keys.public_bytes(keys.new_signing_key()), harbour.protocol_url)
    serve_document(nodes, harbour.url, strange)
    found = examined(nodes, nodes.port)
    assert bad(found) == [("problem", "our DID", harbour.did)]
    assert "nobody will accept our messages" in str(found)


def test_a_document_of_ours_that_leads_elsewhere_is_found(nodes: TwoNodes) -> None:
    harbour = nodes.harbour.participant
    key = nodes.port.read(people.public_key, "harbour")
    serve_document(nodes, harbour.url, did.document(harbour.did, key, "https://elsewhere.example/dsp"))
    assert bad(examined(nodes, nodes.port)) == [("problem", "our DID", harbour.did)]


def serve_document(nodes: TwoNodes, url: str, document: Mapping[str, Any]) -> None:
    def served(request: Request) -> Response:
        return JSONResponse(document)

    nodes.network.apps["elsewhere:1"] = application([Route("/did.json", served)])
    nodes.network.route(f"{url}/did.json", "http://elsewhere:1/did.json")


@pytest.mark.parametrize(
    "document",
    [{}, [], {"id": "did:web:other"}, {"@graph": 1}, "text", None],
    ids=["empty", "a list", "of another", "a graph", "a text", "null"],
)
def test_a_document_that_is_none_is_found(nodes: TwoNodes, document: Any) -> None:
    serve_document(nodes, nodes.town.participant.url, document)
    assert bad(examined(nodes, nodes.port)) == [("problem", "trust list", nodes.town.did)]


def test_who_names_no_catalogue_can_ask_but_not_be_asked(nodes: TwoNodes) -> None:
    document = did.document(nodes.town.did, keys.public_bytes(keys.new_signing_key()), "http://x")
    serve_document(nodes, nodes.town.participant.url, {**document, "service": []})
    assert bad(examined(nodes, nodes.port)) == [("warning", "trust list", nodes.town.did)]
    serve_document(nodes, nodes.town.participant.url, {**document, "authentication": []})
    assert bad(examined(nodes, nodes.port)) == [("problem", "trust list", nodes.town.did)]


def test_an_address_that_its_document_names_in_vain_is_found(nodes: TwoNodes) -> None:
    nodes.network.route(nodes.town.participant.protocol_url, "http://nobody:1")
    assert bad(examined(nodes, nodes.port)) == [("problem", "their address", nodes.town.did)]


def test_who_is_recognised_by_a_value_needs_no_document(nodes: TwoNodes) -> None:
    form = {"id": "kit", "name": "Kit", "identity": "fixed", "sends": "a", "receives": "b"}
    nodes.operator(nodes.port).post("/api/node/trust", form)
    found = examined(nodes, nodes.port)
    assert bad(found) == []
    assert "fixed value" in next(one["what"] for one in found if one["subject"] == "kit")


class Ticking:
    """A node in front of which a server tells the time."""

    def __init__(self, app: ASGIApp, ahead: timedelta) -> None:
        self._app = app
        self._ahead = ahead

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(utc_now() + self._ahead, usegmt=True).encode()
                message["headers"] = [*message["headers"], (b"date", date)]
            await send(message)

        await self._app(scope, receive, told)


@pytest.mark.parametrize(
    ("seconds", "status", "said"),
    [
        (0, "ok", " s "),
        (3, "ok", " s ahead of ours"),
        (10, "warning", " s ahead of ours"),
        (-20, "warning", " s behind ours"),
        (40, "problem", "tokens are refused from 30 s on"),
        (-4000, "problem", " s behind ours: tokens"),
    ],
)
def test_clocks_that_differ_are_found(nodes: TwoNodes, seconds: int, status: str, said: str) -> None:
    host = nodes.city.host
    nodes.network.apps[host] = Ticking(nodes.network.apps[host], timedelta(seconds=seconds))
    found = [one for one in examined(nodes, nodes.port) if one["check"] == "clock"]
    assert {one["status"] for one in found} == {status}
    assert len(found) == 2 and said in found[0]["what"]


def test_a_node_key_that_is_not_this_nodes_is_found(standing: TwoNodes) -> None:
    found = with_settings(standing.port, node_key=base64.b64encode(bytes(32)).decode())
    assert bad(found) == [("problem", "node key", "HAVRE_NODE_KEY")]


def test_a_node_key_that_is_not_there_or_none_is_found(standing: TwoNodes, tmp_path: Any) -> None:
    for changes in ({"home": tmp_path}, {"node_key": "c2VjcmV0"}):
        database = standing.port.context.settings.database
        found = with_settings(standing.port, database_url=database, **changes)
        assert [check for _, check, _ in bad(found)] == ["node key"]


def test_a_signing_key_that_is_not_the_one_in_the_document_is_found(nodes: TwoNodes) -> None:
    other = keys.public_bytes(keys.new_signing_key())
    change = people.participants.update().where(people.participants.c.slug == "harbour").values(public_key=other)
    nodes.port.context.database.write(lambda conn: conn.execute(change) and None)
    found = with_settings(nodes.port)
    assert [check for _, check, _ in bad(found)] == ["node key"]
    assert "the signing key of harbour is not the one in its document" in str(found)


def test_settings_that_are_not_those_of_the_running_node_are_a_warning(standing: TwoNodes) -> None:
    found = with_settings(standing.port, public_url="http://localhost:8080")
    assert {(status, check) for status, check, _ in bad(found)} == {("warning", "our address")}


def test_a_database_without_our_tables_is_found_and_nothing_is_made(nodes: TwoNodes) -> None:
    def without(conn: sa.Connection) -> None:
        conn.execute(sa.text("DROP TABLE usage_events"))
        conn.execute(sa.text("ALTER TABLE outbox DROP COLUMN answer"))

    nodes.city.settle()
    nodes.city.context.database.write(without)
    (finding,) = [one for one in with_settings(nodes.city) if one["status"] != "ok"]
    assert finding["check"] == "database"
    assert "usage_events" in finding["what"] and "outbox.answer" in finding["what"]


def test_what_waits_and_what_was_given_up_is_counted(nodes: TwoNodes) -> None:
    nodes.offer()
    nodes.network.fault("ContractRequestMessage", *[answered(503)] * 100)
    pid = nodes.town.negotiate(nodes.harbour)
    within(5, lambda: nodes.town.client.get(f"/api/negotiations/{pid}/trace")["steps"][0]["attempts"], lambda n: n)
    found = with_settings(nodes.city)
    assert bad(found) == [] and "1, the oldest since" in str(found)
    nodes.clock.ahead += timedelta(seconds=70)  # nobody is woken: it waits for its next try
    found = with_settings(nodes.city)
    assert ("warning", "outbox", "messages that wait") in bad(found)
    assert "last answer: 503" in str(found) and nodes.harbour.did in str(found)
    nodes.advance(hours=25)
    nodes.town.negotiation(pid, "TERMINATED")
    assert bad(with_settings(nodes.city)) == [("warning", "outbox", "messages given up")]


def test_an_answer_without_end_is_not_read_to_its_end(standing: TwoNodes) -> None:
    class Pool:
        def request(self, *_: Any, **__: Any) -> urllib3.HTTPResponse:
            body = io.BytesIO(b"x" * 10_000_000)
            return urllib3.HTTPResponse(body, status=200, preload_content=False)

    context = Context(standing.port.settings, standing.port.context.database, http=Pool())  # type: ignore[arg-type]
    assert len(ask(context, "http://x").body) == 64 * 1024


def test_an_address_that_is_none_is_no_crash(tmp_path: Any, context: Context) -> None:
    for url in ("http://", "http://[", "nonsense", "httpnonsense", "file:///etc/passwd"):
        with pytest.raises(Unreachable):
            ask(context, url)
