"""What an examination finds (pure)."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """A ``PROBLEM`` keeps the node from doing its work; a ``WARNING`` may become one, or keeps a part from it."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """``check`` looked at ``subject`` and says ``what`` it saw; ``next`` is what to do, if anything."""

    status: Status
    check: str
    subject: str
    what: str
    next: str | None = None


def ok(check: str, subject: str, what: str) -> Finding:
    return Finding(Status.OK, check, subject, what)


def warning(check: str, subject: str, what: str, next: str) -> Finding:
    return Finding(Status.WARNING, check, subject, what, next)


def problem(check: str, subject: str, what: str, next: str) -> Finding:
    return Finding(Status.PROBLEM, check, subject, what, next)
