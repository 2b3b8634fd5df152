"""What a node says of how things stand: the trace of what is under way, and what it finds when it examines itself."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Step:
    """A step of a negotiation or transfer: ``direction`` is sent, received or noted.

    ``outcome`` of what was sent is pending, delivered, refused or given up; ``answer`` is the last one to it.
    """

    at: datetime
    direction: str
    message: str
    outcome: str | None = None
    attempts: int | None = None
    answer: str | None = None
    next_try: datetime | None = None
    reasons: tuple[str, ...] = ()
    settled: datetime | None = None


@dataclass(frozen=True)
class Trace:
    """What was said in a negotiation or transfer, and what it waits for, in one sentence."""

    pid: str
    waits_for: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What the node found when it examined itself: ``status`` is ok, warning or problem, ``next`` what to do."""

    status: str
    check: str
    subject: str
    what: str
    next: str | None = None
