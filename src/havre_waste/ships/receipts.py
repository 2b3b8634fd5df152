"""The waste delivery receipt (directive (EU) 2019/883, article 7(2) and annex 3), and what differs from the
notification.

The reception facility gives it to the master without undue delay; the ship keeps it for two years.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from havre_waste.ships.model import Notification, Receipt, Received
from havre_waste.ships.pickups import Pickup


def receipt(
    of: Notification,
    id: str,
    received: Iterable[Received],
    *,
    reception_facility: str,
    delivered_from: datetime,
    delivered_to: datetime,
    treatment_facility: str | None = None,
    load: str | None = None,
    as_notified: bool = False,
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
        of.ship, lines, load, as_notified,
    )  # fmt: skip


def as_told(load: Pickup) -> tuple[Received, ...]:
    """What is in the load when it is what the ship had notified; of several loads each has its part of every type."""
    part = load.m3 / sum(one.deliver_m3 for one in load.waste)
    return tuple(Received(one.kind.id, round(part * one.deliver_m3, 3), one.specified) for one in load.waste)


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


def compared(of: Notification, *given: Receipt) -> list[Difference]:
    """What was to be delivered and what was received by all the receipts, in the order of the notification."""
    told = {(one.kind.id, one.specified): one.deliver_m3 for one in of.waste if one.deliver_m3}
    taken: dict[tuple[str, str], float] = {}
    for line in (line for one in given for line in one.received):
        taken[line.kind, line.specified] = taken.get((line.kind, line.specified), 0.0) + line.received_m3
    return [Difference(*name, told.get(name, 0.0), taken.get(name, 0.0)) for name in {**told, **taken}]


def differences(of: Notification, *given: Receipt) -> list[Difference]:
    """Where those are not the same."""
    return [one for one in compared(of, *given) if abs(one.m3) > 1e-9]
