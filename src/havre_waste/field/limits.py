"""How many reports may come, without keeping from whom.

What is counted is known by a keyed hash, whose key is of this process alone and never written: what is kept says
nothing once the process has ended, and is dropped when its time is over.
"""

import hashlib
import threading
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta


class Limit:
    """Counts what was taken ``within`` a time."""

    def __init__(self, key: bytes, within: timedelta) -> None:
        self._key, self._within = key, within
        self._lock = threading.Lock()
        self._taken: dict[str, deque[datetime]] = {}

    def take(self, most: Mapping[str, int], now: datetime) -> timedelta | None:
        """None when none of the names has had its ``most``, and then it counts for each; else how long to wait."""
        named = {self._name(name): count for name, count in most.items()}
        with self._lock:
            self._drop(now - self._within)
            full = [self._taken[name] for name, count in named.items() if len(self._taken.get(name, ())) >= count]
            if full:
                return max(times[0] for times in full) + self._within - now
            for name in named:
                self._taken.setdefault(name, deque()).append(now)
            return None

    def _drop(self, before: datetime) -> None:
        for name, times in list(self._taken.items()):
            while times and times[0] <= before:
                times.popleft()
            if not times:
                del self._taken[name]

    def _name(self, name: str) -> str:
        return hashlib.blake2b(name.encode(), key=self._key, digest_size=16).hexdigest()
