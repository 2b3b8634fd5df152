"""Who takes notifications and receipts, knows them by their id, and hands them on as rows of datasets.

It lives in one process and is the only state here. What it took is published, and read again after a new start
(``restore``, ``restore_receipts``, ``restore_times``); a notification that is sent again under the same id takes the
place of the first, and a receipt of the same load that of the one before.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from havre_waste.ships import telling, wire
from havre_waste.ships.model import Notification, Receipt
from havre_waste.ships.pickups import Carrier, Pickup, Rules, pickups
from havre_waste.ships.requests import AFTER, Planned, Request, fits, requests
from havre_waste.ships.statistics import COLUMNS, by_type
from havre_waste.ships.stays import Row, Stay, stay
from havre_waste.ships.sufficiency import Sufficiency, sufficiency

MOST = 20_000
"""Notifications that are held; the oldest goes first."""


def nothing() -> tuple[Row, ...]:
    return ()


def no_plan() -> Mapping[str, Planned]:
    return {}


@dataclass
class Desk:
    """``timestamps()`` and ``etas()`` give rows of the mobility service (see ``stays``); ``planned()``, the loads that
    are in a round of the city."""

    zone: ZoneInfo
    now: Callable[[], datetime]
    timestamps: Callable[[], Iterable[Row]] = nothing
    etas: Callable[[], Iterable[Row]] = nothing
    rules: Rules = field(default_factory=Rules)
    planned: Callable[[], Mapping[str, Planned]] = no_plan
    _notifications: dict[str, Notification] = field(default_factory=dict, repr=False)
    _receipts: dict[str, dict[str | None, Receipt]] = field(default_factory=dict, repr=False)
    """By notification, then by load."""
    _confirmed: dict[str, datetime] = field(default_factory=dict, repr=False)
    _untold: list[Notification] = field(default_factory=list, repr=False)
    _untold_receipts: list[Receipt] = field(default_factory=list, repr=False)
    _untold_times: list[tuple[Pickup, datetime]] = field(default_factory=list, repr=False)
    _told_statistics: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    # Notifications

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
            self._confirmed = {load: at for load, at in self._confirmed.items() if not load.startswith(f"{gone}/")}

    def news(self) -> list[dict[str, Any]]:
        """Rows of what was taken since the last time, ``notified_at`` first."""
        with self._lock:
            taken, self._untold = self._untold, []
        return wire.to_rows(taken)

    def find(self, id: str) -> Notification | None:
        return self._notifications.get(id)

    def stay(self, of: Notification) -> Stay:
        return stay(of, self.timestamps(), self.etas(), now=self.now())

    def sufficiency(self, of: Notification) -> Sufficiency:
        return sufficiency(of)

    # Loads

    def pickups(self, of: Notification) -> list[Pickup]:
        return pickups(of, self.stay(of), self.zone, self.rules)

    def load(self, id: str) -> Pickup | None:
        """With this id, whether it was collected or not."""
        of = self.find(id.split("/")[0])
        return next((one for one in self.pickups(of) if one.id == id), None) if of is not None else None

    def to_come(self) -> list[Pickup]:
        """Of all ships that have not left, without those of which a receipt was given: what goes into the plan."""
        return self._open(timedelta(0))

    def requests(self, carrier: Carrier | None = None) -> list[Request]:
        """What is asked of collectors, of one kind or of all."""
        loads = [one for one in self._open(AFTER) if carrier in (None, one.carrier)]
        names = {one.notification for one in loads}
        gone = [one for one in names if self.stay(self._notifications[one]).departs_at <= self.now()]
        return requests(loads, self.planned(), dict(self._confirmed), gone)

    def _open(self, after: timedelta) -> list[Pickup]:
        with self._lock:
            known = list(self._notifications.values())
            done = {load for each in self._receipts.values() for load in each if load is not None}
            whole = {name for name, each in self._receipts.items() if None in each}
        here = [one for one in known if one.id not in whole and self.stay(one).departs_at + after > self.now()]
        return [load for one in here for load in self.pickups(one) if load.id not in done]

    def confirm(self, load: Pickup, at: datetime) -> None:
        """The collector comes then. ``ValueError``: that is in none of the load's windows."""
        if not fits(load, at):
            raise ValueError(f"at: got {at.isoformat()}, which is in no window of {load.id}")
        with self._lock:
            self._confirmed[load.id] = at
            self._untold_times.append((load, at))

    def confirmed(self, load: Pickup) -> datetime | None:
        return self._confirmed.get(load.id)

    # Receipts

    def give(self, receipt: Receipt) -> None:
        """``ValueError``: of a notification that is not known here."""
        with self._lock:
            if receipt.notification not in self._notifications:
                raise ValueError(f"notification: got {receipt.notification!r}, which is not known")
            self._receipts.setdefault(receipt.notification, {})[receipt.load] = receipt
            self._untold_receipts.append(receipt)

    def receipts(self, of: Notification) -> list[Receipt]:
        with self._lock:
            return sorted(self._receipts.get(of.id, {}).values(), key=lambda one: (one.delivered_to, one.id))

    def statistics(self) -> list[dict[str, Any]]:
        with self._lock:
            return self._statistics()

    def _statistics(self) -> list[dict[str, Any]]:
        return by_type((one for each in self._receipts.values() for one in each.values()), self._notifications.values())

    # What is published, and read again

    def receipt_news(self, now: datetime) -> list[dict[str, Any]]:
        """Rows of the receipts that were given since the last time, said ``now``."""
        with self._lock:
            given, self._untold_receipts = self._untold_receipts, []
        return telling.receipt_rows(given, now)

    def time_news(self, now: datetime) -> list[dict[str, Any]]:
        """Rows of the times that were confirmed since the last time, said ``now``."""
        with self._lock:
            given, self._untold_times = self._untold_times, []
        return telling.time_rows(given, now)

    def statistics_news(self, now: datetime) -> list[dict[str, Any]]:
        """Rows of the statistics that have changed since the last time, said ``now``."""
        with self._lock:
            found = {(one["month"], one["type"]): one for one in self._statistics()}
            changed = [one for key, one in found.items() if self._told_statistics.get(key) != one]
            self._told_statistics = found
        return [{"said_at": now, **one} for one in changed]

    def restore_receipts(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows that ``receipt_news`` were published in, after the notifications; what was given since stays."""
        with self._lock:
            for one in telling.receipts(rows, self._notifications):
                self._receipts.setdefault(one.notification, {}).setdefault(one.load, one)

    def restore_times(self, rows: Iterable[Mapping[str, Any]]) -> None:
        with self._lock:
            self._confirmed = telling.times(rows) | self._confirmed

    def restore_statistics(self, rows: Iterable[Mapping[str, Any]]) -> None:
        with self._lock:
            said = sorted(rows, key=lambda one: one["said_at"])
            self._told_statistics = {(one["month"], one["type"]): {name: one[name] for name in COLUMNS} for one in said}
