"""What a message of the other side changes in a negotiation (Dataspace Protocol 2025-1, sections 7 and 8).

Each function is one transaction: the message is taken, what happens by itself after it is done, and the negotiation is
saved once. A message that was received before changes nothing and is answered again.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from havre import policy
from havre.catalog.model import Offer
from havre.catalog.usecases import offer_for
from havre.context import NewId
from havre.contracts import steps, store, wire
from havre.contracts.model import Json, Negotiation
from havre.contracts.negotiation import TRANSITIONS, Message, Role, State, after
from havre.errors import HavreError, Invalid, ProtocolError
from havre.messages.reactions import Act
from havre.messages.receiving import Received
from havre.messages.wire import parse, remember
from havre.policy.evaluation import UNKNOWN_WHEN_NEGOTIATING, Facts


def request(conn: Connection, received: Received, new_id: NewId) -> Negotiation:
    """As the provider, take the first request of a negotiation; returns it as it is after this message alone."""
    message = parse(wire.ContractRequest, received.body, wire.REQUEST)
    known = store.load_by_peer(conn, received.participant.slug, received.counterparty.id, message.consumer_pid)
    if known is not None:
        return known
    offer = offer_for(conn, received.participant.slug, message.offer.target, message.offer.id, received.counterparty)
    requested = _first(received, Role.PROVIDER, Message.REQUEST, message.consumer_pid, message, new_id, offer.reactions)
    steps.note(conn, requested, "request:received", received.now)
    judged = requested.reaction.consents or requested.reaction.act is Act.ASK
    reasons = _objections(requested, offer, received) if judged else ()
    if reasons:
        following = steps.terminate(conn, requested, reasons, received.now)
    else:
        following = steps.react(conn, requested, received.participant, received.now, new_id)
    store.insert(conn, following)
    return requested


def first_offer(conn: Connection, received: Received, new_id: NewId) -> Negotiation:
    """As the consumer, take an offer that we did not ask for; a person decides."""
    message = parse(wire.ContractOffer, received.body, wire.OFFER)
    known = store.load_by_peer(conn, received.participant.slug, received.counterparty.id, message.provider_pid)
    if known is not None:
        return known
    policy.parse(message.offer.model_dump(by_alias=True))
    offered = _first(received, Role.CONSUMER, Message.OFFER, message.provider_pid, message, new_id, {})
    steps.note(conn, offered, "offer:received", received.now)
    store.insert(conn, steps.react(conn, offered, received.participant, received.now, new_id))
    return offered


def _first(
    received: Received,
    role: Role,
    kind: Message,
    peer_pid: str,
    message: wire.ContractRequest | wire.ContractOffer,
    new_id: NewId,
    reactions: Json,
) -> Negotiation:
    """A negotiation that the other side begins."""
    return Negotiation(
        pid=new_id(),
        participant=received.participant.slug,
        role=role,
        state=after(None, role.other, kind),
        counterparty=received.counterparty.id,
        peer_pid=peer_pid,
        peer_url=address(message.callback),
        dataset=message.offer.target,
        offer=message.offer.model_dump(by_alias=True),
        reactions=reactions,
        created=received.now,
        updated=received.now,
        received=(received.digest,),
    )


def counter_request(conn: Connection, received: Received, pid: str, new_id: NewId) -> Negotiation:
    """As the provider, take the answer to our offer. What we have not offered is left to a person."""
    message = parse(wire.ContractRequest, received.body, wire.REQUEST)
    negotiation, again = _theirs(conn, received, pid, Message.REQUEST, Role.PROVIDER, message.consumer_pid)
    if again:
        return negotiation
    offer = _counter(negotiation, message.offer)
    requested = _taken(conn, received, negotiation, Message.REQUEST, "request:received", offer=offer)
    if requested.reaction.consents and not _same_rules(offer, negotiation.offer):
        return store.save(conn, requested.reacted(), seen=negotiation.version)
    return _react(conn, received, requested, negotiation, new_id)


def offer(conn: Connection, received: Received, pid: str, new_id: NewId) -> Negotiation:
    """As the consumer, take the provider's counter-offer."""
    message = parse(wire.ContractOffer, received.body, wire.OFFER)
    negotiation, again = _theirs(conn, received, pid, Message.OFFER, Role.CONSUMER, message.provider_pid)
    if again:
        return negotiation
    terms = _counter(negotiation, message.offer)
    offered = _taken(conn, received, negotiation, Message.OFFER, "offer:received", offer=terms)
    return _react(conn, received, offered, negotiation, new_id)


