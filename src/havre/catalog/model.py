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
    def decision(self) -> Decision:
        """Who decides on a first request."""
        act = first(self.reactions, "negotiation", "provider", "REQUESTED").act
        return Decision.HUMAN if act in IDLE else Decision.AUTOMATIC

    def visible(self, counterparty: Counterparty) -> bool:
        named = counterparty.memberships | {counterparty.id}
        return self.removed is None and (not self.visible_to or bool(self.visible_to & named))
