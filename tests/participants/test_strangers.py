"""Who is not recognised, or not meant, gets one and the same answer everywhere: on every route that there is.

The routes are those of the application: a new one is asked as soon as it is there, and one that is for everybody must
be named here.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import pytest
from starlette.routing import Route

from havre.participants import keys, tokens
from havre.web import NOTHING_HERE
from tests import puppet
from tests.asgi import Client, Reply, ask
from tests.two_nodes import Hosted, TwoNodes

FOR_EVERYBODY = {
    "/healthz",
    "/participants/{slug}/did.json",
    "/participants/{slug}/.well-known/dspace-version",
    "/services/{name}{path:path}",
}
PROTOCOL, API, DATA = "/participants/{slug}/dsp/2025-1/", "/api/", "/participants/{slug}/data/"
NOBODY = "urn:uuid:00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Asked:
    """A method of a route, at something that is there and at something that is not."""

    method: str
    path: str
    there: str
    not_there: str


def routes(nodes: TwoNodes, beginning: str, there: dict[str, str]) -> list[Asked]:
    found = []
    for route in nodes.port.app.routes:
        assert isinstance(route, Route)
        if route.path.startswith(beginning):
            found += [
                Asked(method, route.path, filled(route.path, there), filled(route.path, {"slug": there["slug"]}))
                for method in sorted(route.methods or ())
            ]
    assert found
    return found


def filled(path: str, values: dict[str, str]) -> str:
    """A route's path with its parameters."""
    for name in ("slug", "pid", "id", "dataset", "id:path"):
        path = path.replace(f"{{{name}}}", values.get(name.partition(":")[0], NOBODY))
    assert "{" not in path, f"a parameter that this test does not know: {path}"
    return path


def test_every_route_is_for_somebody_or_named_here(standing: TwoNodes) -> None:
    for route in standing.port.app.routes:
        assert isinstance(route, Route)
        assert route.path in FOR_EVERYBODY or route.path.startswith((PROTOCOL, API, DATA)), route.path


# Our own API


def own(nodes: TwoNodes) -> list[dict[str, str]]:
    """Things of the harbour that are there, each under the names that the parameters of a path have."""
    consumer, pid = puppet.consumer_finalized(nodes)
    agreement = nodes.harbour.client.get("/api/agreements")[0]["id"]
    reply = consumer.say(
        nodes.harbour,
        "/transfers/request",
        "TransferRequestMessage",
        consumerPid=consumer.pid,
        agreementId=agreement,
        format="HttpData-PULL",
        callbackAddress=consumer.callback,
    )
    transfer = reply.json["providerPid"]
    member = nodes.harbour.client.get("/api/members")[0]["id"]
    token = nodes.harbour.client.get("/api/tokens")[0]["id"]
    offer = nodes.harbour.client.get("/api/offers")[0]["id"]
    ids = [agreement, "ships", member, token, offer, nodes.town.did]
    return [{"slug": "harbour", "pid": one, "id": two} for one, two in zip([pid, transfer] * 3, ids, strict=True)]


@pytest.mark.parametrize("kind", ["none", "wrong", "of another node", "not a token", "operator of another node"])
def test_a_stranger_gets_the_same_answer_on_every_route_of_the_api(standing: TwoNodes, kind: str) -> None:
    headers = {
        "none": {},
        "wrong": {"authorization": "Bearer hvr_wrong"},
        "of another node": {"authorization": f"Bearer {standing.tokens['city']}"},
        "not a token": {"authorization": "Basic aGFyYm91cjpoYXJib3Vy"},
        "operator of another node": {"authorization": standing.town.token_for(standing.harbour)},
    }[kind]
    for asked in routes(standing, API, own(standing)[0]):
        for path in (asked.there, asked.not_there):
            assert_nothing_here(ask(standing.port.app, asked.method, path, b"{}", headers), asked)


def assert_nothing_here(reply: Reply, asked: Asked) -> None:
    assert reply.status == 404, (asked, reply)
    assert reply.headers["content-type"] == "application/problem+json"
    body = {"type": "about:blank", "title": "Not Found", "status": 404, "code": "not_found", "detail": NOTHING_HERE}
    assert reply.json == body, asked


def test_a_participant_sees_no_difference_between_what_is_anothers_and_what_is_nobodys(nodes: TwoNodes) -> None:
    terminal = nodes.terminal.client
    for there in own(nodes):
        before = [nodes.harbour.client.get(path) for path in OWN_LISTS]
        for asked in routes(nodes, API, there):
            if asked.there == asked.not_there or asked.method == "HEAD":
                continue
            for body in ({}, {"reason": "x"}):
                theirs, nobodys = (terminal.ask(asked.method, path, body) for path in (asked.there, asked.not_there))
                assert theirs.status == nobodys.status and theirs.status in (400, 404), (asked, theirs)
                assert told(theirs, there) == told(nobodys, there), asked
        assert [nodes.harbour.client.get(path) for path in OWN_LISTS] == before


OWN_LISTS = [f"/api/{what}" for what in ("members", "tokens", "offers", "datasets", "negotiations", "transfers")]


