"""Every path through a negotiation, between two nodes whose persons take each step by hand.

The network holds all that is said against the standard's schemas.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from havre.contracts.negotiation import FINAL, TRANSITIONS, Message, Role, State
from havre.contracts.store import load
from tests.two_nodes import USE, Hosted, TwoNodes, within

FOR_TWO: Mapping[str, Any] = {
    "permission": [{"action": "use", "constraint": [{"leftOperand": "count", "operator": "lteq", "rightOperand": "2"}]}]
}
BY_HAND = {"negotiation": {state: ["nothing"] for state in ("REQUESTED", "ACCEPTED", "VERIFIED")}}
VERIFIED_BY_HAND = {"negotiation": {"AGREED": ["nothing"]}}
WHY = "the budget is gone"
C, P = Role.CONSUMER, Role.PROVIDER
CONCLUDED = ["P agree AGREED", "C verify VERIFIED", "P finalize FINALIZED"]
VERIFIED_AT_ONCE = ["P agree VERIFIED", "P finalize FINALIZED"]  # where the consumer has not begun, nor said otherwise
# who takes which step, and what it is then on both sides
PATHS: Mapping[str, tuple[Role, list[str]]] = {
    "request, agreement": (C, CONCLUDED),
    "request, offer, acceptance": (C, ["P counter OFFERED", "C accept ACCEPTED", *CONCLUDED]),
    "request, offer, counter-offers": (
        C,
        ["P counter OFFERED", "C counter REQUESTED", "P counter OFFERED", "C counter REQUESTED", *CONCLUDED],
    ),
    "offer, acceptance": (P, ["C accept ACCEPTED", *VERIFIED_AT_ONCE]),
    "offer, counter-offer, agreement": (P, ["C counter REQUESTED", *VERIFIED_AT_ONCE]),
    "offer, counter-offers, acceptance": (
        P,
        ["C counter REQUESTED", "P counter OFFERED", "C accept ACCEPTED", *VERIFIED_AT_ONCE],
    ),
}
REACHED: Mapping[State, list[str]] = {
    State.REQUESTED: [],
    State.OFFERED: ["P counter OFFERED"],
    State.ACCEPTED: ["P counter OFFERED", "C accept ACCEPTED"],
    State.AGREED: CONCLUDED[:1],
    State.VERIFIED: CONCLUDED[:2],
}
SENT: Mapping[tuple[Role, str], Message] = {
    (P, "counter"): Message.OFFER,
    (C, "counter"): Message.REQUEST,
    (C, "accept"): Message.ACCEPT,
    (P, "agree"): Message.AGREEMENT,
    (C, "verify"): Message.VERIFICATION,
    (P, "finalize"): Message.FINALIZE,
}


@pytest.fixture
def nodes(standing: TwoNodes) -> TwoNodes:
    """The same for all tests here: each negotiates for itself."""
    return standing


Sides = Mapping[Role, tuple[Hosted, str]]
"""Who is what in a negotiation, and what it is called there."""


def begun(nodes: TwoNodes, by: Role) -> Sides:
    """A negotiation on an offer of the harbour, all by hand, and known to both sides."""
    sides = {P: nodes.harbour, C: nodes.town}
    own, other = sides[by], sides[by.other]
    form = {"dataset": "ships", "offer": nodes.offer(reactions=BY_HAND), "reuse": False, by.other.value: other.did}
    reactions = BY_HAND if by is P else VERIFIED_BY_HAND
    pid = own.client.post("/api/negotiations", {**form, "reactions": reactions})["pid"]
    return {by: (own, pid), by.other: (other, theirs(own, pid))}


def theirs(own: Hosted, pid: str) -> str:
    """What the other side calls a negotiation of ours, as soon as we know it."""
    return str(within(5, lambda: own.node.read(load, own.participant.slug, pid).peer_pid, lambda known: known))


def is_now(sides: Sides, state: str) -> None:
    """Both sides come into a state, and show it to each other."""
    for hosted, pid in sides.values():
        hosted.negotiation(pid, state)
    for role, (hosted, pid) in sides.items():
        other, theirs = sides[role.other]
        shown = other.look(hosted, f"/negotiations/{pid}").json
        assert (shown["@type"], shown["state"]) == ("ContractNegotiation", state)
        assert (shown[f"{role}Pid"], shown[f"{role.other}Pid"]) == (pid, theirs)


def take(sides: Sides, step: str) -> None:
    who, act, state = step.split()
    hosted, pid = sides[C if who == "C" else P]
    hosted.client.post(f"/api/negotiations/{pid}/{act}", {"policy": USE} if act == "counter" else None)
    is_now(sides, state)


def walk(sides: Sides, steps: list[str]) -> None:
    for step in steps:
        take(sides, step)


# From the beginning to the end


@pytest.mark.parametrize("path", PATHS)
def test_a_path_leads_to_one_agreement_on_both_sides(nodes: TwoNodes, path: str) -> None:
    by, steps = PATHS[path]
    sides = begun(nodes, by)
    is_now(sides, "REQUESTED" if by is C else "OFFERED")
    walk(sides, steps)
    found = [hosted.negotiation(pid) for hosted, pid in sides.values()]
    assert found[0]["agreement"] == found[1]["agreement"]
    terms = [hosted.client.get(f"/api/agreements/{found[0]['agreement']}") for hosted, _ in sides.values()]
    assert terms[0]["policy"] == terms[1]["policy"]
    assert {one["role"] for one in terms} == {"provider", "consumer"}


def test_the_paths_go_over_every_step_that_the_standard_has() -> None:
    """Else one of them could not be taken between two nodes, and nobody would see it."""
    walked: set[tuple[State | None, Role, Message]] = set()
    for by, steps in PATHS.values():
        state = State.REQUESTED if by is C else State.OFFERED
        walked.add((None, by, Message.REQUEST if by is C else Message.OFFER))
        for who, act, following in (step.split() for step in steps):
            sender = C if who == "C" else P
            walked.add((state, sender, SENT[sender, act]))
            state = State(following)
    assert walked == {step for step in TRANSITIONS if step[2] is not Message.TERMINATION}
    assert set(REACHED) == set(State) - FINAL


@pytest.mark.parametrize("state", REACHED)
@pytest.mark.parametrize("by", Role)
def test_either_side_ends_it_in_any_state_and_its_reason_arrives(nodes: TwoNodes, state: State, by: Role) -> None:
    sides = begun(nodes, C)
    walk(sides, REACHED[state])
    hosted, pid = sides[by]
    hosted.client.post(f"/api/negotiations/{pid}/terminate", {"reason": WHY})
    is_now(sides, "TERMINATED")
    assert [one.negotiation(pid)["reason"] for one, pid in sides.values()] == [WHY] * 2


@pytest.mark.parametrize("state", REACHED)
def test_a_person_is_asked_on_one_side_alone(nodes: TwoNodes, state: State) -> None:
    sides = begun(nodes, C)
    walk(sides, REACHED[state])
    decisions = {role: hosted.negotiation(pid)["decision"] for role, (hosted, pid) in sides.items()}
    human = next(sender for found, sender, kind in TRANSITIONS if found is state and kind is not Message.TERMINATION)
    assert decisions == {human: "human", human.other: "automatic"}


def test_the_agreement_is_on_the_last_terms_on_the_table(nodes: TwoNodes) -> None:
    sides = begun(nodes, C)
    take(sides, "P counter OFFERED")
    town, pid = sides[C]
    town.client.post(f"/api/negotiations/{pid}/counter", {"policy": FOR_TWO})
    is_now(sides, "REQUESTED")
    walk(sides, CONCLUDED)
    agreement = town.client.get(f"/api/agreements/{town.negotiation(pid)['agreement']}")
    assert agreement["policy"]["permission"] == FOR_TWO["permission"]


@pytest.mark.parametrize(("state", "who"), [(State.OFFERED, P), (State.AGREED, P), (State.REQUESTED, C)])
@pytest.mark.parametrize("act", ["counter", "accept", "agree", "verify", "finalize"])
def test_who_is_not_to_answer_cannot(nodes: TwoNodes, state: State, who: Role, act: str) -> None:
    sides = begun(nodes, C)
    walk(sides, REACHED[state])
    hosted, pid = sides[who]
    body = {"policy": USE} if act == "counter" else None
    reply = hosted.client.ask("POST", f"/api/negotiations/{pid}/{act}", body)
    assert (reply.status, reply.json["code"]) == (400, "protocol")
    is_now(sides, state)


def test_what_comes_again_after_later_steps_changes_nothing_and_is_acknowledged(nodes: TwoNodes) -> None:
    before = len(nodes.network.sent)
    sides = begun(nodes, C)
    walk(sides, PATHS["request, offer, counter-offers"][1])
    messages = [one for one in nodes.network.sent[before:] if one.kind.startswith("Contract")]
    assert len(messages) == 8
    seen = [hosted.negotiation(pid) for hosted, pid in sides.values()]
    for one in messages:
        assert nodes.repeated(one).status == one.status in (200, 201)
    assert [hosted.negotiation(pid) for hosted, pid in sides.values()] == seen


def test_each_message_has_an_identifier_of_its_own(nodes: TwoNodes) -> None:
    walk(begun(nodes, C), PATHS["request, offer, counter-offers"][1])
    by_id: dict[str, Any] = {}
    for one in nodes.network.sent:
        if one.kind.startswith("Contract"):
            assert by_id.setdefault(one.body["@id"], one.body) == one.body
