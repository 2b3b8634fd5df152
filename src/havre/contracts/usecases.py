"""Negotiate: what each side does when it decides, and when a message arrives.

Each function is one transaction: load, decide, save, put the next message into the outbox, write the audit log.
A message that was received before changes nothing and is acknowledged again.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from havre import policy
from havre.audit.usecases import append
from havre.catalog import store as catalog
from havre.catalog.model import Decision, Offer
from havre.context import NewId
from havre.contracts import store, wire
from havre.contracts.model import Agreement, Negotiation
from havre.contracts.negotiation import Message, Role, State, after
from havre.errors import Conflict, HavreError, Invalid, ProtocolError
from havre.messages.model import Answer, Outgoing
from havre.messages.usecases import put
from havre.participants.model import Counterparty, Participant
from havre.policy.evaluation import UNKNOWN_WHEN_NEGOTIATING, Facts

TOPIC = "negotiation"


@dataclass(frozen=True)
class Received:
    """A message of the other side: who sent it to whom, when, and the digest that recognises a repetition."""

    participant: Participant
    counterparty: Counterparty
    digest: str
    now: datetime


def begin(
    conn: Connection, consumer: Participant, *, provider: str, provider_url: str, dataset: str,
    offer: dict[str, Any], now: datetime, new_id: NewId,
) -> Negotiation:
    """As the consumer, request a contract for an offer of another participant's catalogue."""
    policy.parse(offer)
    wanted = {**offer, "@type": "Offer", "target": dataset}
    if not isinstance(offer.get("@id"), str):
        raise Invalid("the offer has no identifier", field="offer.@id", expected="a text, as in the catalogue")
    negotiation = Negotiation(
        pid=new_id(), participant=consumer.slug, role=Role.CONSUMER,
        state=after(None, Role.CONSUMER, Message.REQUEST), counterparty=provider, peer_pid=None,
        peer_url=provider_url.rstrip("/"), dataset=dataset, offer=wanted, decision=Decision.AUTOMATIC,
        created=now, updated=now,
    )
    store.insert(conn, negotiation)
    body = wire.request(negotiation, consumer.protocol_url)
    _send(conn, negotiation, wire.REQUEST, "request", body, now, opening=True)
    _note(conn, negotiation, "request:sent", now)
    return negotiation


def receive_request(
    conn: Connection, received: Received, message: wire.ContractRequest, new_id: NewId
) -> Negotiation:
    """As the provider, take a request: the first of a negotiation, or the answer to a counter-offer."""
    if message.provider_pid is not None:
        return _receive_counter_request(conn, received, message)
    known = store.load_by_peer(
        conn, received.participant.slug, received.counterparty.id, message.consumer_pid
    )
    if known is not None:
        return known
    if not message.callback:
        raise Invalid("a first request says where to answer", field="callbackAddress", expected="a URL")
    offer = catalog.offer_for(conn, received.participant.slug, message.offer.target, message.offer.id)
    catalog.require_visible(offer, received.counterparty)
    requested = Negotiation(
        pid=new_id(), participant=received.participant.slug, role=Role.PROVIDER,
        state=after(None, Role.CONSUMER, Message.REQUEST), counterparty=received.counterparty.id,
        peer_pid=message.consumer_pid, peer_url=message.callback.rstrip("/"), dataset=message.offer.target,
        offer=message.offer.model_dump(by_alias=True), decision=offer.decision, created=received.now,
        updated=received.now, received=received.digest,
    )
    store.insert(conn, requested)
    _note(conn, requested, "request:received", received.now)
    _react(conn, received, requested, offer, new_id)
    return requested


def agree(
    conn: Connection, provider: Participant, pid: str, *, now: datetime, new_id: NewId
) -> Negotiation:
    """As the provider, agree to what was requested or accepted."""
    negotiation = _own(conn, provider, pid, Role.PROVIDER)
    id = new_id()
    agreed = negotiation.apply(
        Role.PROVIDER, Message.AGREEMENT, now=now,
        agreement=wire.conclude(
            negotiation.offer, id=id, assigner=provider.did, assignee=negotiation.counterparty, now=now
        ),
    )
    store.save(conn, agreed)
    _send(conn, agreed, wire.AGREEMENT, "agreement", wire.agreement(agreed), now)
    _note(conn, agreed, "agreement:sent", now)
    return agreed


