"""A transfer from its request to its end, between two nodes, and what the other side may get wrong."""

import threading
from typing import Any

import pytest

from tests import puppet
from tests.asgi import Reply
from tests.engines import on_both
from tests.network import answer_held, answer_lost, answered, doubled, lost
from tests.puppet import Puppet
from tests.two_nodes import TwoNodes

__all__ = ["on_both"]

REQUEST, START = "TransferRequestMessage", "TransferStartMessage"


def consumer(nodes: TwoNodes) -> tuple[Puppet, dict[str, Any]]:
    """A puppet with an agreement of the harbour, and the members of its request under it."""
    made, _ = puppet.consumer_finalized(nodes)
    members = {
        "consumerPid": "urn:puppet:transfer",
        "agreementId": nodes.harbour.client.get("/api/agreements")[0]["id"],
        "format": "HttpData-PULL",
        "callbackAddress": made.callback,
    }
    return made, members


def ask_for(made: Puppet, members: dict[str, Any]) -> Reply:
    return made.say(made.nodes.harbour, "/transfers/request", REQUEST, **members)


def started(nodes: TwoNodes) -> tuple[Puppet, str]:
    made, members = consumer(nodes)
    pid = ask_for(made, members).json["providerPid"]
    made.heard(START)
    return made, pid


def says(made: Puppet, pid: str, step: str, **members: Any) -> Reply:
    pids = {"providerPid": pid, "consumerPid": "urn:puppet:transfer"}
    path = f"/transfers/{pid}/{step}"
    return made.say(made.nodes.harbour, path, f"Transfer{step.capitalize()}Message", **{**pids, **members})


# From the request to the start


def test_each_step_is_in_the_audit_log_of_both_sides(nodes: TwoNodes, transfer: str) -> None:
    nodes.port.settle()
    assert [one["event"] for one in nodes.town.audit("transfer:")] == [
        "transfer:request:sent",
        "transfer:start:received",
    ]
    assert [one["event"] for one in nodes.harbour.audit("transfer:")] == [
        "transfer:request:received",
        "transfer:start:sent",
    ]


@pytest.mark.parametrize("step", [REQUEST, START])
@pytest.mark.parametrize("fault", [lost, answer_lost, doubled])
def test_a_fault_of_the_network_makes_no_second_transfer(
    nodes: TwoNodes, agreement: str, step: str, fault: Any
) -> None:
    nodes.network.fault(step, fault)
    nodes.town.started(agreement)
    nodes.port.settle()
    for side in (nodes.town, nodes.harbour):
        assert [one["state"] for one in side.client.get("/api/transfers")] == ["STARTED"]


def test_a_start_may_overtake_the_answer_to_the_request(nodes: TwoNodes, agreement: str) -> None:
    let_go = threading.Event()
    nodes.network.fault(REQUEST, answer_held(let_go))
    pid = nodes.town.client.post("/api/transfers", {"agreement": agreement})["pid"]
    nodes.town.transfer(pid, "STARTED")
    assert nodes.town.access(pid)["token"]
    let_go.set()
    nodes.city.settle()
    assert nodes.town.transfer(pid)["state"] == "STARTED"


def test_a_request_that_is_repeated_gives_the_same_transfer(nodes: TwoNodes) -> None:
    made, members = consumer(nodes)
    first, second = ask_for(made, members), ask_for(made, members)
    assert first.json["providerPid"] == second.json["providerPid"]
    assert len(nodes.harbour.client.get("/api/transfers")) == 1
    made.heard(START)
    nodes.port.settle()
    assert made.kinds().count(START) == 1


def test_a_transfer_that_is_ended_before_it_is_answered_is_ended_on_the_other_side_too(
    nodes: TwoNodes, agreement: str
) -> None:
    nodes.network.fault(REQUEST, lost, lost, lost)
    pid = nodes.town.client.post("/api/transfers", {"agreement": agreement})["pid"]
    nodes.town.client.post(f"/api/transfers/{pid}/terminate", {"reason": "too slow"})
    assert nodes.harbour.their("transfers", "TERMINATED")["reason"] == "too slow"


