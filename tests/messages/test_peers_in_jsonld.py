"""Two nodes of which each takes the other for one that writes JSON-LD in another form: all goes its way.

What they write is rewritten between them, messages where they arrive and answers where they come back.
"""

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import urllib3
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests import puppet
from tests.messages import dialects
from tests.messages.dialects import CONTEXT, INLINE, Pick, said
from tests.network import Line
from tests.two_nodes import RunningNode, TwoNodes

TERMS: dict[str, Any] = {
    "permission": [
        {
            "action": "odrl:read",
            "constraint": [
                {"leftOperand": "purpose", "operator": "isAnyOf", "rightOperand": ["research", "planning"]},
                {"leftOperand": "count", "operator": "lteq", "rightOperand": 5},
                {
                    "or": [
                        {"leftOperand": "odrl:dateTime", "operator": "lt", "rightOperand": "2099-01-01T00:00:00Z"},
                        {"leftOperand": "membership", "operator": "eq", "rightOperand": "nobody"},
                    ]
                },
            ],
        }
    ],
    "prohibition": [{"action": "odrl:distribute"}],
}


def rewritten(raw: bytes, pick: Pick, heard: list[str]) -> bytes:
    if not raw:
        return raw
    spoken = said(json.loads(raw), pick)
    heard.append(json.dumps(spoken))
    return json.dumps([spoken] if "@context" not in spoken else spoken).encode()


def listening(app: ASGIApp, pick: Pick, heard: list[str]) -> ASGIApp:
    """The application, to which every message of the protocol comes in another form."""

    async def rewriting(scope: Scope, receive: Receive, send: Send) -> None:
        async def body() -> Message:
            event = await receive()
            if event["type"] == "http.request":
                event["body"] = rewritten(event["body"], pick, heard)
            return event

        await app(scope, body if "/dsp/2025-1/" in scope["path"] else receive, send)

    return rewriting


class Rewriting:
    """A node's line, on which answers come back in another form."""

    def __init__(self, line: Line, pick: Pick, heard: list[str]) -> None:
        self._line, self._pick, self._heard = line, pick, heard

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> urllib3.HTTPResponse:
        answer = self._line.request(method, url, *rest, **more)
        if "/dsp/2025-1/" not in url:
            return answer
        body = io.BytesIO(rewritten(answer.read(), self._pick, self._heard))
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
        return urllib3.HTTPResponse(body, headers=headers, status=answer.status, preload_content=False)


@pytest.fixture(params=["prefixed", "expanded", "wrapped"])
def foreign(nodes: TwoNodes, request: pytest.FixtureRequest) -> Iterator[tuple[TwoNodes, list[str]]]:
    """The nodes, and all that was said between them as it was heard."""
    pick: Pick = getattr(dialects, request.param)
    heard: list[str] = []
    for node in (nodes.port, nodes.city):
        translate(nodes, node, pick, heard)
    yield nodes, heard
    for node in (nodes.port, nodes.city):
        nodes.network.apps[node.host] = node.app


def translate(nodes: TwoNodes, node: RunningNode, pick: Pick, heard: list[str]) -> None:
    nodes.network.apps[node.host] = listening(node.app, pick, heard)
    object.__setattr__(node.context, "http", Rewriting(node.line, pick, heard))


def test_a_catalogue_is_read(foreign: tuple[TwoNodes, list[str]]) -> None:
    nodes, heard = foreign
    offer = nodes.offer(TERMS)
    catalog = nodes.town.client.get(f"/api/catalog?provider={nodes.harbour.did}")
    assert [one["@id"] for one in catalog["dataset"][0]["hasPolicy"]] == [offer]
    assert catalog["dataset"][0]["@type"] == "Dataset" and len(heard) == 2


