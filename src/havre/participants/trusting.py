"""Whom the node trusts, and the tokens of those that were used up.

Rules that hold here: the trust list is the operator's and holds for all participants of the node; those that it
hosts are on it only when the operator puts them there. A token between participants is used once.
"""

from collections.abc import Set
from datetime import datetime
from urllib.parse import unquote

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from havre.context import Context
from havre.errors import Conflict, Invalid, NotFound
from havre.participants import did, keys, store
from havre.participants.identity import stranger
from havre.participants.model import (
    Counterparty,
    Identified,
    Participant,
    Recognition,
    Trusted,
    checked_name,
)
from havre.participants.tokens import LEEWAY, LONGEST_LIFE


def trust(
    context: Context,
    id: str,
    name: str,
    memberships: Set[str] = frozenset(),
    *,
    sends: str | None = None,
    receives: str | None = None,
) -> Trusted:
    """Put a participant on the trust list, or change what the list says of it.

    It is recognised by its DID; with both ``sends`` and ``receives`` by fixed ``Authorization`` values instead: the
    one that we send to it, and the one that it sends to us, each the whole header as it stands.
    """
    fixed = sends is not None or receives is not None
    if fixed and not (sends and receives):
        raise Invalid("one value without the other", field="sends", expected="both sends and receives")
    if not fixed:
        did.document_url(id)
    node_key = keys.node_key(context.settings)
    entry = Trusted(
        Counterparty(id, checked_name(name), frozenset(memberships)),
        Recognition.FIXED if fixed else Recognition.DID,
        sends=keys.seal(node_key, sends.encode(), keys.value_for(id)) if sends else None,
        receives=keys.keyed_hash(node_key, receives) if receives else None,
        added=context.clock(),
    )
    context.database.write(lambda conn: _put(conn, entry))
    return entry


def _put(conn: Connection, entry: Trusted) -> None:
    other = store.trusted_by_value(conn, entry.receives) if entry.receives else None
    if other is not None and other.counterparty.id != entry.counterparty.id:
        raise Conflict(f"{other.counterparty.id} is recognised by the same value", field="receives")
    store.put_trust(conn, entry)


def trust_hosted(conn: Connection, memberships: Set[str] = frozenset(), *, now: datetime) -> list[Counterparty]:
    """Put all participants of this node on its trust list; returns those that were not on it."""
    new = [
        Counterparty(hosted.did, hosted.name, frozenset(memberships))
        for hosted in store.participants_of_node(conn)
        if store.trusted(conn, hosted.did) is None
    ]
    for counterparty in new:
        store.put_trust(conn, Trusted(counterparty, Recognition.DID, None, None, now))
    return new


def distrust(conn: Connection, id: str) -> None:
    """Take a participant off the list. A DID whose %3A was decoded on its way through an address is understood."""
    meant = [entry.counterparty.id for entry in store.trust_list(conn) if unquote(entry.counterparty.id) == unquote(id)]
    if not meant:
        raise NotFound(f"{id} is not on the trust list")
    for one in meant:
        store.remove_trust(conn, one)


def counterparty(conn: Connection, id: str) -> Counterparty:
    """A participant of the trust list."""
    found = store.trusted(conn, id)
    if found is None:
        raise NotFound(f"{id} is not on the trust list")
    return found.counterparty


def spend(conn: Connection, receiver: Participant, identified: Identified, now: datetime) -> None:
    """Use a token up, in the transaction that handles its message; ``Stranger`` the second time.

    Then the transaction is over: on PostgreSQL nothing more can be done in it.
    """
    if identified.token_id is None:
        return
    expires = identified.expires or now + LONGEST_LIFE
    try:
        store.spend(conn, identified.counterparty.id, identified.token_id, expires + LEEWAY)
    except IntegrityError as error:
        raise stranger(receiver, f"a token of {identified.counterparty.id} was used before") from error


def forget_spent_tokens(conn: Connection, now: datetime) -> int:
    """Tokens that have expired need no record, they are refused for that. Returns how many were forgotten."""
    return store.forget_spent(conn, now)
