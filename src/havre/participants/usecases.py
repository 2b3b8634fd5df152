"""Hosting participants, their members and tokens, and keeping the trust list."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from havre.context import Context, NewId
from havre.errors import Conflict, Denied, Invalid, NotFound
from havre.participants import did, keys, store
from havre.participants.model import (
    SCOPES_OF,
    Caller,
    Counterparty,
    Identified,
    Member,
    Participant,
    Role,
    Scope,
    Token,
    checked_slug,
)
from havre.participants.tokens import LEEWAY, LONGEST_LIFE

TOKEN_PREFIX = "hvr_"
OPERATOR_PREFIX = "hvo_"
TOKEN_DAYS = 365


@dataclass(frozen=True)
class Issued:
    """A new API token with its secret, which is shown this once."""

    token: Token
    secret: str


def init_node(context: Context) -> str:
    """Make the node key and the tables; returns a new operator token, shown this once."""
    keys.write_node_key(context.settings)
    keys.node_key(context.settings)
    context.database.create_tables()
    secret = OPERATOR_PREFIX + secrets.token_urlsafe(32)
    context.database.write(lambda conn: store.insert_operator_token(conn, secret, context.clock()))
    return secret


def add_participant(context: Context, slug: str, name: str) -> tuple[Participant, Issued]:
    """Host a participant: its key, and a first administrator with a token."""
    url = f"{context.settings.url}/participants/{checked_slug(slug)}"
    participant = Participant(slug, did.did_of(url), name, url)
    raw = keys.new_signing_key()
    sealed = keys.seal(keys.node_key(context.settings), raw)

    def add(conn: Connection) -> Issued:
        now = context.clock()
        if store.participant(conn, slug) is not None:
            raise Conflict(f"there is already a participant {slug}", field="slug")
        store.insert_participant(conn, participant, sealed_key=sealed, public_key=keys.public_bytes(raw), now=now)
        admin = add_member(conn, slug, "administrator", "person", Role.ADMIN, new_id=context.new_id)
        return issue_token(conn, admin, now=now, new_id=context.new_id)

    return participant, context.database.write(add)


def add_member(conn: Connection, participant: str, name: str, kind: str, role: Role, *, new_id: NewId) -> Member:
    """A person or a machine client of a participant."""
    if kind not in ("person", "machine"):
        raise Invalid(f"{kind!r} is neither", field="kind", expected="person or machine")
    if not name.strip():
        raise Invalid("a member has a name", field="name")
    member = Member(new_id(), participant, name.strip(), kind, role)
    store.insert_member(conn, member)
    return member


def remove_member(conn: Connection, participant: str, id: str, *, now: datetime) -> None:
    """Remove a member; its tokens end with it."""
    _member(conn, participant, id)
    store.remove_member(conn, id, now)


def issue_token(
    conn: Connection,
    member: Member,
    *,
    now: datetime,
    new_id: NewId,
    scopes: frozenset[Scope] | None = None,
    days: int = TOKEN_DAYS,
) -> Issued:
    """A token for a member, with at most the scopes of its role, for so many days."""
    allowed = SCOPES_OF[member.role]
    wanted = allowed if scopes is None else scopes
    if not wanted or not wanted <= allowed:
        raise Invalid(f"a {member.role} cannot have these scopes", field="scopes", expected=", ".join(sorted(allowed)))
    if not 1 <= days <= 3650:
        raise Invalid(f"{days} days", field="days", expected="1 to 3650")
    token = Token(new_id(), member.id, wanted, now, now + timedelta(days=days), None)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    store.insert_token(conn, token, secret)
    return Issued(token, secret)


def issue_token_for(
    conn: Connection,
    participant: str,
    member: str,
    *,
    now: datetime,
    new_id: NewId,
    scopes: frozenset[Scope] | None = None,
    days: int = TOKEN_DAYS,
) -> Issued:
    return issue_token(conn, _member(conn, participant, member), now=now, new_id=new_id, scopes=scopes, days=days)


def revoke_token(conn: Connection, participant: str, id: str, *, now: datetime) -> None:
    if id not in {token.id for token in store.tokens_of(conn, participant)}:
        raise NotFound(f"no token {id}")
    store.revoke_token(conn, id, now)


def trust(
    context: Context,
    conn: Connection,
    id: str,
    name: str,
    memberships: frozenset[str],
    *,
    sends: str | None = None,
    receives: str | None = None,
) -> Counterparty:
    """Put a participant on the node's trust list, or change what is said of it.

    With ``sends`` and ``receives`` it is recognised by these fixed ``Authorization`` values, else by its DID.
    """
    fixed = sends is not None or receives is not None
    if fixed and not (sends and receives):
        raise Invalid("both values are needed", field="sends", expected="sends and receives")
    if not fixed:
        did.document_url(id)
    sealed = keys.seal(keys.node_key(context.settings), sends.encode()) if sends else None
    values = {
        "id": id,
        "name": name,
        "memberships": sorted(memberships),
        "identity": "fixed" if fixed else "did",
        "sends": sealed,
        "receives": store.fingerprint(receives) if receives else None,
        "added": context.clock(),
    }
    store.put_trust(conn, values)
    return Counterparty(id, name, memberships)


def distrust(conn: Connection, id: str) -> None:
    if not store.remove_trust(conn, id):
        raise NotFound(f"{id} is not on the trust list")


def participant(conn: Connection, slug: str) -> Participant:
    found = store.participant(conn, slug)
    if found is None:
        raise NotFound(f"no participant {slug}")
    return found


def counterparty(conn: Connection, id: str) -> Counterparty:
    """A participant of the trust list."""
    found = store.trusted(conn, id)
    if found is None:
        raise NotFound(f"{id} is not on the trust list")
    return found.counterparty


def spend(conn: Connection, receiver: Participant, identified: Identified, *, now: datetime) -> None:
    """Use a token up, in the transaction that handles its message; ``NotFound`` the second time."""
    if identified.token_id is None:
        return
    expires = identified.expires or now + LONGEST_LIFE
    try:
        store.spend(conn, identified.counterparty.id, identified.token_id, expires + LEEWAY)
    except IntegrityError as error:
        raise NotFound(f"the token of {identified.counterparty.id} was used before") from error


def forget_spent_tokens(context: Context) -> None:
    """Tokens that have expired need no record: they are refused for that."""
    now = context.clock()
    context.database.write(lambda conn: store.forget_spent(conn, now))


def caller(conn: Connection, authorization: str | None, scope: Scope, now: datetime) -> Caller:
    """Who calls our API. ``NotFound`` for a stranger, ``Denied`` for somebody whose token lacks ``scope``."""
    secret = (authorization or "").removeprefix("Bearer ")
    found = store.holder(conn, secret, now) if secret.startswith(TOKEN_PREFIX) else None
    if found is None:
        raise NotFound("stranger")
    member, owner, scopes = found
    if scope not in scopes:
        needed = f"this token is not for that: it lacks the scope {scope.value!r}"
        raise Denied(needed, reasons=(f"scopes of this token: {', '.join(sorted(scopes))}",))
    return Caller(owner, member, scopes)


def operator(conn: Connection, authorization: str | None) -> None:
    """``NotFound`` for everybody but the operator of the node."""
    secret = (authorization or "").removeprefix("Bearer ")
    if not secret.startswith(OPERATOR_PREFIX) or not store.is_operator(conn, secret):
        raise NotFound("stranger")


def _member(conn: Connection, participant: str, id: str) -> Member:
    found = store.member(conn, participant, id)
    if found is None:
        raise NotFound(f"no member {id}")
    return found
