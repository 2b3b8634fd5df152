"""The control database: one SQLAlchemy engine, one way to read, one way to write.

Rules that hold here:

1. A write is a function of a connection. It commits when it returns and leaves no trace when it raises.
2. Writes of concurrent callers share a commit (group commit): one thread runs them one after the other and commits
   them together. So SQLite never meets a second writer of its own process, and a disk flush is paid once for all that
   wait. When one of them fails all are undone and run again, each in a savepoint of its own.
3. A write does no I/O but SQL: whatever it does, the others wait for it. It may be done more than once before it is
   committed: another one of its commit can fail, and on PostgreSQL another process can be in the way.
4. What concerns the whole commit (the audit chain) is done once at its end: ``at_commit``. Rows that nobody reads
   before are added and changed there too, those of all its writes at once: ``havre.later``.
5. Who wants to know of commits is told: the outbox and waiting requests by ``after_commit``, with the keys that the
   writes touched; a message that waits for its row by ``wait_for_commit``. Commits of other processes on PostgreSQL
   are told too, once this one has joined them.
"""

import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection

from havre import engine, later
from havre.engine import WRITER
from havre.later import Flush, PutOff
from havre.migrations import upgrade
from havre.processes import Processes

log = logging.getLogger("havre.database")

T = TypeVar("T")

metadata = sa.MetaData()
"""Each room's ``store`` declares its tables here."""

MOST_IN_ONE_COMMIT = 64
PATIENCE = 0.003
"""Seconds that writes wait for others, when none of them is in a hurry."""
LONGEST_PAUSE = 1.0
_TOUCHED = "havre.touched"
_HANDED = "havre.handed"
_DEFERRED = "havre.deferred"
_PROCESS = "havre.process"
Touched = Mapping[str, Sequence[Any]]
Listener = Callable[[Touched], None]


def touch(conn: Connection, key: str, *items: Any) -> None:
    """Tell those who wait for ``key`` that it changes with this commit; ``items`` are handed to those of this process.

    A key that a failed write of the same commit has touched is told too, its items are not.
    """
    conn.info[_TOUCHED].setdefault(key, []).extend(items)


def hand(conn: Connection, key: str, item: Any) -> None:
    """As ``touch``, and other processes are not told."""
    conn.info[_HANDED].add(key)
    touch(conn, key, item)


def process_of(conn: Connection) -> int | None:
    """The number of the process that writes; None on SQLite, where there is no other."""
    number: int | None = conn.info.get(_PROCESS)
    return number


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
    patient: bool = False
    tried: int = 0


_Outcome = tuple[_Write, Any, BaseException | None]
_Run = Callable[[Connection, list[_Write]], list[_Outcome]]


