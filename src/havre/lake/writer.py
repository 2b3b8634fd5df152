"""The one writer of a dataset: buffers, gives positions, commits rows with offsets, keeps the statistics.

Rules that hold here:

1. A dataset has one writer at a time, over all processes: a lease in the control database, renewed while it works.
   That of a process which has died on this machine is void.
2. Rows and the offset of their source are committed together: who resumes there adds nothing twice.
3. What goes with that, the quarantine and what a source must remember, is written first, each under its place in its
   source: a repetition adds nothing, and what was written for an offset that was never committed counts for nothing.
4. The statistics follow the table's log. When a crash came between, they are read from it anew.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
from sqlalchemy import Connection

from havre.context import Context
from havre.errors import Conflict
from havre.lake import holders, store, table
from havre.lake.columns import arrow_schema, conform
from havre.lake.model import POSITION, Dataset, Ingested, Rejected, Statistics
from havre.lake.parsed import Parsed
from havre.memory import give_back

LEASE = timedelta(seconds=30)
PATIENCE_SECONDS = 10.0
BATCH_ROWS = 500_000
BATCH_BYTES = 64 * 1024 * 1024
MUCH_BYTES = 1024 * 1024
BATCH_AGE = timedelta(seconds=5)


@dataclass(frozen=True)
class Resume:
    """Where a source goes on: after ``offset``, with the ``state`` that was kept for it."""

    offset: int
    state: Mapping[str, Any] | None


class Writer:
    """``with Writer(context, dataset) as writer``. Waits for another one at work; ``Conflict`` when that is long."""

    def __init__(self, context: Context, dataset: Dataset, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._context = context
        self._dataset = dataset
        self._key = (dataset.participant, dataset.id)
        self._holder = holders.new(context.new_id())
        self._rows: list[pa.Table] = []
        self._rejected: list[tuple[str, Rejected]] = []
        self._offsets: dict[str, int] = {}
        self._states: dict[str, Mapping[str, Any]] = {}
        self._most = 0
        self._since = context.clock()
        self._leased_until = self._since
        self._statistics = Statistics()

    def __enter__(self) -> Self:
        self._take()
        self._table = table.create(self._context.settings, self._dataset)
        self._refresh()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.flush()
        finally:
            self._context.database.write(lambda conn: store.give_lease_back(conn, *self._key, self._holder))
            if self._most >= MUCH_BYTES:
                give_back()

    def resume(self, source: str) -> Resume | None:
        """How far ``source`` was committed; None when nothing of it ever was."""
        offset = table.offset(self._table, source)
        if offset is None:
            return None
        with self._context.database.read() as conn:
            return Resume(offset, store.state(conn, *self._key, source, offset))

    def add(self, parsed: Parsed, *, source: str, offset: int, state: Mapping[str, Any] | None = None) -> Ingested:
        """Take what a format made of ``source`` up to ``offset``; committed now or soon.

        Returns what was committed by this call. ``offset`` grows with each call for a source; ``state`` is what has to
        be known to go on from there.
        """
        self.hold(parsed, source=source, offset=offset, state=state)
        return self.flush() if self._due() else Ingested()

    def hold(self, parsed: Parsed, *, source: str, offset: int, state: Mapping[str, Any] | None = None) -> None:
        """As ``add``, but nothing is committed before ``flush``."""
        rows, rejected = conform(parsed, self._dataset.schema)
        self._rows.append(rows)
        self._most = max(self._most, rows.nbytes)
        self._rejected += ((source, one) for one in rejected)
        self._offsets[source] = offset
        if state is not None:
            self._states[source] = state

    def flush(self) -> Ingested:
        """Commit what is buffered. Returns how much that was."""
        self._since = self._context.clock()
        if not self._offsets:
            return Ingested()
        self._renew()
        quarantined = self._context.database.write(self._prepare)
        rows = pa.concat_tables(self._rows)
        positions = pa.array(range(self._statistics.next, self._statistics.next + rows.num_rows), pa.int64())
        wanted = arrow_schema(self._dataset.schema)
        table.append(self._table, rows.append_column(POSITION, positions).cast(wanted), self._offsets)
        self._rows, self._rejected, self._offsets, self._states = [], [], {}, {}
        self._refresh()  # and with it those who follow hear of the rows: what comes next may take seconds
        if table.compact(self._table):
            self._refresh()
        return Ingested(rows.num_rows, quarantined)

    def _due(self) -> bool:
        buffered = sum(rows.num_rows for rows in self._rows)
        size = sum(rows.nbytes for rows in self._rows)
        old = self._context.clock() - self._since >= BATCH_AGE
        return old or buffered >= BATCH_ROWS or size >= BATCH_BYTES or len(self._rejected) >= BATCH_ROWS

    def _prepare(self, conn: Connection) -> int:
        """Write what goes with the commit that follows; returns how many inputs are new in the quarantine."""
        now = self._context.clock()
        by_source: dict[str, list[Rejected]] = {}
        for source, one in self._rejected:
            by_source.setdefault(source, []).append(one)
        for source, offset in self._offsets.items():
            store.forget_states(conn, *self._key, source, table.offset(self._table, source) or 0)
            if source in self._states:
                store.put_state(conn, *self._key, source, offset, self._states[source])
        return sum(store.quarantine_all(conn, *self._key, source, listed, now) for source, listed in by_source.items())

    def _refresh(self) -> None:
        """Bring the statistics to the table's version."""
        with self._context.database.read() as conn:
            kept = store.statistics(conn, *self._key)
        if kept.version != self._table.version():
            kept = table.measured(self._table, self._dataset.schema)
            self._context.database.write(lambda conn: store.save_statistics(conn, *self._key, kept))
        self._statistics = kept

    def _take(self) -> None:
        """Take the lease, as soon as the one who has it gives it back."""
        database, until = self._context.database, time.monotonic() + self._patience
        while True:
            seen = database.commits
            try:
                return self._lease()
            except Conflict:
                if time.monotonic() >= until:
                    raise
                database.wait_for_commit(seen, min(1.0, until - time.monotonic()))

    def _renew(self) -> None:
        now = self._context.clock()
        if now >= self._leased_until:
            # somebody else may have written since: positions and offsets that we know may be old
            raise Conflict(f"the lease of dataset {self._dataset.id} has lapsed; try again")
        if self._leased_until - now <= LEASE / 2:
            self._lease()

    def _lease(self) -> None:
        now, holder = self._context.clock(), self._holder
        until = now + LEASE
        other = self._context.database.write(
            lambda conn: store.take_lease(conn, *self._key, holder=holder, gone=holders.gone, now=now, until=until)
        )
        if other is not None:
            raise Conflict(f"dataset {self._dataset.id} is being written to; try again in a moment")
        self._leased_until = until
