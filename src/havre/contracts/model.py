"""Negotiations and agreements as values (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from havre.contracts.negotiation import FINAL, Message, Role, State, after

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Negotiation:
    """One side's view of a contract negotiation.

    ``pid`` is our identifier, ``peer_pid`` the other side's, once known. ``peer_url`` is the base under which
    the other side takes messages. ``offer`` is the last one on the table, as it was sent. ``received`` is the digest
    of the last message that we received: the same again changes nothing.
    """

    pid: str
    participant: str
    role: Role
    state: State
    counterparty: str
    peer_pid: str | None
    peer_url: str
    dataset: str
    offer: Json
    decision: str
    created: datetime
    updated: datetime
    agreement: Json | None = None
    reasons: tuple[str, ...] = ()
    received: str | None = None
    version: int = 0

    def apply(self, sender: Role, message: Message, *, now: datetime, **changes: Any) -> "Negotiation":
        """The negotiation after a message; ``ProtocolError`` changes nothing."""
        return replace(self, state=after(self.state, sender, message), updated=now, **changes)

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def rests(self) -> bool:
        """Whether it is over, or goes on only with a step that a person of ours takes."""
        ours = {Role.CONSUMER: {State.OFFERED}, Role.PROVIDER: {State.REQUESTED, State.ACCEPTED}}
        return self.final or (self.decision == "human" and self.state in ours[self.role])

    @property
    def provider_pid(self) -> str | None:
        return self.pid if self.role is Role.PROVIDER else self.peer_pid

    @property
    def consumer_pid(self) -> str | None:
        return self.pid if self.role is Role.CONSUMER else self.peer_pid


@dataclass(frozen=True)
class Agreement:
    """A finalized agreement, from one side. ``terms`` is the ODRL Agreement as it was sent.

    ``ended`` is when one of the sides, or its own terms, ended it; nothing is read under it after that.
    """

    id: str
    participant: str
    role: Role
    counterparty: str
    dataset: str
    terms: Json
    negotiation: str
    peer_url: str
    signed: datetime
    ended: datetime | None = None
    reason: str | None = None
