"""From a request to an agreement, between two nodes."""

from typing import Any

import pytest

from tests.puppet import agreement, provider_requested, provider_says
from tests.two_nodes import USE, TwoNodes

FOR_PILOTS: dict[str, Any] = {
    "permission": [
        {
            "action": "use",
            "constraint": [{"leftOperand": "membership", "operator": "isAnyOf", "rightOperand": ["pilots"]}],
        }
    ]
}


def test_terms_alone_lead_to_the_same_agreement_on_both_sides(nodes: TwoNodes) -> None:
    nodes.offer()
    agreement = nodes.town.agreement_with(nodes.harbour)
    ours = nodes.town.client.get(f"/api/agreements/{agreement}")
    theirs = nodes.harbour.client.get(f"/api/agreements/{agreement}")
    assert ours["policy"] == theirs["policy"]
    assert (ours["role"], theirs["role"]) == ("consumer", "provider")
    assert ours["policy"]["permission"] == USE["permission"]
    assert ours["policy"]["target"] == ours["dataset"] == theirs["dataset"] == "ships"
    assert (ours["policy"]["assigner"], ours["policy"]["assignee"]) == (nodes.harbour.did, nodes.town.did)
    assert nodes.harbour.their("negotiations", "FINALIZED")["agreement"] == agreement


def test_the_messages_are_those_of_the_standard_in_its_order(nodes: TwoNodes) -> None:
    nodes.offer()
    nodes.town.agreement_with(nodes.harbour)
    assert [kind for kind in nodes.network.kinds() if kind.startswith("Contract")] == [
        "ContractRequestMessage",
        "ContractAgreementMessage",
        "ContractAgreementVerificationMessage",
        "ContractNegotiationEventMessage",
    ]


def test_each_step_is_in_the_audit_log_of_both_sides(nodes: TwoNodes) -> None:
    nodes.offer()
    nodes.town.agreement_with(nodes.harbour)
    steps = ["request", "agreement", "verification", "finalized"]
    ours = [one["event"] for one in nodes.town.audit("negotiation:")]
    theirs = [one["event"] for one in nodes.harbour.audit("negotiation:")]
    heard = {"request": "sent", "agreement": "received", "verification": "sent", "finalized": "received"}
    said = {"request": "received", "agreement": "sent", "verification": "received", "finalized": "sent"}
    assert ours == [f"negotiation:{step}:{heard[step]}" for step in steps]
    assert theirs == [f"negotiation:{step}:{said[step]}" for step in steps]


def test_two_participants_of_one_node_agree_as_those_of_two(nodes: TwoNodes) -> None:
    nodes.offer()
    agreement = nodes.terminal.agreement_with(nodes.harbour)
    ours = nodes.terminal.client.get(f"/api/agreements/{agreement}")
    assert ours["policy"] == nodes.harbour.client.get(f"/api/agreements/{agreement}")["policy"]
    assert nodes.network.kinds().count("ContractAgreementMessage") == 1


def test_terms_that_cannot_be_met_refuse_and_their_reason_reaches_the_consumer(nodes: TwoNodes) -> None:
    nodes.offer(FOR_PILOTS)
    ours = nodes.town.negotiation(nodes.town.negotiate(nodes.harbour), "TERMINATED")
    assert "membership isAnyOf pilots is required" in ours["reason"]
    assert nodes.harbour.their("negotiations", "TERMINATED")["reason"] == ours["reason"]
    assert nodes.town.client.get("/api/agreements") == nodes.harbour.client.get("/api/agreements") == []


def test_what_only_an_access_can_tell_does_not_stop_a_negotiation(nodes: TwoNodes) -> None:
    purpose = {"leftOperand": "purpose", "operator": "isAnyOf", "rightOperand": ["research"]}
    nodes.offer({"permission": [{"action": "use", "constraint": [purpose]}]})
    assert nodes.town.agreement_with(nodes.harbour)


