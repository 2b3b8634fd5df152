"""What is found out late goes out in order: the time by which a product's rows are in order never goes back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Row = Mapping[str, Any]
STEP = timedelta(milliseconds=1)


@dataclass
class Later:
    """Rows are said ``after`` their time, so that those that are found meanwhile stand among them in their order.

    What is found later than that is said after what was said last. Without such rows the time follows from the rows
    alone: after a new start nothing is said twice.
    """

    after: timedelta
    _waiting: list[Row] = field(default_factory=list)
    _last: datetime | None = None

    def add(self, rows: Iterable[Row]) -> None:
        self._waiting += rows

    def due(self, now: datetime) -> Sequence[Row]:
        """Those whose time has come, with it as ``said_at``, in order."""
        ready = sorted((one for one in self._waiting if one["time"] + self.after <= now), key=lambda one: one["time"])
        self._waiting = [one for one in self._waiting if one["time"] + self.after > now]
        found = []
        for one in ready:
            at = one["time"] + self.after
            if self._last is not None:
                at = max(at, self._last + STEP)
            self._last = at
            found.append({"said_at": at, **one})
        return found
