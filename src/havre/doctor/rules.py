"""What is good and what is not, of clocks and of messages that wait (pure)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from havre.doctor.model import Finding, ok, problem, warning

NOTICEABLE = timedelta(seconds=5)
SHORT = timedelta(minutes=1)
"""For so long a message may wait for somebody without more being said than that it does."""
OVERDUE = timedelta(minutes=2)
"""For so long a message may wait for its turn, where many others wait for somebody who does not answer."""
KEEP_TIME = "see that both machines keep the time (NTP): `timedatectl` shows whether this one does"
START = "see that the node runs (`havre run`), and what its log says of the outbox"
LOOK = "see the checks of that participant above, and the trace of what waits: `havre negotiation trace`"
AGAIN = "each ended what it was for, with the reason in its trace: when the other side is back, begin again"


@dataclass(frozen=True)
class Outbox:
    """``tried`` were sent and not taken, ``due`` should have been tried a while ago; ``given_up`` are of the newest."""

    waiting: int
    tried: int
    due: int
    oldest: datetime | None
    receiver: str | None
    answer: str | None
    given_up: int


def ahead(date: str | None, age: str | None, asked: datetime, answered: datetime) -> timedelta | None:
    """How far another clock is ahead of ours, by the ``Date`` of its answer (RFC 9110, section 6.6.1); to a second.

    ``Age`` is what a cache on the way adds (RFC 9111, section 5.1). None when the answer does not tell the time.
    """
    try:
        told = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    told = told.replace(tzinfo=UTC) if told.tzinfo is None else told
    kept = timedelta(seconds=int(age)) if age is not None and age.isdecimal() and len(age) < 9 else timedelta()
    # the header leaves out what is left of its second: on average half of one
    return told + kept + timedelta(seconds=0.5) - (asked + (answered - asked) / 2)


def clock(subject: str, difference: timedelta | None, leeway: timedelta) -> Finding:
    """What a difference between two clocks means: tokens are refused when it is longer than the ``leeway`` for them."""
    if difference is None:
        return ok("clock", subject, "does not tell what time it is")
    seconds = difference.total_seconds()
    what = f"its clock is {abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} ours"
    if abs(difference) > leeway:
        return problem("clock", subject, f"{what}: tokens are refused from {leeway.total_seconds():g} s on", KEEP_TIME)
    if abs(difference) > NOTICEABLE:
        return warning("clock", subject, what, KEEP_TIME)
    return ok("clock", subject, what)


def messages(found: Outbox, now: datetime) -> list[Finding]:
    """What waits in the outbox, and what was given up."""
    return [_waiting(found, now), _given_up(found)]


def _waiting(found: Outbox, now: datetime) -> Finding:
    check, subject = "outbox", "messages that wait"
    if found.oldest is None:
        return ok(check, subject, "none")
    what = f"{found.waiting}, the oldest since {found.oldest:%Y-%m-%d %H:%M:%S} UTC for {found.receiver}"
    if found.due:
        return problem(check, subject, f"{what}; nobody sends {found.due} of them, which are due", START)
    if found.tried and now - found.oldest > SHORT:
        return warning(check, subject, f"{what}; last answer: {found.answer}", LOOK)
    return ok(check, subject, what)


def _given_up(found: Outbox) -> Finding:
    check, subject = "outbox", "messages given up"
    if not found.given_up:
        return ok(check, subject, "none")
    return warning(check, subject, f"{found.given_up} of the newest", AGAIN)
