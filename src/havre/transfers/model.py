"""Transfers and access as values (pure)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from havre.contracts.negotiation import Role
from havre.transfers.process import FINAL, Message, State, after


@dataclass(frozen=True)
class Transfer:
    """One side's view of a transfer process; the names are those of ``havre.contracts.model.Negotiation``.

    ``access`` is, on the consumer's side, the sealed ``Access`` that the provider gave.
    """

    pid: str
    participant: str
    role: Role
    state: State
    counterparty: str
    peer_pid: str | None
    peer_url: str
    agreement: str
    dataset: str
    format: str
    created: datetime
    updated: datetime
    access: bytes | None = None
    reasons: tuple[str, ...] = ()
    received: str | None = None
    version: int = 0

    def apply(self, sender: Role, message: Message, *, now: datetime, **changes: Any) -> "Transfer":
        """The transfer after a message; ``ProtocolError`` changes nothing."""
        return replace(self, state=after(self.state, sender, message), updated=now, **changes)

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def provider_pid(self) -> str | None:
        return self.pid if self.role is Role.PROVIDER else self.peer_pid

    @property
    def consumer_pid(self) -> str | None:
        return self.pid if self.role is Role.CONSUMER else self.peer_pid


@dataclass(frozen=True)
class Access:
    """Where the rows are and what opens them. The refresh token gives new access tokens while the transfer runs."""

    endpoint: str
    token: str
    expires: datetime
    refresh_endpoint: str | None = None
    refresh_token: str | None = None


@dataclass(frozen=True)
class Granted:
    """What an access token stands for, on the provider's side."""

    transfer: Transfer
    expires: datetime
