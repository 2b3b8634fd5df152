"""Rows are pushed to the consumer's endpoint: each once, in order, through failures, pauses and restarts; or not."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from havre.exchange import model, posting
from havre.exchange.pushing import Pusher
from havre.sources.transports.guarded import pools
from tests.exchange.endpoint import ARROW, Endpoint, endpoint
from tests.exchange.reading import constrained
from tests.two_nodes import ROWS, USE, TwoNodes, within

PUSH = "HttpData-PUSH"
SECRET = "t0p-s3cret"
ALL = list(range(ROWS))
PART = 20
PARTS = ROWS // PART


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many parts of few rows; and the operator allows private addresses, as that of the test's own server."""
    monkeypatch.setenv("HAVRE_PRIVATE_PUSHES", "true")
    monkeypatch.setattr(posting, "PART_ROWS", PART)
    monkeypatch.setattr(model, "PAGE_ROWS", 5 * PART)


@pytest.fixture
def there() -> Iterator[Endpoint]:
    with endpoint() as made:
        yield made


def address(there: Endpoint, **properties: str) -> dict[str, Any]:
    return {"endpoint": there.url, "authorization": SECRET, "properties": properties}


def agreed(nodes: TwoNodes, policy: Mapping[str, Any] = USE) -> str:
    return nodes.town.agreement_with(nodes.harbour, nodes.offer(policy))


def agreed_on_gates(nodes: TwoNodes, rows: int) -> str:
    """An agreement on a dataset of so many rows."""
    schema = {"fields": [{"name": "gate", "type": "string"}]}
    nodes.harbour.client.post("/api/datasets", {"id": "gates", "title": "Gates", "schema": schema})
    for _ in range(rows):
        nodes.harbour.client.post("/api/datasets/gates/rows?format=ndjson", {"gate": "north"})
    nodes.harbour.client.post("/api/offers", {"dataset": "gates", "policy": USE})
    return str(nodes.town.negotiation(nodes.town.negotiate(nodes.harbour, "gates"), "FINALIZED")["agreement"])


def ask(nodes: TwoNodes, there: Endpoint, agreement: str, **properties: str) -> str:
    """A push is asked for; the city's identifier."""
    form = {"agreement": agreement, "format": PUSH, "data_address": address(there, **properties)}
    return str(nodes.town.client.post("/api/transfers", form)["pid"])


def pushed(nodes: TwoNodes, there: Endpoint, policy: Mapping[str, Any] = USE, **properties: str) -> str:
    return ask(nodes, there, agreed(nodes, policy), **properties)


def theirs(nodes: TwoNodes) -> str:
    """The harbour's identifier of the newest transfer."""
    return str(nodes.harbour.client.get("/api/transfers")[0]["pid"])


def both(nodes: TwoNodes, pid: str, state: str) -> str:
    """Both sides come to a state; the reason that both of them have."""
    found = [nodes.town.transfer(pid, state), nodes.harbour.transfer(theirs(nodes), state)]
    assert found[0]["reason"] == found[1]["reason"]
    return str(found[0]["reason"])


def usage(nodes: TwoNodes) -> Any:
    found = within(5, lambda: nodes.harbour.client.get("/api/usage"), lambda lines: lines)
    return found[0]


def wake(nodes: TwoNodes, **step: float) -> None:
    nodes.advance(**step)
    nodes.port.node.pusher.wake()


# All goes well


def test_every_row_arrives_once_and_in_order_and_the_transfer_is_completed(nodes: TwoNodes, there: Endpoint) -> None:
    pid = pushed(nodes, there)
    both(nodes, pid, "COMPLETED")
    assert there.positions == ALL
    assert len(there.got) == PARTS
    row = there.got[0].rows[1]
    assert row == {
        "at": "2026-03-02T00:01:00Z",
        "ship": "ship 1",
        "speed": 3.7,
        "lon": 0.01,
        "lat": 49.001,
        "_position": 1,
    }


