"""Forms on a stub of Trackdéchets: nothing is made twice, nothing is asked too fast, and what is refused is said."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from havre_waste.tracing.client import Client, Refused, Unreachable
from havre_waste.tracing.forms import (
    Company,
    ForeignShip,
    Load,
    create_form_input,
    custom_id,
    is_siret,
    waste_code,
    wrong,
)
from havre_waste.tracing.limits import A_MINUTE, Bucket, Patience
from tests.waste.tracing.platform import TOKEN, Platform, running

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
OURS = "00000000000018"  # invented: it fits its check digit, and no firm has a SIREN of zeros


@dataclass
class Clock:
    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


@pytest.fixture
def platform() -> Iterator[Platform]:
    with running() as one:
        yield one


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(platform: Platform, clock: Clock) -> Client:
    bucket = Bucket(clock.now, clock.sleep)
    return Client(platform.url, TOKEN, bucket, Patience(lambda: 0.0, attempts=4), clock.sleep, clock.now)


def firm(name: str) -> Company:
    return Company(OURS, name, "1 quai Inventé", "Personne Inventée", "0000000000", "a@b.example")


SHIP = ForeignShip("9074729", "HV COASTER 01", "CITY-02", "agent", "0000000000", "a@b.example")
LOAD = Load(
    custom_id("w-1/oily/1"), "13 04 03*", "Eaux de cale", 8.0, SHIP, firm("Centre"), firm("Camions"), "CAP-1", "R9"
)
GIVEN = create_form_input(LOAD)


def made(client: Client) -> Any:
    return client.create(OURS, GIVEN, SINCE)


def test_a_form_goes_from_draft_to_sealed_to_sent(client: Client, platform: Platform) -> None:
    draft = made(client)
    assert (draft.status, draft.custom_id) == ("DRAFT", "havre/ship-waste/w-1/oily/1")
    assert client.seal(draft.id).status == "SEALED"
    signature = {"quantity": 8.0, "emittedAt": "2026-03-02T10:00:00Z", "emittedBy": "capitaine"}
    assert client.sign_emission(draft.id, signature, 1234).status == "SIGNED_BY_PRODUCER"
    assert client.sign_transport(draft.id, {"takenOverAt": "2026-03-02T10:00:00Z", "takenOverBy": "x"}).status == "SENT"
    assert client.form(draft.id).status == "SENT"
    assert platform.forms[draft.id]["given"]["emitter"]["company"]["omiNumber"] == "OMI 9074729"


def test_the_same_load_told_again_is_the_same_form(client: Client, platform: Platform) -> None:
    assert made(client) == made(client)
    client.seal("f1")
    assert client.seal("f1").status == "SEALED"
    assert platform.operations.count("createForm") == 1
    assert platform.operations.count("markAsSealed") == 1


def test_a_form_whose_answer_was_lost_is_found_and_not_made_again(client: Client, platform: Platform) -> None:
    platform.troubles.extend([None, "lost"])
    assert made(client).id == "f1"
    assert len(platform.forms) == 1


def test_a_form_that_was_not_made_is_made_then(client: Client, platform: Platform) -> None:
    platform.troubles.extend([None, "cut", None, 502, None, "internal"])
    assert made(client).id == "f1"
    assert len(platform.forms) == 1
    assert platform.operations.count("createForm") == 1


def test_a_seal_whose_answer_was_lost_is_seen(client: Client, platform: Platform) -> None:
    made(client)
    platform.troubles.extend([None, "lost"])
    assert client.seal("f1").status == "SEALED"
    assert platform.operations.count("markAsSealed") == 1


def test_a_form_among_many_is_found(client: Client, platform: Platform) -> None:
    made(client)
    for number in range(250):
        client.create(OURS, {**GIVEN, "customId": f"other-{number}"}, SINCE) if number % 50 == 0 else platform.answer(
            "mutation A { createForm", {"createFormInput": {"customId": f"bulk-{number}"}}
        )
    before = len(platform.forms)
    assert made(client).id == "f1"
    assert len(platform.forms) == before


def test_a_question_is_asked_again_and_a_dead_platform_is_given_up_loudly(
    client: Client, platform: Platform, clock: Clock
) -> None:
    made(client)
    platform.troubles.extend([500, "cut", "internal"])
    assert client.form("f1").id == "f1"
    assert clock.slept == [0.5, 1.0, 2.0]  # twice as long each time, and no chance in it here
    platform.troubles.extend([503] * 4)
    with pytest.raises(Unreachable, match=r"4 attempts.*503"):
        client.form("f1")


@pytest.mark.parametrize(
    ("headers", "wait"),
    [({"retry-after": "7"}, 7.0), ({"x-ratelimit-reset": "30"}, 30.0), ({}, 0.5), ({"retry-after": "86400"}, 120.0),
     ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0.5)],
)  # fmt: skip
def test_too_many_requests_are_waited_out_as_long_as_is_said(
    client: Client, platform: Platform, clock: Clock, headers: dict[str, str], wait: float
) -> None:
    platform.troubles.extend([None, headers])
    assert made(client).id == "f1"
    assert clock.slept == [wait]
    assert len(platform.forms) == 1


def test_what_is_refused_is_said_and_not_tried_again(client: Client, platform: Platform, clock: Clock) -> None:
    with pytest.raises(Refused, match="BAD_USER_INPUT: Aucun BSD") as refused:
        client.form("none")
    assert refused.value.fields == ("id",)
    with pytest.raises(Refused, match="not defined by type CreateFormInput"):
        client.create(OURS, {"customId": "x", "colour": "red"}, SINCE)
    with pytest.raises(Refused, match="FORBIDDEN"):
        client.sign_transport(made(client).id, {})
    platform.troubles.append(404)
    with pytest.raises(Refused, match="404"):
        client.form("f1")
    assert clock.slept == []


def test_a_wrong_token_is_refused_and_in_no_message(client: Client) -> None:
    other = replace(client, token="secret-of-mine")
    with pytest.raises(Refused, match="UNAUTHENTICATED") as refused:
        other.form("f1")
    assert "secret-of-mine" not in repr(refused.value) + repr(other)


def test_a_token_does_not_go_in_the_clear_over_a_network(client: Client) -> None:
    with pytest.raises(ValueError, match="https"):
        replace(client, url="http://api.trackdechets.example/")


def test_an_address_for_changes_is_registered(client: Client, platform: Platform) -> None:
    assert client.listen("company-1", "https://waste.example/changes", "x" * 20) == "wh-1"
    assert platform.webhooks[0]["endpointUri"] == "https://waste.example/changes"


def test_no_minute_has_more_requests_than_the_platform_allows() -> None:
    clock = Clock()
    bucket = Bucket(clock.now, clock.sleep)
    times = []
    for number in range(5000):
        if number == 2500:
            clock.at += 600  # a pause saves up no more than the burst
        bucket.take()
        times.append(clock.now())
    most = max(sum(1 for at in times[start : start + 1100] if at < times[start] + 60) for start in range(0, 3900, 7))
    assert 900 <= most <= A_MINUTE


def test_threads_share_a_bucket() -> None:
    clock, waits = Clock(), []
    lock = threading.Lock()

    def sleep(seconds: float) -> None:
        with lock:
            waits.append(seconds)

    bucket = Bucket(clock.now, sleep, a_minute=60, burst=1)
    threads = [threading.Thread(target=bucket.take) for _ in range(10)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(waits) == pytest.approx(list(range(1, 10)))  # one a second, though all came at once


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"waste_code": "130403*"}, "waste_code"),
        ({"tonnes": 0.0}, "tonnes"),
        ({"tonnes": 40.1}, "tonnes"),
        ({"tonnes": float("nan")}, "tonnes"),
        ({"recipient": Company("12345678901234", "x", "x", "x", "x", "x")}, "recipient.siret"),
        ({"packages": 3}, "packages"),
        ({"cap": ""}, "cap"),
    ],
)
def test_what_would_be_refused_is_not_sent(changes: dict[str, Any], field: str) -> None:
    assert wrong(LOAD) == []
    (problem,) = wrong(replace(LOAD, **changes))
    assert problem.startswith(f"{field}: ")
    with pytest.raises(ValueError, match=field):
        create_form_input(replace(LOAD, **changes))


def test_a_barge_may_carry_what_a_truck_may_not() -> None:
    assert wrong(replace(LOAD, tonnes=400.0, mode="RIVER")) == []


@pytest.mark.parametrize(
    ("siret", "right"),
    [("73282932000074", True), ("73282932000075", False), ("35600000000048", True), ("7328293200007", False)],
)
def test_a_siret_fits_its_check_digit(siret: str, right: bool) -> None:
    """The example of INSEE, one digit off, La Poste's seat, one digit short."""
    assert is_siret(siret) is right


def test_codes_of_ship_waste_are_told_where_they_are_certain() -> None:
    assert waste_code("oily-bilge-water") == "13 04 03*"
    assert waste_code("oil-other") is None
