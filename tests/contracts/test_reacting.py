"""What happens by itself, as the offer and the request say, between two nodes; and what is agreed on already."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests import puppet
from tests.contracts.test_paths import theirs
from tests.two_nodes import USE, TwoNodes, within

PLAIN = USE["permission"]
NO = {"act": "refuse", "reason": "not this year"}


def at_most(count: int) -> Mapping[str, Any]:
    """Terms that are like no others here."""
    limit = {"leftOperand": "count", "operator": "lteq", "rightOperand": str(count)}
    return {"permission": [{"action": "use", "constraint": [limit]}]}


@pytest.fixture
def nodes(standing: TwoNodes) -> TwoNodes:
    """The same for all tests here: each negotiates for itself."""
    return standing


def begun(nodes: TwoNodes, offered: Mapping[str, Any], asked: Mapping[str, Any] | None = None) -> str:
    """A negotiation with the reactions of the offer and of the request; the town's identifier."""
    offer = nodes.offer(reactions={"negotiation": offered})
    form = {"provider": nodes.harbour.did, "dataset": "ships", "offer": offer, "reuse": False}
    return str(nodes.town.client.post("/api/negotiations", {**form, "reactions": {"negotiation": asked or {}}})["pid"])


def stays(nodes: TwoNodes, pid: str, state: str) -> None:
    """Both sides come into a state, and stay there when all is said."""
    other = theirs(nodes.town, pid)
    for _ in range(2):
        assert nodes.town.negotiation(pid, state)["state"] == nodes.harbour.negotiation(other, state)["state"]
        nodes.port.settle()
        nodes.city.settle()


@pytest.mark.parametrize(
    ("offered", "asked", "state"),
    [
        ({"REQUESTED": ["agree"]}, {}, "FINALIZED"),
        ({"REQUESTED": "agree"}, {"AGREED": "verify"}, "FINALIZED"),
        ({"REQUESTED": ["offer"]}, {"OFFERED": ["accept"]}, "FINALIZED"),
        ({"REQUESTED": ["offer", "agree"]}, {"OFFERED": ["counter"]}, "FINALIZED"),
        ({"REQUESTED": ["offer", "offer", "agree"]}, {"OFFERED": ["counter", "counter"]}, "FINALIZED"),
        ({"REQUESTED": ["offer"]}, {"OFFERED": ["counter", "accept"]}, "FINALIZED"),
        ({"REQUESTED": ["offer"]}, {}, "OFFERED"),
        ({"REQUESTED": ["offer", "ask"]}, {"OFFERED": ["counter"]}, "REQUESTED"),
        ({"REQUESTED": ["ask"]}, {}, "REQUESTED"),
        ({"REQUESTED": ["nothing"]}, {}, "REQUESTED"),
        ({"REQUESTED": ["offer"], "ACCEPTED": ["nothing"]}, {"OFFERED": ["accept"]}, "ACCEPTED"),
        ({}, {"AGREED": ["ask"]}, "AGREED"),
        ({"VERIFIED": ["nothing"]}, {}, "VERIFIED"),
    ],
)
def test_it_goes_by_itself_as_far_as_was_said(
    nodes: TwoNodes, offered: Mapping[str, Any], asked: Mapping[str, Any], state: str
) -> None:
    pid = begun(nodes, offered, asked)
    stays(nodes, pid, state)


