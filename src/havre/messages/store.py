"""The outbox table: one row a message, kept after delivery as the trace of what was said.

Where several processes share the database a message is claimed by the one that sends it, from the moment when it is put
there: by the process that puts it or, behind others of its negotiation or transfer, by the one that has those. What a
dead process had claimed is adopted by those that live.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.database import Utc, hand, metadata, process_of, touch
from havre.engine import NUMBER
from havre.later import all_later, catch_up, later
from havre.messages.model import Outgoing

OUTBOX = "outbox"
"""The key that is touched when there is something to send."""

MOST_ADOPTED = 200
"""Negotiations and transfers at once: those who live share what the dead have left."""

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("sequence", NUMBER, primary_key=True, autoincrement=True),
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
    sa.Column("claimed_by", sa.Integer),
    sa.Index(
        "outbox_pending",
        "process",
        "sequence",
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    ),
    sa.Index("outbox_process", "process"),
)

_WAITS = outbox.c.outcome.is_(None)
_INSERT = outbox.insert().returning(outbox.c.sequence, sort_by_parameter_order=True)
_LAST = (
    sa.select(outbox.c.process, outbox.c.sequence, outbox.c.claimed_by)
    .where(outbox.c.process.in_(sa.bindparam("processes", expanding=True)), _WAITS)
    .order_by(outbox.c.sequence)
)
_FIRST = sa.select(sa.func.min(outbox.c.sequence)).where(_WAITS).group_by(outbox.c.process)
_IS_FIRST = outbox.c.sequence.in_(_FIRST)
_PENDING = sa.select(outbox).where(_IS_FIRST).order_by(outbox.c.next_try, outbox.c.sequence).limit(1000)
_OURS = _PENDING.where(outbox.c.claimed_by == sa.bindparam("us"))
_IS_PENDING = sa.select(outbox.c.sequence).where(outbox.c.sequence == sa.bindparam("which"), _WAITS)
_UNANSWERED = sa.select(outbox.c.sequence).where(
    outbox.c.process == sa.bindparam("process"), _WAITS, outbox.c.opening.is_(False)
)
_SETTLE = outbox.update().where(outbox.c.sequence == sa.bindparam("which"), _WAITS)


def insert(conn: Connection, values: dict[str, Any]) -> None:
    """Keep a message, and hand it to an outbox worker with the commit: that of this process, if no other has to."""
    all_later(conn, _insert_all, values)


def _insert_all(conn: Connection, messages: list[dict[str, Any]]) -> None:
    us = process_of(conn)
    last = {} if us is None else _last(conn, {values["process"] for values in messages})
    claimed = [{**values, "claimed_by": last.get(values["process"], (None, us))[1]} for values in messages]
    for values, sequence in zip(messages, conn.execute(_INSERT, claimed).scalars(), strict=True):
        behind, owner = last.get(values["process"], (None, us))
        if us is not None:
            last[values["process"]] = sequence, owner
        if owner == us:
            hand(conn, OUTBOX, Outgoing(sequence=sequence, behind=behind, **values))
        else:
            touch(conn, waiting_for(owner))


def _last(conn: Connection, processes: Collection[str]) -> dict[str, tuple[int | None, int | None]]:
    """The last message that waits of each process, and who has claimed it."""
    found = conn.execute(_LAST, {"processes": list(processes)})
    return {row.process: (row.sequence, row.claimed_by) for row in found}


def waiting_for(owner: int | None) -> str:
    """The key that is touched when another process has put a message behind those of ``owner``."""
    return f"{OUTBOX} of {owner}"


def is_pending(conn: Connection, sequence: int) -> bool:
    return conn.execute(_IS_PENDING, {"which": sequence}).first() is not None


def unanswered(conn: Connection, process: str) -> bool:
    """Whether the other side has not answered yet what we last said in a process that is open."""
    catch_up(conn)
    return conn.execute(_UNANSWERED, {"process": process}).first() is not None


def pending(conn: Connection, us: int | None = None) -> list[Outgoing]:
    """What process ``us`` may send next: the oldest message of each process, what is due first before all others.

    However many wait for somebody who does not answer, those for others are seen.
    """
    found = conn.execute(_PENDING) if us is None else conn.execute(_OURS, {"us": us})
    return [_outgoing(row) for row in found]


def abandoned(conn: Connection, living: Sequence[int]) -> bool:
    """Whether there is something to send that nobody who lives has claimed."""
    return conn.execute(sa.select(outbox.c.sequence).where(_WAITS, _unclaimed(living)).limit(1)).first() is not None


def adopt(conn: Connection, us: int, living: Sequence[int]) -> int:
    """Claim what nobody who lives has claimed, but for what another process is adopting now. Returns how many."""
    first = (
        sa.select(outbox.c.process)
        .where(_IS_FIRST, _unclaimed(living))
        .order_by(outbox.c.sequence)
        .limit(MOST_ADOPTED)
        .with_for_update(skip_locked=True)
    )
    found = list(conn.execute(first).scalars())
    whose = sa.and_(outbox.c.process.in_(found), _WAITS, _unclaimed(living))
    return conn.execute(outbox.update().where(whose).values(claimed_by=us)).rowcount if found else 0


def _unclaimed(living: Sequence[int]) -> sa.ColumnElement[bool]:
    return sa.or_(outbox.c.claimed_by.is_(None), outbox.c.claimed_by.not_in(living))


def settle(conn: Connection, sequence: int, *, outcome: str, answer: str, at: datetime, attempts: int) -> bool:
    """False when it was settled before: another process took us for dead and sent it, too."""
    values = {"which": sequence, "outcome": outcome, "answer": answer, "settled": at, "attempts": attempts}
    return later(conn, _SETTLE, values)


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
