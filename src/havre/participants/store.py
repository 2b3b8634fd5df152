"""Participants, members, API tokens, the trust list and spent tokens in the control database."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.database import Utc, metadata, touch
from havre.later import later
from havre.participants.model import (
    Counterparty,
    Member,
    Participant,
    Recognition,
    Role,
    Scope,
    Token,
    Trusted,
)

participants = sa.Table(
    "participants",
    metadata,
    sa.Column("slug", sa.Text, primary_key=True),
    sa.Column("did", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("sealed_key", sa.LargeBinary, nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("created", Utc, nullable=False),
)

members = sa.Table(
    "members",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("participant", sa.Text, sa.ForeignKey("participants.slug"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("removed", Utc),
)

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    sa.Column("member", sa.Text, sa.ForeignKey("members.id"), nullable=False),
    sa.Column("scopes", sa.JSON, nullable=False),
    sa.Column("created", Utc, nullable=False),
    sa.Column("expires", Utc, nullable=False),
    sa.Column("revoked", Utc),
)

operator_tokens = sa.Table(
    "operator_tokens",
    metadata,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("created", Utc, nullable=False),
)

trust = sa.Table(
    "trust",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("memberships", sa.JSON, nullable=False),
    sa.Column("recognition", sa.Text, nullable=False),
    sa.Column("sends", sa.LargeBinary),
    sa.Column("receives", sa.Text, unique=True),
    sa.Column("added", Utc, nullable=False),
)

spent_tokens = sa.Table(
    "spent_tokens",
    metadata,
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("expires", Utc, nullable=False, index=True),
)


_PARTICIPANT = sa.select(participants).where(participants.c.slug == sa.bindparam("slug"))
_SPEND = spent_tokens.insert()
_BY_DID = sa.select(participants).where(participants.c.did == sa.bindparam("did"))
_BY_VALUE = sa.select(trust).where(trust.c.receives == sa.bindparam("receives"))
_HOLDER = (
    sa.select(members, api_tokens.c.scopes, participants.c.did, participants.c.name.label("owner"), participants.c.url)
    .join(api_tokens, api_tokens.c.member == members.c.id)
    .join(participants, participants.c.slug == members.c.participant)
    .where(
        api_tokens.c.hash == sa.bindparam("hash"),
        api_tokens.c.revoked.is_(None),
        api_tokens.c.expires > sa.bindparam("now", type_=Utc),
        members.c.removed.is_(None),
    )
)
_TRUSTED = sa.select(trust).where(trust.c.id == sa.bindparam("id"))

TRUST = "trust"
"""The key that is touched when the trust list changes."""
CALLERS = "callers"
"""The key that is touched when a token or a member ends, or has other rights."""


def fingerprint(secret: str) -> str:
    """What is stored of a secret that has enough randomness of its own."""
    return sha256(secret.encode()).hexdigest()


def insert_participant(
    conn: Connection, participant: Participant, *, sealed_key: bytes, public_key: bytes, now: datetime
) -> None:
    conn.execute(
        participants.insert(),
        {**vars(participant), "sealed_key": sealed_key, "public_key": public_key, "created": now},
    )


def participant(conn: Connection, slug: str) -> Participant | None:
    row = conn.execute(_PARTICIPANT, {"slug": slug}).one_or_none()
    return None if row is None else _participant(row)


def participant_by_did(conn: Connection, did: str) -> Participant | None:
    row = conn.execute(_BY_DID, {"did": did}).one_or_none()
    return None if row is None else _participant(row)


def participants_of_node(conn: Connection) -> list[Participant]:
    return [_participant(row) for row in conn.execute(sa.select(participants).order_by(participants.c.slug))]


def sealed_key(conn: Connection, slug: str) -> bytes:
    key: bytes = conn.execute(sa.select(participants.c.sealed_key).where(participants.c.slug == slug)).scalar_one()
    return key


def public_key(conn: Connection, slug: str) -> bytes:
    key: bytes = conn.execute(sa.select(participants.c.public_key).where(participants.c.slug == slug)).scalar_one()
    return key


def insert_member(conn: Connection, member: Member) -> None:
    conn.execute(members.insert(), vars(member))


def members_of(conn: Connection, participant: str) -> list[Member]:
    query = sa.select(members).where(members.c.participant == participant, members.c.removed.is_(None))
    return [_member(row) for row in conn.execute(query.order_by(members.c.name)).mappings()]


def member(conn: Connection, participant: str, id: str) -> Member | None:
    query = sa.select(members).where(
        members.c.participant == participant, members.c.id == id, members.c.removed.is_(None)
    )
    row = conn.execute(query).mappings().one_or_none()
    return None if row is None else _member(row)


def remove_member(conn: Connection, id: str, now: datetime) -> None:
    touch(conn, CALLERS)
    conn.execute(members.update().where(members.c.id == id).values(removed=now))
    conn.execute(
        api_tokens.update().where(api_tokens.c.member == id, api_tokens.c.revoked.is_(None)).values(revoked=now)
    )


def insert_token(conn: Connection, token: Token, secret: str) -> None:
    conn.execute(api_tokens.insert(), {**vars(token), "scopes": sorted(token.scopes), "hash": fingerprint(secret)})


def tokens_of(conn: Connection, participant: str) -> list[Token]:
    query = sa.select(api_tokens).join(members).where(members.c.participant == participant)
    return [_token(row) for row in conn.execute(query.order_by(api_tokens.c.created)).mappings()]


def revoke_token(conn: Connection, id: str, now: datetime) -> None:
    touch(conn, CALLERS)
    conn.execute(api_tokens.update().where(api_tokens.c.id == id).values(revoked=now))


def holder(conn: Connection, secret: str, now: datetime) -> tuple[Member, Participant, frozenset[Scope]] | None:
    """Who holds a token that is in force."""
    row = conn.execute(_HOLDER, {"hash": fingerprint(secret), "now": now}).mappings().one_or_none()
    if row is None:
        return None
    owner = Participant(row["participant"], row["did"], row["owner"], row["url"])
    return _member(row), owner, frozenset(Scope(scope) for scope in row["scopes"])


def put_operator_token(conn: Connection, secret: str, now: datetime) -> None:
    """The operator has one token: a new one ends the one before."""
    conn.execute(operator_tokens.delete())
    conn.execute(operator_tokens.insert(), {"hash": fingerprint(secret), "created": now})


def has_operator(conn: Connection) -> bool:
    return conn.execute(sa.select(operator_tokens.c.created)).first() is not None


def is_operator(conn: Connection, secret: str) -> bool:
    query = sa.select(operator_tokens.c.hash).where(operator_tokens.c.hash == fingerprint(secret))
    return conn.execute(query).one_or_none() is not None


def trusted(conn: Connection, id: str) -> Trusted | None:
    row = conn.execute(_TRUSTED, {"id": id}).mappings().one_or_none()
    return None if row is None else _trusted(row)


def trusted_by_value(conn: Connection, receives: str) -> Trusted | None:
    """The counterparty that is recognised by a value with this keyed hash."""
    row = conn.execute(_BY_VALUE, {"receives": receives}).mappings().one_or_none()
    return None if row is None else _trusted(row)


def trust_list(conn: Connection) -> list[Trusted]:
    return [_trusted(row) for row in conn.execute(sa.select(trust).order_by(trust.c.name)).mappings()]


def put_trust(conn: Connection, entry: Trusted) -> None:
    """Add a counterparty, or replace what was said of it."""
    counterparty = entry.counterparty
    conn.execute(trust.delete().where(trust.c.id == counterparty.id))
    values = {
        "id": counterparty.id,
        "name": counterparty.name,
        "memberships": sorted(counterparty.memberships),
        "recognition": entry.recognition.value,
        "sends": entry.sends,
        "receives": entry.receives,
        "added": entry.added,
    }
    conn.execute(trust.insert(), values)
    touch(conn, TRUST)


def remove_trust(conn: Connection, id: str) -> bool:
    """Whether it was there."""
    touch(conn, TRUST)
    return conn.execute(trust.delete().where(trust.c.id == id)).rowcount == 1


def spend(conn: Connection, issuer: str, id: str, expires: datetime) -> None:
    """Raises ``sqlalchemy.exc.IntegrityError`` the second time."""
    later(conn, _SPEND, {"issuer": issuer, "id": id, "expires": expires})


def forget_spent(conn: Connection, before: datetime) -> int:
    """How many there were."""
    return conn.execute(spent_tokens.delete().where(spent_tokens.c.expires < before)).rowcount


def _participant(row: sa.Row[Any]) -> Participant:
    return Participant(row.slug, row.did, row.name, row.url)


def _member(row: Mapping[Any, Any]) -> Member:
    return Member(row["id"], row["participant"], row["name"], row["kind"], Role(row["role"]))


def _token(row: Mapping[Any, Any]) -> Token:
    scopes = frozenset(Scope(scope) for scope in row["scopes"])
    return Token(row["id"], row["member"], scopes, row["created"], row["expires"], row["revoked"])


def _trusted(row: Mapping[Any, Any]) -> Trusted:
    counterparty = Counterparty(row["id"], row["name"], frozenset(row["memberships"]))
    return Trusted(counterparty, Recognition(row["recognition"]), row["sends"], row["receives"], row["added"])
