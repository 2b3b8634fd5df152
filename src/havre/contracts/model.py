"""Negotiations and agreements as values (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from havre.contracts.negotiation import FINAL, Message, Role, State, after
from havre.messages import reactions
from havre.messages.reactions import Reaction

Json = Mapping[str, Any]


OURS = {
    Role.CONSUMER: frozenset({State.OFFERED, State.AGREED}),
    Role.PROVIDER: frozenset({State.REQUESTED, State.ACCEPTED, State.VERIFIED}),
}
"""The states in which the next step is ours."""


@dataclass(frozen=True)
class Negotiation:
    """One side's view of a contract negotiation.

    ``pid`` is our identifier, ``peer_pid`` the other side's, once known. ``peer_url`` is the base under which
    the other side takes messages. ``offer`` is the last one on the table, as it was sent. ``reactions`` say what
    happens by itself (``havre.messages.reactions``). ``received`` are the digests of the last messages that we
    received: the same again changes nothing. ``version`` counts the steps.
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
    reactions: Json
    created: datetime
    updated: datetime
    agreement: Json | None = None
    reasons: tuple[str, ...] = ()
    received: tuple[str, ...] = ()
    version: int = 0

    def apply(self, sender: Role, message: Message, *, now: datetime, **changes: Any) -> "Negotiation":
        """The negotiation after a message; ``ProtocolError`` changes nothing."""
        version, state = self.version + 1, after(self.state, sender, message)
        return replace(self, state=state, updated=now, version=version, **changes)

    @property
    def reaction(self) -> Reaction:
        """What happens by itself now."""
        return reactions.first(self.reactions, "negotiation", self.role, self.state)

    def reacted(self) -> "Negotiation":
        """Without the reaction of now, if there is another for next time."""
        return replace(self, reactions=reactions.rest(self.reactions, "negotiation", self.role, self.state))

    @property
    def message_id(self) -> str:
        """The identifier of the message that tells of the last step."""
        return f"{self.pid}#{self.version}"

    @property
    def final(self) -> bool:
        return self.state in FINAL

    @property
    def rests(self) -> bool:
        """Whether it is over, or goes on only with a step that a person of ours takes."""
        return self.final or self.state in OURS[self.role]

    @property
    def provider_pid(self) -> str | None:
        return self.pid if self.role is Role.PROVIDER else self.peer_pid

    @property
    def consumer_pid(self) -> str | None:
        return self.pid if self.role is Role.CONSUMER else self.peer_pid


@dataclass(frozen=True)
class Agreement:
    """A finalized agreement, from one side. ``terms`` is the ODRL Agreement as it was sent.

    ``reactions`` are those of the offer, for the transfers under it.
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
    reactions: Json = field(default_factory=dict)
    ended: datetime | None = None
    reason: str | None = None
