"""When a message is tried again, and when a refusal counts."""

from datetime import UTC, datetime, timedelta

import pytest

from havre.messages.model import Answer, Outgoing
from havre.messages.schedule import Outcome, outcome, pause

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def message(*, opening: bool = False) -> Outgoing:
    return Outgoing(
        1, "harbour", "did:web:other", "negotiation", "p", "M", "http://x", "{}", opening, False, False, T0, 0, T0
    )


@pytest.mark.parametrize(
    ("status", "age_seconds", "opening", "expected"),
    [
        (200, 0, False, Outcome.DELIVERED),
        (400, 0, True, Outcome.REFUSED),  # nothing can have crossed a first message
        (400, 1, False, Outcome.RETRY),  # the other side may not have stored its own step yet
        (404, 1, False, Outcome.RETRY),
        (400, 6, False, Outcome.REFUSED),
        (429, 6, False, Outcome.RETRY),
        (503, 6, False, Outcome.RETRY),
        (None, 6, False, Outcome.RETRY),
        (None, 90_000, False, Outcome.GIVEN_UP),
        (503, 90_000, False, Outcome.GIVEN_UP),
    ],
)
def test_what_an_answer_means(status: int | None, age_seconds: int, opening: bool, expected: Outcome) -> None:
    answer = None if status is None else Answer(status, {})
    now = T0 + timedelta(seconds=age_seconds)
    limits = {"patience": timedelta(seconds=5), "give_up": timedelta(hours=24)}
    assert outcome(message(opening=opening), answer, now=now, **limits) is expected


def test_pauses_grow_to_a_ceiling() -> None:
    pauses = [pause(attempts, None) for attempts in range(40)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(minutes=1)
    assert pause(40, Answer(400, {})) == timedelta(seconds=1)


def test_an_answer_tells_its_reasons() -> None:
    assert str(Answer(400, {"reason": ["terms differ", "too late"]})) == "400: terms differ; too late"
    assert str(Answer(502, {})) == "502"
