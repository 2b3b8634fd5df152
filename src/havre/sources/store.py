"""Sources and their status in the control database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.database import Utc, metadata, touch
from havre.errors import NotFound
from havre.sources.model import Source, State, Status

sources = sa.Table(
    "sources",
    metadata,
    sa.Column("participant", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("transport", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("created", Utc, nullable=False),
    sa.Column("status", sa.JSON, nullable=False),
)

_TIMES = ("started", "finished", "next")
Listed = tuple[Source, Status]


def key(participant: str, id: str) -> str:
    """What is touched when the status of a source changes."""
    return f"source:{participant}/{id}"


def insert(conn: Connection, source: Source) -> None:
    values = {**vars(source), "options": dict(source.options), "status": _stored(Status())}
    conn.execute(sources.insert(), values)


def load(conn: Connection, participant: str, id: str) -> Listed:
    query = sa.select(sources).where(sources.c.participant == participant, sources.c.id == id)
    row = conn.execute(query).mappings().one_or_none()
    if row is None:
        raise NotFound(f"no source {id}")
    return _listed(row)


def sources_of(conn: Connection, participant: str | None = None) -> list[Listed]:
    """Those of a participant, or all of the node."""
    query = sa.select(sources).order_by(sources.c.participant, sources.c.id)
    if participant is not None:
        query = query.where(sources.c.participant == participant)
    return [_listed(row) for row in conn.execute(query).mappings()]


def save_status(conn: Connection, participant: str, id: str, status: Status) -> None:
    which = sa.and_(sources.c.participant == participant, sources.c.id == id)
    conn.execute(sources.update().where(which).values(status=_stored(status)))
    touch(conn, key(participant, id))


def delete(conn: Connection, participant: str, id: str) -> None:
    conn.execute(sources.delete().where(sources.c.participant == participant, sources.c.id == id))


def _stored(status: Status) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in vars(status).items()}


def _listed(row: Mapping[Any, Any]) -> Listed:
    source = Source(**{name: value for name, value in row.items() if name != "status"})
    stored = row["status"]
    times = {name: stored[name] and datetime.fromisoformat(stored[name]) for name in _TIMES}
    return source, Status(**{**stored, "state": State(stored["state"]), **times})
