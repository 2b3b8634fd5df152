"""The outbox: nothing is lost, a refusal counts when it should, who does not answer is given up, loudly."""

import json
import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from havre.messages import store
from havre.messages.model import Outgoing
from havre.messages.store import outbox
from havre.messages.usecases import put
from tests import puppet
from tests.engines import on_both
from tests.network import answered, held, lost
from tests.puppet import USE, Puppet
from tests.two_nodes import RunningNode, TwoNodes, within

__all__ = ["on_both"]

REQUEST, AGREEMENT = "ContractRequestMessage", "ContractAgreementMessage"


def traced(node: RunningNode, kind: str) -> list[Any]:
    """What the outbox says of the messages of a kind, oldest first."""
    query = sa.select(outbox).where(outbox.c.kind == kind).order_by(outbox.c.sequence)
    return node.read(lambda conn: list(conn.execute(query)))


def requested(nodes: TwoNodes, offer_id: str = "urn:offer:1") -> str:
    """A request of the city to the harbour, with an offer that needs no look at the catalogue."""
    offer = {"@id": offer_id, "@type": "Offer", **USE}
    form = {"provider": nodes.harbour.did, "dataset": "ships", "offer": offer}
    return str(nodes.town.client.post("/api/negotiations", form)["pid"])


@pytest.fixture
def known(nodes: TwoNodes) -> None:
    """The city has the harbour's document already."""
    nodes.town.client.get(f"/api/catalog?provider={nodes.harbour.did}")


# Tried again


def test_a_message_that_is_lost_is_sent_again_with_growing_pauses(nodes: TwoNodes) -> None:
    nodes.offer()
    nodes.network.fault(REQUEST, lost, lost, lost)
    assert nodes.town.agreement_with(nodes.harbour)
    row = traced(nodes.city, REQUEST)[0]
    assert (row.outcome, row.attempts) == ("delivered", 4)
    assert timedelta(milliseconds=350) <= row.settled - row.created < timedelta(seconds=3)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_trouble_on_the_other_side_is_no_refusal(nodes: TwoNodes, status: int) -> None:
    nodes.offer()
    nodes.network.fault(REQUEST, answered(status), answered(status))
    assert nodes.town.agreement_with(nodes.harbour)


def test_a_node_that_was_away_gets_its_messages_when_it_is_back(nodes: TwoNodes, known: None) -> None:
    nodes.network.down.add(nodes.port.host)
    offer = nodes.offer()
    pids = {requested(nodes, offer) for _ in range(3)}
    assert len(pids) == 3 and nodes.harbour.client.get("/api/negotiations") == []
    nodes.network.down.clear()
    for _ in range(10):
        nodes.advance(minutes=1)
    within(5, lambda: nodes.harbour.client.get("/api/negotiations"), lambda listed: len(listed) == 3)


def test_a_message_outlives_its_node(nodes: TwoNodes, known: None) -> None:
    nodes.network.down.add(nodes.port.host)
    pid = requested(nodes)
    nodes.city.die()
    nodes.network.down.clear()
    nodes.city.restart()
    nodes.reopen()
    assert "404" in nodes.town.negotiation(pid, "TERMINATED")["reason"], "there is no such offer: it was asked for"


# Given up


def test_who_does_not_answer_is_given_up_after_a_day_and_that_is_said(
    nodes: TwoNodes, known: None, caplog: pytest.LogCaptureFixture
) -> None:
    nodes.network.down.add(nodes.port.host)
    pid = requested(nodes)
    within(5, lambda: traced(nodes.city, REQUEST)[0].attempts, lambda attempts: attempts > 1)
    nodes.advance(hours=23)
    assert nodes.town.negotiation(pid)["state"] == "REQUESTED"
    with caplog.at_level(logging.WARNING, "havre.messages"):
        nodes.advance(hours=2)
        found = nodes.town.negotiation(pid, "TERMINATED")
    assert "given up" in found["reason"] and "nobody at" in found["reason"]
    assert "given up" in caplog.text
    assert [one["event"] for one in nodes.town.audit("negotiation:failed")] == ["negotiation:failed"]


