"""Port call messages between parties: the stranger first, then who may do what, then what ends it."""

import json
from typing import Any
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from havre_mobility.calls.relay import RESOURCES, Memory
from havre_mobility.calls.routes import routes
from tests.asgi import Reply, ask
from tests.mobility.calls import openapi
from tests.mobility.calls.port import at

CALL, TERMINAL, SERVICE, TIME = (str(UUID(int=number, version=4)) for number in range(1, 5))
CARRIER, PORT, STRANGER = "carrier", "port", "charlie"
BODIES: dict[str, dict[str, Any]] = {
    "port-calls": {"portCallID": CALL, "UNLocationCode": "FRLEH", "vessel": {"MMSINumber": "227000001"}},
    "terminal-calls": {
        "terminalCallID": TERMINAL, "portCallID": CALL, "carrierServiceName": "Great Lion", "carrierServiceCode": "FE1",
    },
    "port-call-services": {
        "portCallServiceID": SERVICE, "terminalCallID": TERMINAL, "portCallServiceTypeCode": "BERTH",
        "portCallServiceEventTypeCode": "ARRI", "portCallServiceLocation": {"UNLocationCode": "FRLEH"},
    },
    "timestamps": {
        "timestampID": TIME, "portCallServiceID": SERVICE, "classifierCode": "EST", "dateTime": "2026-03-02T10:00:00Z",
    },
    "vessel-statuses": {"portCallServiceID": SERVICE, "draft": 12.5, "dimensionUnit": "MTR"},
}  # fmt: skip
IDS = {"port-calls": CALL, "terminal-calls": TERMINAL, "port-call-services": SERVICE, "timestamps": TIME}
IDS |= {"vessel-statuses": SERVICE}
FILTERS = {
    "port-calls": "portCallID", "terminal-calls": "terminalCallID", "port-call-services": "portCallServiceID",
    "timestamps": "timestampID", "vessel-statuses": "portCallServiceID",
}  # fmt: skip


class Relay:
    """The relay over HTTP; a party is who the header ``Party`` says."""

    def __init__(self) -> None:
        def party(request: Request) -> str:
            return request.headers["Party"]

        self.app = Starlette(routes=routes(Memory(), party=party, receiver=PORT, now=lambda: at(0)))

    def put(self, resource: str, by: str = CARRIER, to: str = PORT, id_: str | None = None, **said: Any) -> Reply:
        body = BODIES[resource] | said
        headers = {"Party": by, "Request-Receiving-Party": to}
        return ask(self.app, "PUT", f"/{resource}/{id_ or IDS[resource]}", json.dumps(body).encode(), headers)

    def get(self, resource: str, by: str = CARRIER, query: str | None = None) -> Reply:
        asked = query or f"{FILTERS[resource]}={IDS[resource]}"
        return ask(self.app, "GET", f"/{resource}?{asked}", headers={"Party": by})

    def post(self, resource: str, action: str, by: str = CARRIER, body: bytes = b"") -> Reply:
        return ask(self.app, "POST", f"/{resource}/{IDS[resource]}/{action}", body, {"Party": by})


@pytest.fixture
def relay() -> Relay:
    """With all that a carrier has sent to the port."""
    made = Relay()
    for resource in BODIES:
        assert made.put(resource).status == 204
    return made


@pytest.mark.parametrize("resource", BODIES)
def test_a_stranger_sees_nothing(relay: Relay, resource: str) -> None:
    assert relay.get(resource, by=STRANGER).json == []


@pytest.mark.parametrize("resource", BODIES)
def test_both_parties_see_what_was_sent(relay: Relay, resource: str) -> None:
    for party in (CARRIER, PORT):
        (found,) = relay.get(resource, by=party).json
        assert BODIES[resource].items() <= found.items()


@pytest.mark.parametrize("resource", BODIES)
def test_a_stranger_changes_nothing(relay: Relay, resource: str) -> None:
    before = relay.get(resource).body
    assert relay.put(resource, by=STRANGER).status == 400
    assert relay.get(resource).body == before


def test_the_receiver_does_not_change_what_was_sent(relay: Relay) -> None:
    assert relay.put("port-calls", by=PORT, UNLocationCode="NLRTM").status == 403


def test_a_stranger_hangs_nothing_on_it(relay: Relay) -> None:
    other = str(UUID(int=9, version=4))
    assert relay.put("terminal-calls", by=STRANGER, id_=other, terminalCallID=other).status == 400


def test_the_sender_may_change_a_message(relay: Relay) -> None:
    assert relay.put("timestamps", dateTime="2026-03-02T11:00:00Z").status == 204
    assert relay.get("timestamps").json[0]["dateTime"] == "2026-03-02T11:00:00Z"


@pytest.mark.parametrize("resource", ["terminal-calls", "port-call-services", "timestamps", "vessel-statuses"])
def test_nothing_hangs_in_the_air(resource: str) -> None:
    reply = Relay().put(resource)
    assert reply.status == 400
    assert "there is no such" in reply.json["errors"][0]["errorCodeMessage"]


def test_the_consumer_asks_for_another_time_and_place(relay: Relay) -> None:
    other = str(UUID(int=9, version=4))
    asked = {"timestampID": other, "classifierCode": "REQ", "replyToTimestampID": TIME}
    place = {"portCallServiceLocation": {"UNLocationCode": "FRLEH", "locationName": "P2000-03"}}
    assert relay.put("timestamps", by=PORT, to=CARRIER, id_=other, **asked, **place).status == 204
    assert len(relay.get("timestamps", query=f"portCallServiceID={SERVICE}").json) == 2


