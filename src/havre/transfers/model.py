"""Transfers and access as values (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from havre.contracts.negotiation import Role
from havre.messages import reactions
from havre.messages.reactions import Reaction
from havre.transfers.process import FINAL, Message, State, after

Json = Mapping[str, Any]
PULL, PUSH = "HttpData-PULL", "HttpData-PUSH"


@dataclass(frozen=True)
class Transfer:
    """One side's view of a transfer process; the names are those of ``havre.contracts.model.Negotiation``.

    ``access`` is sealed: on the consumer's side of a pull the ``Access`` that the provider gave, on the provider's side
    of a push the ``Destination`` that the consumer named.
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
    received: tuple[str, ...] = ()
    reactions: Json = field(default_factory=dict)
    version: int = 0

    def apply(self, sender: Role, message: Message, *, now: datetime, **changes: Any) -> "Transfer":
        """The transfer after a message; ``ProtocolError`` changes nothing."""
        version, state = self.version + 1, after(self.state, sender, message)
        return replace(self, state=state, updated=now, version=version, **changes)

    @property
    def reaction(self) -> Reaction:
        """What happens by itself now."""
        return reactions.first(self.reactions, "transfer", self.role, self.state)

    def reacted(self) -> "Transfer":
        """Without the reaction of now, if there is another for next time."""
        return replace(self, reactions=reactions.rest(self.reactions, "transfer", self.role, self.state))

    @property
    def message_id(self) -> str:
        """The identifier of the message that tells of the last step."""
        return f"{self.pid}#{self.version}"

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def pushed(self) -> bool:
        """Whether it is for us to send the rows."""
        return self.role is Role.PROVIDER and self.format == PUSH

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
