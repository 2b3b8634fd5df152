"""What comes twice, too early, out of order or broken changes nothing that it should not."""

import threading
import time
from typing import Any

import pytest

from havre.contracts import store
from havre.contracts.model import Negotiation
from havre.contracts.negotiation import Role, State
from tests import puppet
from tests.engines import on_both
from tests.network import answer_held, answer_lost, doubled
from tests.puppet import USE, Puppet
from tests.two_nodes import TwoNodes

__all__ = ["on_both"]

STEPS = [
    "ContractRequestMessage",
    "ContractAgreementMessage",
    "ContractAgreementVerificationMessage",
    "ContractNegotiationEventMessage",
]
VERIFICATION, EVENT, OFFER = (
    "ContractAgreementVerificationMessage",
    "ContractNegotiationEventMessage",
    "ContractOfferMessage",
)


def assert_agreed_once(nodes: TwoNodes, agreement: str) -> None:
    for side in (nodes.town, nodes.harbour):
        assert [one["id"] for one in side.client.get("/api/agreements")] == [agreement]
        assert [one["state"] for one in side.client.get("/api/negotiations")] == ["FINALIZED"]


# Twice


@pytest.mark.parametrize("step", STEPS)
def test_a_message_whose_answer_was_lost_is_sent_again_and_changes_nothing(nodes: TwoNodes, step: str) -> None:
    nodes.offer()
    nodes.network.fault(step, answer_lost, answer_lost)
    agreement = nodes.town.agreement_with(nodes.harbour)
    nodes.city.settle()
    nodes.port.settle()
    again = nodes.network.of(step)
    assert [sent.status for sent in again][-1] in (200, 201) and len(again) == 3
    assert len({str(sent.body) for sent in again}) == 1
    assert_agreed_once(nodes, agreement)


@pytest.mark.parametrize("step", STEPS)
def test_a_request_that_the_network_doubles_changes_nothing(nodes: TwoNodes, step: str) -> None:
    nodes.offer()
    nodes.network.fault(step, doubled)
    agreement = nodes.town.agreement_with(nodes.harbour)
    assert len(nodes.network.of(step)) == 1
    assert_agreed_once(nodes, agreement)


def test_a_request_that_is_repeated_gets_the_same_answer(nodes: TwoNodes) -> None:
    offer = nodes.offer(decision="human")
    consumer = puppet.puppet(nodes, nodes.startup)
    first, second = (puppet.request(consumer, offer) for _ in range(2))
    assert (first.status, first.json) == (second.status, second.json)
    assert len(nodes.harbour.client.get("/api/negotiations")) == 1


def test_a_counter_offer_may_come_back_to_what_was_asked_before(nodes: TwoNodes) -> None:
    """The same text is no repetition where it is a step again."""
    provider, pid = puppet.provider_requested(nodes)
    offer = {"@id": "urn:offer:2", "@type": "Offer", "target": "ships", **USE}
    assert puppet.provider_says(provider, pid, "/offers", OFFER, offer=offer).status == 200
    nodes.town.client.post(f"/api/negotiations/{pid}/counter", {"policy": USE})
    assert puppet.provider_says(provider, pid, "/offers", OFFER, offer=offer).status == 200
    assert nodes.town.negotiation(pid)["state"] == "OFFERED"


# Out of order


@pytest.mark.parametrize(
    ("path", "type_", "members"),
    [
        ("/agreement/verification", VERIFICATION, {}),
        ("/events", EVENT, {"eventType": "ACCEPTED"}),
        ("/events", EVENT, {"eventType": "FINALIZED"}),
        (
            "/agreement",
            "ContractAgreementMessage",
            {"agreement": {"@id": "a", "@type": "Agreement", "target": "ships"}},
        ),
        ("/offers", OFFER, {"offer": {"@id": "o", "@type": "Offer", "target": "ships", **USE}}),
        ("/request", "ContractRequestMessage", {"offer": {"@id": "o", "@type": "Offer", "target": "ships", **USE}}),
    ],
)
def test_a_step_that_the_standard_does_not_have_is_refused(
    nodes: TwoNodes, path: str, type_: str, members: dict[str, Any]
) -> None:
    consumer, pid = puppet.consumer_requested(nodes)
    before = nodes.harbour.negotiation(pid)
    reply = puppet.consumer_says(consumer, pid, path, type_, **members)
    assert (reply.status, reply.json["@type"], reply.json["code"]) == (400, "ContractNegotiationError", "protocol")
    assert nodes.harbour.negotiation(pid) == before


