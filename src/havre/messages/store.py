"""The outbox table: one row a message, kept after delivery as the trace of what was said."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.database import Utc, metadata, touch
from havre.messages.model import Outgoing

OUTBOX = "outbox"
"""The key that is touched when there is something to send."""

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("receiver", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("opening", sa.Boolean, nullable=False),
    sa.Column("follow", sa.Boolean, nullable=False),
    sa.Column("sealed", sa.Boolean, nullable=False),
    sa.Column("created", Utc, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_try", Utc, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("answer", sa.Text),
    sa.Column("settled", Utc),
    sa.Index(
        "outbox_pending",
        "process",
        "sequence",
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    ),
    sa.Index("outbox_process", "process"),
)

_INSERT = outbox.insert()
_FIRST = sa.select(sa.func.min(outbox.c.sequence)).where(outbox.c.outcome.is_(None)).group_by(outbox.c.process)
_PENDING = (
    sa.select(outbox).where(outbox.c.sequence.in_(_FIRST)).order_by(outbox.c.next_try, outbox.c.sequence).limit(1000)
)
_IS_PENDING = sa.select(outbox.c.sequence).where(outbox.c.sequence == sa.bindparam("which"), outbox.c.outcome.is_(None))
_SETTLE = outbox.update().where(outbox.c.sequence == sa.bindparam("which"))


def insert(conn: Connection, values: dict[str, Any]) -> None:
    """Keep a message, and hand it to the outbox worker of this process with the commit."""
    sequence: int = conn.execute(_INSERT, values).inserted_primary_key[0]  # type: ignore[index]
    touch(conn, OUTBOX, Outgoing(sequence=sequence, **values))


def is_pending(conn: Connection, sequence: int) -> bool:
    return conn.execute(_IS_PENDING, {"which": sequence}).first() is not None


def pending(conn: Connection) -> list[Outgoing]:
    """What may be sent next: the oldest message of each process, what is due first before all others.

    However many wait for somebody who does not answer, those for others are seen.
    """
    return [_outgoing(row) for row in conn.execute(_PENDING)]


def settle(conn: Connection, sequence: int, *, outcome: str, answer: str, at: datetime, attempts: int) -> None:
    conn.execute(
        _SETTLE,
        {"which": sequence, "outcome": outcome, "answer": answer, "settled": at, "attempts": attempts},
    )


def postpone(conn: Connection, sequence: int, *, answer: str, next_try: datetime, attempts: int) -> None:
    conn.execute(_SETTLE, {"which": sequence, "answer": answer, "next_try": next_try, "attempts": attempts})


def trace(conn: Connection, process: str) -> list[sa.RowMapping]:
    """All messages that were sent for a process, with attempts and answers, oldest first."""
    query = sa.select(outbox).where(outbox.c.process == process).order_by(outbox.c.sequence)
    return list(conn.execute(query).mappings())


def _outgoing(row: sa.Row[Any]) -> Outgoing:
    return Outgoing(
        sequence=row.sequence,
        sender=row.sender,
        receiver=row.receiver,
        topic=row.topic,
        process=row.process,
        kind=row.kind,
        url=row.url,
        body=row.body,
        opening=row.opening,
        follow=row.follow,
        sealed=row.sealed,
        created=row.created,
        attempts=row.attempts,
        next_try=row.next_try,
    )