def told(reply: Reply, there: dict[str, str]) -> str:
    """The answer without the identifier that was asked for, which differs of course."""
    text = reply.body.decode()
    for id in (*there.values(), NOBODY):
        text = text.replace(id, "…").replace(unquote(id), "…")
    return text


def test_only_the_operator_sees_the_node(standing: TwoNodes) -> None:
    there = {"slug": "harbour", "id": standing.town.did}
    for asked in routes(standing, "/api/node/", there):
        assert_nothing_here(standing.harbour.client.ask(asked.method, asked.there, {}), asked)
    listed = standing.operator(standing.port).get("/api/node/trust")
    assert standing.town.did in [one["id"] for one in listed]


# The protocol


@dataclass(frozen=True)
class Sender:
    """Somebody whom the harbour does not, or must not, recognise."""

    name: str
    authorization: str | None


def senders(nodes: TwoNodes, charlie: tuple[str, bytes]) -> Iterator[Sender]:
    did, raw = charlie
    now = nodes.clock()

    def issue(sender: str, receiver: str, id: str) -> str:
        key = keys.private_key(raw)
        return "Bearer " + tokens.issue(key, sender=sender, receiver=receiver, now=now, id=id)

    yield Sender("no token", None)
    yield Sender("not a token", "Bearer hvr_x")
    yield Sender("not on the trust list", issue(did, nodes.harbour.did, "1"))
    yield Sender("another's key", issue(nodes.town.did, nodes.harbour.did, "2"))
    yield Sender("for another", nodes.town.token_for(nodes.terminal))
    yield Sender("an API token", f"Bearer {nodes.tokens['harbour']}")
    yield Sender("used before", used(nodes))


def used(nodes: TwoNodes) -> str:
    token = nodes.startup.token_for(nodes.harbour)
    url = f"{nodes.harbour.participant.protocol_url}/catalog/request"
    body = puppet.message("CatalogRequestMessage")
    assert ask(nodes.port.app, "POST", url, json.dumps(body).encode(), {"authorization": token}).status == 200
    return token


def test_a_stranger_gets_the_same_answer_on_every_route_of_the_protocol(nodes: TwoNodes) -> None:
    charlie = ("did:web:charlie.example", keys.new_signing_key())
    consumer, pid = puppet.consumer_requested(nodes)
    there = {"slug": "harbour", "pid": pid, "id": "ships"}
    for sender in senders(nodes, charlie):
        headers = {"authorization": sender.authorization} if sender.authorization else {}
        for asked in routes(nodes, PROTOCOL, there):
            for path in (asked.there, asked.not_there, asked.there.replace("harbour", "nobody")):
                reply = ask(nodes.port.app, asked.method, path, b"{}", headers)
                assert reply.status == 404, (sender.name, asked, reply)
                if asked.method != "HEAD":
                    assert_protocol_error(reply, asked)
    assert consumer.kinds() == []


def assert_protocol_error(reply: Reply, asked: Asked) -> None:
    body = reply.json
    wanted = {
        "catalog": "CatalogError",
        "hosted": "CatalogError",
        "negotiations": "ContractNegotiationError",
        "transfers": "TransferError",
    }
    room = asked.path.removeprefix(PROTOCOL).partition("/")[0]
    assert (body["@type"], body["code"], body["reason"]) == (wanted[room], "not_found", [NOTHING_HERE]), asked


def test_a_known_participant_sees_no_difference_between_anothers_process_and_none(nodes: TwoNodes) -> None:
    """The startup's negotiation, asked for by the terminal."""
    _, pid = puppet.consumer_requested(nodes)
    before = nodes.harbour.negotiation(pid)
    listed = [one for one in routes(nodes, PROTOCOL, {"slug": "harbour", "pid": pid}) if "{pid}" in one.path]
    with ThreadPoolExecutor(16) as pool:  # each waits a moment for a row that might be on its way
        theirs = [pool.submit(as_terminal, nodes, one, one.there) for one in listed]
        nobodys = [pool.submit(as_terminal, nodes, one, one.not_there) for one in listed]
    for asked, one, other in zip(listed, theirs, nobodys, strict=True):
        assert (one.result().status, other.result().status) == (404, 404), asked
        assert told(one.result(), {"pid": pid}) == told(other.result(), {"pid": pid})
    assert nodes.harbour.negotiation(pid) == before


BODIES: dict[str, dict[str, Any]] = {
    "request": {"@type": "ContractRequestMessage", "offer": {"@id": "o", "@type": "Offer", "target": "ships"}},
    "offers": {"@type": "ContractOfferMessage", "offer": {"@id": "o", "@type": "Offer", "target": "ships"}},
    "agreement": {
        "@type": "ContractAgreementMessage",
        "agreement": {"@id": "o", "@type": "Agreement", "target": "ships"},
    },
    "verification": {"@type": "ContractAgreementVerificationMessage"},
    "events": {"@type": "ContractNegotiationEventMessage", "eventType": "ACCEPTED"},
    "start": {"@type": "TransferStartMessage"},
    "suspension": {"@type": "TransferSuspensionMessage"},
    "completion": {"@type": "TransferCompletionMessage"},
}


