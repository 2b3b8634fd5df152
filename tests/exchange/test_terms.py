"""The terms are looked at again at each access; every one is logged, and what left is counted."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from havre.database import Database
from havre.exchange import access, routes
from havre.lake.reading import Rows
from havre.transfers.usecases import end_agreement
from tests.asgi import Client, Left, Reply
from tests.exchange.reading import Reader, constrained, reader
from tests.network import answered
from tests.two_nodes import MEMBERS, ROWS, USE, TwoNodes, within


@pytest.fixture
def nodes(standing: TwoNodes) -> TwoNodes:
    """The same for all tests here: each has an agreement of its own."""
    return standing


@pytest.fixture
def operator(nodes: TwoNodes) -> Iterator[Client]:
    """The port's operator, whose trust in the city is as before when the test is over."""
    client = nodes.operator(nodes.port)
    yield client
    client.post("/api/node/trust", {"id": nodes.town.did, "name": "City", "memberships": [MEMBERS]})


def assert_denied(reply: Reply, *words: str) -> None:
    assert (reply.status, reply.json["code"]) == (403, "denied"), reply
    reasons = " ".join(reply.json["reasons"])
    assert [word for word in words if word not in reasons] == []


# What the terms ask for


def test_a_purpose_must_be_said_and_be_the_right_one(nodes: TwoNodes) -> None:
    found = reader(nodes, constrained("purpose", "isAnyOf", ["research", "planning"]))
    assert_denied(found.read(), "purpose", "no purpose was stated")
    assert_denied(found.read({"purpose": "advertising"}), "advertising")
    assert found.read({"purpose": "research"}).status == 200
    assert found.read([("purpose", "research"), ("purpose", "billing")]).status == 200


def test_accesses_are_counted_to_the_last_one(nodes: TwoNodes) -> None:
    found = reader(nodes, constrained("count", "lteq", "3"))
    assert [found.read({"limit": 1}).status for _ in range(3)] == [200] * 3
    assert_denied(found.read(), "count lteq 3", "this would be access 4")
    assert found.usage()["accesses"] == 3


def test_a_denied_access_does_not_use_up_the_count(nodes: TwoNodes) -> None:
    purpose = constrained("purpose", "isAnyOf", ["research"])["permission"][0]["constraint"]
    count = constrained("count", "lteq", "1")["permission"][0]["constraint"]
    found = reader(nodes, {"permission": [{"action": "use", "constraint": [*purpose, *count]}]})
    assert [found.read().status for _ in range(3)] == [403] * 3
    assert found.read({"purpose": "research"}).status == 200
    assert_denied(found.read({"purpose": "research"}), "access 2")


def test_accesses_at_once_are_no_more_than_the_terms_allow(nodes: TwoNodes) -> None:
    found = reader(nodes, constrained("count", "lteq", "3"))
    given = nodes.town.access(found.transfer)
    statuses: list[int] = []
    one = lambda: statuses.append(found.ask(given["endpoint"], given["token"]).status)  # noqa: E731
    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 3 + [403] * 5


def test_terms_end_at_their_time(nodes: TwoNodes) -> None:
    found = reader(nodes, constrained("dateTime", "lt", (nodes.clock() + timedelta(hours=1)).isoformat()))
    assert found.read().status == 200
    nodes.advance(hours=1)
    assert_denied(found.read(), "dateTime lt")


def test_who_is_no_longer_a_member_reads_no_longer(nodes: TwoNodes, operator: Client) -> None:
    found = reader(nodes, constrained("membership", "isAnyOf", [MEMBERS]))
    assert found.read().status == 200
    operator.post("/api/node/trust", {"id": nodes.town.did, "name": "City", "memberships": ["another"]})
    assert_denied(found.read(), MEMBERS, "another")


def test_who_is_no_longer_trusted_reads_no_longer(nodes: TwoNodes, operator: Client) -> None:
    found = reader(nodes)
    given = nodes.town.access(found.transfer)
    operator.delete(f"/api/node/trust?id={nodes.town.did}")
    assert_denied(found.ask(given["endpoint"], given["token"]), "no longer on the trust list")


def test_a_prohibition_that_may_apply_denies(nodes: TwoNodes) -> None:
    research = {"leftOperand": "purpose", "operator": "isAnyOf", "rightOperand": ["advertising"]}
    found = reader(nodes, {**USE, "prohibition": [{"action": "use", "constraint": [research]}]})
    assert_denied(found.read(), "prohibited")
    assert_denied(found.read({"purpose": "advertising"}), "prohibited")
    assert found.read({"purpose": "research"}).status == 200


# The log and the meter


def test_each_access_is_in_the_log_granted_or_denied(nodes: TwoNodes) -> None:
    found = reader(nodes, constrained("purpose", "isAnyOf", ["research"]))
    found.read()
    found.read({"purpose": "research"})
    denied, granted = [one for one in nodes.harbour.audit("access:") if one["data"]["agreement"] == found.agreement]
    assert (denied["event"], granted["event"]) == ("access:denied", "access:granted")
    assert "no purpose was stated" in denied["data"]["reasons"][0]
    assert granted["data"]["purposes"] == ["research"]
    for one in (denied, granted):
        assert (one["data"]["agreement"], one["data"]["counterparty"]) == (found.agreement, nodes.town.did)


