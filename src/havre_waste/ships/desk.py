"""Who takes notifications and receipts, knows them by their id, and hands them on as rows of datasets.

It lives in one process and is the only state here. What it took is published, and read again after a new start
(``restore``); a notification that is sent again under the same id takes the place of the first.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from havre_waste.ships import wire
from havre_waste.ships.model import Notification, Receipt
from havre_waste.ships.pickups import Pickup, Rules, pickups
from havre_waste.ships.statistics import by_type
from havre_waste.ships.stays import Row, Stay, stay
from havre_waste.ships.sufficiency import Sufficiency, sufficiency

MOST = 20_000
"""Notifications that are held; the oldest goes first."""


def nothing() -> tuple[Row, ...]:
    return ()


@dataclass
class Desk:
    """``timestamps()`` and ``etas()`` give rows of the mobility service (see ``stays``)."""

    zone: ZoneInfo
    now: Callable[[], datetime]
    timestamps: Callable[[], Iterable[Row]] = nothing
    etas: Callable[[], Iterable[Row]] = nothing
    rules: Rules = field(default_factory=Rules)
    _notifications: dict[str, Notification] = field(default_factory=dict, repr=False)
    _receipts: dict[str, Receipt] = field(default_factory=dict, repr=False)
    _untold: list[Notification] = field(default_factory=list, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(self, given: Notification) -> None:
        with self._lock:
            self._notifications[given.id] = given
            self._untold.append(given)
            self._keep_within()

    def restore(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows of the dataset that ``news`` were published in; what was taken since stays."""
        with self._lock:
            self._notifications = {one.id: one for one in wire.from_rows(rows)} | self._notifications
            self._keep_within()

    def _keep_within(self) -> None:
        while len(self._notifications) > MOST:
            gone = next(iter(self._notifications))
            del self._notifications[gone]
            self._receipts.pop(gone, None)

    def news(self) -> list[dict[str, Any]]:
        """Rows of what was taken since the last time, ``notified_at`` first."""
        with self._lock:
            taken, self._untold = self._untold, []
        return wire.to_rows(taken)

    def find(self, id: str) -> Notification | None:
        return self._notifications.get(id)

    def give(self, receipt: Receipt) -> None:
        """``ValueError``: of a notification that is not known here."""
        with self._lock:
            if receipt.notification not in self._notifications:
                raise ValueError(f"notification: got {receipt.notification!r}, which is not known")
            self._receipts[receipt.notification] = receipt

    def receipt(self, of: Notification) -> Receipt | None:
        return self._receipts.get(of.id)

    def stay(self, of: Notification) -> Stay:
        return stay(of, self.timestamps(), self.etas(), now=self.now())

    def sufficiency(self, of: Notification) -> Sufficiency:
        return sufficiency(of)

    def pickups(self, of: Notification) -> list[Pickup]:
        return pickups(of, self.stay(of), self.zone, self.rules)

    def to_come(self) -> list[Pickup]:
        """Of all ships that have not left, and of which no receipt was given: what goes into the plan."""
        with self._lock:
            known = [one for one in self._notifications.values() if one.id not in self._receipts]
        return [load for one in known if self.stay(one).departs_at > self.now() for load in self.pickups(one)]

    def statistics(self) -> list[dict[str, Any]]:
        with self._lock:
            return by_type(self._receipts.values(), self._notifications.values())