def accept(conn: Connection, consumer: Participant, pid: str, *, now: datetime) -> Negotiation:
    """As the consumer, accept the provider's offer."""
    negotiation = _own(conn, consumer, pid, Role.CONSUMER)
    accepted = negotiation.apply(Role.CONSUMER, Message.ACCEPT, now=now)
    store.save(conn, accepted)
    _send(conn, accepted, wire.EVENT, "events", wire.event(accepted, "ACCEPTED"), now)
    _note(conn, accepted, "accepted:sent", now)
    return accepted


def terminate(conn: Connection, participant: Participant, pid: str, reason: str, *, now: datetime) -> Negotiation:
    """End a negotiation that is not final, from either side; the reason reaches the other one."""
    return _terminate(conn, store.load(conn, participant.slug, pid), (reason,), now)


def receive_offer(
    conn: Connection, received: Received, message: wire.ContractOffer, pid: str | None, new_id: NewId
) -> Negotiation:
    """As the consumer, take an offer: a first one, or the answer to our request. A person decides."""
    policy.parse(message.offer.model_dump(by_alias=True))
    offer = message.offer.model_dump(by_alias=True)
    if pid is None:
        return _receive_first_offer(conn, received, message, offer, new_id)
    negotiation = _theirs(conn, received, pid, Role.CONSUMER, message.provider_pid)
    if negotiation.received == received.digest:
        return negotiation
    offered = negotiation.apply(
        Role.PROVIDER, Message.OFFER, now=received.now, offer=offer, decision=Decision.HUMAN,
        peer_pid=message.provider_pid, received=received.digest,
    )
    store.save(conn, offered)
    _note(conn, offered, "offer:received", received.now)
    return offered


def receive_agreement(
    conn: Connection, received: Received, message: wire.ContractAgreement, pid: str
) -> Negotiation:
    """As the consumer, take the agreement and verify it, or terminate when it is not what was offered."""
    negotiation = _theirs(conn, received, pid, Role.CONSUMER, message.provider_pid)
    if negotiation.received == received.digest:
        return negotiation
    terms = message.agreement.model_dump(by_alias=True)
    agreed = negotiation.apply(
        Role.PROVIDER, Message.AGREEMENT, now=received.now, agreement=terms, peer_pid=message.provider_pid,
        received=received.digest,
    )
    agreed = store.save(conn, agreed)
    _note(conn, agreed, "agreement:received", received.now)
    differences = _differences(agreed, terms, received.participant.did)
    if differences:
        _terminate(conn, agreed, differences, received.now)
        return agreed
    verified = agreed.apply(Role.CONSUMER, Message.VERIFICATION, now=received.now)
    store.save(conn, verified)
    body = wire.verification(verified)
    _send(conn, verified, wire.VERIFICATION, "agreement/verification", body, received.now)
    _note(conn, verified, "verification:sent", received.now)
    return agreed


def receive_verification(
    conn: Connection, received: Received, message: wire.Verification, pid: str
) -> Negotiation:
    """As the provider, take the verification and finalize."""
    negotiation = _theirs(conn, received, pid, Role.PROVIDER, message.consumer_pid)
    if negotiation.received == received.digest:
        return negotiation
    verified = negotiation.apply(
        Role.CONSUMER, Message.VERIFICATION, now=received.now, received=received.digest
    )
    finalized = verified.apply(Role.PROVIDER, Message.FINALIZE, now=received.now)
    store.save(conn, finalized)
    _sign(conn, finalized, received.now)
    _note(conn, verified, "verification:received", received.now)
    _send(conn, finalized, wire.EVENT, "events", wire.event(finalized, "FINALIZED"), received.now)
    _note(conn, finalized, "finalized:sent", received.now)
    return verified


def receive_event(
    conn: Connection, received: Received, message: wire.Event, pid: str, new_id: NewId
) -> Negotiation:
    """Take ``ACCEPTED`` as the provider, ``FINALIZED`` as the consumer."""
    accepted = message.kind is Message.ACCEPT
    role, peer = (Role.PROVIDER, message.consumer_pid) if accepted else (Role.CONSUMER, message.provider_pid)
    negotiation = _theirs(conn, received, pid, role, peer)
    if negotiation.received == received.digest:
        return negotiation
    following = negotiation.apply(role.other, message.kind, now=received.now, received=received.digest)
    store.save(conn, following)
    _note(conn, following, f"{message.event.lower()}:received", received.now)
    if accepted:
        if negotiation.decision == Decision.AUTOMATIC:
            agree(conn, received.participant, pid, now=received.now, new_id=new_id)
    else:
        _sign(conn, following, received.now)
    return following