@pytest.mark.parametrize("format_", ["json", "ndjson", "csv", "parquet", "arrow"])
def test_what_is_counted_is_what_was_received(nodes: TwoNodes, format_: str) -> None:
    found = reader(nodes)
    replies = [found.read({"format": format_, "limit": limit}) for limit in (1, 50, 200)]
    used = found.usage()
    assert (used["accesses"], used["rows"]) == (3, 251)
    assert used["bytes"] == sum(len(reply.body) for reply in replies)


def test_each_agreement_has_its_own_line(nodes: TwoNodes) -> None:
    one, other = reader(nodes), reader(nodes)
    one.read({"limit": 1})
    other.read({"limit": 2})
    assert (one.usage()["rows"], other.usage()["rows"]) == (1, 2)


# Under way


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lake gives its rows in batches of ten, as it would give those of a large table."""
    import havre.lake.reading as reading

    scan = reading.scan

    def in_tens(*arguments: Any) -> Rows:
        rows = scan(*arguments)
        tens = (batch.slice(at, 10) for batch in rows.batches for at in range(0, batch.num_rows, 10))
        return Rows(rows.schema, tens, rows.next)

    monkeypatch.setattr(reading, "scan", in_tens)


def stopped_by(found: Reader, stop: Callable[[], object], format_: str = "ndjson") -> Reply:
    """What is received when ``stop`` happens after the first piece."""
    pieces: list[bytes] = []

    def take(piece: bytes) -> None:
        pieces.append(piece)
        if len(pieces) == 1:
            stop()

    return found.read({"format": format_}, take)


@pytest.mark.usefixtures("slowly")
def test_an_answer_that_nobody_stops_is_whole(nodes: TwoNodes) -> None:
    found = reader(nodes)
    reply = stopped_by(found, lambda: None)
    assert reply.whole and reply.body.count(b"\n") == ROWS


@pytest.mark.usefixtures("slowly")
@pytest.mark.parametrize("how", ["end the agreement", "terminate", "suspend", "the consumer's own termination"])
def test_a_withdrawal_stops_the_answer_under_way(nodes: TwoNodes, how: str) -> None:
    found = reader(nodes)
    theirs = nodes.harbour.client.get("/api/transfers")[0]["pid"]
    why = {"reason": "enough"}

    def stop() -> None:
        match how:
            case "end the agreement":
                nodes.harbour.client.post(f"/api/agreements/{found.agreement}/end", why)
            case "terminate" | "suspend":
                nodes.harbour.client.post(f"/api/transfers/{theirs}/{how}", why)
            case _:
                nodes.town.client.post(f"/api/transfers/{found.transfer}/terminate", why)
                nodes.harbour.transfer(theirs, "TERMINATED")

    reply = stopped_by(found, stop)
    assert not reply.whole
    received = reply.body.count(b"\n")
    assert 10 <= received < ROWS
    used = within(2, found.usage, lambda line: line)
    assert (used["rows"], used["bytes"]) == (received, len(reply.body))


@pytest.mark.usefixtures("slowly")
def test_a_withdrawal_by_another_process_stops_it_too(nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "LOOKED_AGAIN_SECONDS", 0)
    found = reader(nodes)
    other = Database(nodes.port.settings.database)
    harbour, now = nodes.harbour.participant, nodes.clock()

    def end() -> None:
        other.write(lambda conn: end_agreement(conn, harbour, found.agreement, "enough", now=now))

    reply = stopped_by(found, end)
    other.close()
    assert not reply.whole and reply.body.count(b"\n") < ROWS


@pytest.mark.usefixtures("slowly")
def test_a_withdrawal_between_the_decision_and_the_first_row_lets_nothing_out(
    nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = reader(nodes)
    decide = routes.access.decide

    def decided(*arguments: Any) -> Any:
        granted = decide(*arguments)
        nodes.harbour.client.post(f"/api/agreements/{found.agreement}/end", {"reason": "enough"})
        return granted

    monkeypatch.setattr(routes.access, "decide", decided)
    reply = found.read({"format": "ndjson"})
    assert not reply.whole and reply.body == b""


@pytest.mark.usefixtures("slowly")
def test_what_happens_elsewhere_does_not_stop_an_answer(nodes: TwoNodes) -> None:
    found, other = reader(nodes), reader(nodes)
    end = f"/api/agreements/{other.agreement}/end"
    reply = stopped_by(found, lambda: nodes.harbour.client.post(end, {"reason": "enough"}))
    assert reply.whole and reply.body.count(b"\n") == ROWS


@pytest.mark.usefixtures("slowly")
def test_what_a_reader_got_before_it_left_is_counted(nodes: TwoNodes) -> None:
    found = reader(nodes)

    def leave() -> None:
        raise Left

    reply = stopped_by(found, leave)
    assert not reply.whole
    used = within(2, found.usage, lambda line: line)
    assert 10 <= used["rows"] <= 30, "what was already being made may count, the rest of the table may not"


def test_an_access_that_the_provider_cannot_be_asked_about_says_so(nodes: TwoNodes) -> None:
    found = reader(nodes)
    nodes.network.fault("", answered(503))
    reply = nodes.town.client.ask("GET", f"/api/transfers/{found.transfer}/access?fresh=true")
    assert (reply.status, reply.json["code"]) == (502, "unreachable")