# Refused


def test_the_refusal_of_a_first_message_counts_at_once(nodes: TwoNodes) -> None:
    nodes.network.fault(REQUEST, answered(400, {"reason": ["no"]}))
    pid = requested(nodes)
    assert "400: no" in nodes.town.negotiation(pid, "TERMINATED")["reason"]
    assert len(nodes.network.of(REQUEST)) == 1


def test_another_refusal_counts_when_it_still_comes_after_a_while(nodes: TwoNodes) -> None:
    consumer, pid = puppet.consumer_requested(nodes)
    nodes.network.fault(AGREEMENT, *[answered(400)] * 30)
    nodes.harbour.client.post(f"/api/negotiations/{pid}/agree")
    assert "400" in nodes.harbour.negotiation(pid, "TERMINATED")["reason"]
    row = traced(nodes.port, AGREEMENT)[0]
    assert row.outcome == "refused" and row.attempts > 1
    assert row.settled - row.created >= timedelta(seconds=nodes.port.settings.patience_seconds)
    assert AGREEMENT not in consumer.kinds()


def test_another_refusal_that_does_not_last_is_none(nodes: TwoNodes) -> None:
    nodes.offer()
    nodes.network.fault(AGREEMENT, answered(400), answered(404))
    assert nodes.town.agreement_with(nodes.harbour)


# Answers that make no sense


@pytest.mark.parametrize("pid", [None, 7, "", {}])
def test_an_answer_without_the_others_identifier_ends_it(nodes: TwoNodes, pid: Any) -> None:
    nodes.network.fault(REQUEST, answered(201, {"providerPid": pid}))
    assert "providerPid" in nodes.town.negotiation(requested(nodes), "TERMINATED")["reason"]


def test_an_answer_with_the_identifier_of_another_negotiation_ends_it(nodes: TwoNodes) -> None:
    nodes.network.fault(REQUEST, *[answered(201, {"providerPid": "urn:same"})] * 2)
    first = requested(nodes)
    nodes.city.settle()
    second = requested(nodes)
    assert "urn:same" in nodes.town.negotiation(second, "TERMINATED")["reason"]
    assert nodes.town.negotiation(first)["state"] == "REQUESTED"


def test_an_answer_that_cannot_even_be_stored_is_tried_again_slowly(
    nodes: TwoNodes, caplog: pytest.LogCaptureFixture
) -> None:
    nodes.offer()
    nodes.network.fault(REQUEST, *[answered(201, {"providerPid": "\ud800"})] * 3)
    nodes.town.agreement_with(nodes.harbour)
    row = traced(nodes.city, REQUEST)[0]
    assert (row.outcome, row.attempts) == ("delivered", 4)
    assert row.settled - row.created >= timedelta(milliseconds=350)
    assert caplog.text.count("could not be settled") == 3


# In order, and none in the way of others


@pytest.fixture
def listener(nodes: TwoNodes) -> Iterator[Puppet]:
    yield puppet.puppet(nodes, nodes.harbour)


def send(node: RunningNode, to: Puppet, process: str, kind: str, address: str | None = None) -> None:
    def put_one(conn: Any) -> None:
        put(
            conn,
            sender="city",
            receiver=to.actor.did,
            topic="none",
            process=process,
            kind=kind,
            url=f"{address or to.callback}/{kind}",
            body=json.dumps({"@type": kind, "process": process}),
            now=node.context.clock(),
        )

    node.context.database.write(put_one)


class Nothing:
    """A room that takes no interest in what becomes of its messages."""

    def delivered(self, *_: object) -> None: ...

    def failed(self, *_: object) -> None: ...


@pytest.fixture
def quiet_topic(nodes: TwoNodes) -> None:
    nodes.city.node.delivery._topics = {**nodes.city.node.delivery._topics, "none": Nothing()}


