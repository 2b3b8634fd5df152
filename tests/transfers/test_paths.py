"""Every path through a transfer, between two nodes whose persons take each step by hand."""

from collections.abc import Mapping
from typing import Any

import pytest

from havre.contracts.negotiation import Role
from havre.transfers.process import FINAL, TRANSITIONS, Message, State
from havre.transfers.store import load
from tests.two_nodes import Hosted, TwoNodes, within

C, P = Role.CONSUMER, Role.PROVIDER
NO = {"act": "refuse", "reason": "a storm"}
PAUSE = {"act": "suspend", "reason": "a pause"}
# who takes which step, and what it is then on both sides
PATHS: Mapping[str, list[str]] = {
    "completed by the consumer": ["P start STARTED", "C complete COMPLETED"],
    "completed by the provider": ["P start STARTED", "P complete COMPLETED"],
    "paused by the consumer": ["P start STARTED", "C suspend SUSPENDED", "C resume STARTED", "C suspend SUSPENDED"],
    "paused by the provider": ["P start STARTED", "P suspend SUSPENDED", "P resume STARTED", "P complete COMPLETED"],
    "paused by both in turn": [
        "P start STARTED",
        "C suspend SUSPENDED",
        "P resume STARTED",
        "P suspend SUSPENDED",
        "C resume STARTED",
        "C complete COMPLETED",
    ],
}
REACHED: Mapping[State, list[str]] = {
    State.REQUESTED: [],
    State.STARTED: ["P start STARTED"],
    State.SUSPENDED: ["P start STARTED", "P suspend SUSPENDED"],
}
SENT = {
    "start": Message.START,
    "resume": Message.START,
    "suspend": Message.SUSPENSION,
    "complete": Message.COMPLETION,
    "terminate": Message.TERMINATION,
}


@pytest.fixture
def nodes(standing: TwoNodes) -> TwoNodes:
    """The same for all tests here: each has an agreement of its own."""
    return standing


Sides = Mapping[Role, tuple[Hosted, str]]
"""Who is what in a transfer, and what it is called there."""


def begun(nodes: TwoNodes, ours: Mapping[str, Any], theirs: Mapping[str, Any] | None = None) -> Sides:
    """A transfer with the reactions of the provider and of the consumer, known to both."""
    offer = nodes.offer(reactions={"transfer": ours})
    form = {"provider": nodes.harbour.did, "dataset": "ships", "offer": offer, "reuse": False}
    pid = nodes.town.client.post("/api/negotiations", {**form, "reactions": {"transfer": theirs or {}}})["pid"]
    agreement = nodes.town.negotiation(pid, "FINALIZED")["agreement"]
    transfer = nodes.town.client.post("/api/transfers", {"agreement": agreement})["pid"]
    found = within(5, lambda: nodes.town.node.read(load, "city", transfer).peer_pid, lambda known: known)
    return {C: (nodes.town, transfer), P: (nodes.harbour, str(found))}


def by_hand(nodes: TwoNodes) -> Sides:
    return begun(nodes, {"REQUESTED": ["nothing"]})


def is_now(sides: Sides, state: str) -> None:
    """Both sides come into a state, and show it to each other."""
    for hosted, pid in sides.values():
        hosted.transfer(pid, state)
    for role, (hosted, pid) in sides.items():
        other, theirs = sides[role.other]
        shown = other.look(hosted, f"/transfers/{pid}").json
        assert (shown["@type"], shown["state"]) == ("TransferProcess", state)
        assert (shown[f"{role}Pid"], shown[f"{role.other}Pid"]) == (pid, theirs)


def walk(sides: Sides, steps: list[str]) -> None:
    for who, act, state in (step.split() for step in steps):
        hosted, pid = sides[C if who == "C" else P]
        hosted.client.post(f"/api/transfers/{pid}/{act}", {"reason": f"{who} says {act}"})
        is_now(sides, state)


@pytest.mark.parametrize("path", PATHS)
def test_a_path_leads_both_sides_the_same_way(nodes: TwoNodes, path: str) -> None:
    sides = by_hand(nodes)
    is_now(sides, "REQUESTED")
    walk(sides, PATHS[path])


