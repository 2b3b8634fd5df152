"""Hosting participants; their members and API tokens; who calls.

Rules that hold here: a secret is returned once and stored as its hash; a token has at most the scopes of its
member's role, also when it is used; a stranger gets ``NotFound``, a known caller ``Denied`` with the reason.
The commands on the trust list and on tokens between participants stand in ``havre.participants.trusting``.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from havre.context import Context, NewId
from havre.errors import Conflict, Denied, Invalid, NotFound
from havre.participants import did, keys, store
from havre.participants.identity import bearer
from havre.participants.model import (
    KINDS,
    SCOPES_OF,
    Caller,
    Member,
    Participant,
    Role,
    Scope,
    Token,
    checked_name,
    checked_slug,
)
from havre.participants.trusting import (
    counterparty,
    distrust,
    forget_spent_tokens,
    spend,
    trust,
    trust_hosted,
)

__all__ = [
    "Issued",
    "add_member",
    "add_participant",
    "allowed",
    "caller",
    "counterparty",
    "distrust",
    "forget_spent_tokens",
    "init_node",
    "issue_token",
    "operator",
    "participant",
    "remove_member",
    "renew_operator_token",
    "revoke_token",
    "spend",
    "trust",
    "trust_hosted",
]

TOKEN_PREFIX = "hvr_"
OPERATOR_PREFIX = "hvo_"
TOKEN_DAYS = 365
MOST_TOKEN_DAYS = 3650


@dataclass(frozen=True)
class Issued:
    """A new API token with its secret, which is shown this once."""

    token: Token
    secret: str


# The node


def init_node(context: Context) -> str:
    """Make the node key and the tables; returns the operator's token, shown this once. ``Conflict`` if done before."""
    keys.write_node_key(context.settings)
    keys.node_key(context.settings)
    context.database.create_tables()

    def first(conn: Connection) -> str:
        if store.has_operator(conn):
            raise Conflict(f"the node in {context.settings.home} has an operator already")
        return renew_operator_token(conn, context.clock())

    return context.database.write(first)


def renew_operator_token(conn: Connection, now: datetime) -> str:
    """A new token for the operator, shown this once; the one before ends. For who can reach the database itself."""
    secret = OPERATOR_PREFIX + secrets.token_urlsafe(32)
    store.put_operator_token(conn, secret, now)
    return secret


def operator(conn: Connection, authorization: str | None, now: datetime) -> None:
    """``NotFound`` for everybody but the operator of the node. (Its token has no end: ``now`` is not looked at.)"""
    secret = bearer(authorization)
    if not secret.startswith(OPERATOR_PREFIX) or not store.is_operator(conn, secret):
        raise NotFound("not the operator")


# Participants


def add_participant(context: Context, slug: str, name: str) -> tuple[Participant, Issued]:
    """Host a participant: its signing key, and a first administrator with a token. ``Conflict`` if there is one."""
    url = f"{context.settings.url}/participants/{checked_slug(slug)}"
    participant = Participant(slug, did.did_of(url), checked_name(name), url)
    raw = keys.new_signing_key()
    sealed = keys.seal(keys.node_key(context.settings), raw, keys.signing_key_of(slug))

    def add(conn: Connection) -> Issued:
        now = context.clock()
        if store.participant(conn, slug) is not None:
            raise Conflict(f"there is a participant {slug} already", field="slug")
        store.insert_participant(conn, participant, sealed_key=sealed, public_key=keys.public_bytes(raw), now=now)
        admin = add_member(conn, slug, "administrator", "person", Role.ADMIN, new_id=context.new_id)
        return issue_token(conn, slug, admin.id, now=now, new_id=context.new_id)

    return participant, context.database.write(add)


def participant(conn: Connection, slug: str) -> Participant:
    """A participant that this node hosts."""
    found = store.participant(conn, slug)
    if found is None:
        raise NotFound(f"no participant {slug}")
    return found


# Members


def add_member(conn: Connection, participant: str, name: str, kind: str, role: Role, *, new_id: NewId) -> Member:
    """A person or a machine client of a participant."""
    if kind not in KINDS:
        raise Invalid(f"got {kind!r}", field="kind", expected=" or ".join(KINDS))
    member = Member(new_id(), participant, checked_name(name), kind, role)
    store.insert_member(conn, member)
    return member


def remove_member(conn: Connection, participant: str, id: str, *, now: datetime) -> None:
    """Remove a member; its tokens end with it. ``Conflict`` for the last administrator: nobody could add another."""
    leaving = _member(conn, participant, id)
    admins = [member for member in store.members_of(conn, participant) if member.role is Role.ADMIN]
    if admins == [leaving]:
        raise Conflict(f"{leaving.name} is the last administrator of {participant}")
    store.remove_member(conn, id, now)


def _member(conn: Connection, participant: str, id: str) -> Member:
    found = store.member(conn, participant, id)
    if found is None:
        raise NotFound(f"no member {id}")
    return found


# API tokens


def issue_token(
    conn: Connection,
    participant: str,
    member: str,
    *,
    now: datetime,
    new_id: NewId,
    scopes: frozenset[Scope] | None = None,
    days: int = TOKEN_DAYS,
) -> Issued:
    """A token for a member (its id) of a participant, by default with all scopes of its role."""
    owner = _member(conn, participant, member)
    allowed = SCOPES_OF[owner.role]
    wanted = allowed if scopes is None else scopes
    if not wanted or not wanted <= allowed:
        can = ", ".join(sorted(allowed))
        raise Invalid(f"not the scopes of a {owner.role}", field="scopes", expected=f"some of {can}")
    if not 1 <= days <= MOST_TOKEN_DAYS:
        raise Invalid(f"got {days} days", field="days", expected=f"1 to {MOST_TOKEN_DAYS}")
    token = Token(new_id(), owner.id, wanted, now, now + timedelta(days=days), None)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    store.insert_token(conn, token, secret)
    return Issued(token, secret)


def revoke_token(conn: Connection, participant: str, id: str, *, now: datetime) -> None:
    if id not in {token.id for token in store.tokens_of(conn, participant)}:
        raise NotFound(f"no token {id}")
    store.revoke_token(conn, id, now)


def caller(conn: Connection, authorization: str | None, scope: Scope | None, now: datetime) -> Caller:
    """Who calls our API. ``NotFound`` for a stranger, ``Denied`` for a token without ``scope`` (None: any will do)."""
    secret = bearer(authorization)
    found = store.holder(conn, secret, now) if secret.startswith(TOKEN_PREFIX) else None
    if found is None:
        raise NotFound("not a caller")
    member, owner, granted = found
    return allowed(Caller(owner, member, granted & SCOPES_OF[member.role]), scope)


def allowed(caller: Caller, scope: Scope | None) -> Caller:
    """The caller, if it has the scope; else ``Denied``."""
    if scope is not None and scope not in caller.scopes:
        why = f"scopes of this token: {', '.join(sorted(caller.scopes))}"
        raise Denied(f"this token lacks the scope {scope.value!r}", reasons=(why,))
    return caller
