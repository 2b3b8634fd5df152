"""What becomes of a push. Each function is one transaction.

Rules that hold here:

1. A push is one access: granted and counted when it begins, decided on again before each part. Once the terms do not
   allow it any more, the transfer is terminated with the reasons.
2. What the consumer acknowledged is kept before more is sent; it is metered once, when the transfer is over.
3. Who does not hold the lease changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from havre.context import NewId
from havre.errors import Denied
from havre.exchange import access, store
from havre.exchange.model import Lease, Part, Push
from havre.lake import holders
from havre.lake.model import Dataset
from havre.lake.usecases import dataset
from havre.messages.schedule import pause
from havre.metering import usecases as metering
from havre.participants.usecases import participant
from havre.transfers import steps
from havre.transfers import store as transfers
from havre.transfers import usecases as transferring
from havre.transfers.destination import Destination
from havre.transfers.model import Transfer
from havre.transfers.process import State


@dataclass(frozen=True)
class Work:
    """A push that is ours to go on with."""

    push: Push
    transfer: Transfer
    dataset: Dataset
    destination: Destination


def free(push: Push, holder: str, now: datetime) -> bool:
    """Whether ``holder`` may go on with a push."""
    return push.holder == holder or push.leased <= now or holders.gone(push.holder)


def claim(
    conn: Connection, slug: str, pid: str, end: int, lease: Lease, node_key: bytes, *, now: datetime, new_id: NewId
) -> Work | None:
    """Take a push in hand; begin it, up to the position ``end``, when there is none.

    None when there is nothing to send now.
    """
    transfer, push = transfers.load(conn, slug, pid), store.push(conn, pid)
    if push is not None and (push.ended is not None or not free(push, lease.holder, now)):
        return None
    if push is not None and transfer.final:
        _over(conn, transfer, push, now)
    if transfer.state is not State.STARTED:
        return None
    destination = steps.destination(transfer, node_key)
    if push is None:
        push = _begun(conn, transfer, end, destination, lease, now=now, new_id=new_id)
    else:
        held = replace(push.restarted(transfer.updated), holder=lease.holder, leased=lease.until)
        if held.next_try > now:
            return None
        push = _allowed(conn, transfer, held, destination, now)
    return None if push is None else Work(push, transfer, dataset(conn, slug, transfer.dataset), destination)


def acknowledged(conn: Connection, work: Work, part: Part, lease: Lease, *, now: datetime) -> Push | None:
    """Keep that the consumer has a part. Returns the push when it can go on at once, or is done."""
    held = _held(conn, work, lease)
    if held is None:
        return None
    transfer, push = held
    push = replace(
        push,
        after=part.last,
        rows=push.rows + part.rows,
        bytes=push.bytes + len(part.body),
        attempts=0,
        failing=None,
        leased=lease.until,
    )
    if transfer.state is State.STARTED:
        return _allowed(conn, transfer, push, work.destination, now)
    store.save(conn, push)
    if transfer.final:
        _over(conn, transfer, push, now)
    return None


def complete(conn: Connection, work: Work, lease: Lease, *, now: datetime) -> None:
    """All rows are with the consumer: the transfer is completed, if it is not suspended just now."""
    held = _held(conn, work, lease)
    if held is None or held[0].state is not State.STARTED:
        return
    transfer, push = held
    transferring.complete(conn, participant(conn, transfer.participant), transfer.pid, now=now)
    _over(conn, transfer, push, now)


def failed(conn: Connection, work: Work, why: str, lease: Lease, give_up: timedelta, *, now: datetime) -> None:
    """The consumer did not take a part: try again later, each time later; give up at last."""
    held = _held(conn, work, lease)
    if held is None:
        return
    _, push = held
    since = push.failing or now
    if now - since >= give_up:
        refused(conn, work, f"{why}, for {give_up.total_seconds() / 3600:g} hours", lease, now=now)
        return
    next_try = now + pause(push.attempts, None)
    store.save(conn, replace(push, attempts=push.attempts + 1, failing=since, next_try=next_try, leased=lease.until))


def refused(conn: Connection, work: Work, why: str, lease: Lease, *, now: datetime) -> None:
    """The consumer's endpoint does not take the rows: the transfer is terminated."""
    held = _held(conn, work, lease)
    if held is not None:
        _terminated(conn, *held, why, now)


def _held(conn: Connection, work: Work, lease: Lease) -> tuple[Transfer, Push] | None:
    """Both as they are now, if the push is still ours."""
    push = store.push(conn, work.push.transfer)
    if push is None or push.ended is not None or push.holder != lease.holder:
        return None
    return transfers.load(conn, push.participant, push.transfer), push


def _begun(
    conn: Connection,
    transfer: Transfer,
    end: int,
    destination: Destination,
    lease: Lease,
    *,
    now: datetime,
    new_id: NewId,
) -> Push | None:
    push = Push(
        transfer=transfer.pid,
        participant=transfer.participant,
        access=new_id(),
        begun=now,
        after=-1,
        end=end,
        next_try=now,
        holder=lease.holder,
        leased=lease.until,
    )
    try:
        access.require_allowed(conn, transfer, destination.purposes, now)
    except Denied as denied:
        # it has used nothing: there is no push, and nothing to meter
        _denied(conn, transfer, push, denied, now)
        return None
    access.grant(conn, transfer, push.access, destination.purposes, now)
    return store.insert(conn, push)


def _allowed(conn: Connection, transfer: Transfer, push: Push, destination: Destination, now: datetime) -> Push | None:
    """The push, kept, when the terms still allow to send what is left; else the transfer is over."""
    store.save(conn, push)
    if push.done:
        return push
    try:
        access.require_allowed(conn, transfer, destination.purposes, now, counted=True)
    except Denied as denied:
        _denied(conn, transfer, push, denied, now)
        _over(conn, transfer, push, now)
        return None
    return push


def _denied(conn: Connection, transfer: Transfer, push: Push, denied: Denied, now: datetime) -> None:
    access.deny(conn, transfer, push.access, denied, now)
    _terminate(conn, transfer, "; ".join(denied.reasons), now)


def _terminated(conn: Connection, transfer: Transfer, push: Push, why: str, now: datetime) -> None:
    if not transfer.final:
        _terminate(conn, transfer, why, now)
    _over(conn, transfer, push, now)


def _terminate(conn: Connection, transfer: Transfer, why: str, now: datetime) -> None:
    transferring.terminate(conn, participant(conn, transfer.participant), transfer.pid, why, now=now)


def _over(conn: Connection, transfer: Transfer, push: Push, now: datetime) -> None:
    """Meter what the consumer got: once, whatever ended it."""
    store.save(conn, replace(push, ended=now))
    left = (push.rows, push.bytes)
    metering.record(conn, access.used(transfer, push.access, left, since=push.begun, now=now, complete=push.done))