def receive_termination(
    conn: Connection, received: Received, message: wire.ContractTermination, pid: str
) -> Negotiation:
    """Take the other side's termination, with its reasons."""
    negotiation = store.load(conn, received.participant.slug, pid)
    sent_by = message.consumer_pid if negotiation.role is Role.PROVIDER else message.provider_pid
    negotiation = _theirs(conn, received, pid, negotiation.role, sent_by)
    if negotiation.received == received.digest or negotiation.state is State.TERMINATED:
        return negotiation
    terminated = negotiation.apply(
        negotiation.role.other, Message.TERMINATION, now=received.now, reasons=message.reasons,
        received=received.digest, peer_pid=sent_by,
    )
    store.save(conn, terminated)
    _note(conn, terminated, "termination:received", received.now, reasons=list(message.reasons))
    return terminated


def end_agreement(
    conn: Connection, participant: Participant, id: str, reason: str, *, now: datetime
) -> Agreement:
    """End an agreement: nothing is read under it any more. Its transfers are ended by ``havre.transfers``."""
    agreement = store.agreement(conn, participant.slug, id)
    if agreement.ended is not None:
        raise Conflict(f"agreement {id} was ended on {agreement.ended:%Y-%m-%d}")
    ended = replace(agreement, ended=now, reason=reason)
    store.end_agreement(conn, ended)
    append(
        conn, event="agreement:ended", participant=participant.slug, subject=id, data={"reason": reason}, now=now
    )
    return ended


class Topic:
    """What the answers to our messages change."""

    def delivered(self, conn: Connection, message: Outgoing, answer: Answer) -> None:
        """The answer to a first request or offer carries the other side's identifier."""
        if not message.opening:
            return
        negotiation = store.load(conn, message.sender, message.process)
        name = "providerPid" if negotiation.role is Role.CONSUMER else "consumerPid"
        peer_pid = answer.body.get(name)
        if negotiation.peer_pid is not None:
            return
        if not isinstance(peer_pid, str) or not peer_pid:
            self.failed(conn, message, f"the other side's answer has no {name}")
            return
        known = replace(negotiation, peer_pid=peer_pid)
        store.save(conn, known)
        if known.state is State.TERMINATED:
            _send_termination(conn, known, known.updated)

    def failed(self, conn: Connection, message: Outgoing, reason: str) -> None:
        """The other side refused it for good, or never answered: the negotiation ends here, with the reason."""
        negotiation = store.load(conn, message.sender, message.process)
        if negotiation.final:
            return
        ended = negotiation.apply(
            negotiation.role, Message.TERMINATION, now=message.created, reasons=(reason,)
        )
        store.save(conn, ended)
        _note(conn, ended, "failed", message.created, reasons=[reason])


def _react(
    conn: Connection, received: Received, requested: Negotiation, offer: Offer, new_id: NewId
) -> None:
    """What follows a request by itself: refusal with reasons, agreement, or a person's decision."""
    reasons = _objections(requested, offer, received)
    if reasons:
        _terminate(conn, requested, reasons, received.now)
    elif offer.decision == Decision.AUTOMATIC:
        agree(conn, received.participant, requested.pid, now=received.now, new_id=new_id)


def _objections(requested: Negotiation, offer: Offer, received: Received) -> tuple[str, ...]:
    try:
        wanted = policy.parse(requested.offer)
    except HavreError as error:
        return (str(error),)
    offered = policy.parse(offer.policy)
    if not policy.same_rules(wanted, offered):
        return (f"the requested terms are not those of offer {offer.id}",)
    facts = Facts(
        now=received.now, recipient=received.counterparty.id, memberships=received.counterparty.memberships,
        purposes=frozenset(), count=0,
    )
    return policy.decide(offered, "use", facts, undecided=UNKNOWN_WHEN_NEGOTIATING).reasons


def _receive_counter_request(
    conn: Connection, received: Received, message: wire.ContractRequest
) -> Negotiation:
    negotiation = _theirs(conn, received, message.provider_pid or "", Role.PROVIDER, message.consumer_pid)
    if negotiation.received == received.digest:
        return negotiation
    requested = negotiation.apply(
        Role.CONSUMER, Message.REQUEST, now=received.now, offer=message.offer.model_dump(by_alias=True),
        decision=Decision.HUMAN, received=received.digest,
    )
    store.save(conn, requested)
    _note(conn, requested, "request:received", received.now)
    return requested