class Database:
    """A control database. ``close()`` it: the writing thread finishes what waits.

    ``processes`` are those that share it; None on SQLite.
    """

    def __init__(self, url: str) -> None:
        self.engine = engine.make(url)
        self.processes = None if self.engine.dialect.name == "sqlite" else Processes(self.engine, self._tell)
        self._listeners: list[Listener] = []
        self._committed = threading.Condition()
        self._commits = 0
        self._recent: dict[Hashable, Any] = {}
        self._waiting: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._writer = threading.Thread(target=self._write_forever, name=WRITER, daemon=True)
        self._writer.start()

    def create_tables(self) -> None:
        """Make the tables, or bring them to this release; ``Conflict`` when they are those of a later one."""
        self.write(upgrade)

    @property
    def process(self) -> int | None:
        """The number of this process; None on SQLite."""
        return None if self.processes is None else self.processes.number

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """A connection for reading by one statement, which needs no transaction around it."""
        with self.engine.connect() as connection:
            yield connection if self.processes is None else engine.looking(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading: a consistent view, given back at the end."""
        with self.engine.connect() as connection:
            yield connection if self.processes is None else engine.reading(connection)
            if self.processes is not None:
                connection.commit()  # after a rollback psycopg forgets the statements that it has prepared

    def write(self, function: Callable[[Connection], T], *, patient: bool = False) -> T:
        """Run ``function`` in a transaction and return what it returned, once it is durable.

        A ``patient`` write waits for others, so as to share their commit, for a few milliseconds.
        ``RuntimeError`` when the database was closed: nobody would ever answer.
        """
        return self.submit(function, patient=patient).result()

    def submit(self, function: Callable[[Connection], T], *, patient: bool = False) -> "Future[T]":
        """As ``write``, without waiting. One that is cancelled before its turn is not run."""
        done: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise RuntimeError("the database is closed")
            self._waiting.put(_Write(function, done, patient))
        return done

    def after_commit(self, listener: Listener) -> None:
        """Call ``listener`` after every commit with what was touched; it must return at once.

        It is called in the thread that writes or, for what others have committed, in the one that hears of it.
        """
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
        if self.processes is not None:
            self.processes.leave()
        self.engine.dispose()

    def _write_forever(self) -> None:
        last = False
        while not last:
            waiting, last = self._next()
            group = [write for write in waiting if write.done.set_running_or_notify_cancel()]
            while group:
                group = self._commit(group)
                _pause(group)

    def _next(self) -> tuple[list[_Write], bool]:
        """The writes that share the next commit, and whether they are the last ones."""
        group: list[_Write] = []
        following = self._waiting.get()
        until = time.monotonic() + PATIENCE
        while following is not None:
            group.append(following)
            if len(group) == MOST_IN_ONE_COMMIT:
                return group, False
            waits = until - time.monotonic() if all(write.patient for write in group) else 0
            try:
                following = self._waiting.get(timeout=max(waits, 0))
            except queue.Empty:
                return group, False
        return group, True

    def _commit(self, group: list[_Write]) -> list[_Write]:
        """Commit writes together and tell those who asked for them; returns those that are to be tried again."""
        put_off = PutOff(self._recent, at_once=False)
        outcomes, certain = self._tried(group, _in_a_row, put_off)
        if (
            outcomes[0][2] is not None and certain and (len(group) > 1 or put_off.used)
        ):  # one has failed, and all with it
            run = _each_apart if len(group) > 1 else _in_a_row
            outcomes, certain = self._tried(group, run, PutOff(self._recent, at_once=True))
        return _told(outcomes, again=certain)

    def _tried(self, group: list[_Write], run: _Run, put_off: PutOff) -> tuple[list[_Outcome], bool]:
        """How the writes ended, and whether that is certain: one that it is not may have been committed."""
        touched: dict[str, list[Any]] = {}
        handed: set[str] = set()
        certain = True
        try:
            with self.engine.connect() as connection, connection.begin():
                connection.info.update({_TOUCHED: touched, _HANDED: handed, _DEFERRED: [], later.PUT_OFF: put_off})
                connection.info[_PROCESS] = self.process
                outcomes = run(connection, group)
                _flush(connection)
                if self.processes is not None:
                    self.processes.tell(connection, [key for key in touched if key not in handed])
                certain = False
        except Exception as error:
            put_off.end(committed=False)
            return [(write, None, error) for write in group], certain or not engine.lost(error)
        put_off.end(committed=True)
        if any(problem is None for _, _, problem in outcomes):
            self._tell(touched)
        return outcomes, True

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


def _told(outcomes: list[_Outcome], *, again: bool = True) -> list[_Write]:
    """Tell those who wait how their writes ended; returns those that are to be done ``again``."""
    left = []
    for write, result, problem in outcomes:
        if problem is None:
            write.done.set_result(result)
        elif again and write.tried + 1 < engine.tries(problem):
            log.info("a write is tried again: %s", problem)
            left.append(replace(write, tried=write.tried + 1))
        else:
            write.done.set_exception(problem)
    return left


def _pause(again: list[_Write]) -> None:
    """Before the next try: a database that has gone is not there again at once, and two must not keep in step."""
    tried = max((write.tried for write in again), default=0)
    if tried > 1:
        time.sleep(random.uniform(0, min(0.001 * 2**tried, LONGEST_PAUSE)))


def _in_a_row(connection: Connection, group: list[_Write]) -> list[_Outcome]:
    """One after the other in the transaction itself, all of them or none: nearly always none fails."""
    return [(write, write.function(connection), None) for write in group]


def _each_apart(connection: Connection, group: list[_Write]) -> list[_Outcome]:
    """Each in a savepoint of its own: one that fails takes nothing of the others with it."""
    return [_within_savepoint(connection, write) for write in group]


def _within_savepoint(connection: Connection, write: _Write) -> _Outcome:
    deferred, touched = connection.info[_DEFERRED], connection.info[_TOUCHED]
    before, handed = len(deferred), {key: len(items) for key, items in touched.items()}
    try:
        with connection.begin_nested():
            return write, write.function(connection), None
    except Exception as error:
        if connection.invalidated:  # and with it what the others have done
            raise
        del deferred[before:]
        for key, items in touched.items():
            del items[handed.get(key, 0) :]
        return write, None, error


def _flush(connection: Connection) -> None:
    later.catch_up(connection)
    items: dict[Flush, list[Any]] = {}
    for flush, item in connection.info[_DEFERRED]:
        items.setdefault(flush, []).append(item)
    for flush, listed in items.items():
        flush(connection, listed)
