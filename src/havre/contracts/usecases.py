"""Negotiate: what our side decides. What arrives from the other side stands in ``havre.contracts.receiving``.

Each function is one transaction: load, decide, put the next message into the outbox, write the audit log, save.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from havre import policy
from havre.audit.usecases import append
from havre.catalog import store as offers
from havre.context import NewId
from havre.contracts import steps, store, wire
from havre.contracts.model import Agreement, Json, Negotiation
from havre.contracts.negotiation import Message, Role, State, after
from havre.errors import Conflict, Invalid, NotFound, Overtaken, ProtocolError
from havre.messages.model import Answer, Outgoing
from havre.messages.reactions import Act, checked
from havre.participants.model import Participant
from havre.policy.evaluation import COUNT, MEMBERSHIP, PURPOSE
from havre.policy.model import Policy

UNKNOWN_TO_THE_CONSUMER = frozenset({COUNT, MEMBERSHIP, PURPOSE})


def begin(
    conn: Connection,
    consumer: Participant,
    *,
    provider: str,
    provider_url: str,
    dataset: str,
    offer: Json,
    now: datetime,
    new_id: NewId,
    reactions: Json | None = None,
    reuse: bool = True,
) -> Negotiation:
    """As the consumer, request a contract for an offer of another participant's catalogue.

    With ``reuse``, where these terms were agreed on already and hold, it is that negotiation which is returned.
    """
    if not isinstance(offer.get("@id"), str) or not offer["@id"]:
        raise Invalid("the offer has no identifier", field="offer.@id", expected="a text, as in the catalogue")
    wanted = policy.parse(offer)
    running = _running(conn, consumer, provider, dataset, wanted, now) if reuse else None
    if running is not None:
        return store.load(conn, consumer.slug, running.negotiation)
    rules = {name: value for name, value in offer.items() if name != "@context"}
    terms = {**rules, "@type": "Offer", "target": dataset}
    began = _begun(consumer, Role.CONSUMER, Message.REQUEST, provider, provider_url, terms, reactions, now, new_id)
    store.insert(conn, began)
    return steps.told(conn, began, wire.REQUEST, wire.request(began, consumer.protocol_url), "request:sent", now)


def propose(
    conn: Connection,
    provider: Participant,
    *,
    consumer: str,
    consumer_url: str,
    dataset: str,
    offer: str,
    now: datetime,
    new_id: NewId,
    reactions: Json | None = None,
) -> Negotiation:
    """As the provider, begin with one of our offers, whoever may see it in the catalogue."""
    found = offers.offer(conn, provider.slug, offer)
    if found is None or found.removed is not None or found.dataset != dataset:
        raise NotFound(f"no offer {offer} of dataset {dataset}")
    terms = {**found.policy, "@id": found.id, "@type": "Offer", "target": dataset}
    kept = {"transfer": found.reactions.get("transfer", {})} if reactions is None else reactions
    began = _begun(provider, Role.PROVIDER, Message.OFFER, consumer, consumer_url, terms, kept, now, new_id)
    store.insert(conn, began)
    return steps.told(conn, began, wire.OFFER, wire.offer(began, provider.protocol_url), "offer:sent", now)


def _begun(
    own: Participant,
    role: Role,
    message: Message,
    peer: str,
    peer_url: str,
    terms: Json,
    reactions: Json | None,
    now: datetime,
    new_id: NewId,
) -> Negotiation:
    """A negotiation that our side begins."""
    if peer == own.did:
        raise Invalid("nobody agrees with himself", field=role.other, expected="another participant")
    return Negotiation(
        pid=new_id(),
        participant=own.slug,
        role=role,
        state=after(None, role, message),
        counterparty=peer,
        peer_pid=None,
        peer_url=peer_url.rstrip("/"),
        dataset=terms["target"],
        offer=terms,
        reactions=checked(reactions or {}, role),
        created=now,
        updated=now,
    )


def _running(
    conn: Connection, consumer: Participant, provider: str, dataset: str, wanted: Policy, now: datetime
) -> Agreement | None:
    """An agreement on the same terms that has not ended, by itself or by a side."""
    facts = policy.Facts(now=now, recipient=consumer.did, memberships=frozenset())
    for one in store.running_about(conn, consumer.slug, dataset, provider):
        agreed = policy.parse(one.terms)
        same = policy.same_rules(agreed, wanted)
        if same and policy.decide(agreed, "read", facts, undecided=UNKNOWN_TO_THE_CONSUMER).allowed:
            return one
    return None


def agree(conn: Connection, provider: Participant, pid: str, *, now: datetime, new_id: NewId) -> Negotiation:
    """As the provider, agree to what was requested or accepted."""
    negotiation = _own(conn, provider, pid, Role.PROVIDER)
    agreed = steps.agree(conn, negotiation, provider, id=new_id(), now=now)
    return store.save(conn, agreed, seen=negotiation.version)


def accept(conn: Connection, consumer: Participant, pid: str, *, now: datetime) -> Negotiation:
    """As the consumer, accept the provider's offer."""
    negotiation = _own(conn, consumer, pid, Role.CONSUMER)
    return store.save(conn, steps.accept(conn, negotiation, now), seen=negotiation.version)