@pytest.mark.parametrize(
    "changed",
    [
        {"permission": [{"action": "distribute"}]},
        {"permission": [{"action": "use"}, {"action": "distribute"}]},
        {"permission": [{"action": "use"}], "obligation": [{"action": "compensate"}]},
    ],
    ids=["other", "more", "duty"],
)
def test_changed_terms_are_refused(nodes: TwoNodes, changed: dict[str, Any]) -> None:
    offer = {"@id": nodes.offer(), "@type": "Offer", **changed}
    pid = nodes.town.client.post(
        "/api/negotiations", {"provider": nodes.harbour.did, "dataset": "ships", "offer": offer}
    )["pid"]
    assert "are not those of offer" in nodes.town.negotiation(pid, "TERMINATED")["reason"]


def test_a_person_agrees(nodes: TwoNodes) -> None:
    nodes.offer(decision="human")
    pid = nodes.town.negotiate(nodes.harbour)
    theirs = nodes.harbour.their("negotiations", "REQUESTED")
    assert nodes.town.negotiation(pid)["state"] == "REQUESTED"
    nodes.harbour.client.post(f"/api/negotiations/{theirs['pid']}/agree")
    assert nodes.town.negotiation(pid, "FINALIZED")["agreement"]


def test_a_person_refuses_and_the_reason_reaches_the_consumer(nodes: TwoNodes) -> None:
    nodes.offer(decision="human")
    pid = nodes.town.negotiate(nodes.harbour)
    theirs = nodes.harbour.their("negotiations", "REQUESTED")
    nodes.harbour.client.post(f"/api/negotiations/{theirs['pid']}/refuse", {"reason": "not before the regatta"})
    assert nodes.town.negotiation(pid, "TERMINATED")["reason"] == "not before the regatta"


def test_who_asks_cannot_agree_for_the_other(nodes: TwoNodes) -> None:
    nodes.offer(decision="human")
    pid = nodes.town.negotiate(nodes.harbour)
    for step in ("agree", "refuse"):
        reply = nodes.town.client.ask("POST", f"/api/negotiations/{pid}/{step}", {"reason": "x"})
        assert (reply.status, reply.json["code"]) == (400, "protocol")
    assert nodes.town.negotiation(pid)["state"] == "REQUESTED"


def test_nobody_negotiates_with_himself(nodes: TwoNodes) -> None:
    form = {"provider": nodes.harbour.did, "dataset": "ships", "offer": {"@id": nodes.offer(), **USE}}
    reply = nodes.harbour.client.ask("POST", "/api/negotiations", form)
    assert (reply.status, reply.json["field"]) == (400, "provider")


# A provider that does not keep its word


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"permission": [{"action": "display"}]}, "rules"),
        ({"prohibition": [{"action": "distribute"}]}, "rules"),
        ({"target": "trucks"}, "target"),
        ({"assignee": "did:web:somebody.example"}, "assignee"),
        ({"assigner": "did:web:somebody.example"}, "assigner"),
        ({"permission": []}, "permission"),
    ],
)
def test_an_agreement_that_is_not_what_was_offered_is_refused(
    nodes: TwoNodes, changed: dict[str, Any], why: str
) -> None:
    provider, pid = provider_requested(nodes)
    wrong = agreement(nodes, **changed)
    assert provider_says(provider, pid, "/agreement", "ContractAgreementMessage", agreement=wrong).status == 200
    ours = nodes.town.negotiation(pid)
    assert ours["state"] == "TERMINATED" and why in ours["reason"]
    assert provider.heard("ContractNegotiationTerminationMessage")["reason"] == ours["reason"].split("; ")


def test_an_agreement_under_the_identifier_of_another_is_refused(nodes: TwoNodes) -> None:
    first = nodes.town.agreement_with(nodes.harbour, nodes.offer())
    provider, pid = provider_requested(nodes)
    again = agreement(nodes, **{"@id": first})
    assert provider_says(provider, pid, "/agreement", "ContractAgreementMessage", agreement=again).status == 200
    ours = nodes.town.negotiation(pid)
    assert ours["state"] == "TERMINATED" and first in ours["reason"]