def test_a_part_says_what_it_is(nodes: TwoNodes, there: Endpoint) -> None:
    pid = pushed(nodes, there)
    both(nodes, pid, "COMPLETED")
    first, last = there.got[0].headers, there.got[-1].headers
    assert (first["content-type"], first["authorization"]) == ("application/x-ndjson", f"Bearer {SECRET}")
    assert (first["havre-transfer"], first["havre-positions"]) == (pid, "0-19/300")
    assert last["havre-positions"] == "280-299/300"
    assert len({one.key for one in there.got}) == PARTS


def test_rows_are_pushed_as_arrow_when_the_address_says_so(nodes: TwoNodes, there: Endpoint) -> None:
    both(nodes, pushed(nodes, there, mediaType=ARROW), "COMPLETED")
    assert there.got[0].headers["content-type"] == ARROW
    assert there.positions == ALL


def test_a_part_has_no_more_bytes_than_it_may(
    nodes: TwoNodes, there: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "PART_BYTES", 1000)
    both(nodes, pushed(nodes, there), "COMPLETED")
    assert there.positions == ALL
    assert max(len(one.body) for one in there.got) <= 1000 < sum(len(one.body) for one in there.got)


def test_a_part_has_a_row_at_least(nodes: TwoNodes, there: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "PART_BYTES", 1)
    both(nodes, ask(nodes, there, agreed_on_gates(nodes, 3)), "COMPLETED")
    assert there.positions == [0, 1, 2] and len(there.got) == 3


def test_a_push_is_one_access_and_what_was_acknowledged_is_metered(nodes: TwoNodes, there: Endpoint) -> None:
    pid = pushed(nodes, there, constrained("count", "lteq", "1"))
    both(nodes, pid, "COMPLETED")
    found = usage(nodes)
    assert (found["accesses"], found["rows"]) == (1, ROWS)
    assert found["bytes"] == sum(len(one.body) for one in there.got)
    assert [one["event"] for one in nodes.harbour.audit("access:")] == ["access:granted"]


def test_the_start_of_a_push_gives_no_access_and_no_tokens(nodes: TwoNodes, there: Endpoint) -> None:
    pid = pushed(nodes, there)
    both(nodes, pid, "COMPLETED")
    assert "dataAddress" not in nodes.network.of("TransferStartMessage")[0].body
    reply = nodes.town.client.ask("GET", f"/api/transfers/{pid}/access")
    assert (reply.status, "pushed" in reply.json["detail"]) == (409, True)


def test_the_request_says_where_to_as_the_standard_does(nodes: TwoNodes, there: Endpoint) -> None:
    """The network of the test holds it against the standard's schema, too."""
    both(nodes, pushed(nodes, there), "COMPLETED")
    body = nodes.network.of("TransferRequestMessage")[0].body
    assert body["format"] == PUSH
    assert body["dataAddress"] == {
        "@type": "DataAddress",
        "endpointType": "https://w3id.org/idsa/v4.1/HTTP",
        "endpoint": there.url,
        "endpointProperties": [
            {"@type": "EndpointProperty", "name": "authorization", "value": SECRET},
            {"@type": "EndpointProperty", "name": "authType", "value": "bearer"},
        ],
    }


def test_a_dataset_without_rows_is_pushed_in_no_time(nodes: TwoNodes, there: Endpoint) -> None:
    both(nodes, ask(nodes, there, agreed_on_gates(nodes, 0)), "COMPLETED")
    assert there.got == [] and usage(nodes)["rows"] == 0


def test_pushes_at_once_do_not_mix(nodes: TwoNodes, there: Endpoint) -> None:
    agreement = agreed(nodes)
    with endpoint() as other:
        pids = [ask(nodes, one, agreement) for one in (there, other)]
        for pid in pids:
            nodes.town.transfer(pid, "COMPLETED")
        for pid, one in zip(pids, (there, other), strict=True):
            assert one.positions == ALL
            assert {got.headers["havre-transfer"] for got in one.got} == {pid}


