"""What every step of a transfer does beside its change of state: send, note, give and take away tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from havre.audit.usecases import append
from havre.messages.usecases import put
from havre.participants.model import Participant
from havre.transfers import store, wire
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
    """What giving access takes: new secrets, the node key that seals them, how long an access token lives."""

    new_secret: Callable[[], str]
    node_key: bytes
    life: timedelta


def send(
    conn: Connection, transfer: Transfer, kind: str, body: str, now: datetime, *, sealed_with: bytes | None = None
) -> None:
    """Put a message to the other side into the outbox."""
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


def start(conn: Connection, transfer: Transfer, provider: Participant, keys: Keys, now: datetime) -> Transfer:
    """As the provider, give access: new tokens, told in the start message."""
    started = store.save(conn, transfer.apply(transfer.role, Message.START, now=now, reasons=()))
    store.delete_tokens(conn, started.pid, refresh_too=True)
    access = Access(
        endpoint=f"{provider.url}/data/{transfer.dataset}",
        token=give_token(conn, started, keys, now)[0],
        expires=now + keys.life,
        refresh_endpoint=f"{provider.url}/data/token",
        refresh_token=keys.new_secret(),
    )
    store.insert_token(conn, access.refresh_token or "", started.pid, renews=True, expires=None)
    send(conn, started, wire.START, wire.start(started, access), now, sealed_with=keys.node_key)
    note(conn, started, "start:sent", now)
    return started


def give_token(conn: Connection, transfer: Transfer, keys: Keys, now: datetime) -> tuple[str, datetime]:
    """A new access token and its end."""
    token, expires = keys.new_secret(), now + keys.life
    store.insert_token(conn, token, transfer.pid, renews=False, expires=expires)
    return token, expires


def end(conn: Connection, transfer: Transfer, message: Message, now: datetime, reasons: tuple[str, ...]) -> Transfer:
    """Complete or terminate from our side; the other side hears it once its identifier is known."""
    ended = transfer.apply(transfer.role, message, now=now, reasons=reasons, access=None)
    ended = store.save(conn, ended)
    if ended.peer_pid is not None:
        send_end(conn, ended, now)
    what = "completion" if message is Message.COMPLETION else "termination"
    note(conn, ended, f"{what}:sent", now, reasons=list(reasons))
    return ended


def send_end(conn: Connection, transfer: Transfer, now: datetime) -> None:
    completed = transfer.state is State.COMPLETED
    body = wire.completion(transfer) if completed else wire.termination(transfer)
    send(conn, transfer, wire.COMPLETION if completed else wire.TERMINATION, body, now)
