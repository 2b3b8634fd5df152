"""What opens the rows: given with the start, renewed, and dead with whatever ends it."""

from typing import Any

import pytest

from tests.asgi import Reply, ask
from tests.two_nodes import TwoNodes, within


@pytest.fixture
def nodes(standing: TwoNodes) -> TwoNodes:
    """The same for all tests here: each has an agreement of its own."""
    return standing


def opened(nodes: TwoNodes, access: Any) -> Reply:
    """What the endpoint of an access answers to its token."""
    url, token = access["endpoint"], access["token"]
    return ask(nodes.port.app, "GET", f"{url}?limit=1", b"", {"authorization": f"Bearer {token}"})


def theirs(nodes: TwoNodes) -> str:
    """The harbour's identifier of the newest transfer."""
    return str(nodes.harbour.client.get("/api/transfers")[0]["pid"])


def end(nodes: TwoNodes, step: str, side: str, pid: str, why: str = "a storm") -> None:
    hosted, own = (nodes.town, pid) if side == "consumer" else (nodes.harbour, theirs(nodes))
    hosted.client.post(f"/api/transfers/{own}/{step}", {"reason": why})


def test_a_start_gives_endpoint_and_token(nodes: TwoNodes, transfer: str) -> None:
    access = nodes.town.access(transfer)
    assert access["endpoint"] == f"{nodes.harbour.participant.url}/data/ships"
    assert opened(nodes, access).status == 200


def test_what_opens_the_rows_stands_in_no_database_in_clear(nodes: TwoNodes, transfer: str) -> None:
    token = nodes.town.access(transfer)["token"].encode()
    start = nodes.network.of("TransferStartMessage")[-1].body
    secrets = [one["value"].encode() for one in start["dataAddress"]["endpointProperties"] if "oken" in one["name"]]
    for node in (nodes.port, nodes.city):
        stored = b"".join(path.read_bytes() for path in node.settings.home.glob("havre.db*"))
        assert not [secret for secret in (token, *secrets) if secret in stored]


def test_only_the_consumer_gets_the_access(nodes: TwoNodes, transfer: str) -> None:
    reply = nodes.harbour.client.ask("GET", f"/api/transfers/{theirs(nodes)}/access")
    assert (reply.status, reply.json["code"]) == (400, "protocol")


def test_a_token_expires_and_says_so(nodes: TwoNodes, transfer: str) -> None:
    access = nodes.town.access(transfer)
    nodes.advance(minutes=59)
    assert opened(nodes, access).status == 200
    nodes.advance(minutes=2)
    reply = opened(nodes, access)
    assert (reply.status, reply.json["code"]) == (403, "denied")
    assert "expired" in reply.json["reasons"][0]


def test_an_access_is_renewed_before_its_end(nodes: TwoNodes, transfer: str) -> None:
    first = nodes.town.access(transfer)
    assert nodes.town.access(transfer) == first
    nodes.advance(minutes=59, seconds=30)
    second = nodes.town.access(transfer)
    assert second["token"] != first["token"]
    nodes.advance(minutes=30)
    assert opened(nodes, second).status == 200
    assert opened(nodes, first).status == 403


def test_a_new_token_is_given_when_it_is_asked_for(nodes: TwoNodes, transfer: str) -> None:
    first, second = nodes.town.access(transfer), nodes.town.access(transfer, fresh=True)
    assert second["token"] != first["token"]
    assert [opened(nodes, one).status for one in (first, second)] == [200, 200]
    assert nodes.town.access(transfer) == second


def test_only_a_refresh_token_renews(nodes: TwoNodes, transfer: str) -> None:
    token = nodes.town.access(transfer)["token"]
    url = f"{nodes.harbour.participant.url}/data/token"
    assert ask(nodes.port.app, "POST", url, b"", {"authorization": f"Bearer {token}"}).status == 404


@pytest.mark.parametrize("side", ["consumer", "provider"])
@pytest.mark.parametrize(
    ("step", "state"), [("suspend", "SUSPENDED"), ("complete", "COMPLETED"), ("terminate", "TERMINATED")]
)
def test_a_token_dies_with_the_transfer_whoever_stops_it(
    nodes: TwoNodes, transfer: str, step: str, state: str, side: str
) -> None:
    access = nodes.town.access(transfer)
    end(nodes, step, side, transfer)
    nodes.town.transfer(transfer, state)
    found = nodes.harbour.transfer(theirs(nodes), state)
    reply = opened(nodes, access)
    assert (reply.status, reply.json["code"]) == (403, "denied")
    if step != "complete":
        assert found["reason"] == nodes.town.transfer(transfer)["reason"] == "a storm"
        assert reply.json["reasons"] == ["a storm"]
    refused = nodes.town.client.ask("GET", f"/api/transfers/{transfer}/access")
    assert (refused.status, refused.json["code"]) == (409, "conflict")


@pytest.mark.parametrize("step", ["suspend", "complete", "terminate"])
def test_a_refresh_token_dies_with_the_transfer(nodes: TwoNodes, transfer: str, step: str) -> None:
    start = nodes.network.of("TransferStartMessage")[-1].body
    values = {one["name"]: one["value"] for one in start["dataAddress"]["endpointProperties"]}
    headers = {"authorization": f"Bearer {values['refreshToken']}"}
    assert ask(nodes.port.app, "POST", values["refreshEndpoint"], b"", headers).status == 200
    end(nodes, step, "provider", transfer)
    assert ask(nodes.port.app, "POST", values["refreshEndpoint"], b"", headers).status == 403


