"""Transfers: what our side decides. What arrives from the other side stands in ``havre.transfers.receiving``.

Each function is one transaction. A token opens something only while its transfer is started and
its agreement runs; when a transfer starts again, the access tokens of before are gone.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from havre.context import NewId
from havre.contracts import store as contracts
from havre.contracts import usecases as agreements
from havre.contracts.model import Agreement
from havre.contracts.negotiation import Role
from havre.errors import Conflict, Denied, Invalid, NotFound, Overtaken, ProtocolError
from havre.messages.model import Answer, Outgoing
from havre.participants.model import Participant
from havre.transfers import steps, store, wire
from havre.transfers.destination import Destination
from havre.transfers.model import PULL, PUSH, Access, Granted, Transfer
from havre.transfers.process import Message, State, after

FORMATS = (PULL, PUSH)


def begin(
    conn: Connection,
    consumer: Participant,
    *,
    agreement: str,
    format: str,
    now: datetime,
    new_id: NewId,
    destination: Destination | None = None,
    node_key: bytes | None = None,
) -> Transfer:
    """As the consumer, ask for access under an agreement; for a push, to a ``destination`` that ``node_key`` seals."""
    found = contracts.agreement(conn, consumer.slug, agreement)
    if found.role is not Role.CONSUMER:
        raise ProtocolError(f"{consumer.slug} is the provider under agreement {agreement}: the consumer begins")
    if format not in FORMATS:
        raise Invalid(f"got {format!r}", field="format", expected=" or ".join(FORMATS))
    if destination is None and format == PUSH:
        raise Invalid("is missing", field="data_address", expected="where to push to")
    if destination is not None and format != PUSH:
        raise Invalid(f"goes with {PUSH} alone", field="data_address", expected=f"none with {format}")
    if found.ended is not None:
        raise Denied(f"agreement {agreement} has ended", reasons=(found.reason or "it was ended",))
    transfer = Transfer(
        pid=new_id(),
        participant=consumer.slug,
        role=Role.CONSUMER,
        state=after(None, Role.CONSUMER, Message.REQUEST),
        counterparty=found.counterparty,
        peer_pid=None,
        peer_url=found.peer_url,
        agreement=agreement,
        dataset=found.dataset,
        format=format,
        created=now,
        updated=now,
        reactions=found.reactions,
    )
    store.insert(conn, transfer)
    body = wire.request(transfer, consumer.protocol_url, destination)
    steps.send(conn, transfer, wire.REQUEST, body, now, sealed_with=node_key if destination else None)
    steps.note(conn, transfer, "request:sent", now)
    return transfer


def suspend(conn: Connection, participant: Participant, pid: str, reason: str, *, now: datetime) -> Transfer:
    transfer = store.load(conn, participant.slug, pid)
    return store.save(conn, steps.suspend(conn, transfer, reason, now), seen=transfer.version)


def start(conn: Connection, provider: Participant, pid: str, keys: steps.Keys, *, now: datetime) -> Transfer:
    """As the provider, give the access that was asked for, where that does not happen by itself."""
    transfer = store.load(conn, provider.slug, pid)
    if transfer.role is not Role.PROVIDER:
        raise ProtocolError(f"{provider.slug} is the consumer of this transfer: the provider starts it")
    running_agreement(conn, transfer)
    return store.save(conn, steps.start(conn, transfer, keys, now), seen=transfer.version)


def resume(conn: Connection, participant: Participant, pid: str, keys: steps.Keys, *, now: datetime) -> Transfer:
    """Start again what was suspended. A provider gives new tokens with that; a consumer renews the one it had."""
    transfer = store.load(conn, participant.slug, pid)
    if transfer.state is not State.SUSPENDED:
        raise ProtocolError(f"the transfer is {transfer.state}, not suspended")
    if transfer.role is Role.PROVIDER:
        running_agreement(conn, transfer)
    return store.save(conn, steps.start(conn, transfer, keys, now), seen=transfer.version)


def complete(conn: Connection, participant: Participant, pid: str, *, now: datetime) -> Transfer:
    return _ended(conn, store.load(conn, participant.slug, pid), Message.COMPLETION, now, ())


def terminate(conn: Connection, participant: Participant, pid: str, reason: str, *, now: datetime) -> Transfer:
    return _ended(conn, store.load(conn, participant.slug, pid), Message.TERMINATION, now, (reason,))


def _ended(conn: Connection, transfer: Transfer, message: Message, now: datetime, why: tuple[str, ...]) -> Transfer:
    return store.save(conn, steps.end(conn, transfer, message, now, why), seen=transfer.version)


def end_agreement(conn: Connection, participant: Participant, id: str, reason: str, *, now: datetime) -> Agreement:
    """End an agreement and every transfer under it, in one transaction; the other side hears the reason."""
    ended = agreements.end_agreement(conn, participant, id, reason, now=now)
    for transfer in store.listed(conn, participant.slug, agreement=id, limit=None):
        if not transfer.final:
            _ended(conn, transfer, Message.TERMINATION, now, (f"the agreement was ended: {reason}",))
    return ended


def running_agreement(conn: Connection, transfer: Transfer) -> Agreement:
    """The agreement of a transfer; ``Denied`` when it has ended."""
    agreement = contracts.agreement(conn, transfer.participant, transfer.agreement)
    if agreement.ended is not None:
        why = f"the agreement was ended on {agreement.ended:%Y-%m-%d}: {agreement.reason}"
        raise Denied(f"agreement {agreement.id} has ended", reasons=(why,))
    return agreement


def require_running(conn: Connection, transfer: Transfer) -> Agreement:
    """The agreement of a transfer that is started; ``Denied`` says why nothing can be read under it."""
    if transfer.state is not State.STARTED:
        why = "; ".join(transfer.reasons) or "the transfer is over"
        raise Denied(f"the transfer is {transfer.state}", reasons=(why,))
    return running_agreement(conn, transfer)


# Tokens


def holder(conn: Connection, token: str) -> Granted:
    """What an access token stands for, dead or alive; ``NotFound`` for what never was one."""
    found = store.granted(conn, token)
    if found is None:
        raise NotFound("no such token")
    return found


def renew(conn: Connection, refresh_token: str, keys: steps.Keys, *, now: datetime) -> tuple[Transfer, str, datetime]:
    """A new access token for a refresh token, which stays good as long as the transfer runs."""
    found = store.granted(conn, refresh_token, renews=True)
    if found is None:
        raise NotFound("no such token")
    require_running(conn, found.transfer)
    store.delete_expired(conn, found.transfer.pid, now)
    token, expires = steps.give_token(conn, found.transfer, keys, now)
    steps.note(conn, found.transfer, "token:renewed", now)
    return found.transfer, token, expires


def access(conn: Connection, participant: Participant, pid: str, node_key: bytes) -> Access:
    """As the consumer, what opens the rows. ``Conflict`` says why there is nothing yet, or any more."""
    transfer = store.load(conn, participant.slug, pid)
    if transfer.role is not Role.CONSUMER:
        raise ProtocolError(f"{participant.slug} is the provider of this transfer: it has given access, not got it")
    if transfer.format == PUSH:
        raise Conflict("the rows of this transfer are pushed: it gives no access")
    if transfer.access is None or transfer.state is not State.STARTED:
        why = "; ".join(transfer.reasons)
        raise Conflict(f"the transfer is {transfer.state} and gives no access" + (f": {why}" if why else ""))
    return steps.unsealed(transfer, node_key)


def keep_access(conn: Connection, transfer: Transfer, access: Access, node_key: bytes) -> Transfer:
    """Keep what the provider gave, sealed."""
    return store.save(conn, steps.with_access(transfer, access, node_key), seen=transfer.version)


LEADS_TO = {wire.REQUEST: State.REQUESTED, wire.START: State.STARTED, wire.SUSPENSION: State.SUSPENDED}
"""The states that our messages lead to, where something may happen by itself."""


class Topic:
    """What the answers to our messages change."""

    def __init__(self, keys: steps.Keys) -> None:
        self._keys = keys

    def delivered(self, conn: Connection, message: Outgoing, answer: Answer, now: datetime) -> None:
        """The answer to a request carries the provider's identifier; and what we are to do next is done."""
        if not message.follow:
            return
        transfer = known = store.load(conn, message.sender, message.process)
        if message.opening and transfer.peer_pid is None:
            peer_pid = answer.body.get("providerPid")
            if not isinstance(peer_pid, str) or not peer_pid:
                self.failed(conn, message, "the provider's answer has no providerPid", now)
                return
            other = store.load_by_peer(conn, message.sender, transfer.counterparty, peer_pid)
            if other is not None and other.pid == transfer.pid:  # a message that crossed told it to another process
                raise Overtaken(f"transfer {other.pid} was changed at the same time")
            if other is not None:
                self.failed(conn, message, f"the provider's answer names another transfer, {peer_pid}", now)
                return
            known = replace(transfer, peer_pid=peer_pid, version=transfer.version + 1)
            if known.final:
                steps.send_end(conn, known, now)
        # to a state that we have brought about ourselves, now that the other side has heard of it
        following = steps.react(conn, known, self._keys, now) if known.state is LEADS_TO.get(message.kind) else known
        if following is not transfer:
            store.save(conn, following, seen=transfer.version)

    def failed(self, conn: Connection, message: Outgoing, reason: str, now: datetime) -> None:
        """The other side refused it for good, or never answered: the transfer ends, and the other side hears it."""
        transfer = store.load(conn, message.sender, message.process)
        if not transfer.final:
            steps.note(conn, transfer, "failed", now, reasons=[reason])
            _ended(conn, transfer, Message.TERMINATION, now, (reason,))
