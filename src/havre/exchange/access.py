"""Decide on an access, and account for it.

Rules that hold here:

1. The decision, the count of accesses and the audit entry are one transaction, at each access.
2. A denial is logged with its reasons too, and says them to the caller.
3. However an answer ends, what left is recorded: once, with the rows and bytes that left.
4. An answer under way stops when its transfer is no longer started or its agreement has ended.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from havre import policy
from havre.audit.usecases import append
from havre.context import Context
from havre.contracts.model import Agreement
from havre.errors import Denied, NotFound
from havre.lake.model import Dataset
from havre.lake.usecases import dataset
from havre.metering import usecases as metering
from havre.metering.model import UsageEvent
from havre.participants.usecases import counterparty
from havre.transfers import usecases as transfers
from havre.transfers.model import Granted, Transfer

if TYPE_CHECKING:
    import pyarrow as pa

LOOKED_AGAIN_SECONDS = 1.0


@dataclass(frozen=True)
class Access:
    """An access that was granted."""

    id: str
    transfer: Transfer
    dataset: Dataset
    token: str
    at: datetime


def target(context: Context, slug: str, dataset_id: str, token: str) -> tuple[Dataset, str]:
    """The dataset that a token was given for, and to whom. ``NotFound`` for a token of something else."""
    with context.database.read() as conn:
        transfer = _holder(conn, slug, dataset_id, token).transfer
        return dataset(conn, slug, dataset_id), transfer.counterparty


def _holder(conn: Connection, slug: str, dataset_id: str, token: str) -> Granted:
    granted = transfers.holder(conn, token)
    if (granted.transfer.participant, granted.transfer.dataset) != (slug, dataset_id):
        raise NotFound("no such token")
    return granted


def decide(context: Context, slug: str, dataset_id: str, token: str, purposes: frozenset[str]) -> Access:
    """Grant or deny. ``NotFound`` for a stranger's token, ``Denied`` with the reasons for a known one."""
    id, now = context.new_id(), context.clock()

    def decided(conn: Connection) -> Access | Denied:
        granted = _holder(conn, slug, dataset_id, token)
        transfer = granted.transfer
        try:
            _require_allowed(conn, granted, purposes, now)
        except Denied as denied:
            deny(conn, transfer, id, denied, now)
            return denied
        grant(conn, transfer, id, purposes, now)
        return Access(id, transfer, dataset(conn, slug, dataset_id), token, now)

    outcome = context.database.write(decided)
    if isinstance(outcome, Denied):
        raise outcome
    return outcome


def _require_allowed(conn: Connection, granted: Granted, purposes: frozenset[str], now: datetime) -> None:
    transfers.require_running(conn, granted.transfer)
    if granted.expires <= now:
        why = f"the access token expired at {granted.expires:%Y-%m-%dT%H:%M:%SZ}: renew it with the refresh token"
        raise Denied("the access token has expired", reasons=(why,))
    require_allowed(conn, granted.transfer, purposes, now)


def require_allowed(
    conn: Connection, transfer: Transfer, purposes: frozenset[str], now: datetime, *, counted: bool = False
) -> None:
    """``Denied`` says why there is no access, or none any more to one that was ``counted`` when it began."""
    agreement = transfers.require_running(conn, transfer)
    facts = _facts(conn, agreement, purposes, now, 0 if counted else 1)
    decision = policy.decide(policy.parse(agreement.terms), "read", facts)
    if not decision.allowed:
        raise Denied("the terms of the agreement do not allow this access", reasons=decision.reasons)


def grant(conn: Connection, transfer: Transfer, id: str, purposes: frozenset[str], now: datetime) -> None:
    """Count an access that was allowed, and log it."""
    metering.grant(conn, id=id, participant=transfer.participant, agreement=transfer.agreement, at=now)
    _note(conn, transfer, now, "granted", id, purposes=sorted(purposes))


def deny(conn: Connection, transfer: Transfer, id: str, denied: Denied, now: datetime) -> None:
    """Log an access that was denied."""
    _note(conn, transfer, now, "denied", id, reasons=list(denied.reasons))


def _facts(conn: Connection, agreement: Agreement, purposes: frozenset[str], now: datetime, more: int) -> policy.Facts:
    try:
        memberships = counterparty(conn, agreement.counterparty).memberships
    except NotFound:
        why = f"{agreement.counterparty} is no longer on the trust list"
        raise Denied("the consumer is no longer trusted", reasons=(why,)) from None
    return policy.Facts(
        now=now,
        recipient=agreement.counterparty,
        memberships=memberships,
        purposes=purposes,
        count=metering.count(conn, agreement.participant, agreement.id) + more,
    )


def _note(conn: Connection, transfer: Transfer, now: datetime, what: str, id: str, **more: object) -> None:
    data = {
        "access": id,
        "agreement": transfer.agreement,
        "dataset": transfer.dataset,
        "counterparty": transfer.counterparty,
        **more,
    }
    append(conn, event=f"access:{what}", participant=transfer.participant, subject=transfer.pid, data=data, now=now)


class Meter:
    """Counts what leaves, stops it when it must, records it at the end."""

    def __init__(self, context: Context, access: Access) -> None:
        self._context = context
        self._access = access
        self._rows = 0
        self._bytes = 0
        self._complete = False
        self._seen = -1  # the first batch looks too: much may have happened since the decision
        self._looked = time.monotonic()

    def rows(self, batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        """The batches as they pass; ``Denied`` in between when the access has ended."""
        for batch in batches:
            self._check()
            self._rows += batch.num_rows
            yield batch

    def bytes(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The chunks as they pass; at the end, or when nobody takes them any more, the use is recorded."""
        try:
            for chunk in chunks:
                self._bytes += len(chunk)
                if chunk:
                    yield chunk
            self._complete = True
        finally:
            self._record()

    def _check(self) -> None:
        """Look again only when something was committed since; now and then, for another process may have done it."""
        commits, now = self._context.database.commits, time.monotonic()
        if commits == self._seen and now - self._looked < LOOKED_AGAIN_SECONDS:
            return
        self._seen, self._looked = commits, now
        with self._context.database.read() as conn:
            transfers.require_running(conn, transfers.holder(conn, self._access.token).transfer)

    def _record(self) -> None:
        access, now = self._access, self._context.clock()
        left = (self._rows, self._bytes)
        event = used(access.transfer, access.id, left, since=access.at, now=now, complete=self._complete)
        self._context.database.write(lambda conn: metering.record(conn, event))


def used(
    transfer: Transfer, access: str, left: tuple[int, int], *, since: datetime, now: datetime, complete: bool
) -> UsageEvent:
    """What an access used that is over: rows and bytes that ``left``."""
    rows, size = left
    return UsageEvent(
        id=access,
        participant=transfer.participant,
        agreement=transfer.agreement,
        transfer=transfer.pid,
        dataset=transfer.dataset,
        consumer=transfer.counterparty,
        rows=rows,
        bytes=size,
        at=since,
        milliseconds=int((now - since).total_seconds() * 1000),
        complete=complete,
    )