@pytest.mark.parametrize(
    ("offered", "asked"),
    [
        ({"REQUESTED": [NO]}, {}),
        ({"REQUESTED": ["offer", NO]}, {"OFFERED": ["counter"]}),
        ({"REQUESTED": ["offer"], "OFFERED": [NO]}, {}),
        ({"REQUESTED": ["offer"], "ACCEPTED": [NO]}, {"OFFERED": ["accept"]}),
        ({"AGREED": [NO]}, {"AGREED": ["nothing"]}),
        ({"VERIFIED": [NO]}, {}),
        ({"REQUESTED": ["nothing"]}, {"REQUESTED": [NO]}),
        ({"REQUESTED": ["offer"]}, {"OFFERED": [NO]}),
        ({"REQUESTED": ["offer"], "ACCEPTED": ["nothing"]}, {"OFFERED": ["accept"], "ACCEPTED": [NO]}),
        ({}, {"AGREED": [NO]}),
        ({"VERIFIED": ["nothing"]}, {"VERIFIED": [NO]}),
    ],
)
def test_a_refusal_in_any_state_arrives_with_its_reason(
    nodes: TwoNodes, offered: Mapping[str, Any], asked: Mapping[str, Any]
) -> None:
    pid = begun(nodes, offered, asked)
    other = theirs(nodes.town, pid)
    found = [nodes.town.negotiation(pid, "TERMINATED"), nodes.harbour.negotiation(other, "TERMINATED")]
    assert [one["reason"] for one in found] == ["not this year"] * 2


def test_an_offer_of_other_terms_is_made_by_itself(nodes: TwoNodes) -> None:
    pid = begun(nodes, {"REQUESTED": [{"act": "offer", "policy": at_most(7)}]}, {"OFFERED": ["accept"]})
    agreement = nodes.town.client.get(f"/api/agreements/{nodes.town.negotiation(pid, 'FINALIZED')['agreement']}")
    assert agreement["policy"]["permission"] == at_most(7)["permission"]


def test_what_was_not_offered_is_never_agreed_to_by_itself(nodes: TwoNodes) -> None:
    counter = {"act": "counter", "policy": at_most(8)}
    pid = begun(nodes, {"REQUESTED": ["offer", "agree"]}, {"OFFERED": [counter]})
    other = theirs(nodes.town, pid)
    found = within(5, lambda: nodes.harbour.negotiation(other), lambda one: one["offer"].get("permission") != PLAIN)
    assert found["state"] == "REQUESTED"
    stays(nodes, pid, "REQUESTED")


def test_what_was_not_offered_is_never_offered_back_by_itself(nodes: TwoNodes) -> None:
    """Else the other side would write the terms that it then accepts."""
    consumer = puppet.puppet(nodes, nodes.startup)
    offer = nodes.offer(at_most(2), reactions={"negotiation": {"REQUESTED": ["offer"]}})
    pid = puppet.request(consumer, offer, at_most(9)).json["providerPid"]
    assert nodes.harbour.negotiation(pid)["state"] == "TERMINATED"
    assert consumer.heard("ContractNegotiationTerminationMessage")["reason"] == [
        f"the requested terms are not those of offer {offer}"
    ]


def test_a_counter_offer_is_never_offered_back_by_itself(nodes: TwoNodes) -> None:
    consumer = puppet.puppet(nodes, nodes.startup)
    offer = nodes.offer(at_most(2), reactions={"negotiation": {"REQUESTED": ["offer", "offer"]}})
    pid = puppet.request(consumer, offer, at_most(2)).json["providerPid"]
    consumer.heard("ContractOfferMessage")
    terms = {"@id": "urn:offer:other", "@type": "Offer", "target": "ships", **at_most(9)}
    assert puppet.consumer_says(consumer, pid, "/request", "ContractRequestMessage", offer=terms).status == 200
    assert nodes.harbour.negotiation(pid)["state"] == "REQUESTED"


# Agreed on already


def asked_again(nodes: TwoNodes, offer: str, **more: Any) -> tuple[int, Any]:
    form = {"provider": nodes.harbour.did, "dataset": "ships", "offer": offer, **more}
    reply = nodes.town.client.ask("POST", "/api/negotiations", form)
    return reply.status, reply.json


def agreed(nodes: TwoNodes, count: int) -> tuple[str, Any]:
    """An offer of terms of its own, and the negotiation that has led to an agreement on them."""
    offer = nodes.offer(at_most(count))
    status, found = asked_again(nodes, offer)
    assert status == 201
    return offer, nodes.town.negotiation(found["pid"], "FINALIZED")