def _receive_first_offer(
    conn: Connection, received: Received, message: wire.ContractOffer, offer: dict[str, Any], new_id: NewId
) -> Negotiation:
    known = store.load_by_peer(
        conn, received.participant.slug, received.counterparty.id, message.provider_pid
    )
    if known is not None:
        return known
    if not message.callback:
        raise Invalid("a first offer says where to answer", field="callbackAddress", expected="a URL")
    offered = Negotiation(
        pid=new_id(), participant=received.participant.slug, role=Role.CONSUMER,
        state=after(None, Role.PROVIDER, Message.OFFER), counterparty=received.counterparty.id,
        peer_pid=message.provider_pid, peer_url=message.callback.rstrip("/"), dataset=message.offer.target,
        offer=offer, decision=Decision.HUMAN, created=received.now, updated=received.now, received=received.digest,
    )
    store.insert(conn, offered)
    _note(conn, offered, "offer:received", received.now)
    return offered


def _differences(negotiation: Negotiation, terms: dict[str, Any], own_did: str) -> tuple[str, ...]:
    """How an agreement differs from what was asked for; empty when it does not."""
    found = []
    if not policy.same_rules(policy.parse(terms), policy.parse(negotiation.offer)):
        found.append("the rules of the agreement are not those of the offer")
    for name, expected in (
        ("target", negotiation.dataset), ("assigner", negotiation.counterparty), ("assignee", own_did)
    ):
        if terms.get(name) != expected:
            found.append(f"the agreement's {name} is {terms.get(name)!r}, not {expected!r}")
    return tuple(found)


def _own(conn: Connection, participant: Participant, pid: str, role: Role) -> Negotiation:
    negotiation = store.load(conn, participant.slug, pid)
    if negotiation.role is not role:
        raise ProtocolError(f"only the {role} can do that, and here {participant.slug} is the {negotiation.role}")
    return negotiation


def _theirs(conn: Connection, received: Received, pid: str, role: Role, peer_pid: str) -> Negotiation:
    """The negotiation that a message of the other side is about; strangers see nothing."""
    negotiation = store.load(conn, received.participant.slug, pid)
    if negotiation.counterparty != received.counterparty.id:
        raise store.missing(pid)
    if negotiation.role is not role:
        raise ProtocolError(f"the {negotiation.role} does not take this message")
    if negotiation.peer_pid not in (None, peer_pid):
        raise Invalid(f"{peer_pid!r} is not the identifier of this negotiation", field=f"{role.other}Pid")
    return negotiation


def _terminate(
    conn: Connection, negotiation: Negotiation, reasons: tuple[str, ...], now: datetime
) -> Negotiation:
    terminated = negotiation.apply(negotiation.role, Message.TERMINATION, now=now, reasons=reasons)
    store.save(conn, terminated)
    if terminated.peer_pid is not None:
        _send_termination(conn, terminated, now)
    _note(conn, terminated, "termination:sent", now, reasons=list(reasons))
    return terminated


def _send_termination(conn: Connection, negotiation: Negotiation, now: datetime) -> None:
    _send(conn, negotiation, wire.TERMINATION, "termination", wire.termination(negotiation), now)


def _sign(conn: Connection, negotiation: Negotiation, now: datetime) -> None:
    if negotiation.agreement is None:
        raise ProtocolError("there is no agreement to finalize")
    store.insert_agreement(conn, Agreement(
        id=negotiation.agreement["@id"], participant=negotiation.participant, role=negotiation.role,
        counterparty=negotiation.counterparty, dataset=negotiation.dataset, terms=negotiation.agreement,
        negotiation=negotiation.pid, peer_url=negotiation.peer_url, signed=now,
    ))


def _send(
    conn: Connection, negotiation: Negotiation, kind: str, path: str, body: str, now: datetime, *,
    opening: bool = False,
) -> None:
    where = "" if opening else f"/{negotiation.peer_pid}"
    put(
        conn, sender=negotiation.participant, receiver=negotiation.counterparty, topic=TOPIC,
        process=negotiation.pid, kind=kind, url=f"{negotiation.peer_url}/negotiations{where}/{path}", body=body,
        now=now, opening=opening,
    )


def _note(conn: Connection, negotiation: Negotiation, what: str, now: datetime, **more: Any) -> None:
    data = {"role": negotiation.role, "dataset": negotiation.dataset, "counterparty": negotiation.counterparty}
    if negotiation.agreement is not None:
        data["agreement"] = negotiation.agreement["@id"]
    append(
        conn, event=f"negotiation:{what}", participant=negotiation.participant, subject=negotiation.pid,
        data={**data, **more}, now=now,
    )