def verify(conn: Connection, consumer: Participant, pid: str, *, now: datetime) -> Negotiation:
    """As the consumer, confirm an agreement that was not confirmed by itself."""
    negotiation = _own(conn, consumer, pid, Role.CONSUMER)
    return store.save(conn, steps.verify(conn, negotiation, now), seen=negotiation.version)


def finalize(conn: Connection, provider: Participant, pid: str, *, now: datetime) -> Negotiation:
    """As the provider, make an agreement hold that was not finalized by itself."""
    negotiation = _own(conn, provider, pid, Role.PROVIDER)
    return store.save(conn, steps.finalize(conn, negotiation, now), seen=negotiation.version)


def counter(
    conn: Connection, participant: Participant, pid: str, terms: Json, *, now: datetime, new_id: NewId
) -> Negotiation:
    """Answer with other terms: as the provider to a request, as the consumer to an offer."""
    negotiation = store.load(conn, participant.slug, pid)
    step = steps.offer if negotiation.role is Role.PROVIDER else steps.counter
    countered = step(conn, negotiation, steps.other_terms(negotiation, terms, new_id), now)
    return store.save(conn, countered, seen=negotiation.version)


def refuse(conn: Connection, provider: Participant, pid: str, reason: str, *, now: datetime) -> Negotiation:
    """As the provider, say no; the reason reaches the consumer."""
    return _terminated(conn, _own(conn, provider, pid, Role.PROVIDER), (reason,), now)


def terminate(conn: Connection, participant: Participant, pid: str, reason: str, *, now: datetime) -> Negotiation:
    """End a negotiation that is not final, from either side; the reason reaches the other one."""
    return _terminated(conn, store.load(conn, participant.slug, pid), (reason,), now)


def _terminated(conn: Connection, negotiation: Negotiation, reasons: tuple[str, ...], now: datetime) -> Negotiation:
    return store.save(conn, steps.terminate(conn, negotiation, reasons, now), seen=negotiation.version)


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
        """The answer to a first message carries the other side's identifier; and what we are to do next is done."""
        if not message.follow:
            return
        negotiation = known = store.load(conn, message.sender, message.process)
        if message.opening and negotiation.peer_pid is None:
            name = f"{negotiation.role.other}Pid"
            peer_pid = answer.body.get(name)
            if not isinstance(peer_pid, str) or not peer_pid:
                self.failed(conn, message, f"the other side's answer has no {name}", now)
                return
            other = store.load_by_peer(conn, message.sender, negotiation.counterparty, peer_pid)
            if other is not None and other.pid == negotiation.pid:  # a message that crossed told it to another process
                raise Overtaken(f"negotiation {other.pid} was changed at the same time")
            if other is not None:
                self.failed(conn, message, f"the other side's answer names another negotiation, {peer_pid}", now)
                return
            known = replace(negotiation, peer_pid=peer_pid, version=negotiation.version + 1)
            if known.final:
                steps.send_termination(conn, known, now)
        following = self._reacted(conn, message, known, now)
        if following is not negotiation:
            store.save(conn, following, seen=negotiation.version)

    def _reacted(self, conn: Connection, message: Outgoing, negotiation: Negotiation, now: datetime) -> Negotiation:
        """To a state that we have brought about ourselves, now that the other side has heard of it."""
        reaction = negotiation.reaction
        if reaction.act is not Act.REFUSE or negotiation.state not in BROUGHT_ABOUT.get(message.kind, ()):
            return negotiation
        return steps.terminate(conn, negotiation.reacted(), (reaction.why,), now)

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
            _terminated(conn, negotiation, (reason,), now)


BROUGHT_ABOUT: dict[str, frozenset[State]] = {
    wire.REQUEST: frozenset({State.REQUESTED}),
    wire.OFFER: frozenset({State.OFFERED}),
    wire.AGREEMENT: frozenset({State.AGREED}),
    wire.VERIFICATION: frozenset({State.VERIFIED}),
    wire.EVENT: frozenset({State.ACCEPTED}),
}
"""The states that our messages lead to, where something may happen by itself."""


def _own(conn: Connection, participant: Participant, pid: str, role: Role) -> Negotiation:
    negotiation = store.load(conn, participant.slug, pid)
    if negotiation.role is not role:
        raise ProtocolError(f"only the {role} can do that, and here {participant.slug} is the {negotiation.role}")
    return negotiation