def test_a_token_dies_with_the_agreement_and_the_consumer_hears_why(
    nodes: TwoNodes, agreement: str, transfer: str
) -> None:
    access = nodes.town.access(transfer)
    nodes.harbour.client.post(f"/api/agreements/{agreement}/end", {"reason": "sold"})
    assert "sold" in opened(nodes, access).json["reasons"][0]
    assert nodes.town.transfer(transfer, "TERMINATED")["reason"] == "the agreement was ended: sold"


def test_nothing_starts_under_an_agreement_that_has_ended(nodes: TwoNodes, agreement: str) -> None:
    nodes.harbour.client.post(f"/api/agreements/{agreement}/end", {"reason": "sold"})
    pid = nodes.town.client.post("/api/transfers", {"agreement": agreement})["pid"]
    assert "sold" in nodes.town.transfer(pid, "TERMINATED")["reason"]
    nodes.town.client.post(f"/api/agreements/{agreement}/end", {"reason": "sold"})
    reply = nodes.town.client.ask("POST", "/api/transfers", {"agreement": agreement})
    assert (reply.status, reply.json["reasons"]) == (403, ["sold"])


def test_an_agreement_ends_once(nodes: TwoNodes, agreement: str) -> None:
    nodes.harbour.client.post(f"/api/agreements/{agreement}/end", {"reason": "sold"})
    reply = nodes.harbour.client.ask("POST", f"/api/agreements/{agreement}/end", {"reason": "again"})
    assert reply.status == 409
    assert nodes.harbour.client.get(f"/api/agreements/{agreement}")["reason"] == "sold"


# Again


def suspended(nodes: TwoNodes, side: str, pid: str, why: str = "a storm") -> None:
    end(nodes, "suspend", side, pid, why)
    nodes.town.transfer(pid, "SUSPENDED")
    nodes.harbour.transfer(theirs(nodes), "SUSPENDED")


def resumed(nodes: TwoNodes, side: str, pid: str) -> None:
    end(nodes, "resume", side, pid)
    nodes.town.transfer(pid, "STARTED")
    nodes.harbour.transfer(theirs(nodes), "STARTED")


@pytest.mark.parametrize("who_suspends", ["consumer", "provider"])
@pytest.mark.parametrize("who_resumes", ["consumer", "provider"])
def test_what_is_resumed_has_a_new_token_and_the_old_one_stays_dead(
    nodes: TwoNodes, transfer: str, who_suspends: str, who_resumes: str
) -> None:
    before = nodes.town.access(transfer)
    suspended(nodes, who_suspends, transfer)
    resumed(nodes, who_resumes, transfer)
    after = nodes.town.access(transfer)
    assert opened(nodes, after).status == 200
    assert opened(nodes, before).status == 404
    assert nodes.town.transfer(transfer)["reason"] is None


@pytest.mark.parametrize("who_suspends", ["consumer", "provider"])
@pytest.mark.parametrize("who_resumes", ["consumer", "provider"])
def test_it_can_be_suspended_and_resumed_again_with_the_same_words(
    nodes: TwoNodes, transfer: str, who_suspends: str, who_resumes: str
) -> None:
    for _ in range(3):
        suspended(nodes, who_suspends, transfer)
        resumed(nodes, who_resumes, transfer)
    assert opened(nodes, nodes.town.access(transfer)).status == 200


def test_a_consumer_cannot_resume_what_its_agreement_does_not_carry_any_more(
    nodes: TwoNodes, agreement: str, transfer: str
) -> None:
    suspended(nodes, "consumer", transfer)
    nodes.network.fault("TransferTerminationMessage", *[_lost] * 3)
    nodes.harbour.client.post(f"/api/agreements/{agreement}/end", {"reason": "sold"})
    nodes.town.client.ask("POST", f"/api/transfers/{transfer}/resume")
    assert nodes.town.transfer(transfer, "TERMINATED")
    assert nodes.harbour.transfer(theirs(nodes))["state"] == "TERMINATED"


def _lost(forward: Any) -> Any:
    from tests.network import lost

    return lost(forward)


def test_what_is_over_cannot_be_resumed(nodes: TwoNodes, transfer: str) -> None:
    end(nodes, "terminate", "consumer", transfer)
    reply = nodes.town.client.ask("POST", f"/api/transfers/{transfer}/resume")
    assert (reply.status, reply.json["code"]) == (400, "protocol")


def test_a_renewal_never_overwrites_the_access_of_a_later_start(nodes: TwoNodes, transfer: str) -> None:
    """The provider suspends and resumes while the consumer waits for a new token: the newer access counts."""
    from havre.participants.keys import node_key
    from havre.transfers import renewal

    context, town = nodes.city.context, nodes.town.participant
    key = node_key(context.settings)

    def between(forward: Any) -> Any:
        reply = forward()
        suspended(nodes, "provider", transfer)
        resumed(nodes, "provider", transfer)
        return reply

    nodes.network.fault("", between)  # a renewal has no body
    renewal.current_access(context, town, transfer, key, fresh=True)
    assert opened(nodes, nodes.town.access(transfer)).status == 200


@pytest.mark.parametrize("told", [{}, {"token": "x"}, {"token": "x", "expires": "soon"}, {"token": 1, "expires": 2}])
def test_a_renewal_that_makes_no_sense_is_the_others_fault(nodes: TwoNodes, transfer: str, told: Any) -> None:
    from tests.network import answered

    nodes.network.fault("", answered(200, told))
    reply = nodes.town.client.ask("GET", f"/api/transfers/{transfer}/access?fresh=true")
    assert (reply.status, reply.json["code"]) == (502, "unreachable")
    assert within(1, lambda: opened(nodes, nodes.town.access(transfer)), lambda one: one.status == 200)