@pytest.mark.usefixtures("quiet_topic")
def test_messages_of_one_process_leave_in_order_and_those_of_another_do_not_wait(
    nodes: TwoNodes, listener: Puppet
) -> None:
    let_go = threading.Event()
    nodes.network.fault("first", held(let_go))
    for kind in ("first", "second", "third"):
        send(nodes.city, listener, "one", kind)
    send(nodes.city, listener, "other", "fourth")
    listener.heard("fourth")
    assert listener.kinds() == ["fourth"]
    let_go.set()
    listener.heard("third")
    assert listener.kinds() == ["fourth", "first", "second", "third"]
    nodes.network.violations.clear()  # these are no messages of the standard


@pytest.mark.usefixtures("quiet_topic")
def test_what_is_put_while_the_outbox_is_read_keeps_its_place(nodes: TwoNodes, listener: Puppet) -> None:
    delivery = nodes.city.node.delivery
    claim, let_go = delivery._due, threading.Event()
    nodes.network.fault("first", held(let_go))

    def slowly(message: Outgoing, seconds: float, told: bool) -> bool:
        """One message comes after the outbox was read, the next one when what was read is on its way."""
        if message.kind != "first" or delivery._due is claim:
            return claim(message, seconds, told)
        delivery._due = claim
        send(nodes.city, listener, "one", "second")
        claimed = claim(message, seconds, told)
        send(nodes.city, listener, "one", "third")
        let_go.set()
        return claimed

    delivery._due = slowly
    with delivery._lock:
        delivery._behind.add("one")  # so that the first is read from the outbox, too
    send(nodes.city, listener, "one", "first")
    listener.heard("third")
    assert listener.kinds() == ["first", "second", "third"]
    nodes.network.violations.clear()  # these are no messages of the standard


@pytest.mark.usefixtures("quiet_topic")
def test_a_message_that_waits_holds_back_those_behind_it(nodes: TwoNodes, listener: Puppet) -> None:
    nodes.network.fault("first", lost, lost)
    send(nodes.city, listener, "one", "first")
    send(nodes.city, listener, "one", "second")
    listener.heard("second")
    assert listener.kinds() == ["first", "second"]
    nodes.network.violations.clear()


@pytest.mark.usefixtures("quiet_topic")
def test_many_who_do_not_answer_are_in_nobodys_way(nodes: TwoNodes, listener: Puppet) -> None:
    now = nodes.clock()
    row = {
        "sender": "city",
        "receiver": "did:web:nobody.example",
        "topic": "none",
        "kind": "lost",
        "url": "http://nobody.example/",
        "body": "{}",
        "opening": False,
        "follow": False,
        "sealed": False,
        "created": now,
        "attempts": 9,
        "next_try": now + timedelta(minutes=1),
    }
    rows = [{**row, "process": f"process {index}"} for index in range(1500)]
    nodes.city.context.database.write(lambda conn: conn.execute(outbox.insert(), rows) and None)
    send(nodes.city, listener, "one", "first")
    listener.heard("first")
    assert len(nodes.city.read(store.pending)) == 1000
    nodes.network.violations.clear()


def test_each_attempt_has_a_token_of_its_own(nodes: TwoNodes) -> None:
    """A token is good once: the same message again must not be taken for a stolen one."""
    nodes.offer()
    nodes.network.fault(REQUEST, lambda forward: answered(503)(forward) if forward() else forward())
    assert nodes.town.agreement_with(nodes.harbour)
    assert [sent.status for sent in nodes.network.of(REQUEST)] == [503, 201]


def test_who_cannot_be_checked_at_the_moment_is_asked_to_come_again(nodes: TwoNodes) -> None:
    """The other side starts anew, and its DID document is not there yet: that is no reason to refuse it for good."""
    offer = nodes.offer()
    nodes.network.route(f"{nodes.town.participant.url}/did.json", "http://nobody:1/did.json")
    pid = requested(nodes, offer)
    within(5, lambda: [sent.status for sent in nodes.network.of(REQUEST)], lambda statuses: 503 in statuses)
    assert nodes.town.negotiation(pid)["state"] == "REQUESTED"
    nodes.network._routes.clear()
    nodes.clock.ahead += timedelta(seconds=10)
    nodes.town.negotiation(pid, "FINALIZED")