def test_negotiation_and_transfer_complete_in_both_roles(foreign: tuple[TwoNodes, list[str]]) -> None:
    nodes, heard = foreign
    offer = nodes.offer(TERMS)
    agreement = nodes.town.agreement_with(nodes.harbour, offer)
    transfer = nodes.town.started(agreement)
    assert nodes.town.access(transfer)["token"]
    assert nodes.harbour.their("negotiations", "FINALIZED")["agreement"] == agreement
    assert nodes.harbour.their("transfers", "STARTED")["agreement"] == agreement
    nodes.town.client.post(f"/api/transfers/{transfer}/complete")
    assert nodes.harbour.their("transfers", "COMPLETED")
    nodes.port.settle()
    nodes.city.settle()
    kinds = ("Request", "Agreement", "AgreementVerification", "NegotiationEvent")
    for kind in [*(f"Contract{one}Message" for one in kinds), "TransferStartMessage", "TransferCompletionMessage"]:
        assert any(f"{kind}" in one for one in heard), kind
    assert not any(one.startswith(json.dumps({"@context": [CONTEXT], "@type": "ContractR"})[:-2]) for one in heard)


def test_both_sides_keep_the_same_terms_in_plain_form(foreign: tuple[TwoNodes, list[str]]) -> None:
    nodes, _ = foreign
    agreement = nodes.town.agreement_with(nodes.harbour, nodes.offer(TERMS))
    kept = [one.client.get("/api/agreements")[0] for one in (nodes.town, nodes.harbour)]
    assert [one["id"] for one in kept] == [agreement, agreement]
    assert kept[0]["policy"] == kept[1]["policy"]
    constraint = kept[0]["policy"]["permission"][0]["constraint"]
    assert constraint[0] == TERMS["permission"][0]["constraint"][0]
    assert constraint[1]["rightOperand"] == {"@value": 5}


def test_a_refusal_is_understood_with_its_reason(foreign: tuple[TwoNodes, list[str]]) -> None:
    nodes, _ = foreign
    pid = nodes.town.negotiate(nodes.harbour, offer=nodes.offer(decision="human"))
    theirs = nodes.harbour.their("negotiations", "REQUESTED")["pid"]
    nodes.harbour.client.post(f"/api/negotiations/{theirs}/refuse", {"reason": "not this year"})
    assert nodes.town.negotiation(pid, "TERMINATED")["reason"] == "not this year"


# One message, as a peer would send it


def test_an_offer_in_prefixed_form_is_agreed_to_in_plain_form(nodes: TwoNodes) -> None:
    made = puppet.puppet(nodes, nodes.startup)
    offer = {"@id": nodes.offer(TERMS), "@type": "Offer", "target": "ships", **TERMS}
    plain = puppet.message("ContractRequestMessage", consumerPid=made.pid, offer=offer, callbackAddress=made.callback)
    reply = nodes.startup.send(nodes.harbour, "/negotiations/request", said(plain, dialects.prefixed))
    assert reply.status == 201, reply
    agreed: Mapping[str, Any] = made.heard("ContractAgreementMessage")["agreement"]
    assert agreed["permission"][0]["action"] == "odrl:read" and agreed["target"] == "ships"
    assert agreed["permission"][0]["constraint"][1]["rightOperand"] == {"@value": 5}


def test_the_same_message_again_is_recognised_in_its_own_form(nodes: TwoNodes) -> None:
    made, pid = puppet.consumer_agreed(nodes)
    plain = puppet.message("ContractAgreementVerificationMessage", providerPid=pid, consumerPid=made.pid)
    spoken = said(plain, dialects.expanded)
    path = f"/negotiations/{pid}/agreement/verification"
    assert [nodes.startup.send(nodes.harbour, path, spoken).status for _ in range(2)] == [200, 200]


def test_an_unknown_context_is_refused_with_what_is_known(nodes: TwoNodes) -> None:
    made, pid = puppet.consumer_agreed(nodes)
    spoken = {"@context": [INLINE, "https://a.example/context.jsonld"], "@type": "dspace:ContractRequestMessage"}
    reply = nodes.startup.send(nodes.harbour, f"/negotiations/{pid}/request", {**spoken, "consumerPid": made.pid})
    assert reply.status == 400 and reply.json["consumerPid"] == made.pid
    assert "@context" in reply.json["reason"][0] and CONTEXT in reply.json["reason"][0]