def test_who_is_refused_tells_that_it_ended(nodes: TwoNodes) -> None:
    made, members = consumer(nodes)
    nodes.network.fault(START, *[answered(400, {"reason": ["no room"]})] * 20)
    pid = ask_for(made, members).json["providerPid"]
    assert "no room" in made.heard("TransferTerminationMessage")["reason"][0]
    assert nodes.harbour.transfer(pid)["state"] == "TERMINATED"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"format": "Kafka-PUSH"}, "format"),
        ({"format": None}, "format"),
        ({"agreementId": None}, "agreementId"),
        ({"callbackAddress": "nowhere"}, "callbackAddress"),
        ({"consumerPid": None}, "consumerPid"),
        ({"@type": START}, "@type"),
    ],
)
def test_a_broken_request_is_told_which_field_is_wrong(nodes: TwoNodes, changes: dict[str, Any], field: str) -> None:
    made, members = consumer(nodes)
    whole = {**puppet.message(REQUEST, **members), **changes}
    present = {name: value for name, value in whole.items() if value is not None}
    reply = made.actor.send(nodes.harbour, "/transfers/request", present)
    assert (reply.status, reply.json["@type"]) == (400, "TransferError")
    assert reply.json["reason"][0].startswith(f"{field}: ")


def test_an_agreement_of_somebody_else_is_none(nodes: TwoNodes) -> None:
    _, members = consumer(nodes)
    other = Puppet(nodes, nodes.terminal, "urn:puppet:other", [])
    assert other.say(nodes.harbour, "/transfers/request", REQUEST, **members).status == 404


def test_only_the_consumer_begins(nodes: TwoNodes, agreement: str) -> None:
    reply = nodes.harbour.client.ask("POST", "/api/transfers", {"agreement": agreement})
    assert (reply.status, reply.json["code"]) == (400, "protocol")


# Suspending, resuming, ending


@pytest.mark.parametrize(
    ("step", "state"), [("suspension", "SUSPENDED"), ("completion", "COMPLETED"), ("termination", "TERMINATED")]
)
def test_the_consumer_says_and_the_provider_follows(nodes: TwoNodes, step: str, state: str) -> None:
    made, pid = started(nodes)
    for _ in range(2):
        assert says(made, pid, step).status == 200
        assert nodes.harbour.transfer(pid)["state"] == state
    assert len([one for one in nodes.harbour.audit("transfer:") if one["event"].endswith(f"{step}:received")]) == 1


@pytest.mark.parametrize("step", ["start", "suspension", "completion"])
def test_nothing_revives_a_transfer_that_is_over(nodes: TwoNodes, step: str) -> None:
    made, pid = started(nodes)
    says(made, pid, "termination", reason=["enough"])
    reply = says(made, pid, step)
    assert (reply.status, reply.json["code"]) == (400, "protocol")
    assert nodes.harbour.transfer(pid)["state"] == "TERMINATED"


def test_the_consumer_resumes(nodes: TwoNodes) -> None:
    made, pid = started(nodes)
    for _ in range(2):
        assert says(made, pid, "suspension", reason=["a pause"]).status == 200
        assert says(made, pid, "start").status == 200
        assert nodes.harbour.transfer(pid)["state"] == "STARTED"


def test_both_may_suspend_at_once(nodes: TwoNodes) -> None:
    made, pid = started(nodes)
    nodes.harbour.client.post(f"/api/transfers/{pid}/suspend", {"reason": "ours"})
    assert says(made, pid, "suspension", reason=["theirs"]).status == 200
    assert nodes.harbour.transfer(pid)["reason"] == "ours"


def test_both_may_resume_at_once_and_the_new_access_counts(nodes: TwoNodes, transfer: str) -> None:
    theirs = nodes.harbour.client.get("/api/transfers")[0]["pid"]
    nodes.town.client.post(f"/api/transfers/{transfer}/suspend", {"reason": "a pause"})
    nodes.harbour.transfer(theirs, "SUSPENDED")
    nodes.network.fault(START, lost, lost)
    nodes.harbour.client.post(f"/api/transfers/{theirs}/resume")
    nodes.town.client.post(f"/api/transfers/{transfer}/resume")
    nodes.city.settle()
    nodes.port.settle()
    assert nodes.harbour.transfer(theirs)["state"] == nodes.town.transfer(transfer)["state"] == "STARTED"
    from tests.transfers.test_access import opened

    assert opened(nodes, nodes.town.access(transfer)).status == 200


def test_identifiers_that_do_not_belong_together_are_told(nodes: TwoNodes) -> None:
    made, pid = started(nodes)
    for field in ("providerPid", "consumerPid"):
        reply = says(made, pid, "suspension", **{field: "urn:other"})
        assert reply.status == 400 and reply.json["reason"][0].startswith(f"{field}: ")
    assert nodes.harbour.transfer(pid)["state"] == "STARTED"


def test_the_other_side_may_look_at_its_transfer(nodes: TwoNodes) -> None:
    made, pid = started(nodes)
    reply = made.actor.look(nodes.harbour, f"/transfers/{pid}")
    assert (reply.status, reply.json["state"]) == (200, "STARTED")
