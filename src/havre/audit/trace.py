"""The trace of a negotiation or transfer: what was sent, received and decided, and what it waits for.

Nothing is written for it: what was sent stands in the outbox, what was received or decided in the audit log.
"""

from dataclasses import dataclass, fields

from sqlalchemy import Connection

from havre.audit import store
from havre.audit.steps import Message, Step, events, steps, waits_for
from havre.errors import NotFound
from havre.messages import store as outbox

MOST = 1000
"""Entries of the audit log in one trace, the newest: two sides can make each other offers for ever."""


@dataclass(frozen=True)
class Trace:
    """``steps`` are in the order of time. ``waits_for`` is one sentence, also when it waits for nothing."""

    pid: str
    waits_for: str
    steps: list[Step]


def trace(conn: Connection, participant: str, process: str, pid: str) -> Trace:
    """The trace of a participant's own ``process`` (negotiation or transfer); ``NotFound`` for all others."""
    entries = store.about(conn, participant=participant, subject=pid, events=events(process))[-MOST:]
    if not entries:
        raise NotFound(f"no {process} {pid}")
    names = [one.name for one in fields(Message)]
    messages = [Message(**{name: row[name] for name in names}) for row in outbox.trace(conn, pid)]
    return Trace(pid, waits_for(entries, messages), steps(entries, messages))