# It does not


def test_an_endpoint_that_is_busy_for_a_while_gets_every_row_once(nodes: TwoNodes, there: Endpoint) -> None:
    there.answers = lambda number: 503 if 3 <= number <= 6 else 200
    pid = pushed(nodes, there)
    both(nodes, pid, "COMPLETED")
    assert there.positions == ALL
    assert len(there.got) == PARTS + 4
    assert len({one.key for one in there.got[2:7]}) == 1
    assert usage(nodes)["rows"] == ROWS


def test_a_long_failure_before_a_pause_does_not_count_after_it(nodes: TwoNodes, there: Endpoint) -> None:
    there.answers = lambda number: 503
    pid = pushed(nodes, there)
    within(5, lambda: nodes.port.read(_attempts), lambda attempts: attempts > 0)
    nodes.town.client.post(f"/api/transfers/{pid}/suspend", {"reason": "we move house"})
    both(nodes, pid, "SUSPENDED")
    within(5, lambda: nodes.port.node.pusher._under_way, lambda left: not left)
    before = len(there.got)
    there.answers = lambda number: 503 if number <= before + 2 else 200
    wake(nodes, hours=25)
    nodes.town.client.post(f"/api/transfers/{pid}/resume")
    both(nodes, pid, "COMPLETED")
    assert there.positions == ALL


def test_a_push_that_waits_does_nothing(nodes: TwoNodes, there: Endpoint) -> None:
    there.answers = lambda number: 503
    pid = pushed(nodes, there)
    within(5, lambda: nodes.port.read(_attempts), lambda attempts: attempts > 2)
    nodes.town.client.post(f"/api/transfers/{pid}/suspend", {"reason": "a storm"})
    both(nodes, pid, "SUSPENDED")
    pusher = nodes.port.node.pusher
    within(5, lambda: pusher._under_way, lambda left: not left)
    time.sleep(0.05)
    used, asked = time.process_time(), len(there.got)
    time.sleep(0.5)
    assert time.process_time() - used < 0.25
    assert len(there.got) == asked


def test_an_endpoint_that_refuses_ends_the_transfer_and_both_sides_hear_why(nodes: TwoNodes, there: Endpoint) -> None:
    there.answers = lambda number: 403 if number == 3 else 200
    pid = pushed(nodes, there)
    why = both(nodes, pid, "TERMINATED")
    host = there.url.split("/")[2]
    assert why == f"the rows could not be pushed: {host} answered 403"
    assert there.positions == ALL[: 2 * PART]
    assert usage(nodes)["rows"] == 2 * PART


def test_a_redirection_is_not_followed(nodes: TwoNodes, there: Endpoint) -> None:
    there.answers = lambda number: 307
    assert "answered 307" in both(nodes, pushed(nodes, there), "TERMINATED")


def test_an_endpoint_that_stays_away_is_given_up(nodes: TwoNodes) -> None:
    with endpoint() as gone:
        pass
    pid = pushed(nodes, gone)
    nodes.town.transfer(pid, "STARTED")
    within(5, lambda: nodes.port.read(_attempts), lambda attempts: attempts > 2)
    wake(nodes, hours=25)
    why = both(nodes, pid, "TERMINATED")
    assert "no answer from 127.0.0.1" in why and "(NewConnectionError)" in why and "24 hours" in why


def _attempts(conn: Any) -> int:
    from havre.exchange import store

    return max((one.attempts for one in store.opened(conn).values()), default=0)


def test_a_private_address_is_refused_unless_the_operator_allows_it(nodes: TwoNodes, there: Endpoint) -> None:
    nodes.port.node.pusher._http = pools(private=False)
    assert "private address" in both(nodes, pushed(nodes, there), "TERMINATED")
    assert there.got == []


