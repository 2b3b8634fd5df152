"""The control database: one SQLAlchemy engine, one way to read, one way to write.

Rules that hold here:

1. A write is a function of a connection. It commits when it returns and leaves no trace when it raises.
2. Writes of concurrent callers share a commit (group commit): one thread runs them one after the other,
   each in its own savepoint, and commits them together. So SQLite never meets a second writer of its own process,
   and a disk flush is paid once for all that wait.
3. A write does no I/O but SQL: whatever it does, the others wait for it.
4. What concerns the whole commit (the audit chain) is done once at its end: ``at_commit``.
5. Who wants to know of commits is told: the outbox and waiting requests by ``after_commit``, with the keys that the
   writes touched; a message that waits for its row by ``wait_for_commit``.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection

log = logging.getLogger("havre.database")

T = TypeVar("T")

metadata = sa.MetaData()
"""Each room's ``store`` declares its tables here."""

MOST_IN_ONE_COMMIT = 64
WRITER = "database-writer"
_TOUCHED = "havre.touched"
_DEFERRED = "havre.deferred"
Flush = Callable[[Connection, list[Any]], None]
Touched = Mapping[str, Sequence[Any]]
Listener = Callable[[Touched], None]


def touch(conn: Connection, key: str, *items: Any) -> None:
    """Tell those who wait for ``key`` that it changes with this commit; ``items`` are handed to them.

    A key that a failed write of the same commit has touched is told too, its items are not.
    """
    conn.info.setdefault(_TOUCHED, {}).setdefault(key, []).extend(items)


class Utc(sa.TypeDecorator[datetime]):
    """An aware datetime, kept in UTC to the microsecond on every engine."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


def at_commit(conn: Connection, flush: Flush, item: Any) -> None:
    """At the end of this commit, call ``flush`` once with the items of all its writes, in order.

    Those of a write that failed are not among them.
    """
    conn.info[_DEFERRED].append((flush, item))


@dataclass(frozen=True)
class _Write:
    function: Callable[[Connection], Any]
    done: "Future[Any]"


_Outcome = tuple[_Write, Any, BaseException | None]


class Database:
    """A control database. ``close()`` it: the writing thread finishes what waits."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._listeners: list[Listener] = []
        self._committed = threading.Condition()
        self._commits = 0
        self._waiting: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._writer = threading.Thread(target=self._write_forever, name=WRITER, daemon=True)
        self._writer.start()

    def create_tables(self) -> None:
        """Create what is missing. The rooms' stores must have been imported."""
        metadata.create_all(self.engine)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading: a consistent view, given back at the end."""
        with self.engine.connect() as connection:
            yield connection

    def write(self, function: Callable[[Connection], T]) -> T:
        """Run ``function`` in a transaction and return what it returned, once it is durable.

        ``RuntimeError`` when the database was closed: nobody would ever answer.
        """
        done: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise RuntimeError("the database is closed")
            self._waiting.put(_Write(function, done))
        return done.result()

    def after_commit(self, listener: Listener) -> None:
        """Call ``listener`` after every commit with what was touched, in the writing thread: it must return at once."""
        self._listeners.append(listener)

    @property
    def commits(self) -> int:
        """How many commits there were that changed something: what to give to ``wait_for_commit``."""
        return self._commits

    def wait_for_commit(self, seen: int, timeout: float) -> bool:
        """Wait until there were more than ``seen`` commits, at most ``timeout`` seconds; False when it ran out."""
        with self._committed:
            return self._committed.wait_for(lambda: self._commits > seen, timeout)

    def close(self) -> None:
        with self._closing:
            self._closed = True
            self._waiting.put(None)
        self._writer.join()
        self.engine.dispose()

    def _write_forever(self) -> None:
        while True:
            first = self._waiting.get()
            if first is None:
                return
            group = [first]
            last = False
            while len(group) < MOST_IN_ONE_COMMIT:
                try:
                    following = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    last = True
                    break
                group.append(following)
            self._commit(group)
            if last:
                return

    def _commit(self, group: list[_Write]) -> None:
        outcomes: list[_Outcome] = []
        touched: dict[str, list[Any]] = {}
        try:
            with self.engine.connect() as connection, connection.begin():
                connection.info[_TOUCHED] = touched
                connection.info[_DEFERRED] = []
                if len(group) == 1:  # nobody else's work is to be kept: the transaction itself is the savepoint
                    outcomes.append((group[0], group[0].function(connection), None))
                else:
                    outcomes += [_within_savepoint(connection, write) for write in group]
                _flush(connection)
        except Exception as error:
            for write in group:
                write.done.set_exception(error)
            return
        if any(problem is None for _, _, problem in outcomes):
            self._tell(touched)
        for write, result, problem in outcomes:
            if problem is None:
                write.done.set_result(result)
            else:
                write.done.set_exception(problem)

    def _tell(self, touched: Touched) -> None:
        """Before those who wrote go on: what they do next finds everybody told."""
        with self._committed:
            self._commits += 1
            self._committed.notify_all()
        for listener in self._listeners:
            try:
                listener(touched)
            except Exception:  # it is theirs: the commit stands, and the writer goes on
                log.exception("a listener failed after a commit")


def _within_savepoint(connection: Connection, write: _Write) -> _Outcome:
    deferred, touched = connection.info[_DEFERRED], connection.info[_TOUCHED]
    before, handed = len(deferred), {key: len(items) for key, items in touched.items()}
    try:
        with connection.begin_nested():
            return write, write.function(connection), None
    except Exception as error:
        del deferred[before:]
        for key, items in touched.items():
            del items[handed.get(key, 0) :]
        return write, None, error


def _flush(connection: Connection) -> None:
    items: dict[Flush, list[Any]] = {}
    for flush, item in connection.info[_DEFERRED]:
        items.setdefault(flush, []).append(item)
    for flush, listed in items.items():
        flush(connection, listed)


def _engine(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, pool_size=20, max_overflow=20)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, pool_size=20, max_overflow=20, connect_args={"check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begin(connection: Any) -> None:
        # the writing thread takes the write lock at once: upgrading a read lock could fail half-way
        immediate = threading.current_thread().name == WRITER
        connection.execute("BEGIN IMMEDIATE" if immediate else "BEGIN")

    # not as a listener: an engine that has one looks for listeners at every statement
    engine.dialect.do_begin = begin  # type: ignore[assignment,method-assign]
    return engine
