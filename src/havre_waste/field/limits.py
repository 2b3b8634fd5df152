"""How many reports somebody may send, without keeping who it was.

A caller is known by a keyed hash of the address, whose key is of this process alone and never written: what is kept
says nothing once the process has ended, and is dropped when the time is over. All callers together have a limit, too.
"""

import hashlib
import threading
from collections import deque
from datetime import datetime, timedelta

EVERYBODY = ""


class Limit:
    """``each`` per caller and ``all`` in total, within ``within``."""

    def __init__(self, key: bytes, each: int, all: int, within: timedelta) -> None:
        self._key, self._each, self._all, self._within = key, each, all, within
        self._lock = threading.Lock()
        self._taken: dict[str, deque[datetime]] = {}

    def take(self, caller: str, now: datetime) -> timedelta | None:
        """None when it may be done, and it counts; else how long to wait."""
        with self._lock:
            self._drop(now - self._within)
            sides = ((self._name(caller), self._each), (EVERYBODY, self._all))
            waits = [self._taken[name][0] + self._within - now for name, most in sides if self._count(name) >= most]
            if waits:
                return max(waits)
            for name, _ in sides:
                self._taken.setdefault(name, deque()).append(now)
            return None

    def _count(self, name: str) -> int:
        return len(self._taken.get(name, ()))

    def _drop(self, before: datetime) -> None:
        for name, times in list(self._taken.items()):
            while times and times[0] <= before:
                times.popleft()
            if not times:
                del self._taken[name]

    def _name(self, caller: str) -> str:
        return hashlib.blake2b(caller.encode(), key=self._key, digest_size=16).hexdigest()