def test_terms_that_do_not_allow_it_end_the_transfer_with_the_reasons(nodes: TwoNodes, there: Endpoint) -> None:
    pid = pushed(nodes, there, constrained("purpose", "isAnyOf", ["research"]), purpose="advertising")
    assert "advertising" in both(nodes, pid, "TERMINATED")
    assert there.got == []
    assert [one["event"] for one in nodes.harbour.audit("access:")] == ["access:denied"]


def test_a_purpose_is_said_in_the_address(nodes: TwoNodes, there: Endpoint) -> None:
    pid = pushed(nodes, there, constrained("purpose", "isAnyOf", ["research"]), purpose="research")
    both(nodes, pid, "COMPLETED")
    assert there.positions == ALL


# In the middle


class Gate:
    """Lets the parts of a push through until number ``at``; that one is held until it is ``opened``."""

    def __init__(self, there: Endpoint, at: int) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self._before, there.answers = there.answers, self._answer
        self._at = at

    def _answer(self, number: int) -> int:
        if number == self._at:
            self.reached.set()
            assert self.opened.wait(10)
        return self._before(number)


def halfway(nodes: TwoNodes, there: Endpoint, policy: Mapping[str, Any] = USE) -> tuple[Gate, str]:
    gate = Gate(there, PARTS // 2)
    pid = pushed(nodes, there, policy)
    assert gate.reached.wait(10)
    return gate, pid


@pytest.mark.parametrize("side", ["consumer", "provider"])
def test_a_push_that_is_suspended_stops_and_goes_on_where_it_was(nodes: TwoNodes, there: Endpoint, side: str) -> None:
    gate, pid = halfway(nodes, there)
    hosted, own = (nodes.town, pid) if side == "consumer" else (nodes.harbour, theirs(nodes))
    hosted.client.post(f"/api/transfers/{own}/suspend", {"reason": "a storm"})
    both(nodes, pid, "SUSPENDED")
    gate.opened.set()
    within(5, lambda: nodes.port.node.pusher._under_way, lambda left: not left)
    assert len(there.got) == PARTS // 2
    hosted.client.post(f"/api/transfers/{own}/resume")
    both(nodes, pid, "COMPLETED")
    assert there.positions == ALL and len(there.got) == PARTS


def test_the_end_of_the_agreement_stops_a_push(nodes: TwoNodes, there: Endpoint) -> None:
    gate, pid = halfway(nodes, there)
    agreement = nodes.town.transfer(pid)["agreement"]
    nodes.harbour.client.post(f"/api/agreements/{agreement}/end", {"reason": "sold"})
    gate.opened.set()
    assert both(nodes, pid, "TERMINATED") == "the agreement was ended: sold"
    found = usage(nodes)
    assert there.positions == ALL[: found["rows"]] and len(there.got) == PARTS // 2


def test_terms_that_end_stop_a_push(nodes: TwoNodes, there: Endpoint) -> None:
    until = (nodes.clock() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    gate, pid = halfway(nodes, there, constrained("dateTime", "lt", until))
    nodes.advance(hours=2)
    gate.opened.set()
    assert "dateTime" in both(nodes, pid, "TERMINATED")
    assert len(there.got) == PARTS // 2
    assert [one["event"] for one in nodes.harbour.audit("access:")] == ["access:granted", "access:denied"]


def test_a_consumer_that_has_enough_completes_and_no_more_is_sent(nodes: TwoNodes, there: Endpoint) -> None:
    gate, pid = halfway(nodes, there)
    nodes.town.client.post(f"/api/transfers/{pid}/complete")
    both(nodes, pid, "COMPLETED")
    gate.opened.set()
    within(5, lambda: nodes.port.node.pusher._under_way, lambda left: not left)
    assert len(there.got) == PARTS // 2
    assert usage(nodes)["rows"] == (PARTS // 2) * PART


@pytest.mark.parametrize("known", [False, True], ids=["before it knows", "after it knows"])
def test_a_push_goes_on_after_its_node_was_killed(nodes: TwoNodes, there: Endpoint, known: bool) -> None:
    """It dies when the consumer has a part: that part comes again if the node did not know it yet, and no other."""
    gate, pid = halfway(nodes, there)
    dead = nodes.port.node
    nodes.port.die()
    dead.pusher._stopping = True
    if not known:
        dead.context.database.write = _killed  # type: ignore[method-assign]
    gate.opened.set()
    within(5, lambda: dead.pusher._under_way, lambda left: not left)
    vars(dead.context.database).pop("write", None)
    nodes.port.restart()
    nodes.reopen()
    assert len(there.got) == PARTS // 2
    wake(nodes, seconds=61)  # another process' push is taken up when that may have died
    both(nodes, pid, "COMPLETED")
    assert there.positions == ALL
    assert len(there.got) == PARTS + (0 if known else 1)
    assert (there.got[PARTS // 2 - 1].key == there.got[PARTS // 2].key) is not known
    assert (usage(nodes)["accesses"], usage(nodes)["rows"]) == (1, ROWS)


def _killed(function: object) -> Any:
    raise RuntimeError("this node is gone")


@pytest.fixture
def second(nodes: TwoNodes) -> Iterator[Pusher]:
    """Another process' pusher on the harbour's database, not started."""
    made = Pusher(nodes.port.context)
    yield made
    made.stop()


def test_a_push_is_in_the_hands_of_one_process(nodes: TwoNodes, there: Endpoint, second: Pusher) -> None:
    gate, pid = halfway(nodes, there)
    second.start()
    time.sleep(0.2)
    assert len(there.got) == PARTS // 2 - 1  # and one is held
    gate.opened.set()
    both(nodes, pid, "COMPLETED")
    assert there.positions == ALL and len(there.got) == PARTS


def test_who_was_too_slow_changes_nothing_any_more(nodes: TwoNodes, there: Endpoint, second: Pusher) -> None:
    """A post takes longer than the lease: another process goes on, and the late answer counts for nothing."""
    slow, pid = halfway(nodes, there)
    next_one = Gate(there, PARTS // 2 + 1)
    second.start()
    wake(nodes, seconds=61)
    second.wake()
    assert next_one.reached.wait(5)
    slow.opened.set()
    within(5, lambda: nodes.port.node.pusher._under_way, lambda left: not left)
    next_one.opened.set()
    both(nodes, pid, "COMPLETED")
    assert there.positions == ALL
    assert usage(nodes)["rows"] == ROWS


def test_rows_that_come_later_are_not_of_this_push(nodes: TwoNodes, there: Endpoint) -> None:
    gate, pid = halfway(nodes, there)
    row = {"at": "2026-03-03T00:00:00Z", "ship": "late"}
    nodes.harbour.client.post("/api/datasets/ships/rows?format=ndjson", row)
    gate.opened.set()
    both(nodes, pid, "COMPLETED")
    assert there.positions == ALL


# Secrets


def test_neither_the_secret_nor_the_endpoint_is_shown_or_kept_in_clear(
    nodes: TwoNodes, there: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    there.answers = lambda number: 503 if number == 2 else (403 if number == 4 else 200)
    pid = pushed(nodes, there)
    both(nodes, pid, "TERMINATED")
    shown = [
        str(side.client.get(path))
        for side in (nodes.town, nodes.harbour)
        for path in ("/api/transfers", "/api/audit?limit=1000", "/api/usage", "/api/agreements")
    ]
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("havre")]
    assert any("answered 503" in one for one in ours)
    for text in (*shown, *ours):
        assert SECRET not in text and "S1GNATURE" not in text
    for node in (nodes.port, nodes.city):
        stored = b"".join(path.read_bytes() for path in node.settings.home.glob("havre.db*"))
        assert SECRET.encode() not in stored and b"S1GNATURE" not in stored


def test_what_opens_the_endpoint_is_forgotten_with_the_end(nodes: TwoNodes, there: Endpoint) -> None:
    from havre.transfers import store

    both(nodes, pushed(nodes, there), "COMPLETED")
    assert nodes.port.read(store.load, "harbour", theirs(nodes)).access is None
