"""What was read of the control database a moment ago: for what is asked at each request and changes rarely.

Rules that hold here: it is kept for one second, which is how long another process may take to notice a change; a
change by this process is seen with its commit. That nothing is there is never kept.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from havre.database import Database, Touched

T = TypeVar("T")
KEPT = timedelta(seconds=1)
MOST_KEPT = 10_000


class Kept(Generic[T]):
    """Values by a text, forgotten when ``key`` is touched. For many threads."""

    def __init__(self, database: Database, key: str) -> None:
        self._key = key
        self._lock = threading.Lock()
        self._changes = 0
        self._found: dict[str, tuple[datetime, T]] = {}
        database.after_commit(self._committed)

    def get(self, name: str, now: datetime) -> T | None:
        """What was found a moment ago; None when nothing was, whether or not there is something. Asks nobody."""
        kept = self._found.get(name)
        return kept[1] if kept is not None and timedelta(0) <= now - kept[0] < KEPT else None

    def find(self, name: str, now: datetime, load: Callable[[], T | None]) -> T | None:
        """What was found a moment ago, else what ``load`` finds now."""
        found = self.get(name, now)
        if found is not None:
            return found
        before = self._changes
        found = load()
        with self._lock:
            if found is not None and before == self._changes:  # else it may be what was there before the change
                if len(self._found) >= MOST_KEPT:
                    self._found.clear()
                self._found[name] = (now, found)
        return found

    def _committed(self, touched: Touched) -> None:
        if self._key in touched:
            with self._lock:
                self._changes += 1
                self._found.clear()
