"""Negotiations and agreements in the control database."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.contracts.model import Agreement, Negotiation
from havre.contracts.negotiation import Role, State
from havre.database import Utc, metadata, touch
from havre.errors import NotFound, Overtaken
from havre.later import in_haste, later, remember, remembered

negotiations = sa.Table(
    "negotiations",
    metadata,
    sa.Column("pid", sa.Text, primary_key=True),
    sa.Column("participant", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("counterparty", sa.Text, nullable=False),
    sa.Column("peer_pid", sa.Text),
    sa.Column("peer_url", sa.Text, nullable=False),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("offer", sa.JSON, nullable=False),
    sa.Column("reactions", sa.JSON, nullable=False),
    sa.Column("created", Utc, nullable=False),
    sa.Column("updated", Utc, nullable=False),
    sa.Column("agreement", sa.JSON(none_as_null=True)),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("received", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("negotiations_of", "participant", "created"),
    sa.Index("negotiations_peer", "participant", "counterparty", "peer_pid", unique=True),
)

agreements = sa.Table(
    "agreements",
    metadata,
    sa.Column("participant", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("counterparty", sa.Text, nullable=False),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("terms", sa.JSON, nullable=False),
    sa.Column("negotiation", sa.Text, nullable=False),
    sa.Column("peer_url", sa.Text, nullable=False),
    sa.Column("signed", Utc, nullable=False),
    sa.Column("reactions", sa.JSON, nullable=False),
    sa.Column("ended", Utc),
    sa.Column("reason", sa.Text),
    sa.Index("agreements_about", "participant", "dataset", "counterparty", "signed"),
)

_INSERT = negotiations.insert()
_SIGN = agreements.insert()
_LOAD = sa.select(negotiations).where(negotiations.c.pid == sa.bindparam("pid"))
_AGREEMENT = sa.select(agreements).where(
    agreements.c.participant == sa.bindparam("participant"), agreements.c.id == sa.bindparam("id")
)
_RUNNING = (
    sa.select(agreements)
    .where(
        agreements.c.participant == sa.bindparam("participant"),
        agreements.c.dataset == sa.bindparam("dataset"),
        agreements.c.counterparty == sa.bindparam("counterparty"),
        agreements.c.role == Role.CONSUMER.value,
        agreements.c.ended.is_(None),
    )
    .order_by(agreements.c.signed.desc())
    .limit(100)
)
_BY_PEER = sa.select(negotiations).where(
    negotiations.c.participant == sa.bindparam("participant"),
    negotiations.c.counterparty == sa.bindparam("counterparty"),
    negotiations.c.peer_pid == sa.bindparam("peer_pid"),
)
_SAVE = negotiations.update().where(
    negotiations.c.pid == sa.bindparam("which"), negotiations.c.version == sa.bindparam("seen")
)


def load(conn: Connection, participant: str, pid: str) -> Negotiation:
    """The negotiation with our identifier ``pid``; ``NotFound`` also for another participant's."""
    found: Negotiation | None = remembered(conn, pid)
    if found is None:
        row = conn.execute(_LOAD, {"pid": pid}).mappings().one_or_none()
        found = None if row is None else _negotiation(row)
    if found is None or found.participant != participant:
        raise missing(pid)
    return found


def missing(pid: str) -> NotFound:
    return NotFound(f"no negotiation {pid}")


def load_by_peer(conn: Connection, participant: str, counterparty: str, peer_pid: str) -> Negotiation | None:
    """The negotiation that the other side calls ``peer_pid``, for somebody who goes on to write another one."""
    if in_haste(conn):  # when there is one, there cannot be another
        known: Negotiation | None = remembered(conn, (participant, counterparty, peer_pid))
        return known
    key = {"participant": participant, "counterparty": counterparty, "peer_pid": peer_pid}
    row = conn.execute(_BY_PEER, key).mappings().one_or_none()
    return None if row is None else _negotiation(row)


def insert(conn: Connection, negotiation: Negotiation) -> None:
    if negotiation.rests:
        touch(conn, negotiation.pid, negotiation)
    later(conn, _INSERT, _columns(negotiation))
    _remember(conn, negotiation)


def save(conn: Connection, negotiation: Negotiation, *, seen: int) -> Negotiation:
    """Store what became of a negotiation that was loaded with the version ``seen``; returns it.

    ``Overtaken`` when it was changed since.
    """
    if negotiation.rests:
        touch(conn, negotiation.pid, negotiation)
    values = _columns(negotiation)
    which = values.pop("pid")
    if not later(conn, _SAVE, {**values, "which": which, "seen": seen}):
        raise Overtaken(f"negotiation {which} was changed at the same time")
    _remember(conn, negotiation)
    return negotiation


def _remember(conn: Connection, negotiation: Negotiation) -> None:
    remember(conn, negotiation.pid, negotiation)
    if negotiation.peer_pid is not None:
        remember(conn, (negotiation.participant, negotiation.counterparty, negotiation.peer_pid), negotiation)


def listed(
    conn: Connection,
    participant: str,
    *,
    state: str | None = None,
    role: str | None = None,
    limit: int = 1000,
) -> list[Negotiation]:
    """A participant's negotiations, newest first."""
    query = sa.select(negotiations).where(negotiations.c.participant == participant)
    if state:
        query = query.where(negotiations.c.state == state)
    if role:
        query = query.where(negotiations.c.role == role)
    query = query.order_by(negotiations.c.created.desc()).limit(limit)
    return [_negotiation(row) for row in conn.execute(query).mappings()]


def insert_agreement(conn: Connection, agreement: Agreement) -> None:
    later(conn, _SIGN, vars(agreement))


def agreement(conn: Connection, participant: str, id: str) -> Agreement:
    """``NotFound`` also for an agreement of somebody else."""
    row = conn.execute(_AGREEMENT, {"participant": participant, "id": id}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"no agreement {id}")
    return _agreement(row)


def is_agreement(conn: Connection, participant: str, id: str) -> bool:
    """Whether the identifier is one of an agreement that the participant has."""
    return conn.execute(_AGREEMENT, {"participant": participant, "id": id}).first() is not None


def agreements_of(conn: Connection, participant: str) -> list[Agreement]:
    """A participant's agreements, newest first."""
    query = sa.select(agreements).where(agreements.c.participant == participant).order_by(agreements.c.signed.desc())
    return [_agreement(row) for row in conn.execute(query).mappings()]


def running_about(conn: Connection, participant: str, dataset: str, counterparty: str) -> list[Agreement]:
    """The newest agreements of a participant as the consumer, with a provider on a dataset, that have not ended."""
    key = {"participant": participant, "dataset": dataset, "counterparty": counterparty}
    return [_agreement(row) for row in conn.execute(_RUNNING, key).mappings()]


def end_agreement(conn: Connection, agreement: Agreement) -> None:
    conn.execute(
        agreements.update()
        .where(agreements.c.participant == agreement.participant, agreements.c.id == agreement.id)
        .values(ended=agreement.ended, reason=agreement.reason)
    )


def _columns(negotiation: Negotiation) -> dict[str, Any]:
    return {**vars(negotiation), "reasons": list(negotiation.reasons), "received": list(negotiation.received)}


def _negotiation(row: Mapping[Any, Any]) -> Negotiation:
    values = {
        **row,
        "role": Role(row["role"]),
        "state": State(row["state"]),
        "reasons": tuple(row["reasons"]),
        "received": tuple(row["received"]),
    }
    return Negotiation(**values)


def _agreement(row: Mapping[Any, Any]) -> Agreement:
    return Agreement(**{**row, "role": Role(row["role"])})
