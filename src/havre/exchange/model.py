"""A push as a value (pure): how far the rows of a transfer have come that are sent to the consumer's endpoint.

Rows go in pages, which are read at once, and pages in parts, which are posted one after the other. Where both begin and
end follows from the positions alone: after a break the same parts come again.
"""

from dataclasses import dataclass, replace
from datetime import datetime

PAGE_ROWS = 100_000


@dataclass(frozen=True)
class Push:
    """``after`` is the position of the last row that the consumer has acknowledged, ``end`` that of the first row that
    was not there yet when the push began; ``rows`` and ``bytes`` are those acknowledged.

    ``access`` identifies it in metering and audit. ``attempts`` have failed since ``failing``; ``next_try`` is when to
    try again. It is in the hands of ``holder`` until ``leased``. ``ended`` is when its transfer was over.
    """

    transfer: str
    participant: str
    access: str
    begun: datetime
    after: int
    end: int
    next_try: datetime
    holder: str
    leased: datetime
    rows: int = 0
    bytes: int = 0
    attempts: int = 0
    failing: datetime | None = None
    ended: datetime | None = None

    @property
    def done(self) -> bool:
        """Whether all rows were acknowledged."""
        return self.after + 1 >= self.end

    def restarted(self, at: datetime) -> "Push":
        """As it is when its transfer was started ``at`` a time: what failed before that does not count any more."""
        if self.failing is None or at <= self.failing:
            return self
        return replace(self, attempts=0, failing=None, next_try=at)

    @property
    def page(self) -> range:
        """The positions to send next."""
        first = self.after + 1
        return range(first, min(self.end, (first // PAGE_ROWS + 1) * PAGE_ROWS))


@dataclass(frozen=True)
class Part:
    """What is posted at once: ``rows`` rows at the positions ``first`` to ``last``, encoded."""

    first: int
    last: int
    rows: int
    body: bytes


@dataclass(frozen=True)
class Lease:
    """Who pushes, and until when nobody else does."""

    holder: str
    until: datetime
