"""What the doctor asks the control database. It only reads."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.database import metadata
from havre.doctor.rules import OVERDUE, Outbox
from havre.messages.schedule import Outcome
from havre.messages.store import outbox

NEWEST = 10_000
"""So many messages are looked at for those that were given up: of all there may be millions."""

_WAITS = outbox.c.outcome.is_(None)


def missing(conn: Connection) -> list[str]:
    """Tables and columns that this release needs and the database does not have. The stores must be imported."""
    there = {name: {one["name"] for one in columns} for (_, name), columns in _columns(conn).items()}
    found = [table.name for table in metadata.sorted_tables if table.name not in there]
    for table in metadata.sorted_tables:
        found += [f"{table.name}.{one.name}" for one in table.c if one.name not in there.get(table.name, {one.name})]
    return found


def _columns(conn: Connection) -> Any:
    return sa.inspect(conn).get_multi_columns()


def examined_outbox(conn: Connection, now: datetime) -> Outbox:
    """How the outbox stands: ``now`` is what was due is measured by."""
    first = sa.select(sa.func.min(outbox.c.sequence)).where(_WAITS).group_by(outbox.c.process)
    late = sa.and_(outbox.c.sequence.in_(first), outbox.c.next_try < now - OVERDUE)
    counted = sa.select(
        sa.func.count(),
        sa.func.count().filter(outbox.c.attempts > 0),
        sa.func.count().filter(late),
    ).where(_WAITS)
    waiting, tried, due = conn.execute(counted).one()
    shown = sa.select(outbox.c.created, outbox.c.receiver, outbox.c.answer).where(_WAITS)
    oldest = conn.execute(shown.order_by(outbox.c.created, outbox.c.sequence).limit(1)).first()
    return Outbox(
        waiting=waiting,
        tried=tried,
        due=due,
        oldest=None if oldest is None else oldest.created,
        receiver=None if oldest is None else oldest.receiver,
        answer=None if oldest is None else oldest.answer,
        given_up=_given_up(conn),
    )


def _given_up(conn: Connection) -> int:
    last = sa.select(sa.func.coalesce(sa.func.max(outbox.c.sequence), 0)).scalar_subquery()
    among = sa.select(sa.func.count()).where(
        outbox.c.sequence > last - NEWEST, outbox.c.outcome == Outcome.GIVEN_UP.value
    )
    count: int = conn.execute(among).scalar_one()
    return count
