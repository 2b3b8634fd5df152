"""The waste delivery receipt (directive (EU) 2019/883, article 7(2) and annex 3), and what differs from the
notification.

The reception facility gives it to the master without undue delay; the ship keeps it for two years.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from havre_waste.ships.model import Notification, Receipt, Received


def receipt(
    of: Notification,
    id: str,
    received: Iterable[Received],
    *,
    reception_facility: str,
    delivered_from: datetime,
    delivered_to: datetime,
    treatment_facility: str | None = None,
) -> Receipt:
    """``ValueError`` names what is wrong: times the wrong way round, an amount below 0, a type twice, nothing at
    all."""
    lines = tuple(received)
    if delivered_to < delivered_from:
        raise ValueError(f"delivered_to: got {delivered_to.isoformat()}, which is before delivered_from")
    if not lines:
        raise ValueError("received: is empty; a receipt says what was taken")
    for at, one in enumerate(lines):
        if not 0 <= one.received_m3 < float("inf"):
            raise ValueError(f"received[{at}].received_m3: got {one.received_m3}, expected 0 or more")
    if len({(one.kind, one.specified) for one in lines}) < len(lines):
        raise ValueError("received: a type is there more than once")
    if not reception_facility.strip():
        raise ValueError("reception_facility: is missing")
    return Receipt(
        id, of.id, of.voyage.terminal, reception_facility.strip(), treatment_facility, delivered_from, delivered_to,
        of.ship, lines,
    )  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """``notified_m3`` is 0 for what was not notified at all."""

    kind: str
    specified: str
    notified_m3: float
    received_m3: float

    @property
    def m3(self) -> float:
        return self.received_m3 - self.notified_m3


def differences(of: Notification, given: Receipt) -> list[Difference]:
    """Where what was received is not what was to be delivered, in the order of the notification."""
    told = {(one.kind.id, one.specified): one.deliver_m3 for one in of.waste}
    taken = {(one.kind, one.specified): one.received_m3 for one in given.received}
    found = [Difference(*name, told.get(name, 0.0), taken.get(name, 0.0)) for name in {**told, **taken}]
    return [one for one in found if abs(one.m3) > 1e-9]
