"""Negotiate: what our side decides. What arrives from the other side stands in ``havre.contracts.receiving``.

Each function is one transaction: load, decide, save, put the next message into the outbox, write the audit log.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from havre import policy
from havre.audit.usecases import append
from havre.catalog.model import Decision
from havre.context import NewId
from havre.contracts import steps, store, wire
from havre.contracts.model import Agreement, Negotiation
from havre.contracts.negotiation import Message, Role, State, after
from havre.errors import Conflict, Invalid, ProtocolError
from havre.messages.model import Answer, Outgoing
from havre.participants.model import Participant


def begin(
    conn: Connection,
    consumer: Participant,
    *,
    provider: str,
    provider_url: str,
    dataset: str,
    offer: Mapping[str, Any],
    now: datetime,
    new_id: NewId,
) -> Negotiation:
    """As the consumer, request a contract for an offer of another participant's catalogue."""
    if provider == consumer.did:
        raise Invalid("nobody agrees with himself", field="provider", expected="another participant")
    policy.parse(offer)
    if not isinstance(offer.get("@id"), str) or not offer["@id"]:
        raise Invalid("the offer has no identifier", field="offer.@id", expected="a text, as in the catalogue")
    wanted = {name: value for name, value in offer.items() if name != "@context"}
    negotiation = Negotiation(
        pid=new_id(),
        participant=consumer.slug,
        role=Role.CONSUMER,
        state=after(None, Role.CONSUMER, Message.REQUEST),
        counterparty=provider,
        peer_pid=None,
        peer_url=provider_url.rstrip("/"),
        dataset=dataset,
        offer={**wanted, "@type": "Offer", "target": dataset},
        decision=Decision.AUTOMATIC,
        created=now,
        updated=now,
    )
    store.insert(conn, negotiation)
    body = wire.request(negotiation, consumer.protocol_url)
    steps.send(conn, negotiation, wire.REQUEST, "request", body, now, opening=True)
    steps.note(conn, negotiation, "request:sent", now)
    return negotiation


def agree(conn: Connection, provider: Participant, pid: str, *, now: datetime, new_id: NewId) -> Negotiation:
    """As the provider, agree to what was requested or accepted."""
    return steps.agree(conn, _own(conn, provider, pid, Role.PROVIDER), provider.did, id=new_id(), now=now)


def accept(conn: Connection, consumer: Participant, pid: str, *, now: datetime) -> Negotiation:
    """As the consumer, accept the provider's offer."""
    negotiation = _own(conn, consumer, pid, Role.CONSUMER)
    accepted = store.save(conn, negotiation.apply(Role.CONSUMER, Message.ACCEPT, now=now))
    steps.send(conn, accepted, wire.EVENT, "events", wire.event(accepted, "ACCEPTED"), now)
    steps.note(conn, accepted, "accepted:sent", now)
    return accepted


def refuse(conn: Connection, provider: Participant, pid: str, reason: str, *, now: datetime) -> Negotiation:
    """As the provider, say no; the reason reaches the consumer."""
    return steps.terminate(conn, _own(conn, provider, pid, Role.PROVIDER), (reason,), now)


def terminate(conn: Connection, participant: Participant, pid: str, reason: str, *, now: datetime) -> Negotiation:
    """End a negotiation that is not final, from either side; the reason reaches the other one."""
    return steps.terminate(conn, store.load(conn, participant.slug, pid), (reason,), now)


def end_agreement(conn: Connection, participant: Participant, id: str, reason: str, *, now: datetime) -> Agreement:
    """End an agreement: nothing is read under it any more. Its transfers are ended by ``havre.transfers``."""
    return _ended(conn, store.agreement(conn, participant.slug, id), reason, now)


def _ended(conn: Connection, agreement: Agreement, reason: str, now: datetime) -> Agreement:
    if agreement.ended is not None:
        raise Conflict(f"agreement {agreement.id} was ended on {agreement.ended:%Y-%m-%d}")
    ended = replace(agreement, ended=now, reason=reason)
    store.end_agreement(conn, ended)
    data = {"reason": reason, "role": agreement.role, "counterparty": agreement.counterparty}
    append(conn, event="agreement:ended", participant=ended.participant, subject=ended.id, data=data, now=now)
    return ended


class Topic:
    """What the answers to our messages change."""

    def delivered(self, conn: Connection, message: Outgoing, answer: Answer, now: datetime) -> None:
        """The answer to a first request or offer carries the other side's identifier."""
        if not message.opening:
            return
        negotiation = store.load(conn, message.sender, message.process)
        if negotiation.peer_pid is not None:
            return
        name = "providerPid" if negotiation.role is Role.CONSUMER else "consumerPid"
        peer_pid = answer.body.get(name)
        if not isinstance(peer_pid, str) or not peer_pid:
            self.failed(conn, message, f"the other side's answer has no {name}", now)
            return
        if store.load_by_peer(conn, message.sender, negotiation.counterparty, peer_pid) is not None:
            self.failed(conn, message, f"the other side's answer names another negotiation, {peer_pid}", now)
            return
        known = store.save(conn, replace(negotiation, peer_pid=peer_pid))
        if known.final:
            steps.send_termination(conn, known, now)

    def failed(self, conn: Connection, message: Outgoing, reason: str, now: datetime) -> None:
        """The other side refused it for good, or never answered: the negotiation ends, and the other side hears it.

        When it is FINALIZED that was refused, there is no step back: the agreement ends.
        """
        negotiation = store.load(conn, message.sender, message.process)
        if negotiation.state is State.FINALIZED and message.kind == wire.EVENT and negotiation.agreement:
            agreement = store.agreement(conn, negotiation.participant, negotiation.agreement["@id"])
            if agreement.ended is None:
                _ended(conn, agreement, reason, now)
        if not negotiation.final:
            steps.note(conn, negotiation, "failed", now, reasons=[reason])
            steps.terminate(conn, negotiation, (reason,), now)


def _own(conn: Connection, participant: Participant, pid: str, role: Role) -> Negotiation:
    negotiation = store.load(conn, participant.slug, pid)
    if negotiation.role is not role:
        raise ProtocolError(f"only the {role} can do that, and here {participant.slug} is the {negotiation.role}")
    return negotiation
