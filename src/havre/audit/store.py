"""The audit log in the control database: the entries, and one row that says how many there are and the last hash."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.audit.chain import ZERO, Entry
from havre.database import Utc, metadata
from havre.engine import NUMBER

entries = sa.Table(
    "audit_entries",
    metadata,
    sa.Column("sequence", NUMBER, primary_key=True, autoincrement=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("participant", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index("audit_of", "participant", "sequence"),
    sa.Index("audit_about", "participant", "subject", "event"),
)

head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("entries", NUMBER, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

_HEAD = sa.select(head.c.entries, head.c.hash).where(head.c.id == 1)
_LOCKED_HEAD = _HEAD.with_for_update()  # on PostgreSQL another process waits here; SQLite has one writer anyway
_INSERT = entries.insert()
_MOVE = head.update().where(head.c.id == 1)


def lock_head(conn: Connection) -> tuple[int, str]:
    """How many entries there are and the last hash, kept from others until this transaction ends."""
    row = conn.execute(_LOCKED_HEAD).one_or_none()
    if row is None:
        conn.execute(head.insert(), {"id": 1, "entries": 0, "hash": ZERO})
        return 0, ZERO
    return row.entries, row.hash


def read_head(conn: Connection) -> tuple[int, str]:
    row = conn.execute(_HEAD).one_or_none()
    return (0, ZERO) if row is None else (row.entries, row.hash)


def insert(conn: Connection, chained: list[tuple[Entry, str]]) -> None:
    """Add entries with their hashes, in order, and move the head to the last of them."""
    conn.execute(_INSERT, [{**vars(entry), "hash": hash} for entry, hash in chained])
    last, hash = chained[-1]
    conn.execute(_MOVE, {"entries": last.sequence, "hash": hash})


def stream(
    conn: Connection, *, participant: str | None = None, after: int = 0, limit: int | None = None
) -> Iterator[tuple[Entry, str]]:
    """Entries with their stored hashes in order, without holding all of them in memory."""
    query = sa.select(entries).where(entries.c.sequence > after).order_by(entries.c.sequence).limit(limit)
    if participant is not None:
        query = query.where(entries.c.participant == participant)
    with conn.execute(query.execution_options(yield_per=1000)) as found:
        for row in found.mappings():
            yield _entry(row), row["hash"]


def about(conn: Connection, *, participant: str, subject: str, events: Collection[str]) -> list[Entry]:
    """A participant's entries of such ``events`` about one thing, in order."""
    query = sa.select(entries).where(
        entries.c.participant == participant, entries.c.subject == subject, entries.c.event.in_(events)
    )
    # sorted here: asked to sort, SQLite would rather read all that the participant has, which is sorted already
    return sorted((_entry(row) for row in conn.execute(query).mappings()), key=lambda entry: entry.sequence)


def _entry(row: Mapping[Any, Any]) -> Entry:
    return Entry(**{name: row[name] for name in entries.c.keys() if name != "hash"})  # noqa: SIM118
