"""Transfers and access tokens in the control database."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.contracts.negotiation import Role
from havre.database import Utc, metadata, touch
from havre.errors import NotFound, Overtaken
from havre.transfers.model import PUSH, Granted, Transfer
from havre.transfers.process import State

PUSHED = sa.text(f"role = '{Role.PROVIDER}' AND format = '{PUSH}'")
"""The transfers whose rows are for us to send; in these words an index finds them."""

transfers = sa.Table(
    "transfers",
    metadata,
    sa.Column("pid", sa.Text, primary_key=True),
    sa.Column("participant", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("counterparty", sa.Text, nullable=False),
    sa.Column("peer_pid", sa.Text),
    sa.Column("peer_url", sa.Text, nullable=False),
    sa.Column("agreement", sa.Text, nullable=False),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("created", Utc, nullable=False),
    sa.Column("updated", Utc, nullable=False),
    sa.Column("access", sa.LargeBinary),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("received", sa.JSON, nullable=False),
    sa.Column("reactions", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("transfers_of", "participant", "created"),
    sa.Index("transfers_under", "participant", "agreement"),
    sa.Index("transfers_peer", "participant", "counterparty", "peer_pid", unique=True),
    sa.Index("transfers_pushed", "state", sqlite_where=PUSHED, postgresql_where=PUSHED),
)

PUSHES = "pushes"
"""The key that is touched when a push of ours changes."""

access_tokens = sa.Table(
    "access_tokens",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column(
        "transfer",
        sa.Text,
        sa.ForeignKey("transfers.pid", deferrable=True, initially="DEFERRED"),
        nullable=False,
        index=True,
    ),
    sa.Column("renews", sa.Boolean, nullable=False),
    sa.Column("expires", Utc),
)

_INSERT = transfers.insert()
_LOAD = sa.select(transfers).where(transfers.c.pid == sa.bindparam("pid"))
_BY_PEER = sa.select(transfers).where(
    transfers.c.participant == sa.bindparam("participant"),
    transfers.c.counterparty == sa.bindparam("counterparty"),
    transfers.c.peer_pid == sa.bindparam("peer_pid"),
)
_SAVE = transfers.update().where(transfers.c.pid == sa.bindparam("which"), transfers.c.version == sa.bindparam("seen"))
_GRANTED = (
    sa.select(transfers, access_tokens.c.expires)
    .join(access_tokens, access_tokens.c.transfer == transfers.c.pid)
    .where(access_tokens.c.hash == sa.bindparam("hash"), access_tokens.c.renews == sa.bindparam("renews"))
)


def load(conn: Connection, participant: str, pid: str) -> Transfer:
    """The transfer with our identifier ``pid``; ``NotFound`` also for another participant's."""
    row = conn.execute(_LOAD, {"pid": pid}).mappings().one_or_none()
    if row is None or row["participant"] != participant:
        raise missing(pid)
    return _transfer(row)


def missing(pid: str) -> NotFound:
    return NotFound(f"no transfer {pid}")


def load_by_peer(conn: Connection, participant: str, counterparty: str, peer_pid: str) -> Transfer | None:
    """The transfer that the other side calls ``peer_pid``."""
    key = {"participant": participant, "counterparty": counterparty, "peer_pid": peer_pid}
    row = conn.execute(_BY_PEER, key).mappings().one_or_none()
    return None if row is None else _transfer(row)


def insert(conn: Connection, transfer: Transfer) -> None:
    _touch(conn, transfer)
    conn.execute(_INSERT, _columns(transfer))


def save(conn: Connection, transfer: Transfer, *, seen: int) -> Transfer:
    """Store what became of a transfer that was loaded with the version ``seen``; returns it.

    ``Overtaken`` when it was changed since.
    """
    _touch(conn, transfer)
    values = _columns(transfer)
    which = values.pop("pid")
    if conn.execute(_SAVE, {**values, "which": which, "seen": seen}).rowcount != 1:
        raise Overtaken(f"transfer {which} was changed at the same time")
    return transfer


def _touch(conn: Connection, transfer: Transfer) -> None:
    touch(conn, transfer.pid, transfer)
    if transfer.pushed:
        touch(conn, PUSHES)


def listed(
    conn: Connection,
    participant: str,
    *,
    agreement: str | None = None,
    state: str | None = None,
    role: str | None = None,
    limit: int | None = 1000,
) -> list[Transfer]:
    """A participant's transfers, newest first."""
    query = sa.select(transfers).where(transfers.c.participant == participant)
    for column, value in ((transfers.c.agreement, agreement), (transfers.c.state, state), (transfers.c.role, role)):
        if value is not None:
            query = query.where(column == value)
    query = query.order_by(transfers.c.created.desc()).limit(limit)
    return [_transfer(row) for row in conn.execute(query).mappings()]


def insert_token(conn: Connection, secret: str, transfer: str, *, renews: bool, expires: datetime | None) -> None:
    values = {"hash": _fingerprint(secret), "transfer": transfer, "renews": renews, "expires": expires}
    conn.execute(access_tokens.insert(), values)


def granted(conn: Connection, secret: str, *, renews: bool = False) -> Granted | None:
    """What a token stands for, expired or not."""
    row = conn.execute(_GRANTED, {"hash": _fingerprint(secret), "renews": renews}).mappings().one_or_none()
    if row is None:
        return None
    values = {name: value for name, value in row.items() if name != "expires"}
    return Granted(_transfer(values), row["expires"])


def delete_tokens(conn: Connection, transfer: str, *, refresh_too: bool) -> None:
    query = access_tokens.delete().where(access_tokens.c.transfer == transfer)
    conn.execute(query if refresh_too else query.where(access_tokens.c.renews.is_(False)))


def delete_expired(conn: Connection, transfer: str, now: datetime) -> None:
    conn.execute(access_tokens.delete().where(access_tokens.c.transfer == transfer, access_tokens.c.expires < now))


def _fingerprint(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _columns(transfer: Transfer) -> dict[str, Any]:
    return {**vars(transfer), "reasons": list(transfer.reasons), "received": list(transfer.received)}


def _transfer(row: Mapping[Any, Any]) -> Transfer:
    values = {
        **row,
        "role": Role(row["role"]),
        "state": State(row["state"]),
        "reasons": tuple(row["reasons"]),
        "received": tuple(row["received"]),
    }
    return Transfer(**values)
