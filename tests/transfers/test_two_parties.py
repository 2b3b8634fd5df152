"""After any history of a transfer, whatever the network does, both sides are in the same state.

Or it is over on both, when one has completed what the other has ended in the same moment.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from havre.contracts import store as contracts
from havre.contracts.model import Agreement
from havre.contracts.negotiation import Role
from havre.transfers import renewal, store, usecases
from havre.transfers.model import Transfer
from havre.transfers.process import State
from tests.two_parties import FATES, Party, TwoParties, databases, parties

NO = {"act": "refuse", "reason": "no"}
AGREEMENT = "urn:agreement:1"
# none of these goes round for ever with one of the other side
OF_PROVIDERS: tuple[Mapping[str, Any], ...] = (
    {},
    {"REQUESTED": ["ask"]},
    {"REQUESTED": [NO]},
    {"STARTED": ["suspend", "nothing"], "SUSPENDED": ["start", "nothing"]},
    {"STARTED": ["nothing", "complete"]},
    {"STARTED": [NO]},
    {"SUSPENDED": [NO]},
)
OF_CONSUMERS: tuple[Mapping[str, Any], ...] = (
    {},
    {"REQUESTED": [NO]},
    {"STARTED": ["suspend", "nothing"], "SUSPENDED": ["start", "nothing"]},
    {"STARTED": ["complete"]},
    {"SUSPENDED": ["start", NO]},
)


def agree(two: TwoParties, reactions: Mapping[Role, Mapping[str, Any]] | None = None) -> None:
    """Both sides have an agreement on ``ships``, with the reactions for the transfers under it."""
    for side, role in zip(two.sides, (Role.PROVIDER, Role.CONSUMER), strict=True):
        other = two.other(side).participant
        named = {"transfer": (reactions or {}).get(role, {})}
        where = {"negotiation": "urn:negotiation:1", "peer_url": other.protocol_url, "signed": two.clock()}
        slug = side.participant.slug
        made = Agreement(AGREEMENT, slug, role, other.did, "ships", {}, reactions=named, **where)
        side.held.write(lambda conn, made=made: contracts.insert_agreement(conn, made))


def begin(two: TwoParties) -> Transfer:
    form = {"agreement": AGREEMENT, "format": "HttpData-PULL"}
    return two.consumer.do(usecases.begin, **form, new_id=two.consumer.new_id)


def listed(party: Party) -> list[Transfer]:
    return party.read(store.listed, party.participant.slug)


def start(party: Party, one: Transfer) -> None:
    """Start or resume, where that is ours."""
    if one.state is State.SUSPENDED:
        party.do(usecases.resume, one.pid, party.keys)
    elif (one.role, one.state) == (Role.PROVIDER, State.REQUESTED):
        party.do(usecases.start, one.pid, party.keys)


def suspend(party: Party, one: Transfer) -> None:
    if one.state is State.STARTED:
        party.do(usecases.suspend, one.pid, f"{party} pauses")


def complete(party: Party, one: Transfer) -> None:
    if one.state is State.STARTED:
        party.do(usecases.complete, one.pid)


def terminate(party: Party, one: Transfer) -> None:
    party.do(usecases.terminate, one.pid, f"{party} has enough")


def end_agreement(party: Party, one: Transfer) -> None:
    if party.read(contracts.agreement, party.participant.slug, AGREEMENT).ended is None:
        party.do(usecases.end_agreement, AGREEMENT, f"{party} ends it")


# What must hold when nothing moves any more


def check(two: TwoParties) -> None:
    theirs = {one.pid: one for one in listed(two.consumer)}
    ours = {one.peer_pid or "": one for one in listed(two.provider)}
    assert set(ours) <= set(theirs)
    for pid, transfer in theirs.items():
        if pid in ours:
            check_pair(ours[pid], transfer)
            if ours[pid].state is transfer.state is State.STARTED:
                check_access(two, transfer)
        else:
            assert transfer.state is State.TERMINATED, "the provider has refused it"


def check_pair(one: Transfer, other: Transfer) -> None:
    assert (one.peer_pid, other.peer_pid) == (other.pid, one.pid)
    if one.state is not other.state:
        assert {one.state, other.state} == {State.COMPLETED, State.TERMINATED}, "both sides are in the same state"
    for side in one, other:
        assert side.reasons or side.state is not State.TERMINATED, "both know why it ended"


def check_access(two: TwoParties, transfer: Transfer) -> None:
    """What the consumer of a started transfer holds opens the rows, or it knows that it must renew it, and can."""
    provider, consumer, now = two.provider, two.consumer, two.clock()
    kept = consumer.read(usecases.access, consumer.participant, transfer.pid, consumer.keys.node_key)
    if provider.read(store.granted, kept.token) is None:
        assert kept.expires - now <= renewal.NEAR
    refresh, keys = kept.refresh_token or "", provider.keys
    renewed, *_ = provider.held.write(lambda conn: usecases.renew(conn, refresh, keys, now=now))
    assert renewed.peer_pid == transfer.pid


@pytest.fixture(scope="module")
def connections(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Connection]]:
    with databases(tmp_path_factory.mktemp("parties")) as found:
        yield found


@pytest.fixture
def two(connections: tuple[Connection, Connection]) -> Iterator[TwoParties]:
    with parties(connections) as found:
        yield found


# Any history

PERSONS = {
    "start": start,
    "suspend": suspend,
    "complete": complete,
    "terminate": terminate,
    "end the agreement": end_agreement,
}
OFTEN = (*FATES, *["start"] * 5, *["suspend"] * 4)
STEPS = st.tuples(st.sampled_from(OFTEN * 3 + tuple(PERSONS)[2:]), st.integers(0, 1), st.integers(0, 3))


def play(two: TwoParties, what: str, side: Party, which: int) -> None:
    running = [one for one in listed(side) if not one.final]
    if what not in PERSONS:
        two.happens(what, side, which)
    elif running:
        PERSONS[what](side, running[which % len(running)])


@settings(max_examples=120, derandomize=True, database=None, deadline=None)
@given(
    ours=st.sampled_from(OF_PROVIDERS),
    theirs=st.sampled_from(OF_CONSUMERS),
    begun=st.integers(1, 2),
    history=st.lists(STEPS, min_size=15, max_size=60),
)
def test_after_any_history_both_sides_agree_on_what_became_of_it(
    connections: tuple[Connection, Connection],
    ours: Mapping[str, Any],
    theirs: Mapping[str, Any],
    begun: int,
    history: list[tuple[str, int, int]],
) -> None:
    with parties(connections) as two:
        agree(two, {Role.PROVIDER: ours, Role.CONSUMER: theirs})
        for _ in range(begun):
            begin(two)
        for what, side, which in history:
            play(two, what, two.sides[side], which)
        two.settle()
        check(two)


def test_the_model_can_start_and_complete_a_transfer(two: TwoParties) -> None:
    """Else it would prove nothing."""
    agree(two)
    begin(two)
    two.settle()
    assert [one.state for side in two.sides for one in listed(side)] == [State.STARTED] * 2
    complete(two.consumer, listed(two.consumer)[0])
    two.settle()
    assert [one.state for side in two.sides for one in listed(side)] == [State.COMPLETED] * 2
    check(two)


# Histories that went wrong once


def running(two: TwoParties, reactions: Mapping[Role, Mapping[str, Any]] | None = None) -> None:
    """A transfer that both know to be started."""
    agree(two, reactions)
    begin(two)
    two.settle()


def ours(two: TwoParties) -> Transfer:
    return listed(two.provider)[0]


def theirs(two: TwoParties) -> Transfer:
    return listed(two.consumer)[0]


def states(two: TwoParties) -> list[State]:
    return [ours(two).state, theirs(two).state]


def test_a_suspension_that_crossed_another_suspends_nothing_later(two: TwoParties) -> None:
    """It was acknowledged without effect, so a late copy of it has none either."""
    running(two)
    suspend(two.provider, ours(two))
    suspend(two.consumer, theirs(two))
    two.delay(two.consumer)
    two.drain()
    start(two.provider, ours(two))
    two.settle()
    assert states(two) == [State.STARTED] * 2
    check(two)


def test_a_start_that_crossed_another_starts_nothing_later(two: TwoParties) -> None:
    running(two)
    suspend(two.provider, ours(two))
    two.settle()
    start(two.provider, ours(two))
    start(two.consumer, theirs(two))
    two.delay(two.consumer)
    two.drain()
    suspend(two.provider, ours(two))
    two.settle()
    assert states(two) == [State.SUSPENDED] * 2


def test_a_consumer_that_resumes_by_itself_renews_its_access(two: TwoParties) -> None:
    running(two, {Role.CONSUMER: {"SUSPENDED": ["start"]}})
    suspend(two.provider, ours(two))
    two.settle()
    assert states(two) == [State.STARTED] * 2
    check(two)


def test_where_steps_have_crossed_the_providers_state_counts(two: TwoParties) -> None:
    """The provider pauses and goes on while the consumer pauses, before either hears of the other."""
    running(two)
    suspend(two.provider, ours(two))
    start(two.provider, ours(two))
    suspend(two.consumer, theirs(two))
    two.deliver(two.consumer)
    two.settle()
    assert states(two) == [State.SUSPENDED] * 2


def test_a_consumer_waits_with_the_providers_steps_until_its_own_are_answered(two: TwoParties) -> None:
    running(two)
    suspend(two.provider, ours(two))
    two.settle()
    start(two.consumer, theirs(two))
    suspend(two.consumer, theirs(two))
    start(two.provider, ours(two))
    assert two.deliver(two.provider).status == 503
    two.settle()
    assert len(set(states(two))) == 1


def test_an_access_that_a_step_under_way_takes_away_again_is_renewed(two: TwoParties) -> None:
    running(two)
    suspend(two.provider, ours(two))
    start(two.provider, ours(two))
    suspend(two.consumer, theirs(two))
    two.deliver(two.provider)
    start(two.consumer, theirs(two))
    two.settle()
    assert states(two) == [State.STARTED] * 2
    check(two)


@pytest.mark.parametrize("number", [0, 1])
def test_what_is_completed_while_the_other_suspends_it_is_completed(two: TwoParties, number: int) -> None:
    running(two)
    suspends, completes = two.sides[number], two.sides[1 - number]
    suspend(suspends, listed(suspends)[0])
    complete(completes, listed(completes)[0])
    two.settle()
    assert states(two) == [State.COMPLETED] * 2


def test_what_is_completed_while_the_other_ends_it_is_over_on_both_sides(two: TwoParties) -> None:
    running(two)
    terminate(two.provider, ours(two))
    complete(two.consumer, theirs(two))
    two.settle()
    assert states(two) == [State.TERMINATED, State.COMPLETED]
