"""What every step of a negotiation does beside its change of state: send, note, terminate, sign."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from havre.audit.usecases import append
from havre.contracts import store, wire
from havre.contracts.model import Agreement, Negotiation
from havre.contracts.negotiation import Message
from havre.errors import ProtocolError
from havre.messages.usecases import put

TOPIC = "negotiation"


def send(
    conn: Connection,
    negotiation: Negotiation,
    kind: str,
    path: str,
    body: str,
    now: datetime,
    *,
    opening: bool = False,
) -> None:
    """Put a message to the other side into the outbox."""
    where = "" if opening else f"/{negotiation.peer_pid}"
    put(
        conn,
        sender=negotiation.participant,
        receiver=negotiation.counterparty,
        topic=TOPIC,
        process=negotiation.pid,
        kind=kind,
        url=f"{negotiation.peer_url}/negotiations{where}/{path}",
        body=body,
        now=now,
        opening=opening,
    )


def note(conn: Connection, negotiation: Negotiation, what: str, now: datetime, **more: Any) -> None:
    """Write to the audit log."""
    data = {"role": negotiation.role, "dataset": negotiation.dataset, "counterparty": negotiation.counterparty}
    if negotiation.agreement is not None:
        data["agreement"] = negotiation.agreement["@id"]
    append(
        conn,
        event=f"negotiation:{what}",
        participant=negotiation.participant,
        subject=negotiation.pid,
        data={**data, **more},
        now=now,
    )


def agree(conn: Connection, negotiation: Negotiation, provider: str, *, id: str, now: datetime) -> Negotiation:
    """As the provider (its DID), agree to what was requested or accepted."""
    terms = wire.conclude(negotiation.offer, id=id, assigner=provider, assignee=negotiation.counterparty, now=now)
    agreed = store.save(conn, negotiation.apply(negotiation.role, Message.AGREEMENT, now=now, agreement=terms))
    send(conn, agreed, wire.AGREEMENT, "agreement", wire.agreement(agreed), now)
    note(conn, agreed, "agreement:sent", now)
    return agreed


def terminate(conn: Connection, negotiation: Negotiation, reasons: tuple[str, ...], now: datetime) -> Negotiation:
    """End it from our side; the other side hears it as soon as its identifier is known."""
    terminated = store.save(conn, negotiation.apply(negotiation.role, Message.TERMINATION, now=now, reasons=reasons))
    if terminated.peer_pid is not None:
        send_termination(conn, terminated, now)
    note(conn, terminated, "termination:sent", now, reasons=list(reasons))
    return terminated


def send_termination(conn: Connection, negotiation: Negotiation, now: datetime) -> None:
    send(conn, negotiation, wire.TERMINATION, "termination", wire.termination(negotiation), now)


def sign(conn: Connection, negotiation: Negotiation, now: datetime) -> Agreement:
    """Keep the agreement of a negotiation that is final."""
    if negotiation.agreement is None:
        raise ProtocolError("there is no agreement to finalize")
    signed = Agreement(
        id=negotiation.agreement["@id"],
        participant=negotiation.participant,
        role=negotiation.role,
        counterparty=negotiation.counterparty,
        dataset=negotiation.dataset,
        terms=negotiation.agreement,
        negotiation=negotiation.pid,
        peer_url=negotiation.peer_url,
        signed=now,
    )
    store.insert_agreement(conn, signed)
    return signed
