"""The one writer of a dataset: buffers, gives positions, commits rows with offsets, keeps the statistics.

Rules that hold here:

1. A dataset has one writer at a time, over all processes: a lease in the control database, renewed while it works.
2. Rows and the offset of their source are committed together. What is offered again at or below that offset is left.
3. The quarantine is written first, each rejected input under its place in its source: a repetition adds nothing.
4. The statistics follow the table's log. When a crash came between, they are read from it anew.
"""

from datetime import timedelta
from types import TracebackType
from typing import Self

import pyarrow as pa

from havre.context import Context
from havre.errors import Conflict
from havre.lake import store, table
from havre.lake.columns import arrow_schema, conform
from havre.lake.model import POSITION, Dataset, Ingested, Rejected, Statistics
from havre.lake.parsed import Parsed

LEASE = timedelta(seconds=30)
BATCH_ROWS = 500_000
BATCH_BYTES = 64 * 1024 * 1024
BATCH_AGE = timedelta(seconds=5)


class Writer:
    """``with Writer(context, dataset) as writer``: ``Conflict`` when another one is at work."""

    def __init__(self, context: Context, dataset: Dataset) -> None:
        self._context = context
        self._dataset = dataset
        self._holder = context.new_id()
        self._rows: list[pa.Table] = []
        self._rejected: list[tuple[str, Rejected]] = []
        self._offsets: dict[str, int] = {}
        self._since = context.clock()
        self._leased_until = self._since
        self._statistics = Statistics()

    def __enter__(self) -> Self:
        self._renew()
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
            key = (self._dataset.participant, self._dataset.id, self._holder)
            self._context.database.write(lambda conn: store.give_lease_back(conn, *key))

    def offset(self, source: str) -> int | None:
        """How far ``source`` was committed; None when nothing of it ever was."""
        return table.offset(self._table, source)

    def add(self, parsed: Parsed, *, source: str, offset: int) -> Ingested:
        """Take what a format made of ``source`` up to ``offset``; committed now or soon.

        Returns what was committed by this call. ``offset`` grows with each call for a source.
        """
        rows, rejected = conform(parsed, self._dataset.schema)
        self._rows.append(rows)
        self._rejected += ((source, one) for one in rejected)
        self._offsets[source] = offset
        return self.flush() if self._due() else Ingested()

    def flush(self) -> Ingested:
        """Commit what is buffered. Returns how much that was."""
        self._since = self._context.clock()
        if not self._offsets:
            return Ingested()
        self._renew()
        quarantined = self._quarantine()
        rows = pa.concat_tables(self._rows)
        positions = pa.array(range(self._statistics.next, self._statistics.next + rows.num_rows), pa.int64())
        wanted = arrow_schema(self._dataset.schema)
        table.append(self._table, rows.append_column(POSITION, positions).cast(wanted), self._offsets)
        self._rows, self._offsets = [], {}
        table.compact(self._table)
        self._refresh()
        return Ingested(rows.num_rows, quarantined)

    def _due(self) -> bool:
        buffered = sum(rows.num_rows for rows in self._rows)
        size = sum(rows.nbytes for rows in self._rows)
        old = self._context.clock() - self._since >= BATCH_AGE
        return old or buffered >= BATCH_ROWS or size >= BATCH_BYTES or len(self._rejected) >= BATCH_ROWS

    def _quarantine(self) -> int:
        if not self._rejected:
            return 0
        rejected, now, key = self._rejected, self._context.clock(), (self._dataset.participant, self._dataset.id)
        by_source: dict[str, list[Rejected]] = {}
        for source, one in rejected:
            by_source.setdefault(source, []).append(one)
        count = self._context.database.write(
            lambda conn: sum(
                store.quarantine_all(conn, *key, source, listed, now) for source, listed in by_source.items()
            )
        )
        self._rejected = []
        return count

    def _refresh(self) -> None:
        """Bring the statistics to the table's version."""
        key = (self._dataset.participant, self._dataset.id)
        with self._context.database.read() as conn:
            kept = store.statistics(conn, *key)
        if kept.version != self._table.version():
            kept = table.measured(self._table, self._dataset.schema)
            self._context.database.write(lambda conn: store.save_statistics(conn, *key, kept))
        self._statistics = kept

    def _renew(self) -> None:
        now = self._context.clock()
        if self._leased_until - now > LEASE / 2:
            return
        until, holder = now + LEASE, self._holder
        key = (self._dataset.participant, self._dataset.id)
        other = self._context.database.write(
            lambda conn: store.take_lease(conn, *key, holder=holder, now=now, until=until)
        )
        if other is not None:
            raise Conflict(f"dataset {self._dataset.id} is being written to; try again in a moment")
        self._leased_until = until
