"""Either side ends a negotiation, in every state in which it can stand still, and the other one hears why."""

from collections.abc import Callable

import pytest

from tests import puppet
from tests.network import answered, lost
from tests.puppet import Puppet
from tests.two_nodes import TwoNodes, within

Reach = Callable[[TwoNodes], tuple[Puppet, str]]
TERMINATION = "ContractNegotiationTerminationMessage"
WHY = "the budget is gone"

as_provider = pytest.mark.parametrize("reach", [puppet.consumer_requested, puppet.consumer_agreed])
as_consumer = pytest.mark.parametrize(
    "reach",
    [puppet.provider_requested, puppet.provider_offered, puppet.provider_accepted, puppet.provider_verified],
)


@as_provider
def test_the_provider_terminates(nodes: TwoNodes, reach: Reach) -> None:
    consumer, pid = reach(nodes)
    ended = nodes.harbour.client.post(f"/api/negotiations/{pid}/terminate", {"reason": WHY})
    assert (ended["state"], ended["reason"]) == ("TERMINATED", WHY)
    assert consumer.heard(TERMINATION)["reason"] == [WHY]


@as_provider
def test_the_provider_hears_that_the_consumer_terminates(nodes: TwoNodes, reach: Reach) -> None:
    consumer, pid = reach(nodes)
    assert puppet.consumer_says(consumer, pid, "/termination", TERMINATION, reason=[WHY]).status == 200
    found = nodes.harbour.negotiation(pid)
    assert (found["state"], found["reason"]) == ("TERMINATED", WHY)
    assert TERMINATION not in consumer.kinds()


@as_consumer
def test_the_consumer_terminates(nodes: TwoNodes, reach: Reach) -> None:
    provider, pid = reach(nodes)
    ended = nodes.town.client.post(f"/api/negotiations/{pid}/terminate", {"reason": WHY})
    assert (ended["state"], ended["reason"]) == ("TERMINATED", WHY)
    assert provider.heard(TERMINATION)["reason"] == [WHY]


@as_consumer
def test_the_consumer_hears_that_the_provider_terminates(nodes: TwoNodes, reach: Reach) -> None:
    provider, pid = reach(nodes)
    assert puppet.provider_says(provider, pid, "/termination", TERMINATION, reason=[WHY]).status == 200
    found = nodes.town.negotiation(pid)
    assert (found["state"], found["reason"]) == ("TERMINATED", WHY)


def test_a_termination_needs_no_reason(nodes: TwoNodes) -> None:
    consumer, pid = puppet.consumer_requested(nodes)
    assert puppet.consumer_says(consumer, pid, "/termination", TERMINATION).status == 200
    assert nodes.harbour.negotiation(pid)["reason"] is None


def test_what_is_final_stays(nodes: TwoNodes) -> None:
    consumer, pid = puppet.consumer_finalized(nodes)
    assert puppet.consumer_says(consumer, pid, "/termination", TERMINATION, reason=[WHY]).status == 400
    reply = nodes.harbour.client.ask("POST", f"/api/negotiations/{pid}/terminate", {"reason": WHY})
    assert (reply.status, reply.json["code"]) == (400, "protocol")
    assert nodes.harbour.negotiation(pid)["state"] == "FINALIZED"


def test_both_may_terminate_at_once(nodes: TwoNodes) -> None:
    consumer, pid = puppet.consumer_requested(nodes)
    nodes.harbour.client.post(f"/api/negotiations/{pid}/terminate", {"reason": "ours"})
    assert puppet.consumer_says(consumer, pid, "/termination", TERMINATION, reason=["theirs"]).status == 200
    assert nodes.harbour.negotiation(pid)["reason"] == "ours"


def test_a_request_that_is_ended_before_it_is_answered_is_ended_on_the_other_side_too(nodes: TwoNodes) -> None:
    nodes.offer(decision="human")
    nodes.network.fault("ContractRequestMessage", *[lost] * 3)
    pid = nodes.town.negotiate(nodes.harbour)
    nodes.town.client.post(f"/api/negotiations/{pid}/terminate", {"reason": WHY})
    assert nodes.harbour.their("negotiations", "TERMINATED")["reason"] == WHY


def test_an_agreement_that_the_consumer_terminated_is_none(nodes: TwoNodes) -> None:
    provider, pid = puppet.provider_verified(nodes)
    nodes.town.client.post(f"/api/negotiations/{pid}/terminate", {"reason": WHY})
    late = puppet.provider_says(provider, pid, "/events", "ContractNegotiationEventMessage", eventType="FINALIZED")
    assert late.status == 400
    assert nodes.town.client.get("/api/agreements") == []


def test_an_agreement_whose_finalization_is_refused_has_ended(nodes: TwoNodes) -> None:
    """The consumer's termination and our FINALIZED have crossed: the standard has no step for that."""
    nodes.network.fault("ContractNegotiationEventMessage", *[answered(400)] * 20)
    consumer, pid = puppet.consumer_agreed(nodes)
    puppet.consumer_says(consumer, pid, "/agreement/verification", "ContractAgreementVerificationMessage")
    found = within(5, lambda: nodes.harbour.client.get("/api/agreements")[0], lambda one: one["ended"])
    assert "refused" in found["reason"]


def test_who_is_refused_tells_that_it_ended(nodes: TwoNodes) -> None:
    nodes.network.fault("ContractAgreementMessage", *[answered(400, {"reason": ["too long"]})] * 20)
    consumer, pid = puppet.consumer_requested(nodes)
    nodes.harbour.client.post(f"/api/negotiations/{pid}/agree")
    heard = consumer.heard(TERMINATION)
    assert "too long" in heard["reason"][0]
    assert nodes.harbour.negotiation(pid)["state"] == "TERMINATED"
