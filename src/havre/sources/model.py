"""Sources and how they do (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from havre.errors import Invalid
from havre.lake.model import IDENTIFIER, Ingested


class State(StrEnum):
    IDLE = "idle"
    RUNNING = "running"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True)
class Status:
    """How a source does. ``done`` of ``total`` bytes, ``rows`` and ``quarantined`` are of the present or last pass.

    ``next`` is when it is read again by itself, ``error`` what the last pass ended with.
    """

    state: State = State.IDLE
    done: int = 0
    total: int | None = None
    rows: int = 0
    quarantined: int = 0
    started: datetime | None = None
    finished: datetime | None = None
    next: datetime | None = None
    error: str | None = None

    def begun(self, now: datetime) -> "Status":
        return Status(State.RUNNING, started=now)

    def taken(self, what: Ingested) -> "Status":
        return replace(self, rows=self.rows + what.rows, quarantined=self.quarantined + what.quarantined)

    def ended(self, now: datetime, *, next: datetime | None, error: str | None = None) -> "Status":
        state = State.FAILED if error else State.IDLE if next is None else State.WAITING
        return replace(self, state=state, finished=now, next=next, error=error)


@dataclass(frozen=True)
class Source:
    """Where rows of a dataset come from: a transport that gives bytes, a format that reads them, and their options."""

    participant: str
    id: str
    dataset: str
    transport: str
    format: str
    options: Mapping[str, str]
    created: datetime

    def __post_init__(self) -> None:
        if not IDENTIFIER.fullmatch(self.id):
            raise Invalid(f"got {self.id!r}", field="id", expected="letters, digits, '.', '_' and '-', at most 100")