def test_nothing_is_finalized_before_it_is_verified(nodes: TwoNodes) -> None:
    provider, pid = puppet.provider_requested(nodes)
    reply = puppet.provider_says(provider, pid, "/events", EVENT, eventType="FINALIZED")
    assert reply.status == 400
    assert nodes.town.client.get("/api/agreements") == []


# Too early


def test_an_agreement_may_overtake_the_answer_to_the_request(nodes: TwoNodes) -> None:
    nodes.offer()
    let_go = threading.Event()
    nodes.network.fault("ContractRequestMessage", answer_held(let_go))
    pid = nodes.town.negotiate(nodes.harbour)
    assert nodes.town.negotiation(pid, "VERIFIED")
    let_go.set()
    assert nodes.town.negotiation(pid, "FINALIZED")


def test_a_message_waits_for_the_row_that_it_is_about(nodes: TwoNodes) -> None:
    consumer = puppet.puppet(nodes, nodes.startup)
    replies = []
    members = {"path": "/termination", "type_": "ContractNegotiationTerminationMessage"}
    early = threading.Thread(target=lambda: replies.append(puppet.consumer_says(consumer, "urn:late", **members)))
    early.start()
    time.sleep(0.05)
    insert(nodes, consumer, "urn:late")
    early.join()
    assert replies[0].status == 200
    assert nodes.harbour.negotiation("urn:late")["state"] == "TERMINATED"


def insert(nodes: TwoNodes, consumer: Puppet, pid: str) -> None:
    now = nodes.clock()
    row = Negotiation(
        pid=pid,
        participant="harbour",
        role=Role.PROVIDER,
        state=State.REQUESTED,
        counterparty=consumer.actor.did,
        peer_pid=consumer.pid,
        peer_url=consumer.callback,
        dataset="ships",
        offer={},
        reactions={},
        created=now,
        updated=now,
    )
    nodes.port.context.database.write(lambda conn: store.insert(conn, row))


def test_it_does_not_wait_for_ever(nodes: TwoNodes) -> None:
    consumer = puppet.puppet(nodes, nodes.startup)
    started = time.monotonic()
    reply = puppet.consumer_says(consumer, "urn:never", "/termination", "ContractNegotiationTerminationMessage")
    assert reply.status == 404
    assert nodes.port.settings.wait_for_row_seconds <= time.monotonic() - started < 2


# More than we know


def test_unknown_members_of_an_offer_are_kept_in_the_agreement_of_both_sides(nodes: TwoNodes) -> None:
    more = {"dct:title": "Ships", "type": "x", "id": "y", "target": "ships", "profile": "https://example.org/profile"}
    offer = {"@id": nodes.offer(), "@type": "Offer", **USE, **more}
    form = {"provider": nodes.harbour.did, "dataset": "ships", "offer": offer}
    pid = nodes.town.client.post("/api/negotiations", form)["pid"]
    agreement = nodes.town.negotiation(pid, "FINALIZED")["agreement"]
    for side in (nodes.town, nodes.harbour):
        terms = side.client.get(f"/api/agreements/{agreement}")["policy"]
        assert {name: terms.get(name) for name in more} == more


def test_unknown_members_of_a_message_are_no_matter(nodes: TwoNodes) -> None:
    consumer = puppet.puppet(nodes, nodes.startup)
    assert puppet.request(consumer, nodes.offer(), priority="high", type=7).status == 201


# Broken

