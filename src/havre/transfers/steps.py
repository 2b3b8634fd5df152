"""The steps of our side: each changes the state, sends, notes, and gives or takes away tokens.

None of them saves: the transfer that they return is saved by the use case, once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from havre.audit.usecases import append
from havre.contracts.negotiation import Role
from havre.messages.reactions import IDLE, Act
from havre.messages.usecases import put
from havre.participants.keys import seal, unseal
from havre.transfers import store, wire
from havre.transfers.destination import Destination
from havre.transfers.model import Access, Transfer
from havre.transfers.process import Message, State

TOPIC = "transfer"
_PATHS = {
    wire.REQUEST: "request",
    wire.START: "start",
    wire.SUSPENSION: "suspension",
    wire.COMPLETION: "completion",
    wire.TERMINATION: "termination",
}


@dataclass(frozen=True)
class Keys:
    """What giving access takes: the node's address, new secrets, the key that seals them, an access token's life."""

    url: str
    new_secret: Callable[[], str]
    node_key: bytes
    life: timedelta


def send(
    conn: Connection,
    transfer: Transfer,
    kind: str,
    body: str,
    now: datetime,
    *,
    sealed_with: bytes | None = None,
    again: bool = False,
) -> None:
    """Put a message to the other side into the outbox. When it is said ``again``, nothing more happens by itself."""
    opening = kind == wire.REQUEST
    where = "" if opening else f"/{transfer.peer_pid}"
    put(
        conn,
        sender=transfer.participant,
        receiver=transfer.counterparty,
        topic=TOPIC,
        process=transfer.pid,
        kind=kind,
        url=f"{transfer.peer_url}/transfers{where}/{_PATHS[kind]}",
        body=body,
        now=now,
        opening=opening,
        follow=opening or (not again and transfer.reaction.act not in IDLE),
        sealed_with=sealed_with,
    )


def note(conn: Connection, transfer: Transfer, what: str, now: datetime, **more: Any) -> None:
    """Write to the audit log."""
    data = {
        "role": transfer.role,
        "dataset": transfer.dataset,
        "agreement": transfer.agreement,
        "counterparty": transfer.counterparty,
        **more,
    }
    append(conn, event=f"transfer:{what}", participant=transfer.participant, subject=transfer.pid, data=data, now=now)


def react(conn: Connection, transfer: Transfer, keys: Keys, now: datetime) -> Transfer:
    """What happens by itself in the state that it has come into."""
    reaction, transfer = transfer.reaction, transfer.reacted()
    match reaction.act:
        case Act.START:
            return start(conn, transfer, keys, now)
        case Act.SUSPEND:
            return suspend(conn, transfer, reaction.why, now)
        case Act.COMPLETE:
            return end(conn, transfer, Message.COMPLETION, now, ())
        case Act.REFUSE:
            return end(conn, transfer, Message.TERMINATION, now, (reaction.why,))
        case _:
            return transfer


def start(conn: Connection, transfer: Transfer, keys: Keys, now: datetime) -> Transfer:
    """As the provider, give access: new tokens, told in the start message. As the consumer, go on.

    The provider takes away the access token of before when it hears of that: the consumer renews what it had. A push
    has no tokens: the consumer has said where its rows are to go.
    """
    started = transfer.apply(transfer.role, Message.START, now=now, reasons=())
    if started.access is not None and started.role is Role.CONSUMER:
        started = with_access(started, replace(unsealed(started, keys.node_key), expires=now), keys.node_key)
    _say_started(conn, started, keys, now)
    note(conn, started, "start:sent", now)
    return started


def _say_started(conn: Connection, transfer: Transfer, keys: Keys, now: datetime, *, again: bool = False) -> None:
    gives = transfer.role is Role.PROVIDER and not transfer.pushed
    access = _given(conn, transfer, keys, now) if gives else None
    sealed_with, body = keys.node_key if access else None, wire.start(transfer, access)
    send(conn, transfer, wire.START, body, now, sealed_with=sealed_with, again=again)


def say_again(conn: Connection, transfer: Transfer, keys: Keys, now: datetime) -> Transfer:
    """Tell the other side that we are started or suspended, after steps of both sides have crossed."""
    said = replace(transfer, version=transfer.version + 1)
    if said.state is State.STARTED:
        _say_started(conn, said, keys, now, again=True)
    else:
        send(conn, said, wire.SUSPENSION, wire.suspension(said), now, again=True)
    note(conn, said, f"{said.state.lower()}:again", now)
    return said


def _given(conn: Connection, transfer: Transfer, keys: Keys, now: datetime) -> Access:
    """New tokens for a transfer; those of before are gone."""
    store.delete_tokens(conn, transfer.pid, refresh_too=True)
    url = f"{keys.url}/participants/{transfer.participant}/data"
    token, expires = give_token(conn, transfer, keys, now)
    refresh_token = keys.new_secret()
    store.insert_token(conn, refresh_token, transfer.pid, renews=True, expires=None)
    return Access(f"{url}/{transfer.dataset}", token, expires, f"{url}/token", refresh_token)


def give_token(conn: Connection, transfer: Transfer, keys: Keys, now: datetime) -> tuple[str, datetime]:
    """A new access token and its end."""
    token, expires = keys.new_secret(), now + keys.life
    store.insert_token(conn, token, transfer.pid, renews=False, expires=expires)
    return token, expires


def with_access(transfer: Transfer, access: Access, node_key: bytes) -> Transfer:
    """As the consumer, keep what the provider gave, sealed."""
    sealed = _sealed(transfer, wire.access_text(access), node_key)
    return replace(transfer, access=sealed, version=transfer.version + 1)


def unsealed(transfer: Transfer, node_key: bytes) -> Access:
    return wire.access_from(_opened(transfer, node_key))


def with_destination(transfer: Transfer, destination: Destination, node_key: bytes) -> Transfer:
    """As the provider, keep where to push to, sealed, until the transfer is over."""
    return replace(transfer, access=_sealed(transfer, wire.destination_text(destination), node_key))


def destination(transfer: Transfer, node_key: bytes) -> Destination:
    """As the provider, where the rows of a push go that is not over."""
    return wire.destination_from(_opened(transfer, node_key))


def _sealed(transfer: Transfer, text: str, node_key: bytes) -> bytes:
    return seal(node_key, text.encode(), _access_of(transfer.pid))


def _opened(transfer: Transfer, node_key: bytes) -> str:
    return unseal(node_key, transfer.access or b"", _access_of(transfer.pid)).decode()


def _access_of(pid: str) -> str:
    return f"the access of {pid}"


def suspend(conn: Connection, transfer: Transfer, reason: str, now: datetime) -> Transfer:
    suspended = transfer.apply(transfer.role, Message.SUSPENSION, now=now, reasons=(reason,))
    send(conn, suspended, wire.SUSPENSION, wire.suspension(suspended), now)
    note(conn, suspended, "suspension:sent", now, reasons=[reason])
    return suspended


def end(conn: Connection, transfer: Transfer, message: Message, now: datetime, reasons: tuple[str, ...]) -> Transfer:
    """Complete or terminate from our side; the other side hears it once its identifier is known."""
    ended = transfer.apply(transfer.role, message, now=now, reasons=reasons, access=None)
    if ended.peer_pid is not None:
        send_end(conn, ended, now)
    what = "completion" if message is Message.COMPLETION else "termination"
    note(conn, ended, f"{what}:sent", now, reasons=list(reasons))
    return ended


def send_end(conn: Connection, transfer: Transfer, now: datetime) -> None:
    completed = transfer.state is State.COMPLETED
    body = wire.completion(transfer) if completed else wire.termination(transfer)
    send(conn, transfer, wire.COMPLETION if completed else wire.TERMINATION, body, now)