def test_who_asks_for_what_is_agreed_on_gets_that_negotiation(nodes: TwoNodes) -> None:
    offer, first = agreed(nodes, 11)
    sent = len(nodes.network.of("ContractRequestMessage"))
    assert asked_again(nodes, offer) == (200, first)
    assert asked_again(nodes, nodes.offer(at_most(11))) == (200, first), "another offer of the same terms"
    assert len(nodes.network.of("ContractRequestMessage")) == sent


def test_who_wants_a_new_agreement_gets_one(nodes: TwoNodes) -> None:
    offer, first = agreed(nodes, 12)
    status, second = asked_again(nodes, offer, reuse=False)
    assert status == 201
    assert nodes.town.negotiation(second["pid"], "FINALIZED")["agreement"] != first["agreement"]


def test_other_terms_are_a_new_agreement(nodes: TwoNodes) -> None:
    _, first = agreed(nodes, 13)
    status, second = asked_again(nodes, nodes.offer(at_most(14)))
    assert status == 201 and second["pid"] != first["pid"]


def test_after_the_end_of_an_agreement_there_is_a_new_one(nodes: TwoNodes) -> None:
    offer, first = agreed(nodes, 15)
    nodes.town.client.post(f"/api/agreements/{first['agreement']}/end", {"reason": "no use for it"})
    status, second = asked_again(nodes, offer)
    assert status == 201 and second["pid"] != first["pid"]


# What cannot be a reaction


@pytest.mark.parametrize(
    ("reactions", "field"),
    [
        ({"negotiations": {}}, "reactions"),
        ({"negotiation": ["agree"]}, "reactions.negotiation"),
        ({"negotiation": {"FINALIZED": ["nothing"]}}, "reactions.negotiation"),
        ({"negotiation": {"REQUESTED": ["shrug"]}}, "reactions.negotiation.REQUESTED"),
        ({"negotiation": {"REQUESTED": ["accept"]}}, "reactions.negotiation.REQUESTED"),
        ({"negotiation": {"REQUESTED": [None]}}, "reactions.negotiation.REQUESTED"),
        ({"negotiation": {"REQUESTED": [{"act": "refuse", "why": "x"}]}}, "reactions.negotiation.REQUESTED"),
        ({"negotiation": {"REQUESTED": [{"act": "refuse", "reason": 7}]}}, "reactions.negotiation.REQUESTED"),
        ({"negotiation": {"REQUESTED": [{"act": "offer", "policy": "USE"}]}}, "reactions.negotiation.REQUESTED"),
        ({"transfer": {"REQUESTED": ["agree"]}}, "reactions.transfer.REQUESTED"),
    ],
)
def test_what_is_no_reaction_is_refused_by_its_place(nodes: TwoNodes, reactions: Mapping[str, Any], field: str) -> None:
    form = {"dataset": "ships", "policy": USE, "reactions": reactions}
    reply = nodes.harbour.client.ask("POST", "/api/offers", form)
    assert (reply.status, reply.json["code"], reply.json["field"]) == (400, "invalid", field)
    assert reply.json["expected"]


@pytest.mark.parametrize("reactions", [{"negotiation": {"OFFERED": ["agree"]}}, {"transfer": {"REQUESTED": ["start"]}}])
def test_a_consumer_cannot_say_what_the_provider_does(nodes: TwoNodes, reactions: Mapping[str, Any]) -> None:
    form = {"provider": nodes.harbour.did, "dataset": "ships", "offer": nodes.offer(), "reactions": reactions}
    before = nodes.town.client.get("/api/negotiations")
    reply = nodes.town.client.ask("POST", "/api/negotiations", {**form, "reuse": False})
    assert (reply.status, reply.json["code"]) == (400, "invalid")
    assert reply.json["field"].startswith("reactions.")
    assert nodes.town.client.get("/api/negotiations") == before