def as_terminal(nodes: TwoNodes, asked: Asked, path: str) -> Reply:
    """A message that is right in itself, of somebody whom it is not about."""
    terminal, last = nodes.terminal, asked.path.rpartition("/")[2]
    kind = "Transfer" if "/transfers/" in path else "ContractNegotiation"
    body = BODIES.get(last, {"@type": f"{kind}TerminationMessage"})
    raw = b"" if asked.method != "POST" else json.dumps({"providerPid": "p", "consumerPid": "c", **body}).encode()
    return terminal.signed(asked.method, f"http://{nodes.port.host}{path}", nodes.harbour, raw)


def test_what_was_sent_before_tells_nothing_when_another_sends_it_again(nodes: TwoNodes) -> None:
    """A captured message, token and all, is refused before it is looked at: its step would be refused as such now."""
    consumer, pid = puppet.consumer_requested(nodes)
    nodes.harbour.client.post(f"/api/negotiations/{pid}/agree")
    consumer.heard("ContractAgreementMessage")
    token = consumer.actor.token_for(nodes.harbour)
    body = puppet.message("ContractAgreementVerificationMessage", providerPid=pid, consumerPid=consumer.pid)
    path = f"/negotiations/{pid}/agreement/verification"
    assert consumer.actor.send(nodes.harbour, path, body, token=token).status == 200
    for again in (body, {**body, "@type": "ContractNegotiationEventMessage"}, {**body, "providerPid": "urn:other"}):
        assert consumer.actor.send(nodes.harbour, path, again, token=token).status == 404


# Rows


@pytest.mark.parametrize("token", [None, "hva_wrong", "hvr_wrong"])
def test_a_stranger_gets_the_same_answer_where_the_rows_are(standing: TwoNodes, token: str | None) -> None:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    for asked in routes(standing, DATA, {"slug": "harbour", "dataset": "ships"}):
        for path in (asked.there, asked.not_there):
            assert_nothing_here(ask(standing.port.app, asked.method, path, b"", headers), asked)


def test_a_token_opens_only_what_it_was_given_for(nodes: TwoNodes) -> None:
    nodes.offer()
    access = nodes.town.access(nodes.town.started(nodes.town.agreement_with(nodes.harbour)))
    headers = {"authorization": f"Bearer {access['token']}"}
    assert ask(nodes.port.app, "GET", access["endpoint"], b"", headers).status == 200
    for elsewhere in ("harbour/data/trucks", "terminal/data/ships"):
        assert ask(nodes.port.app, "GET", f"/participants/{elsewhere}", b"", headers).status == 404


def test_a_removed_member_is_a_stranger(nodes: TwoNodes) -> None:
    admin = nodes.harbour.client
    member = admin.post("/api/members", {"name": "A reader", "role": "reader"})["id"]
    reader = Client(nodes.port.app, admin.post("/api/tokens", {"member": member})["token"])
    assert reader.ask("GET", "/api/negotiations").status == 200
    admin.delete(f"/api/members/{member}")
    assert reader.ask("GET", "/api/negotiations").status == 404


def test_a_revoked_token_ends_at_once_everywhere(nodes: TwoNodes) -> None:
    admin = nodes.harbour.client
    issued = admin.post("/api/tokens", {"member": admin.get("/api/members")[0]["id"]})
    bearer, waiting = Client(nodes.port.app, issued["token"]), f"/api/negotiations/{NOBODY}?wait=0"
    assert bearer.ask("GET", "/api/negotiations").status == 200
    assert bearer.ask("GET", waiting).json["detail"] != NOTHING_HERE  # who is known learns what was not found
    admin.delete(f"/api/tokens/{issued['id']}")
    assert bearer.ask("GET", "/api/negotiations").status == 404
    assert bearer.ask("GET", waiting).json["detail"] == NOTHING_HERE


def test_a_sender_that_is_trusted_no_more_is_refused_at_once(nodes: TwoNodes) -> None:
    nodes.offer()
    nodes.startup.agreement_with(nodes.harbour)
    path = f"/negotiations/{nodes.harbour.their('negotiations')['pid']}"
    assert nodes.startup.look(nodes.harbour, path).status == 200
    nodes.operator(nodes.port).delete(f"/api/node/trust/{quote(nodes.startup.did, safe='')}")
    assert nodes.startup.look(nodes.harbour, path).status == 404


def test_a_reader_is_denied_with_a_reason_and_changes_nothing(nodes: TwoNodes) -> None:
    admin: Hosted = nodes.harbour
    consumer, pid = puppet.consumer_requested(nodes)
    member = admin.client.post("/api/members", {"name": "A reader", "role": "reader"})["id"]
    reader = Client(nodes.port.app, admin.client.post("/api/tokens", {"member": member})["token"])
    reply = reader.ask("POST", f"/api/negotiations/{pid}/agree")
    assert (reply.status, reply.json["code"]) == (403, "denied") and reply.json["reasons"]
    assert admin.negotiation(pid)["state"] == "REQUESTED"
    assert consumer.kinds() == []
