"""Pushes in the control database: one row each, from the first access to the end of its transfer and after."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.database import Utc, metadata
from havre.exchange.model import Push
from havre.transfers.process import FINAL, State
from havre.transfers.store import PUSHED, transfers

Key = tuple[str, str]
"""A participant, and its identifier of a transfer."""

_OPEN = sa.text("ended IS NULL")

pushes = sa.Table(
    "pushes",
    metadata,
    sa.Column("transfer", sa.Text, primary_key=True),
    sa.Column("participant", sa.Text, nullable=False),
    sa.Column("access", sa.Text, nullable=False),
    sa.Column("begun", Utc, nullable=False),
    sa.Column("after", sa.BigInteger, nullable=False),
    sa.Column("end", sa.BigInteger, nullable=False),
    sa.Column("next_try", Utc, nullable=False),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("leased", Utc, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("failing", Utc),
    sa.Column("ended", Utc),
    sa.Index("pushes_open", "transfer", sqlite_where=_OPEN, postgresql_where=_OPEN),
)

_STARTED = sa.select(transfers.c.participant, transfers.c.pid, transfers.c.updated).where(
    PUSHED, transfers.c.state == sa.literal_column(f"'{State.STARTED}'")
)
_OPENED = sa.select(pushes).where(pushes.c.ended.is_(None))
_LEFT = (
    sa.select(pushes.c.participant, pushes.c.transfer)
    .join(transfers, transfers.c.pid == pushes.c.transfer)
    .where(pushes.c.ended.is_(None), transfers.c.state.in_(sorted(FINAL)))
)


def started(conn: Connection) -> dict[Key, datetime]:
    """The transfers whose rows are to be sent now, and when each was started last."""
    return {(row.participant, row.pid): row.updated for row in conn.execute(_STARTED)}


def left(conn: Connection) -> list[Key]:
    """The transfers that are over while their pushes are not."""
    return [(row.participant, row.transfer) for row in conn.execute(_LEFT)]


def opened(conn: Connection) -> dict[str, Push]:
    """The pushes that are not over, by transfer."""
    return {row["transfer"]: _push(row) for row in conn.execute(_OPENED).mappings()}


def push(conn: Connection, transfer: str) -> Push | None:
    row = conn.execute(sa.select(pushes).where(pushes.c.transfer == transfer)).mappings().one_or_none()
    return None if row is None else _push(row)


def insert(conn: Connection, push: Push) -> Push:
    conn.execute(pushes.insert(), vars(push))
    return push


def save(conn: Connection, push: Push) -> Push:
    conn.execute(pushes.update().where(pushes.c.transfer == push.transfer), vars(push))
    return push


def _push(row: Mapping[Any, Any]) -> Push:
    return Push(**row)
