"""How fast one may ask, and how long one waits after a failure."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

A_MINUTE = 1000
"""Requests from one address that Trackdéchets answers (its documentation, "Limitations")."""


@dataclass
class Bucket:
    """A token bucket: ``burst`` at once, ``a_minute`` in the long run. Threads may share it.

    In any minute no more than both together are let through, so the two are to be at most ``A_MINUTE`` together.
    """

    now: Callable[[], float]
    sleep: Callable[[float], None]
    a_minute: int = 900
    burst: int = 100
    _tokens: float = field(init=False)
    _at: float = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        if self.a_minute < 1 or self.burst < 1:
            raise ValueError("a_minute and burst: expected 1 or more")
        self._tokens, self._at = float(self.burst), self.now()

    def take(self) -> None:
        """Wait until one more request may be made. Who comes first goes first, each after the one before."""
        with self._lock:
            now = self.now()
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.a_minute / 60)
            self._at = now
            self._tokens -= 1
            wait = -self._tokens * 60 / self.a_minute
        if wait > 0:
            self.sleep(wait)


@dataclass(frozen=True)
class Patience:
    """After the n-th failure (from 0) wait ``first`` × 2ⁿ seconds, ``longest`` at most, times a chance of ½ to 1.

    ``chance()`` is in [0, 1): many who failed at once do not come back at once.
    """

    chance: Callable[[], float]
    attempts: int = 6
    first: float = 1.0
    longest: float = 60.0

    def pause(self, failures: int) -> float:
        return float(min(self.longest, self.first * 2**failures) * (0.5 + self.chance() / 2))
