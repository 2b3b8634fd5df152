"""When an undelivered message is tried again, and when its refusal counts (pure)."""

from datetime import datetime, timedelta
from enum import StrEnum

from havre.messages.model import Answer, Outgoing

FIRST_PAUSE = timedelta(milliseconds=50)
LONGEST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE_WHEN_REFUSED = timedelta(seconds=1)


class Outcome(StrEnum):
    DELIVERED = "delivered"
    RETRY = "retry"
    REFUSED = "refused"
    GIVEN_UP = "given up"


def outcome(
    message: Outgoing, answer: Answer | None, *, now: datetime, patience: timedelta, give_up: timedelta
) -> Outcome:
    """What an answer means for a message; ``None`` is no answer at all.

    Two messages of one process can cross: the other side may refuse ours because it has not yet stored its own step.
    So a refusal counts only when it still comes after ``patience``, except for an opening message.
    """
    age = now - message.created
    if answer is not None and answer.accepted:
        return Outcome.DELIVERED
    if answer is not None and answer.refused:
        return Outcome.REFUSED if message.opening or age >= patience else Outcome.RETRY
    return Outcome.GIVEN_UP if age >= give_up else Outcome.RETRY


def pause(attempts: int, answer: Answer | None) -> timedelta:
    """How long to wait after that many attempts: doubling, with a ceiling."""
    ceiling = LONGEST_PAUSE_WHEN_REFUSED if answer is not None and answer.refused else LONGEST_PAUSE
    return min(FIRST_PAUSE * (1 << min(attempts, 20)), ceiling)
