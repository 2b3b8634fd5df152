"""The steps of our side: each changes the state, puts the message into the outbox and notes it in the audit log.

None of them saves: the negotiation that they return is saved by the use case, once.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from havre import policy
from havre.audit.usecases import append
from havre.catalog.terms import standard_form
from havre.context import NewId
from havre.contracts import store, wire
from havre.contracts.model import Agreement, Json, Negotiation
from havre.contracts.negotiation import Message, Role
from havre.errors import ProtocolError
from havre.messages.reactions import IDLE, Act
from havre.messages.usecases import put
from havre.participants.model import Participant

TOPIC = "negotiation"
_PATHS = {
    wire.REQUEST: "request",
    wire.OFFER: "offers",
    wire.AGREEMENT: "agreement",
    wire.VERIFICATION: "agreement/verification",
    wire.EVENT: "events",
    wire.TERMINATION: "termination",
}


def send(conn: Connection, negotiation: Negotiation, kind: str, body: str, now: datetime) -> None:
    """Put a message to the other side into the outbox; without the other side's identifier it opens the process."""
    opening = negotiation.peer_pid is None
    where = "" if opening else f"/{negotiation.peer_pid}"
    put(
        conn,
        sender=negotiation.participant,
        receiver=negotiation.counterparty,
        topic=TOPIC,
        process=negotiation.pid,
        kind=kind,
        url=f"{negotiation.peer_url}/negotiations{where}/{_PATHS[kind]}",
        body=body,
        now=now,
        opening=opening,
        follow=opening or negotiation.reaction.act not in IDLE,
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


def react(conn: Connection, negotiation: Negotiation, own: Participant, now: datetime, new_id: NewId) -> Negotiation:
    """What happens by itself in the state that it has come into."""
    reaction, negotiation = negotiation.reaction, negotiation.reacted()
    match reaction.act:
        case Act.AGREE:
            return agree(conn, negotiation, own, id=new_id(), now=now)
        case Act.OFFER:
            return offer(conn, negotiation, other_terms(negotiation, reaction.policy, new_id), now)
        case Act.COUNTER:
            return counter(conn, negotiation, other_terms(negotiation, reaction.policy, new_id), now)
        case Act.ACCEPT:
            return accept(conn, negotiation, now)
        case Act.VERIFY:
            return verify(conn, negotiation, now)
        case Act.FINALIZE:
            return finalize(conn, negotiation, now)
        case Act.REFUSE:
            return terminate(conn, negotiation, (reaction.why,), now)
        case _:
            return negotiation


def other_terms(negotiation: Negotiation, terms: Json | None, new_id: NewId) -> Json:
    """An offer of other terms for the same dataset, or the one on the table. ``Invalid`` names what is wrong."""
    if terms is None:
        return negotiation.offer
    policy.parse(terms)
    rules = {name: value for name, value in standard_form(terms).items() if name != "@context"}
    return {**rules, "@id": new_id(), "@type": "Offer", "target": negotiation.dataset}


def offer(conn: Connection, negotiation: Negotiation, terms: Json, now: datetime) -> Negotiation:
    """As the provider, answer a request with an offer."""
    offered = negotiation.apply(Role.PROVIDER, Message.OFFER, now=now, offer=terms)
    return told(conn, offered, wire.OFFER, wire.offer(offered, None), "offer:sent", now)


def counter(conn: Connection, negotiation: Negotiation, terms: Json, now: datetime) -> Negotiation:
    """As the consumer, answer an offer with a request for other terms."""
    requested = negotiation.apply(Role.CONSUMER, Message.REQUEST, now=now, offer=terms)
    return told(conn, requested, wire.REQUEST, wire.request(requested, None), "request:sent", now)


def accept(conn: Connection, negotiation: Negotiation, now: datetime) -> Negotiation:
    """As the consumer, accept the provider's offer."""
    accepted = negotiation.apply(Role.CONSUMER, Message.ACCEPT, now=now)
    return told(conn, accepted, wire.EVENT, wire.event(accepted, "ACCEPTED"), "accepted:sent", now)


def agree(conn: Connection, negotiation: Negotiation, own: Participant, *, id: str, now: datetime) -> Negotiation:
    """As the provider, agree to what was requested or accepted."""
    terms = wire.conclude(negotiation.offer, id=id, assigner=own.did, assignee=negotiation.counterparty, now=now)
    agreed = negotiation.apply(Role.PROVIDER, Message.AGREEMENT, now=now, agreement=terms)
    return told(conn, agreed, wire.AGREEMENT, wire.agreement(agreed), "agreement:sent", now)


def verify(conn: Connection, negotiation: Negotiation, now: datetime) -> Negotiation:
    """As the consumer, say that the agreement is the one that was asked for."""
    verified = negotiation.apply(Role.CONSUMER, Message.VERIFICATION, now=now)
    return told(conn, verified, wire.VERIFICATION, wire.verification(verified), "verification:sent", now)


def finalize(conn: Connection, negotiation: Negotiation, now: datetime) -> Negotiation:
    """As the provider, make the agreement hold."""
    finalized = negotiation.apply(Role.PROVIDER, Message.FINALIZE, now=now)
    sign(conn, finalized, now)
    return told(conn, finalized, wire.EVENT, wire.event(finalized, "FINALIZED"), "finalized:sent", now)


def terminate(conn: Connection, negotiation: Negotiation, reasons: tuple[str, ...], now: datetime) -> Negotiation:
    """End it from our side; the other side hears it as soon as its identifier is known."""
    terminated = negotiation.apply(negotiation.role, Message.TERMINATION, now=now, reasons=reasons)
    if terminated.peer_pid is not None:
        send_termination(conn, terminated, now)
    note(conn, terminated, "termination:sent", now, reasons=list(reasons))
    return terminated


def send_termination(conn: Connection, negotiation: Negotiation, now: datetime) -> None:
    send(conn, negotiation, wire.TERMINATION, wire.termination(negotiation), now)


def told(conn: Connection, negotiation: Negotiation, kind: str, body: str, what: str, now: datetime) -> Negotiation:
    """The negotiation, whose last step is sent to the other side and noted."""
    send(conn, negotiation, kind, body, now)
    note(conn, negotiation, what, now)
    return negotiation


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
        reactions={name: value for name, value in negotiation.reactions.items() if name == "transfer"},
    )
    store.insert_agreement(conn, signed)
    return signed
