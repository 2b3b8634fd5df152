"""What lets somebody follow a dataset: an access under an agreement, or that it is one's own.

Rules that hold here:

1. An access lasts as long as its transfer runs and the terms allow it. Its token is needed to begin, not to go on: a
   stream may last for days.
2. What left is recorded a stretch of time at a time: a crash loses the last one at most. It is one access all the same.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from havre.context import Context
from havre.errors import Denied
from havre.exchange import access
from havre.exchange.access import Access
from havre.metering import usecases as metering
from havre.metering.model import stretch
from havre.transfers import store as transfers

STRETCH = timedelta(seconds=60)


class Leave(Protocol):
    """What lets somebody follow."""

    @property
    def keys(self) -> Sequence[str]:
        """What is touched when it may have ended."""
        ...

    def require(self) -> None:
        """Raise why there is no leave any more."""
        ...

    def sent(self, rows: int, size: int) -> None:
        """Rows and bytes were taken."""
        ...

    def over(self, *, complete: bool) -> None:
        """The stream is over, by us if it is ``complete``."""
        ...


class Own:
    """That of a member, as long as its token is good: seen at the next event."""

    keys = ()

    def __init__(self, require: Callable[[], object]) -> None:
        self._require = require

    def require(self) -> None:
        self._require()

    def sent(self, rows: int, size: int) -> None:
        """One's own rows are not metered."""

    def over(self, *, complete: bool) -> None:
        """Nothing is recorded."""


class Metered:
    """The leave that an access gives: as long as its transfer runs and the terms allow it."""

    def __init__(self, context: Context, access: Access, purposes: frozenset[str]) -> None:
        self._context = context
        self._access = access
        self._purposes = purposes
        self._left = (0, 0)
        self._since = access.at
        self._stretches = 0
        self.keys = (access.transfer.pid,)

    def require(self) -> None:
        now, known = self._context.clock(), self._access.transfer
        if self._left[0] and now - self._since >= STRETCH:
            self._record(now, complete=True)
        with self._context.database.read() as conn:
            transfer = transfers.load(conn, known.participant, known.pid)
            try:
                return access.require_allowed(conn, transfer, self._purposes, now, counted=True)
            except Denied as denied:
                why = denied
        self._context.database.write(lambda conn: access.deny(conn, transfer, self._access.id, why, now))
        raise why

    def sent(self, rows: int, size: int) -> None:
        self._left = (self._left[0] + rows, self._left[1] + size)

    def over(self, *, complete: bool) -> None:
        if any(self._left) or not self._stretches:
            self._record(self._context.clock(), complete=complete)

    def _record(self, now: datetime, *, complete: bool) -> None:
        id, since = stretch(self._access.id, self._stretches), self._since
        event = access.used(self._access.transfer, id, self._left, since=since, now=now, complete=complete)
        self._context.database.write(lambda conn: metering.record(conn, event))
        self._left, self._since, self._stretches = (0, 0), now, self._stretches + 1
