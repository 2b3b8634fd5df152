"""Accesses that were granted, and usage events, in the control database.

An access is a row from the moment it is granted, so that a limit on their number holds exactly, whatever becomes of it.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from havre.database import Utc, metadata
from havre.metering.model import NEXT, UsageEvent, UsageLine

granted = sa.Table(
    "granted_accesses",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("participant", sa.Text, nullable=False),
    sa.Column("agreement", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Index("granted_under", "participant", "agreement"),
)

usage = sa.Table(
    "usage_events",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("participant", sa.Text, nullable=False),
    sa.Column("agreement", sa.Text, nullable=False),
    sa.Column("transfer", sa.Text, nullable=False),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("consumer", sa.Text, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("milliseconds", sa.Integer, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Index("usage_under", "participant", "agreement"),
)


def insert_granted(conn: Connection, *, id: str, participant: str, agreement: str, at: datetime) -> None:
    conn.execute(granted.insert(), {"id": id, "participant": participant, "agreement": agreement, "at": at})


def count_granted(conn: Connection, participant: str, agreement: str) -> int:
    which = sa.and_(granted.c.participant == participant, granted.c.agreement == agreement)
    return conn.execute(sa.select(sa.func.count()).select_from(granted).where(which)).scalar_one()


def insert_usage(conn: Connection, event: UsageEvent) -> None:
    module: Any = postgresql if conn.dialect.name == "postgresql" else sqlite
    conn.execute(module.insert(usage).on_conflict_do_nothing(), vars(event))


def summary(conn: Connection, participant: str) -> list[UsageLine]:
    columns = usage.c
    query = (
        sa.select(
            columns.agreement,
            columns.dataset,
            columns.consumer,
            sa.func.count().filter(columns.id.not_like(f"%{NEXT}%")).label("accesses"),
            sa.func.sum(columns.rows).label("rows"),
            sa.func.sum(columns.bytes).label("bytes"),
            sa.func.min(columns.at).label("first"),
            sa.func.max(columns.at).label("last"),
        )
        .where(columns.participant == participant)
        .group_by(columns.agreement, columns.dataset, columns.consumer)
        .order_by(columns.dataset, columns.consumer, columns.agreement)
    )
    return [
        UsageLine(**{**row, "rows": int(row["rows"]), "bytes": int(row["bytes"])}) for row in _mappings(conn, query)
    ]


def _mappings(conn: Connection, query: sa.Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in conn.execute(query).mappings()]
