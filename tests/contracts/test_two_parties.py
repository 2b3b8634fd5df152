"""After any history of a negotiation, whatever the network does, both sides agree on what became of it.

Or each can say what it waits for: the step of one person, on one side.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from havre.catalog import store as offers
from havre.catalog.model import Offer
from havre.contracts import store, usecases
from havre.contracts.model import Agreement, Negotiation
from havre.contracts.negotiation import Role, State
from tests.two_parties import FATES, Party, TwoParties, databases, parties

USE: Mapping[str, Any] = {"permission": [{"action": "use"}]}
OTHER: Mapping[str, Any] = {"permission": [{"action": "use"}, {"action": "distribute"}]}
NO = {"act": "refuse", "reason": "no"}
BY_HAND_OFFER = 1
BY_HAND = {state: ["nothing"] for state in ("REQUESTED", "ACCEPTED", "VERIFIED")}
# none of these goes round for ever with one of the other side
OF_OFFERS: tuple[Mapping[str, Any], ...] = (
    {},
    BY_HAND,
    {"REQUESTED": ["ask"]},
    {"REQUESTED": ["offer", "agree"]},
    {"REQUESTED": ["offer", {"act": "offer", "policy": OTHER}, "nothing"]},
    {"REQUESTED": ["offer", NO]},
    {"REQUESTED": ["offer"], "OFFERED": [NO]},
    {"ACCEPTED": [NO], "REQUESTED": ["nothing"]},
    {"AGREED": [NO]},
    {"VERIFIED": [NO]},
)
OF_CONSUMERS: tuple[Mapping[str, Any], ...] = (
    {},
    {"OFFERED": ["accept"]},
    {"OFFERED": ["counter", "accept"]},
    {"OFFERED": [{"act": "counter", "policy": OTHER}, "ask"]},
    {"AGREED": ["nothing"]},
    {"AGREED": [NO]},
    {"REQUESTED": [NO]},
    {"ACCEPTED": [NO], "OFFERED": ["accept"]},
    {"VERIFIED": [NO]},
)


def publish(party: Party) -> None:
    """An offer of ``ships`` for each of the reactions; its identifier is their number."""
    for number, reactions in enumerate(OF_OFFERS):
        named = {"negotiation": reactions}
        offer = Offer("harbour", f"urn:offer:{number}", "ships", USE, named, party.clock(), frozenset(), None)
        party.held.write(lambda conn, offer=offer: offers.insert(conn, offer))


def begin(two: TwoParties, offer: int = 0, reactions: Mapping[str, Any] | None = None) -> Negotiation:
    return two.consumer.do(
        usecases.begin,
        provider=two.provider.participant.did,
        provider_url=two.provider.participant.protocol_url,
        dataset="ships",
        offer={"@id": f"urn:offer:{offer}", "@type": "Offer", **USE},
        new_id=two.consumer.new_id,
        reactions={"negotiation": reactions or {}},
        reuse=False,
    )


def propose(two: TwoParties, offer: int = 0, reactions: Mapping[str, Any] | None = None) -> Negotiation:
    return two.provider.do(
        usecases.propose,
        consumer=two.consumer.participant.did,
        consumer_url=two.consumer.participant.protocol_url,
        dataset="ships",
        offer=f"urn:offer:{offer}",
        new_id=two.provider.new_id,
        reactions={"negotiation": reactions or {}},
    )


def listed(party: Party) -> list[Negotiation]:
    return party.read(store.listed, party.participant.slug)


def agreements(party: Party) -> list[Agreement]:
    return party.read(store.agreements_of, party.participant.slug)


def go_on(party: Party, one: Negotiation) -> None:
    """The step that leads to an agreement, where it is ours."""
    match one.role, one.state:
        case Role.PROVIDER, State.REQUESTED | State.ACCEPTED:
            party.do(usecases.agree, one.pid, new_id=party.new_id)
        case Role.CONSUMER, State.OFFERED:
            party.do(usecases.accept, one.pid)
        case Role.CONSUMER, State.AGREED:
            party.do(usecases.verify, one.pid)
        case Role.PROVIDER, State.VERIFIED:
            party.do(usecases.finalize, one.pid)


def counter(party: Party, one: Negotiation, terms: Mapping[str, Any]) -> None:
    if one.state is {Role.PROVIDER: State.REQUESTED, Role.CONSUMER: State.OFFERED}[one.role]:
        party.do(usecases.counter, one.pid, terms, new_id=party.new_id)


# What must hold when nothing moves any more


def check(two: TwoParties) -> None:
    theirs = {one.pid: one for one in listed(two.consumer)}
    ours = listed(two.provider)
    assert {one.peer_pid for one in ours} == set(theirs), "each negotiation has two sides"
    for one in ours:
        check_pair(one, theirs[one.peer_pid or ""])
    for side in two.sides:
        final = [one for one in listed(side) if one.state is State.FINALIZED]
        found = agreements(side)
        assert sorted(one.negotiation for one in found) == sorted(one.pid for one in final)
        assert all(one.agreement and one.agreement["@id"] in {each.id for each in found} for one in final)
    check_ended(two, {one.pid: theirs[one.peer_pid or ""] for one in ours})


def check_pair(one: Negotiation, other: Negotiation) -> None:
    assert (one.peer_pid, other.peer_pid) == (other.pid, one.pid)
    states = {one.state, other.state}
    if states != {State.FINALIZED, State.TERMINATED}:
        assert len(states) == 1, "both sides are in the same state"
    if one.final:
        assert one.state is State.FINALIZED or one.reasons, "who ends it says why"
        assert other.state is State.FINALIZED or other.reasons, "who hears of the end hears why"
    else:
        assert [one.rests, other.rests].count(True) == 1, "one side's person has the next step"
    if State.TERMINATED not in states:
        assert one.offer == other.offer
        assert one.agreement == other.agreement


def check_ended(two: TwoParties, other_side: Mapping[str, Negotiation]) -> None:
    """The provider's FINALIZED may cross the consumer's termination: then the agreement has ended, and says why."""
    assert not [one for one in agreements(two.consumer) if one.ended]
    for one in agreements(two.provider):
        crossed = other_side[one.negotiation].state is State.TERMINATED
        assert (one.ended is not None) == crossed == bool(one.reason)


# Any history

PERSONS = (*["go on"] * 4, *["counter"] * 3, "terminate")
Step = tuple[str, int, int]
STEPS = st.tuples(st.sampled_from(FATES + PERSONS), st.integers(0, 1), st.integers(0, 3))
OPENINGS = st.one_of(
    st.tuples(st.just(begin), st.integers(0, len(OF_OFFERS) - 1), st.sampled_from(OF_CONSUMERS)),
    st.tuples(st.just(propose), st.just(0), st.sampled_from(OF_OFFERS)),
)


def play(two: TwoParties, what: str, side: Party, which: int) -> None:
    """What the persons do is one of ``PERSONS``, if they can."""
    running = [one for one in listed(side) if not one.final]
    if what not in PERSONS:
        two.happens(what, side, which)
    elif running:
        one = running[which % len(running)]
        match what:
            case "go on":
                go_on(side, one)
            case "counter":
                counter(side, one, OTHER if which % 2 else USE)
            case "terminate":
                side.do(usecases.terminate, one.pid, f"{side} does not want it")


@pytest.fixture(scope="module")
def connections(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Connection]]:
    with databases(tmp_path_factory.mktemp("parties")) as found:
        yield found


@pytest.fixture
def two(connections: tuple[Connection, Connection]) -> Iterator[TwoParties]:
    with parties(connections) as found:
        publish(found.provider)
        yield found


@settings(max_examples=120, derandomize=True, database=None, deadline=None)
@given(openings=st.lists(OPENINGS, min_size=1, max_size=2), history=st.lists(STEPS, min_size=15, max_size=60))
def test_after_any_history_both_sides_agree_on_what_became_of_it(
    connections: tuple[Connection, Connection], openings: list[Any], history: list[Step]
) -> None:
    with parties(connections) as two:
        publish(two.provider)
        for start, offer, reactions in openings:
            start(two, offer, reactions)
        for what, side, which in history:
            play(two, what, two.sides[side], which)
        two.settle()
        check(two)


def test_the_model_can_reach_an_agreement(two: TwoParties) -> None:
    """Else it would prove nothing."""
    begin(two)
    two.settle()
    assert [one.state for side in two.sides for one in listed(side)] == [State.FINALIZED] * 2
    check(two)


def test_an_old_counter_offer_that_comes_late_changes_nothing(two: TwoParties) -> None:
    begin(two, BY_HAND_OFFER)
    two.drain()
    for number in range(3):
        counter(two.provider, listed(two.provider)[0], USE)
        two.drain()
        counter(two.consumer, listed(two.consumer)[0], OTHER)
        if number == 0:
            two.delay(two.consumer)
        two.drain()
    counter(two.provider, listed(two.provider)[0], OTHER)
    two.settle()
    assert [listed(side)[0].state for side in two.sides] == [State.OFFERED] * 2
    check(two)


@pytest.mark.parametrize("number", [0, 1])
def test_a_termination_that_crosses_the_next_step_ends_it_on_both_sides(two: TwoParties, number: int) -> None:
    """Before our side has even heard how the other one calls the negotiation."""
    begin(two, BY_HAND_OFFER)
    two.lose_answer(two.consumer)
    go_on(two.provider, listed(two.provider)[0])
    side = two.sides[number]
    side.do(usecases.terminate, listed(side)[0].pid, "no")
    two.settle()
    assert [(one.state, one.reasons) for each in two.sides for one in listed(each)] == [(State.TERMINATED, ("no",))] * 2


def test_an_agreement_that_crosses_its_termination_has_ended(two: TwoParties) -> None:
    """Both have done what they may: there is no step back from FINALIZED, and nothing is read under what has ended."""
    begin(two)
    for sender in (two.consumer, two.provider):
        two.deliver(sender)
    two.deliver(two.consumer)
    two.consumer.do(usecases.terminate, listed(two.consumer)[0].pid, "no")
    two.settle()
    assert [listed(side)[0].state for side in two.sides] == [State.FINALIZED, State.TERMINATED]
    check(two)