def agreement(conn: Connection, received: Received, pid: str, new_id: NewId) -> Negotiation:
    """As the consumer, take the agreement and verify it, or terminate when it is not what was offered."""
    message = parse(wire.ContractAgreement, received.body, wire.AGREEMENT)
    negotiation, again = _theirs(conn, received, pid, Message.AGREEMENT, Role.CONSUMER, message.provider_pid)
    if again:
        return negotiation
    terms = message.agreement.model_dump(by_alias=True)
    agreed = _taken(conn, received, negotiation, Message.AGREEMENT, "agreement:received", agreement=terms)
    differences = _differences(agreed, terms, received.participant.did)
    if store.is_agreement(conn, received.participant.slug, terms["@id"]):
        differences = (*differences, f"there is an agreement {terms['@id']} already")
    if differences:
        return store.save(conn, steps.terminate(conn, agreed, differences, received.now), seen=negotiation.version)
    return _react(conn, received, agreed, negotiation, new_id)


def verification(conn: Connection, received: Received, pid: str, new_id: NewId) -> Negotiation:
    """As the provider, take the verification and finalize."""
    message = parse(wire.Verification, received.body, wire.VERIFICATION)
    negotiation, again = _theirs(conn, received, pid, Message.VERIFICATION, Role.PROVIDER, message.consumer_pid)
    if again:
        return negotiation
    verified = _taken(conn, received, negotiation, Message.VERIFICATION, "verification:received")
    return _react(conn, received, verified, negotiation, new_id)


def event(conn: Connection, received: Received, pid: str, new_id: NewId) -> Negotiation:
    """Take ``ACCEPTED`` as the provider, ``FINALIZED`` as the consumer."""
    message = parse(wire.Event, received.body, wire.EVENT)
    accepted = message.kind is Message.ACCEPT
    role, peer = (Role.PROVIDER, message.consumer_pid) if accepted else (Role.CONSUMER, message.provider_pid)
    negotiation, again = _theirs(conn, received, pid, message.kind, role, peer)
    if again:
        return negotiation
    following = _taken(conn, received, negotiation, message.kind, f"{message.event.lower()}:received")
    if not accepted:
        steps.sign(conn, following, received.now)
    return _react(conn, received, following, negotiation, new_id)


def termination(conn: Connection, received: Received, pid: str, new_id: NewId) -> Negotiation:
    """Take the other side's termination, with its reasons."""
    message = parse(wire.ContractTermination, received.body, wire.TERMINATION)
    role = store.load(conn, received.participant.slug, pid).role
    sender = message.consumer_pid if role is Role.PROVIDER else message.provider_pid
    negotiation, again = _theirs(conn, received, pid, Message.TERMINATION, role, sender)
    if again or negotiation.state is State.TERMINATED:
        return negotiation
    what, noted = "termination:received", {"reasons": list(message.reasons)}
    terminated = _taken(conn, received, negotiation, Message.TERMINATION, what, noted, reasons=message.reasons)
    return store.save(conn, terminated, seen=negotiation.version)


def state(conn: Connection, received: Received, pid: str) -> Negotiation:
    """The negotiation, for the other side to look at, as soon as both identifiers are known."""
    negotiation = _of_peer(conn, received, pid)
    if negotiation.peer_pid is None:
        raise store.missing(pid)
    return negotiation


def _of_peer(conn: Connection, received: Received, pid: str) -> Negotiation:
    negotiation = store.load(conn, received.participant.slug, pid)
    if negotiation.counterparty != received.counterparty.id:
        raise store.missing(pid)
    return negotiation


