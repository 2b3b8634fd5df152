"""An opening as it is published, and the words that DATEX II has for its states.

The Dutch open feed of bridge openings (NDW) is the model: one situation an opening, one record in it, a
``GeneralNetworkManagement`` of the type ``bridgeSwingInOperation``. The state is seen from the road: an opening begins
with the first warning light, not when the span lifts.
"""

import datetime
from dataclasses import dataclass

from havre_mobility.bridges.model import CANCELLED, ENDED, IN_OPERATION, PLANNED, STARTING, Bridge

TYPE, KIND = "GeneralNetworkManagement", "bridgeSwingInOperation"
ACTIONS = {
    # our status: operatorActionStatus, probabilityOfOccurrence
    PLANNED: ("approved", "riskOf"),
    STARTING: ("beingImplemented", "certain"),
    IN_OPERATION: ("implemented", "certain"),
    ENDED: ("beingTerminated", "certain"),
    CANCELLED: ("rejected", "riskOf"),
}
STATUSES = {action: status for status, (action, _) in ACTIONS.items()} | {"requested": PLANNED}
"""The other way round, with what others say, too."""


@dataclass(frozen=True)
class Published:
    """The last that was said of an opening. ``version`` counts what was said of it, from 1."""

    opening: str
    bridge: Bridge
    status: str
    version: int
    created_at: datetime.datetime
    said_at: datetime.datetime
    starts_at: datetime.datetime
    ends_at: datetime.datetime | None

    @property
    def id(self) -> str:
        """Of the situation; that of its record has ``_01`` after it. The bridge is in it, as in the Dutch feed."""
        return f"{self.bridge.id}_{self.opening}"
