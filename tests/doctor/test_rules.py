"""What the time in an answer says, and when a message has waited for too long."""

from datetime import UTC, datetime, timedelta

import pytest

from havre.doctor.model import Status
from havre.doctor.rules import Outbox, ahead, messages

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DATE = "Mon, 02 Mar 2026 12:00:10 GMT"


def test_a_date_is_compared_with_the_middle_of_the_question() -> None:
    assert ahead(DATE, None, NOON, NOON) == timedelta(seconds=10.5)
    assert ahead(DATE, None, NOON, NOON + timedelta(seconds=4)) == timedelta(seconds=8.5)


def test_what_a_cache_has_kept_is_older_by_its_age() -> None:
    assert ahead(DATE, "60", NOON + timedelta(seconds=70), NOON + timedelta(seconds=70)) == timedelta(seconds=0.5)


@pytest.mark.parametrize("date", [None, "", "yesterday", "Mon, 99 Mar 2026 12:00:10 GMT", "12"])
def test_who_does_not_tell_the_time_has_none(date: str | None) -> None:
    assert ahead(date, None, NOON, NOON) is None


@pytest.mark.parametrize("age", ["", "-1", "soon", "9" * 400])
def test_an_age_that_is_none_counts_for_nothing(age: str) -> None:
    assert ahead(DATE, age, NOON, NOON) == timedelta(seconds=10.5)


def stands(seconds: float, *, tried: int = 0, due: int = 0, given_up: int = 0) -> list[Status]:
    oldest = NOON - timedelta(seconds=seconds)
    found = messages(Outbox(1, tried, due, oldest, "did:web:x", "503", given_up), NOON)
    return [finding.status for finding in found]


def test_a_message_may_wait_a_little() -> None:
    assert stands(30, tried=1) == [Status.OK, Status.OK]
    assert stands(90, tried=1) == [Status.WARNING, Status.OK]


def test_what_is_due_and_not_sent_is_a_problem() -> None:
    assert stands(300, due=1) == [Status.PROBLEM, Status.OK]


def test_what_was_given_up_is_a_warning() -> None:
    assert stands(0, given_up=1)[1] is Status.WARNING
    assert [one.status for one in messages(Outbox(0, 0, 0, None, None, None, 0), NOON)] == [Status.OK] * 2