def test_the_paths_go_over_every_step_that_the_standard_has() -> None:
    """Else one of them could not be taken between two nodes, and nobody would see it."""
    walked: set[tuple[State | None, Role, Message]] = {(None, C, Message.REQUEST)}
    for steps in PATHS.values():
        state = State.REQUESTED
        for who, act, following in (step.split() for step in steps):
            walked.add((state, C if who == "C" else P, SENT[act]))
            state = State(following)
    assert walked == {step for step in TRANSITIONS if step[2] is not Message.TERMINATION}
    assert set(REACHED) == set(State) - FINAL


@pytest.mark.parametrize("state", REACHED)
@pytest.mark.parametrize("by", Role)
def test_either_side_ends_it_in_any_state_and_its_reason_arrives(nodes: TwoNodes, state: State, by: Role) -> None:
    sides = by_hand(nodes)
    walk(sides, [*REACHED[state], f"{by[0].upper()} terminate TERMINATED"])
    reasons = {hosted.transfer(pid)["reason"] for hosted, pid in sides.values()}
    assert reasons == {f"{by[0].upper()} says terminate"}


def test_what_comes_again_after_later_steps_changes_nothing_and_is_acknowledged(nodes: TwoNodes) -> None:
    before = len(nodes.network.sent)
    sides = by_hand(nodes)
    walk(sides, PATHS["paused by both in turn"])
    messages = [one for one in nodes.network.sent[before:] if one.kind.startswith("Transfer")]
    assert len(messages) == 7
    seen = [hosted.transfer(pid) for hosted, pid in sides.values()]
    for one in messages:
        assert nodes.repeated(one).status == one.status in (200, 201)
    assert [hosted.transfer(pid) for hosted, pid in sides.values()] == seen


def test_a_suspension_that_comes_again_does_not_stop_what_goes_on(nodes: TwoNodes) -> None:
    sides = by_hand(nodes)
    walk(sides, ["P start STARTED", "P suspend SUSPENDED", "P resume STARTED"])
    old = nodes.network.of("TransferSuspensionMessage")[-1]
    assert nodes.repeated(old).status == 200
    is_now(sides, "STARTED")


def test_each_message_has_an_identifier_of_its_own(nodes: TwoNodes) -> None:
    walk(by_hand(nodes), PATHS["paused by both in turn"])
    by_id: dict[str, Any] = {}
    for one in nodes.network.sent:
        if one.kind.startswith("Transfer"):
            assert by_id.setdefault(one.body["@id"], one.body) == one.body


# By itself


@pytest.mark.parametrize(
    ("ours", "theirs", "state"),
    [
        ({"REQUESTED": ["start"]}, {}, "STARTED"),
        ({"REQUESTED": ["ask"]}, {}, "REQUESTED"),
        ({"STARTED": [PAUSE]}, {}, "SUSPENDED"),
        ({}, {"STARTED": [PAUSE]}, "SUSPENDED"),
        ({"STARTED": [PAUSE, "nothing"], "SUSPENDED": ["start"]}, {}, "STARTED"),
        ({"STARTED": [PAUSE, "nothing"]}, {"SUSPENDED": ["start"]}, "STARTED"),
        ({}, {"STARTED": [PAUSE, "complete"], "SUSPENDED": ["start"]}, "COMPLETED"),
        ({"STARTED": ["complete"]}, {}, "COMPLETED"),
        ({}, {"STARTED": ["complete"]}, "COMPLETED"),
        ({"REQUESTED": [NO]}, {}, "TERMINATED"),
        ({"REQUESTED": ["nothing"]}, {"REQUESTED": [NO]}, "TERMINATED"),
        ({"STARTED": [NO]}, {}, "TERMINATED"),
        ({}, {"STARTED": [NO]}, "TERMINATED"),
        ({"STARTED": [PAUSE]}, {"SUSPENDED": [NO]}, "TERMINATED"),
    ],
)
def test_it_goes_by_itself_as_far_as_was_said(
    nodes: TwoNodes, ours: Mapping[str, Any], theirs: Mapping[str, Any], state: str
) -> None:
    sides = begun(nodes, ours, theirs)
    for _ in range(2):
        for hosted, pid in sides.values():
            hosted.transfer(pid, state)
        nodes.port.settle()
        nodes.city.settle()
    reasons = {"SUSPENDED": "a pause", "TERMINATED": "a storm"}
    if state in reasons:
        assert {hosted.transfer(pid)["reason"] for hosted, pid in sides.values()} == {reasons[state]}
