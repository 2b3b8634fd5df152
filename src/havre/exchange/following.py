"""Follow a dataset: its rows after a position, those that are there and then those that come, as events.

Rules that hold here:

1. Rows are read from the table when those before have been taken, and go on behind them: nothing is queued for who is
   slow, nothing is missed by who comes again, and nothing comes twice.
2. Before each event it is looked whether it may be sent still. When not, the last one says why.
"""

import threading
from dataclasses import replace
from datetime import datetime

from havre.context import Context
from havre.errors import HavreError, Invalid
from havre.exchange import events
from havre.exchange.leave import Leave
from havre.exchange.streams import HEARTBEAT
from havre.lake import store as lake
from havre.lake.files import Files, files
from havre.lake.model import Dataset
from havre.lake.query import Cursor, Query
from havre.lake.reading import window

MOST_ROWS = {"json": 2_048, "arrow": 8_192}
"""Rows of one event, less than a megabyte as a rule: so much is held for who does not take it."""


class Follower:
    """One who follows; ``after`` is the position up to which it has been told everything."""

    def __init__(self, context: Context, dataset: Dataset, asked: Query, format: str, leave: Leave) -> None:
        self._context = context
        self._dataset = dataset
        self._asked = asked
        self._format = format
        self._leave = leave
        self._said: datetime | None = None
        self._rows = 0
        self._closing = threading.Lock()
        self._closed = False
        self.ended = False
        self.keys = (lake.rows_key(dataset.participant, dataset.id), *leave.keys)

    def next(self) -> bytes:
        """The event that is to be sent now; empty when there is none."""
        self._rows = 0
        try:
            self._leave.require()
        except HavreError as why:
            self.ended = True
            return events.end(why)
        known, now = self._files(), self._context.clock()
        if self._asked.after is None or self._asked.after.position + 1 < known.next:
            return self._page(known)
        if self._said is None or now - self._said >= HEARTBEAT:
            self._said = now
            return events.live(known.next - 1, now, known.written)
        return b""

    def _page(self, known: Files) -> bytes:
        found, last = window(self._dataset, known, self._asked, MOST_ROWS[self._format])
        self._asked = replace(self._asked, after=Cursor(None, last))
        self._rows = found.num_rows
        return events.rows(found, self._format, last)

    def _files(self) -> Files:
        with self._context.database.read() as conn:
            version = lake.statistics(conn, self._dataset.participant, self._dataset.id).version
        return files(self._context.settings, self._dataset, version)

    def taken(self, event: bytes) -> None:
        """It has left."""
        self._leave.sent(self._rows, len(event))

    def close(self) -> None:
        """It gets nothing any more; what it got is recorded."""
        with self._closing:
            if not self._closed:
                self._leave.over(complete=self.ended)
            self._closed = self.ended = True


def begun(context: Context, dataset: Dataset, asked: Query) -> Query:
    """The query with the position after which it begins: where it says, or at its time, or now."""
    known = files(context.settings, dataset)
    if asked.after is None:
        first = known.next if asked.since is None else known.first_since(asked.since)
        return replace(asked, after=Cursor(None, first - 1))
    if asked.after.position >= known.next:
        raise Invalid(f"got {asked.after.position}", field="after", expected=f"at most {known.next - 1}, the last row")
    return asked
