"""The desk as one SQLite file: events, photos, reports.

A transaction a call, written through to the disk before the phone is told that it may forget.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from havre_waste.field.desk import Report, Seen
from havre_waste.field.events import Event, Kind

TABLES = """
create table if not exists event (
    id text primary key, round text not null, stop text not null, kind text not null, at text not null,
    fill real, note text, photo text
) without rowid;
create index if not exists event_at on event (at);
create table if not exists photo (hash text primary key, jpeg blob not null, at text not null);
create table if not exists report (at text not null, container text not null, seen text not null,
    primary key (at, container, seen)) without rowid;
"""
COLUMNS = "id, round, stop, kind, at, fill, note, photo"


class Book:
    """For one process; its threads may share it."""

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = full")
        self._connection.executescript(TABLES)

    def close(self) -> None:
        self._connection.close()

    def events(self, since: datetime) -> list[Event]:
        with self._lock:
            rows = self._connection.execute(f"select {COLUMNS} from event where at >= ?", (_said(since),)).fetchall()
        return [_event(row) for row in rows]

    def accept(self, events: Sequence[Event]) -> Mapping[str, str]:
        refused = {}
        with self._transaction() as connection:
            for one in events:
                row = _row(one)
                connection.execute(f"insert or ignore into event ({COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)", row)
                kept = connection.execute(f"select {COLUMNS} from event where id = ?", (one.id,)).fetchone()
                if _apart(_event(kept), one):
                    refused[one.id] = "id: is that of another event"
        return refused

    def keep_photo(self, hash: str, jpeg: bytes, at: datetime) -> None:
        with self._transaction() as connection:
            connection.execute("insert or ignore into photo values (?, ?, ?)", (hash, jpeg, _said(at)))

    def photo(self, hash: str) -> bytes | None:
        with self._lock:
            row = self._connection.execute("select jpeg from photo where hash = ?", (hash,)).fetchone()
        return None if row is None else bytes(row[0])

    def report(self, report: Report) -> None:
        with self._transaction() as connection:
            row = (_said(report.at), report.container, report.seen)
            connection.execute("insert or ignore into report values (?, ?, ?)", row)

    def reports(self, since: datetime) -> list[Report]:
        """The oldest first."""
        query = "select at, container, seen from report where at >= ? order by at"
        with self._lock:
            rows = self._connection.execute(query, (_said(since),)).fetchall()
        return [Report(_time(at), container, Seen(seen)) for at, container, seen in rows]

    def forget(self, before: datetime) -> None:
        """Delete all that is older."""
        with self._transaction() as connection:
            for table in ("event", "photo", "report"):
                connection.execute(f"delete from {table} where at < ?", (_said(before),))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")


def _apart(kept: Event, given: Event) -> bool:
    """Whether they are two; the time may have been cut to that of the first arrival."""
    return replace(kept, at=given.at) != given


def _row(event: Event) -> tuple[object, ...]:
    at = _said(event.at)
    return event.id, event.round, event.stop, event.kind.value, at, event.fill, event.note, event.photo


def _event(row: tuple[Any, ...]) -> Event:
    id, round, stop, kind, at, fill, note, photo = row
    return Event(id, round, stop, Kind(kind), _time(at), fill, note, photo)


def _said(at: datetime) -> str:
    """Of one length, so that texts have the order of times."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _time(said: str) -> datetime:
    return datetime.fromisoformat(said)
