"""Offers (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from havre.participants.model import Counterparty


class Decision(StrEnum):
    """Who decides on a request for an offer: the terms alone, or a person."""

    AUTOMATIC = "automatic"
    HUMAN = "human"


@dataclass(frozen=True)
class Offer:
    """A dataset on terms. ``policy`` is the ODRL policy in the standard's form, without identifier and target.

    ``visible_to`` holds memberships and participant ids; empty means everybody on the trust list.
    """

    participant: str
    id: str
    dataset: str
    policy: Mapping[str, Any]
    decision: Decision
    created: datetime
    visible_to: frozenset[str] = frozenset()
    removed: datetime | None = None

    def visible(self, counterparty: Counterparty) -> bool:
        named = counterparty.memberships | {counterparty.id}
        return self.removed is None and (not self.visible_to or bool(self.visible_to & named))
