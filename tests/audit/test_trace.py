"""Nothing hangs in silence: each negotiation and transfer tells what was said, and what it waits for."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from havre.audit import store
from havre.audit.steps import KINDS, OVER, WAITS, events
from havre.audit.trace import MOST
from havre.audit.usecases import append
from havre.contracts.negotiation import TRANSITIONS as NEGOTIATING
from havre.transfers.process import TRANSITIONS as TRANSFERRING
from tests import puppet
from tests.network import answer_lost, answered, lost
from tests.two_nodes import Hosted, TwoNodes, within

WHY = "the budget is gone"


def trace(of: Hosted, what: str, pid: str) -> Any:
    return of.client.get(f"/api/{what}/{pid}/trace")


def told(found: Any) -> list[tuple[str, str]]:
    return [(step["direction"], step["message"]) for step in found["steps"]]


def test_a_negotiation_tells_what_was_said_on_both_sides(nodes: TwoNodes) -> None:
    nodes.offer()
    pid = nodes.town.negotiate(nodes.harbour)
    nodes.town.negotiation(pid, "FINALIZED")
    nodes.port.settle()
    nodes.city.settle()
    ours, theirs = trace(nodes.town, "negotiations", pid), trace(nodes.harbour, "negotiations", newest(nodes.harbour))
    said = [
        ("sent", "ContractRequestMessage"),
        ("received", "ContractAgreementMessage"),
        ("sent", "ContractAgreementVerificationMessage"),
        ("received", "ContractNegotiationEventMessage:FINALIZED"),
    ]
    assert told(ours) == said
    assert told(theirs) == [("received" if one == "sent" else "sent", message) for one, message in said]
    assert (ours["waits_for"], theirs["waits_for"]) == (OVER, OVER)
    first = ours["steps"][0]
    assert (first["outcome"], first["answer"], first["attempts"], first["next_try"]) == ("delivered", "201", 1, None)
    assert first["at"] < first["settled"]
    assert [step["at"] for step in theirs["steps"]] == sorted(step["at"] for step in theirs["steps"])


def newest(of: Hosted) -> str:
    return str(of.client.get("/api/negotiations")[0]["pid"])


def test_a_transfer_tells_why_it_was_suspended(nodes: TwoNodes) -> None:
    nodes.offer()
    pid = nodes.town.started(nodes.town.agreement_with(nodes.harbour))
    assert trace(nodes.town, "transfers", pid)["waits_for"].startswith("nothing: it runs")
    theirs = nodes.harbour.their("transfers")["pid"]
    nodes.harbour.client.post(f"/api/transfers/{theirs}/suspend", {"reason": "storm"})
    nodes.town.transfer(pid, "SUSPENDED")
    found = trace(nodes.town, "transfers", pid)
    assert told(found)[-1] == ("received", "TransferSuspensionMessage")
    assert found["steps"][-1]["reasons"] == ["storm"]
    assert found["waits_for"] == "a decision of either side: resume or terminate"
    nodes.town.client.post(f"/api/transfers/{pid}/terminate", {"reason": WHY})
    nodes.harbour.transfer(theirs, "TERMINATED")
    found = trace(nodes.harbour, "transfers", theirs)
    assert (found["steps"][-1]["reasons"], found["waits_for"]) == ([WHY], OVER)


def test_what_is_not_delivered_says_to_whom_since_when_and_when_it_is_tried_again(nodes: TwoNodes) -> None:
    nodes.offer()
    nodes.network.fault("ContractRequestMessage", *[answered(503)] * 30)
    pid = nodes.town.negotiate(nodes.harbour)
    found = within(5, lambda: trace(nodes.town, "negotiations", pid), lambda one: one["steps"][0]["attempts"] > 1)
    (step,) = found["steps"]
    assert (step["outcome"], step["answer"], step["settled"]) == ("pending", "503", None)
    assert step["next_try"] > step["at"]
    where = f"{nodes.harbour.participant.protocol_url}/negotiations/request"
    assert found["waits_for"].startswith(f"delivery of ContractRequestMessage to {where}: ")
    assert "attempts, last answer '503', next try at " in found["waits_for"]


def test_who_has_to_decide_is_told(nodes: TwoNodes) -> None:
    nodes.offer(decision="human")
    pid = nodes.town.negotiate(nodes.harbour)
    theirs = nodes.harbour.their("negotiations")["pid"]
    nodes.city.settle()
    assert trace(nodes.town, "negotiations", pid)["waits_for"] == "the provider's answer"
    expected = "a decision of ours: agree, counter or refuse"
    assert trace(nodes.harbour, "negotiations", theirs)["waits_for"] == expected
    nodes.harbour.client.post(f"/api/negotiations/{theirs}/refuse", {"reason": WHY})
    nodes.town.negotiation(pid, "TERMINATED")
    found = trace(nodes.town, "negotiations", pid)
    assert (found["steps"][-1]["message"], found["steps"][-1]["reasons"], found["waits_for"]) == (
        "ContractNegotiationTerminationMessage",
        [WHY],
        OVER,
    )


def test_an_end_that_the_other_side_could_not_be_told_yet_is_noted_and_told_later(nodes: TwoNodes) -> None:
    nodes.offer(decision="human")
    nodes.network.fault("ContractRequestMessage", *[lost] * 3)
    pid = nodes.town.negotiate(nodes.harbour)
    nodes.town.client.post(f"/api/negotiations/{pid}/terminate", {"reason": WHY})
    nodes.harbour.their("negotiations", "TERMINATED")
    nodes.city.settle()
    assert told(trace(nodes.town, "negotiations", pid)) == [
        ("sent", "ContractRequestMessage"),
        ("noted", "termination"),
        ("sent", "ContractNegotiationTerminationMessage"),
    ]


def test_a_refusal_of_our_message_is_told_with_its_reason(nodes: TwoNodes) -> None:
    nodes.network.fault("ContractRequestMessage", answered(400, {"reason": ["too long"]}))
    nodes.offer()
    pid = nodes.town.negotiate(nodes.harbour)
    nodes.town.negotiation(pid, "TERMINATED")
    request, failed, ended = trace(nodes.town, "negotiations", pid)["steps"]
    assert (request["outcome"], request["answer"]) == ("refused", "400: too long")
    assert failed["message"] == "failed" and "too long" in failed["reasons"][0]
    assert (ended["direction"], ended["message"]) == ("noted", "termination")


def test_a_message_that_is_sent_twice_is_one_step(nodes: TwoNodes) -> None:
    nodes.offer()
    nodes.network.fault("ContractRequestMessage", answer_lost)
    pid = nodes.town.negotiate(nodes.harbour)
    nodes.town.negotiation(pid, "FINALIZED")
    requests = [step for step in trace(nodes.town, "negotiations", pid)["steps"] if "Request" in step["message"]]
    assert [step["attempts"] for step in requests] == [2]
    theirs = trace(nodes.harbour, "negotiations", newest(nodes.harbour))
    assert [step["message"] for step in theirs["steps"]].count("ContractRequestMessage") == 1


def test_two_messages_of_a_kind_are_told_apart(nodes: TwoNodes) -> None:
    """Offer and counter-offer go back and forth, and one of them waits while the one before was delivered."""
    provider, pid = puppet.provider_offered(nodes)
    nodes.city.settle()
    nodes.network.fault("ContractRequestMessage", *[answered(503)] * 30)
    nodes.town.client.post(f"/api/negotiations/{pid}/counter", {"policy": {"permission": [{"action": "use"}]}})
    found = trace(nodes.town, "negotiations", pid)
    assert told(found) == [
        ("sent", "ContractRequestMessage"),
        ("received", "ContractOfferMessage"),
        ("sent", "ContractRequestMessage"),
    ]
    assert [step["outcome"] for step in found["steps"]] == ["delivered", None, "pending"]
    assert f"/negotiations/{provider.pid}/request" in found["waits_for"]


def test_a_trace_is_for_its_participant_alone(nodes: TwoNodes) -> None:
    nodes.offer()
    pid = nodes.town.negotiate(nodes.harbour)
    nodes.town.negotiation(pid, "FINALIZED")
    for stranger in (nodes.startup, nodes.harbour):
        assert stranger.client.ask("GET", f"/api/negotiations/{pid}/trace").status == 404
    assert nodes.town.client.ask("GET", f"/api/transfers/{pid}/trace").status == 404
    agreement = nodes.town.negotiation(pid)["agreement"]
    nodes.town.client.post(f"/api/agreements/{agreement}/end", {"reason": WHY})
    assert nodes.town.client.ask("GET", f"/api/negotiations/{agreement}/trace").status == 404


def test_the_log_finds_what_is_about_a_thing_without_looking_at_the_rest(nodes: TwoNodes) -> None:
    asked: list[tuple[str, Any]] = []

    def plan(conn: sa.Connection) -> str:
        sa.event.listen(conn, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
        store.about(conn, participant="harbour", subject="x", events=events("transfer"))
        statement, parameters = asked[0]
        if conn.dialect.name == "sqlite":
            return str(conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
        conn.execute(sa.text("SET LOCAL enable_seqscan = off"))  # a table of a few rows it reads as a whole
        return str(conn.exec_driver_sql(f"EXPLAIN {statement}", parameters).all())

    assert "audit_about" in nodes.port.read(plan)


def test_what_was_read_under_a_transfer_hides_nothing_of_its_trace(nodes: TwoNodes) -> None:
    nodes.offer()
    nodes.town.started(nodes.town.agreement_with(nodes.harbour))
    pid = nodes.harbour.their("transfers")["pid"]
    nodes.port.settle()
    before = trace(nodes.harbour, "transfers", pid)

    def read_often(conn: sa.Connection) -> None:
        for _ in range(MOST):
            append(conn, event="access:granted", participant="harbour", subject=pid, data={}, now=nodes.clock())

    nodes.port.context.database.write(read_often)
    assert trace(nodes.harbour, "transfers", pid) == before
    assert told(before) == [("received", "TransferRequestMessage"), ("sent", "TransferStartMessage")]


def every_step() -> Iterator[str]:
    """Every step of the standard that can be the last one, as our log names it."""
    names = {
        "ContractNegotiationEventMessage:ACCEPTED": "negotiation:accepted",
        "ContractNegotiationEventMessage:FINALIZED": "negotiation:finalized",
    } | {kind: what for what, kind in KINDS.items() if "Event" not in kind}
    for _, _, message in [*NEGOTIATING, *TRANSFERRING]:
        yield names[str(message)]


def test_after_every_step_of_the_standard_it_is_said_what_is_waited_for() -> None:
    assert {f"{what}:{direction}" for what in every_step() for direction in ("sent", "received")} == set(WAITS)
