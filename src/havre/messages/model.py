"""What is sent, and what came back (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Outgoing:
    """A message on its way: ``body`` is the JSON text as it is sent, each time the same; ``sealed`` if it is secret.

    ``process`` is our identifier of the negotiation or transfer; messages of one process leave in order.
    ``opening`` marks the first message of a process: nothing can have crossed it, so a refusal counts at once.
    ``follow`` marks one whose delivery the room wants to hear of.
    ``behind`` is, where several processes share the outbox, the message of its process that it was put behind.
    """

    sequence: int
    sender: str
    receiver: str
    topic: str
    process: str
    kind: str
    url: str
    body: str
    opening: bool
    follow: bool
    sealed: bool
    created: datetime
    attempts: int
    next_try: datetime
    behind: int | None = None


@dataclass(frozen=True)
class Answer:
    """What the other side answered: HTTP status and the JSON object of the body, empty when there was none."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """A client error that a repetition will not mend (RFC 9110, section 15.5), but for time-outs and load."""
        return 400 <= self.status < 500 and self.status not in (408, 425, 429)

    def __str__(self) -> str:
        reasons = self.body.get("reason") or self.body.get("detail") or ()
        listed = [reasons] if isinstance(reasons, str) else [str(reason) for reason in reasons]
        return f"{self.status}: {'; '.join(listed)}" if listed else str(self.status)