def _taken(
    conn: Connection,
    received: Received,
    negotiation: Negotiation,
    message: Message,
    what: str,
    noted: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Negotiation:
    """The negotiation after the other side's message, noted but not saved; ``ProtocolError`` changes nothing."""
    changes["received"] = remember(negotiation.received, received.digest)
    following = negotiation.apply(negotiation.role.other, message, now=received.now, **changes)
    steps.note(conn, following, what, received.now, **(noted or {}))
    return following


def _react(conn: Connection, received: Received, taken: Negotiation, before: Negotiation, new_id: NewId) -> Negotiation:
    """Do what happens by itself after a message, and save what became of it."""
    following = steps.react(conn, taken, received.participant, received.now, new_id)
    return store.save(conn, following, seen=before.version)


def _theirs(
    conn: Connection, received: Received, pid: str, kind: Message, role: Role, peer_pid: str
) -> tuple[Negotiation, bool]:
    """The negotiation that a message is about, and whether this message was received before. Strangers see nothing."""
    negotiation = _of_peer(conn, received, pid)
    if negotiation.role is not role:
        raise ProtocolError(f"the {negotiation.role} does not take this message", field="@type")
    if negotiation.peer_pid not in (None, peer_pid):
        raise Invalid(f"{peer_pid!r} is not the identifier of this negotiation", field=f"{role.other}Pid")
    ours = received.body.get(f"{role}Pid")
    if ours not in (None, pid):
        raise Invalid(f"{ours!r} is not the identifier in the address", field=f"{role}Pid", expected=pid)
    if negotiation.peer_pid is None:
        # this message overtook the answer that would have told
        negotiation = replace(negotiation, peer_pid=peer_pid)
    step = (negotiation.state, role.other, kind) in TRANSITIONS
    return negotiation, received.again(negotiation.received, step)


def _counter(negotiation: Negotiation, offer: wire.Policy) -> Mapping[str, Any]:
    """Other terms for the same dataset."""
    if offer.target != negotiation.dataset:
        raise Invalid(f"got {offer.target!r}", field="offer.target", expected=negotiation.dataset)
    policy.parse(offer.model_dump(by_alias=True))
    return offer.model_dump(by_alias=True)


def _same_rules(one: Json, other: Json) -> bool:
    return policy.same_rules(policy.parse(one), policy.parse(other))


def _objections(requested: Negotiation, offer: Offer, received: Received) -> tuple[str, ...]:
    """Why the terms alone refuse a request; empty when they do not."""
    try:
        wanted = policy.parse(requested.offer)
    except HavreError as error:
        return (str(error),)
    offered = policy.parse(offer.policy)
    if not policy.same_rules(wanted, offered):
        return (f"the requested terms are not those of offer {offer.id}",)
    facts = Facts(now=received.now, recipient=received.counterparty.id, memberships=received.counterparty.memberships)
    return policy.decide(offered, "read", facts, undecided=UNKNOWN_WHEN_NEGOTIATING).reasons


def _differences(negotiation: Negotiation, terms: Mapping[str, Any], own_did: str) -> tuple[str, ...]:
    """How an agreement differs from what was asked for; empty when it does not."""
    found = []
    try:
        if not policy.same_rules(policy.parse(terms), policy.parse(negotiation.offer)):
            found.append("the rules of the agreement are not those of the offer")
    except HavreError as error:
        found.append(str(error))
    expected = {"target": negotiation.dataset, "assigner": negotiation.counterparty, "assignee": own_did}
    for name, value in expected.items():
        if terms.get(name) != value:
            found.append(f"the agreement's {name} is {terms.get(name)!r}, not {value!r}")
    return tuple(found)


def address(callback: str | None) -> str:
    """Where the other side takes our messages; ``Invalid`` when it does not say so in a usable way."""
    wanted = "a http or https address"
    try:
        parts = urlsplit(callback or "")
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise Invalid(f"got {callback!r}: {error}", field="callbackAddress", expected=wanted) from error
    if not usable:
        raise Invalid(f"got {callback!r}", field="callbackAddress", expected=wanted)
    return (callback or "").rstrip("/")
