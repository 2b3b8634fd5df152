"""What a message of the other side changes in a transfer (Dataspace Protocol 2025-1, sections 9 and 10).

Each function is one transaction. A message that was received before changes nothing and is answered again.

Either side may suspend and start again, so two such steps can cross. Then the provider's state counts: its consumer
takes nothing but the same step while a step of its own is unanswered, and the provider, who takes all, says its state
again (decision 0014).
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from havre.context import NewId
from havre.contracts import store as contracts
from havre.contracts.negotiation import Role
from havre.contracts.receiving import address
from havre.errors import Denied, Early, Invalid, NotFound
from havre.messages import store as outbox
from havre.messages.receiving import Received
from havre.messages.wire import ProcessMessage, Termination, parse, remember
from havre.transfers import steps, store, usecases, wire
from havre.transfers.model import PUSH, Transfer
from havre.transfers.process import TRANSITIONS, Message, State, after

UNANSWERED = "our own last step is not answered yet"


def request(conn: Connection, received: Received, new_id: NewId, keys: steps.Keys) -> Transfer:
    """As the provider, take a request for access, and start at once when the agreement stands."""
    message = parse(wire.TransferRequest, received.body, wire.REQUEST)
    slug, peer = received.participant.slug, received.counterparty.id
    known = store.load_by_peer(conn, slug, peer, message.consumer_pid)
    if known is not None:
        return known
    agreement = contracts.agreement(conn, slug, message.agreement)
    if agreement.counterparty != peer or agreement.role is not Role.PROVIDER:
        raise NotFound(f"no agreement {message.agreement}")
    if message.format not in usecases.FORMATS:
        raise Invalid(f"got {message.format!r}", field="format", expected=" or ".join(usecases.FORMATS))
    if agreement.ended is not None:
        raise Denied(f"agreement {agreement.id} has ended", reasons=(agreement.reason or "it was ended",))
    destination = wire.destination(message.address) if message.format == PUSH else None
    requested = Transfer(
        pid=new_id(),
        participant=slug,
        role=Role.PROVIDER,
        state=after(None, Role.CONSUMER, Message.REQUEST),
        counterparty=peer,
        peer_pid=message.consumer_pid,
        peer_url=address(message.callback),
        agreement=agreement.id,
        dataset=agreement.dataset,
        format=message.format,
        created=received.now,
        updated=received.now,
        received=(received.digest,),
        reactions=agreement.reactions,
    )
    if destination is not None:
        requested = steps.with_destination(requested, destination, keys.node_key)
    steps.note(conn, requested, "request:received", received.now)
    store.insert(conn, steps.react(conn, requested, keys, received.now))
    return requested


def start(conn: Connection, received: Received, pid: str, keys: steps.Keys) -> Transfer:
    """As the consumer, take the access; as the provider, see the consumer resume, and give it new tokens."""
    message = parse(wire.TransferStart, received.body, wire.START)
    transfer, again = _theirs(conn, received, pid, message, Message.START)
    if again:
        return transfer
    if transfer.state is State.STARTED:  # both resumed at once
        both = _with_access(conn, _remembered(transfer, received), message, received, keys)
        return store.save(conn, both, seen=transfer.version)
    crossed = _crossed(conn, received, transfer)
    if transfer.role is Role.PROVIDER:
        usecases.running_agreement(conn, transfer)
        store.delete_tokens(conn, pid, refresh_too=False)
    started = _taken(conn, received, transfer, Message.START, "start:received", reasons=())
    if crossed:
        started = steps.say_again(conn, started, keys, received.now)
    following = steps.react(conn, _with_access(conn, started, message, received, keys), keys, received.now)
    return store.save(conn, following, seen=transfer.version)


def _with_access(
    conn: Connection, transfer: Transfer, message: wire.TransferStart, received: Received, keys: steps.Keys
) -> Transfer:
    """As the consumer, with the access that a start message brings, if it does.

    While a step of ours is on its way, that may take the token away again: it is renewed before it is used.
    """
    if transfer.role is Role.PROVIDER or message.address is None:
        return transfer
    given = wire.access(message.address, received.now)
    if given is None:
        return transfer
    if outbox.unanswered(conn, transfer.pid):
        given = replace(given, expires=received.now)
    return steps.with_access(transfer, given, keys.node_key)


def suspension(conn: Connection, received: Received, pid: str, keys: steps.Keys) -> Transfer:
    message = parse(Termination, received.body, wire.SUSPENSION)
    transfer, again = _theirs(conn, received, pid, message, Message.SUSPENSION)
    if again:
        return transfer
    if transfer.state is State.SUSPENDED:  # both may suspend at once
        return store.save(conn, _remembered(transfer, received), seen=transfer.version)
    crossed = _crossed(conn, received, transfer)
    suspended = _taken(conn, received, transfer, Message.SUSPENSION, "suspension:received", reasons=message.reasons)
    if crossed:
        suspended = steps.say_again(conn, suspended, keys, received.now)
    return store.save(conn, steps.react(conn, suspended, keys, received.now), seen=transfer.version)


def completion(conn: Connection, received: Received, pid: str) -> Transfer:
    message = parse(wire.TransferCompletion, received.body, wire.COMPLETION)
    transfer, again = _theirs(conn, received, pid, message, Message.COMPLETION)
    if again or transfer.state is State.COMPLETED:
        return transfer
    running = transfer
    if transfer.state is State.SUSPENDED and outbox.unanswered(conn, pid):
        # the other side has completed what it had not heard to be suspended
        if not received.waited:
            raise Early(UNANSWERED)
        running = replace(transfer, state=State.STARTED)
    completed = _taken(conn, received, running, Message.COMPLETION, "completion:received", access=None)
    return store.save(conn, completed, seen=transfer.version)


def termination(conn: Connection, received: Received, pid: str) -> Transfer:
    message = parse(Termination, received.body, wire.TERMINATION)
    transfer, again = _theirs(conn, received, pid, message, Message.TERMINATION)
    if again or transfer.state is State.TERMINATED:
        return transfer
    changes: dict[str, Any] = {"reasons": message.reasons, "access": None}
    terminated = _taken(conn, received, transfer, Message.TERMINATION, "termination:received", **changes)
    return store.save(conn, terminated, seen=transfer.version)


def state(conn: Connection, received: Received, pid: str) -> Transfer:
    """The transfer, for the other side to look at, as soon as both identifiers are known."""
    transfer = _of_peer(conn, received, pid)
    if transfer.peer_pid is None:
        raise store.missing(pid)
    return transfer


def _of_peer(conn: Connection, received: Received, pid: str) -> Transfer:
    transfer = store.load(conn, received.participant.slug, pid)
    if transfer.counterparty != received.counterparty.id:
        raise store.missing(pid)
    return transfer


def _crossed(conn: Connection, received: Received, transfer: Transfer) -> bool:
    """Whether this step has crossed one of ours; ``Early`` until it has waited for our answer, or for good."""
    if not outbox.unanswered(conn, transfer.pid):
        return False
    if transfer.role is Role.CONSUMER or not received.waited:
        raise Early(UNANSWERED)
    return True


def _remembered(transfer: Transfer, received: Received) -> Transfer:
    """A message that changes nothing now must not change anything later."""
    return replace(transfer, received=remember(transfer.received, received.digest), version=transfer.version + 1)


def _taken(
    conn: Connection, received: Received, transfer: Transfer, message: Message, what: str, **changes: Any
) -> Transfer:
    """The transfer after the other side's message, noted but not saved; ``ProtocolError`` changes nothing."""
    changes["received"] = remember(transfer.received, received.digest)
    following = transfer.apply(transfer.role.other, message, now=received.now, **changes)
    steps.note(conn, following, what, received.now, reasons=list(following.reasons))
    return following


def _theirs(
    conn: Connection, received: Received, pid: str, message: ProcessMessage, kind: Message
) -> tuple[Transfer, bool]:
    """The transfer that a message is about, and whether this message was received before. Strangers see nothing."""
    transfer = _of_peer(conn, received, pid)
    ours, theirs = message.provider_pid, message.consumer_pid
    if transfer.role is Role.CONSUMER:
        ours, theirs = theirs, ours
    if ours != pid:
        raise Invalid(f"{ours!r} is not the identifier in the address", field=f"{transfer.role}Pid", expected=pid)
    if transfer.peer_pid not in (None, theirs):
        raise Invalid(f"{theirs!r} is not the identifier of this transfer", field=f"{transfer.role.other}Pid")
    if transfer.peer_pid is None:
        # this message overtook the answer that would have told
        transfer = replace(transfer, peer_pid=theirs)
    step = (transfer.state, transfer.role.other, kind) in TRANSITIONS
    return transfer, received.again(transfer.received, step)
