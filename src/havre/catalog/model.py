"""Offers (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from havre.messages.reactions import BY_HAND, IDLE, first
from havre.participants.model import Counterparty


class Decision(StrEnum):
    """Who decides on a request for an offer: the terms alone, or a person."""

    AUTOMATIC = "automatic"
    HUMAN = "human"


BY_DECISION: Mapping[Decision, Mapping[str, Any]] = {Decision.AUTOMATIC: {}, Decision.HUMAN: BY_HAND}
"""The reactions of an offer that says no more than who decides."""


FORMATS = frozenset({"HttpData-PULL"})
"""The formats of our distributions."""

EVERYBODY = ""
"""The audience of an offer that is for no one in particular: no membership or participant id is empty."""


def audiences_of(counterparty: Counterparty) -> frozenset[str]:
    """The audiences that a counterparty is in."""
    return counterparty.memberships | {counterparty.id, EVERYBODY}


@dataclass(frozen=True)
class Offer:
    """A dataset on terms. ``policy`` is the ODRL policy in the standard's form, without identifier and target.

    ``reactions`` say what happens by itself when it is asked for (``havre.messages.reactions``).
    ``visible_to`` holds memberships and participant ids; empty means everybody on the trust list.
    """

    participant: str
    id: str
    dataset: str
    policy: Mapping[str, Any]
    reactions: Mapping[str, Any]
    created: datetime
    visible_to: frozenset[str] = frozenset()
    removed: datetime | None = None

    @property
    def audiences(self) -> frozenset[str]:
        """Who may see it."""
        return self.visible_to or frozenset({EVERYBODY})

    @property
    def decision(self) -> Decision:
        """Who decides on a first request."""
        act = first(self.reactions, "negotiation", "provider", "REQUESTED").act
        return Decision.HUMAN if act in IDLE else Decision.AUTOMATIC

    def visible(self, counterparty: Counterparty) -> bool:
        return self.removed is None and not self.audiences.isdisjoint(audiences_of(counterparty))
