"""The other side of a negotiation or transfer, played by the test: it says what it is told to, and takes everything.

Its messages are signed by a participant of the test, but nothing of that participant's node is behind them: so a node
can be held in any state, and be told what no good peer would say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from havre.web import application
from tests.asgi import Reply
from tests.two_nodes import USE, Hosted, TwoNodes, within

CONTEXT = "https://w3id.org/dspace/2025/1/context.jsonld"
ADDRESS = "puppet:1"
_numbers = count(1)


def message(type_: str, **members: Any) -> dict[str, Any]:
    return {"@context": [CONTEXT], "@type": type_, **members}


@dataclass
class Puppet:
    """``actor`` signs for it. ``got`` is what the node said to it, oldest first."""

    nodes: TwoNodes
    actor: Hosted
    pid: str
    got: list[Mapping[str, Any]]

    @property
    def callback(self) -> str:
        return f"http://{ADDRESS}/dsp"

    def kinds(self) -> list[str]:
        return [str(one["@type"]) for one in self.got]

    def heard(self, type_: str) -> Mapping[str, Any]:
        """The newest message of a type, as soon as there is one."""
        found = within(5, lambda: [one for one in self.got if one["@type"] == type_], lambda listed: listed)
        return found[-1]

    def say(self, to: Hosted, path: str, type_: str, **members: Any) -> Reply:
        return self.actor.send(to, path, message(type_, **members))


def puppet(nodes: TwoNodes, actor: Hosted) -> Puppet:
    """A puppet that listens at its own address."""
    got: list[Mapping[str, Any]] = []
    made = Puppet(nodes, actor, f"urn:puppet:{next(_numbers)}", got)

    async def take(request: Request) -> Response:
        body = await request.json()
        got.append(body)
        answer = {
            "ContractRequestMessage": ("ContractNegotiation", "REQUESTED"),
            "TransferRequestMessage": ("TransferProcess", "REQUESTED"),
        }.get(body["@type"])
        if answer is None:
            return Response()
        type_, state = answer
        shape = message(type_, providerPid=made.pid, consumerPid=body["consumerPid"], state=state)
        return JSONResponse(shape, status_code=201)

    nodes.network.apps[ADDRESS] = application([Route("/{path:path}", take, methods=["POST"])])
    return made


# A consumer's puppet before a real provider, the harbour


def request(made: Puppet, offer: str, rules: Mapping[str, Any] = USE, **more: Any) -> Reply:
    """The puppet's request for an offer of ``ships``."""
    wanted = {"@id": offer, "@type": "Offer", "target": "ships", **rules}
    members = {"consumerPid": made.pid, "offer": wanted, "callbackAddress": made.callback, **more}
    return made.say(made.nodes.harbour, "/negotiations/request", "ContractRequestMessage", **members)


def consumer_requested(nodes: TwoNodes) -> tuple[Puppet, str]:
    """A request of a puppet that a person of the harbour has not answered yet; the harbour's identifier of it."""
    made = puppet(nodes, nodes.startup)
    reply = request(made, nodes.offer(decision="human"))
    assert reply.status == 201, reply
    return made, str(reply.json["providerPid"])


def consumer_agreed(nodes: TwoNodes) -> tuple[Puppet, str]:
    made, pid = consumer_requested(nodes)
    nodes.harbour.client.post(f"/api/negotiations/{pid}/agree")
    made.heard("ContractAgreementMessage")
    return made, pid


def consumer_finalized(nodes: TwoNodes) -> tuple[Puppet, str]:
    made, pid = consumer_agreed(nodes)
    reply = consumer_says(made, pid, "/agreement/verification", "ContractAgreementVerificationMessage")
    assert reply.status == 200, reply
    made.heard("ContractNegotiationEventMessage")
    return made, pid


def consumer_says(made: Puppet, pid: str, path: str, type_: str, **members: Any) -> Reply:
    pids = {"providerPid": pid, "consumerPid": made.pid}
    return made.say(made.nodes.harbour, f"/negotiations/{pid}{path}", type_, **{**pids, **members})


# A provider's puppet before a real consumer, the city


def provider_requested(nodes: TwoNodes) -> tuple[Puppet, str]:
    """A request of the city to a puppet; the city's identifier of it."""
    made = puppet(nodes, nodes.harbour)
    nodes.network.route(nodes.harbour.participant.protocol_url, made.callback)
    offer = {"@id": "urn:offer:1", "@type": "Offer", **USE}
    form = {"provider": nodes.harbour.did, "dataset": "ships", "offer": offer, "reuse": False}
    pid = nodes.town.client.post("/api/negotiations", form)["pid"]
    made.heard("ContractRequestMessage")
    # its answer is stored a moment later
    within(5, lambda: nodes.town.node.read(_answered, pid), lambda found: found)
    return made, str(pid)


def _answered(conn: Any, pid: str) -> str | None:
    from havre.contracts.store import load

    return load(conn, "city", pid).peer_pid


def provider_offered(nodes: TwoNodes) -> tuple[Puppet, str]:
    made, pid = provider_requested(nodes)
    offer = {"@id": "urn:offer:2", "@type": "Offer", "target": "ships", **USE}
    assert provider_says(made, pid, "/offers", "ContractOfferMessage", offer=offer).status == 200
    return made, pid


def provider_accepted(nodes: TwoNodes) -> tuple[Puppet, str]:
    made, pid = provider_offered(nodes)
    nodes.town.client.post(f"/api/negotiations/{pid}/accept")
    made.heard("ContractNegotiationEventMessage")
    return made, pid


def provider_verified(nodes: TwoNodes) -> tuple[Puppet, str]:
    made, pid = provider_requested(nodes)
    assert provider_says(made, pid, "/agreement", "ContractAgreementMessage", agreement=agreement(nodes)).status == 200
    made.heard("ContractAgreementVerificationMessage")
    return made, pid


def provider_finalized(nodes: TwoNodes) -> tuple[Puppet, str]:
    made, pid = provider_verified(nodes)
    reply = provider_says(made, pid, "/events", "ContractNegotiationEventMessage", eventType="FINALIZED")
    assert reply.status == 200, reply
    return made, pid


def provider_says(made: Puppet, pid: str, path: str, type_: str, **members: Any) -> Reply:
    pids = {"providerPid": made.pid, "consumerPid": pid}
    return made.say(made.nodes.town, f"/negotiations/{pid}{path}", type_, **{**pids, **members})


def agreement(nodes: TwoNodes, **changes: Any) -> dict[str, Any]:
    """The agreement between harbour and city that is right for ``USE``."""
    return {
        "@id": f"urn:agreement:{next(_numbers)}",
        "@type": "Agreement",
        "target": "ships",
        "assigner": nodes.harbour.did,
        "assignee": nodes.town.did,
        "timestamp": "2026-03-02T12:00:00Z",
        **USE,
        **changes,
    }