@pytest.mark.parametrize(
    ("by", "said"),
    [
        (PORT, {"classifierCode": "EST"}),
        (CARRIER, {"classifierCode": "REQ"}),
        (CARRIER, {"replyToTimestampID": str(UUID(int=8, version=4))}),
        (CARRIER, {"portCallServiceLocation": {"UNLocationCode": "FRLEH"}}),
        (CARRIER, {"dateTime": "2026-03-02T10:00:00"}),
        (CARRIER, {"classifierCode": "MAYBE"}),
    ],
)
def test_a_timestamp_against_the_rules_is_refused(relay: Relay, by: str, said: dict[str, Any]) -> None:
    other = str(UUID(int=9, version=4))
    reply = relay.put("timestamps", by=by, id_=other, timestampID=other, **said)
    assert reply.status == 400
    openapi.validate("ErrorResponse", reply.json)
    assert reply.json["errors"][0]["property"] == next(iter(said))


def test_the_id_of_the_path_counts(relay: Relay) -> None:
    assert relay.put("port-calls", id_=str(UUID(int=9, version=4))).status == 400


def test_what_was_omitted_takes_nothing_more(relay: Relay) -> None:
    assert relay.post("port-calls", "omit").status == 204
    assert relay.get("port-calls", by=PORT).json[0]["omitted"] is True
    for resource in BODIES:
        reply = relay.put(resource)
        assert reply.status == 409
        openapi.validate("ErrorResponse", reply.json)


@pytest.mark.parametrize(("action", "who", "other"), [("cancel", CARRIER, PORT), ("decline", PORT, CARRIER)])
def test_the_provider_cancels_and_the_consumer_declines(relay: Relay, action: str, who: str, other: str) -> None:
    assert relay.post("port-call-services", action, by=STRANGER).status == 404
    assert relay.post("port-call-services", action, by=other).status == 403
    assert relay.post("port-call-services", action, by=who, body=b'{"reason": "Storms ahead"}').status == 204
    assert relay.put("timestamps").status == 409


def test_the_first_end_counts(relay: Relay) -> None:
    relay.post("port-call-services", "decline", by=PORT)
    relay.post("port-call-services", "cancel", by=CARRIER)
    (found,) = relay.get("port-call-services").json
    assert found.get("declined") is True and "cancelled" not in found


@pytest.mark.parametrize(
    ("resource", "query", "count"),
    [
        ("port-calls", "UNLocationCode=FRLEH", 1),
        ("port-calls", "MMSINumber=227000001", 1),
        ("port-calls", "MMSINumber=227000001&UNLocationCode=NLRTM", 0),
        ("port-calls", "vesselName=X", 0),
        ("terminal-calls", f"portCallID={CALL}", 1),
        ("port-call-services", "portCallServiceTypeCode=BERTH", 1),
        ("timestamps", f"portCallServiceID={SERVICE}&classifierCode=ACT", 0),
    ],
)
def test_all_filters_have_to_hold(relay: Relay, resource: str, query: str, count: int) -> None:
    found = relay.get(resource, query=query).json
    assert len(found) == count
    for one in found:
        openapi.validate(
            {"port-calls": "PortCall", "terminal-calls": "TerminalCall"}.get(resource, "PortCallService"), one
        )


@pytest.mark.parametrize("resource", BODIES)
def test_without_a_filter_nothing_is_told(relay: Relay, resource: str) -> None:
    reply = relay.get(resource, query="color=red")
    assert reply.status == 400
    openapi.validate("ErrorResponse", reply.json)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"null", b"\xff"])
def test_what_is_no_message_is_refused(body: bytes) -> None:
    reply = ask(Relay().app, "PUT", f"/port-calls/{CALL}", body, {"Party": CARRIER})
    assert reply.status == 400
    openapi.validate("ErrorResponse", reply.json)


def test_headers_say_version_and_parties(relay: Relay) -> None:
    headers = {name.lower(): value for name, value in relay.put("port-calls").headers.items()}
    assert headers["api-version"] == "2.0.0"
    assert (headers["response-sending-party"], headers["response-receiving-party"]) == (PORT, CARRIER)


def test_what_the_standard_does_not_know_is_kept(relay: Relay) -> None:
    assert relay.put("port-calls", x="y").status == 204
    assert relay.get("port-calls").json[0]["x"] == "y"


def test_every_path_and_parameter_is_the_standards() -> None:
    """Our table of resources against the standard's description."""
    described = openapi.description()
    ours = {(route.path.replace("{id}", "{}"), method) for route in Relay().app.routes for method in route.methods}  # type: ignore[attr-defined]
    theirs = set()
    for path, operations in described["paths"].items():
        plain = path[: path.index("{")] + "{}" + path[path.index("}") + 1 :] if "{" in path else path
        theirs |= {(plain, method.upper()) for method in operations}
    assert {one for one in ours if one[1] != "HEAD"} == theirs


@pytest.mark.parametrize("resource", BODIES)
def test_every_filter_is_the_standards(resource: str) -> None:
    parameters = openapi.description()["components"]["parameters"]
    asked = openapi.description()["paths"][f"/{resource}"]["get"]["parameters"]
    named = [parameters[one["$ref"].rsplit("/", 1)[1]] for one in asked]
    assert set(RESOURCES[resource].filters) == {one["name"] for one in named if one["in"] == "query"}
