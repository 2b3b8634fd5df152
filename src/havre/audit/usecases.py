"""Write to the audit log, in the transaction of what happened, and prove the log whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from havre.audit import store
from havre.audit.chain import ZERO, Entry, canonical, digest
from havre.database import at_commit


@dataclass(frozen=True)
class Verification:
    """What a check of the whole log found. ``first_bad`` is the sequence number where it breaks, ``why`` says how."""

    entries: int
    head: str
    first_bad: int | None = None
    why: str | None = None

    @property
    def whole(self) -> bool:
        return self.why is None


def append(
    conn: Connection, *, event: str, participant: str, subject: str, data: Mapping[str, Any], now: datetime
) -> None:
    """Log that ``event`` happened to ``subject``. ``data`` holds JSON values: identifiers, reasons, never secrets.

    The entries of all writes that share a commit join the chain together at its end.
    """
    at_commit(conn, _chain, (now, participant, event, subject, canonical(data)))


def _chain(conn: Connection, noted: list[tuple[datetime, str, str, str, str]]) -> None:
    count, previous = store.lock_head(conn)
    chained = []
    for sequence, one in enumerate(noted, count + 1):
        entry = Entry(sequence, *one, previous)
        previous = digest(entry)
        chained.append((entry, previous))
    store.insert(conn, chained)


def verify(conn: Connection) -> Verification:
    """Recompute every hash of the log. Finds a changed, missing, added or moved entry, also at the end."""
    count, last = store.read_head(conn)
    previous, expected = ZERO, 1
    for entry, stored in store.stream(conn):
        why = _fault(entry, stored, expected, previous)
        if why is not None:
            return Verification(count, last, expected, why)
        previous, expected = stored, expected + 1
    if (expected - 1, previous) != (count, last):
        return Verification(count, last, expected, f"the head says {count} entries, {expected - 1} are there")
    return Verification(count, last)


def _fault(entry: Entry, stored: str, expected: int, previous: str) -> str | None:
    if entry.sequence != expected:
        return f"entry {expected} is missing"
    if entry.previous != previous:
        return "it does not follow the entry before it"
    return None if digest(entry) == stored else "it was changed after it was written"