GOOD_OFFER = {"@id": "urn:o", "@type": "Offer", "target": "ships", **USE}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"@type": "ContractOfferMessage"}, "@type"),
        ({"@type": None}, "@type"),
        ({"consumerPid": None}, "consumerPid"),
        ({"consumerPid": ""}, "consumerPid"),
        ({"consumerPid": 7}, "consumerPid"),
        ({"offer": None}, "offer"),
        ({"offer": "urn:o"}, "offer"),
        ({"offer": {**GOOD_OFFER, "@id": None}}, "offer.@id"),
        ({"offer": {**GOOD_OFFER, "target": {}}}, "offer.target"),
        ({"callbackAddress": None}, "callbackAddress"),
        ({"callbackAddress": "ftp://example.org"}, "callbackAddress"),
        ({"callbackAddress": "localhost:1"}, "callbackAddress"),
        ({"callbackAddress": "http://[::1"}, "callbackAddress"),
    ],
)
def test_a_broken_request_is_told_which_field_is_wrong(standing: TwoNodes, changes: dict[str, Any], field: str) -> None:
    consumer = puppet.puppet(standing, standing.startup)
    offer = {**GOOD_OFFER, "@id": standing.offer()}
    members = {"consumerPid": consumer.pid, "offer": offer, "callbackAddress": consumer.callback, **changes}
    whole = puppet.message("ContractRequestMessage", **members)
    present = {name: value for name, value in whole.items() if value is not None}
    reply = consumer.actor.send(standing.harbour, "/negotiations/request", present)
    assert (reply.status, reply.json["@type"], reply.json["code"]) == (400, "ContractNegotiationError", "invalid")
    assert reply.json["reason"][0].startswith(f"{field}: ")
    assert standing.harbour.client.get("/api/negotiations") == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"@type":"ContractRequestMessage","consumerPid":"\\ud800"}',
        b'{"@type":"ContractRequestMessage","consumerPid":NaN}',
        b'{"a":' + b"[" * 100_000,
        b'{"@type":"ContractRequestMessage","offer":' + b"[" * 900 + b"]" * 900 + b"}",
    ],
    ids=["empty", "cut", "list", "null", "bytes", "half a character", "nan", "endless", "deep"],
)
def test_what_is_no_json_object_is_refused(standing: TwoNodes, raw: bytes) -> None:
    reply = standing.startup.send(standing.harbour, "/negotiations/request", raw)
    assert (reply.status, reply.json["@type"]) == (400, "ContractNegotiationError")


def test_a_policy_that_cannot_be_read_refuses_the_request_with_the_place(nodes: TwoNodes) -> None:
    consumer = puppet.puppet(nodes, nodes.startup)
    constraint = {"leftOperand": "count", "operator": "about", "rightOperand": "5"}
    rules = {"permission": [{"action": "use", "constraint": [constraint]}]}
    assert puppet.request(consumer, nodes.offer(), rules).status == 201
    assert "permission.0.constraint.0.operator" in consumer.heard("ContractNegotiationTerminationMessage")["reason"][0]


def test_identifiers_that_do_not_belong_together_are_told(nodes: TwoNodes) -> None:
    consumer, pid = puppet.consumer_agreed(nodes)
    for changes, field in ({"consumerPid": "urn:other"}, "consumerPid"), ({"providerPid": "urn:other"}, "providerPid"):
        reply = puppet.consumer_says(consumer, pid, "/agreement/verification", VERIFICATION, **changes)
        assert reply.status == 400 and reply.json["reason"][0].startswith(f"{field}: ")
    assert nodes.harbour.negotiation(pid)["state"] == "AGREED"


def test_a_counter_offer_is_about_the_same_dataset(nodes: TwoNodes) -> None:
    provider, pid = puppet.provider_requested(nodes)
    offer = {"@id": "urn:offer:2", "@type": "Offer", "target": "trucks", **USE}
    reply = puppet.provider_says(provider, pid, "/offers", OFFER, offer=offer)
    assert reply.status == 400 and reply.json["reason"][0].startswith("offer.target: ")
    assert nodes.town.negotiation(pid)["state"] == "REQUESTED"


# The other way round: the provider begins


def test_an_offer_that_was_not_asked_for_waits_for_a_person(nodes: TwoNodes) -> None:
    provider = puppet.puppet(nodes, nodes.harbour)
    members = {"providerPid": provider.pid, "offer": GOOD_OFFER, "callbackAddress": provider.callback}
    replies = [provider.say(nodes.town, "/negotiations/offers", OFFER, **members) for _ in range(2)]
    assert replies[0].status == 201 and replies[0].json == replies[1].json
    pid = replies[0].json["consumerPid"]
    assert nodes.town.negotiation(pid)["state"] == "OFFERED"
    nodes.town.client.post(f"/api/negotiations/{pid}/accept")
    assert provider.heard(EVENT)["eventType"] == "ACCEPTED"


def test_the_other_side_may_look_at_its_negotiation(nodes: TwoNodes) -> None:
    consumer, pid = puppet.consumer_requested(nodes)
    reply = consumer.actor.look(nodes.harbour, f"/negotiations/{pid}")
    assert (reply.status, reply.json["state"], reply.json["consumerPid"]) == (200, "REQUESTED", consumer.pid)
