"""The processes that share a PostgreSQL database: which of them live, and what they have committed.

Rules that hold here:

1. A process has a number. It lives as long as the connection lives on which it holds the advisory lock of that number:
   when a process dies, its connections end, and with them its lock. No clock is compared, no lease is renewed.
2. Who commits tells the keys that were touched, in the same transaction: PostgreSQL hands them to all that listen, with
   the commit. Keys are told, what goes with them is not: that is for the process itself.
3. One of the living leads: it does what only one may do at a time. When it dies another leads within a second or two.
4. What was told while the connection was lost is not told again: who waits looks for itself from time to time.
5. Who is alone tells nobody: PostgreSQL lets those who tell commit one after the other. Who joins says so, as soon as
   it hears the others; and each looks around now and then whether it has been left alone.
"""

import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

log = logging.getLogger("havre.processes")

CHANNEL = "havre"
SPACE = 0x48415652
"""The first half of our advisory locks: "HAVR". The second half is the number of a process, or LEADER."""
LEADER = 0
LARGEST_NOTICE = 7000
"""Bytes; PostgreSQL takes less than 8,000."""
RETRY_SECONDS = 0.5
STOP_SECONDS = 1.0

_ALIVE = "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3"
_TELL = sa.text("SELECT pg_notify(:channel, :notice)")
_LIVING = (
    f"SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = {SPACE} AND objsubid = 2 AND granted"
    f" AND objid <> {LEADER} AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_LEAD = f"SELECT pg_try_advisory_lock({SPACE}, {LEADER})"

Heard = Callable[[Mapping[str, Sequence[Any]]], None]


def living(conn: Connection) -> list[int]:
    """The numbers of all processes that live, this one among them if it listens."""
    return list(conn.exec_driver_sql(_LIVING).scalars())


class Processes:
    """This process among those that share the database. ``join`` them; ``leave`` when it ends."""

    def __init__(self, engine: sa.Engine, heard: Heard) -> None:
        self.number = secrets.randbelow(2**31 - 1) + 1
        self._engine = engine
        self._heard = heard
        self._leads = False
        self._alone = False
        self._led: Callable[[bool], None] = lambda leads: None
        self._leaving = threading.Event()
        self._thread: threading.Thread | None = None

    def join(self) -> None:
        """From now on this process lives, and hears of what the others commit."""
        connection = self._connected()
        self._thread = threading.Thread(target=self._listen, args=(connection,), name="database-listener", daemon=True)
        self._thread.start()

    def when_leading(self, led: Callable[[bool], None]) -> None:
        """Call ``led`` when this process begins to lead, at once if it does, and when it no longer does.

        It must return at once.
        """
        self._led = led
        if self._leads:
            led(True)

    def leave(self) -> None:
        """What this process has begun is free for the others."""
        if self._thread is None:
            return
        self._leaving.set()
        try:
            with self._engine.begin() as connection:
                self._tell(connection, [])  # wakes the thread
        except sa.exc.SQLAlchemyError:
            log.info("the database has gone before us")
        self._thread.join()
        self._thread = None

    def tell(self, conn: Connection, keys: Iterable[str]) -> None:
        """Tell the others, with this transaction, that ``keys`` change."""
        if not self._alone:
            for some in _portions(keys):
                self._tell(conn, some)

    def _tell(self, conn: Connection, keys: list[str]) -> None:
        conn.execute(_TELL, {"channel": CHANNEL, "notice": json.dumps([self.number, keys])})

    def _connected(self) -> Any:
        """A connection beside the pool, which holds our lock and listens."""
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        try:
            connection.autocommit = True
            for statement in (_ALIVE, f"SELECT pg_advisory_lock({SPACE}, {self.number})", f"LISTEN {CHANNEL}"):
                connection.execute(statement)
            connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, json.dumps([self.number, []])))
        except BaseException:
            connection.close()
            raise
        return connection

    def _listen(self, connection: Any) -> None:
        error: type[Exception] = self._engine.dialect.loaded_dbapi.Error
        while not self._leaving.is_set():
            try:
                connection = connection or self._connected()
                self._look_around(connection)
                self._try_to_lead(connection)
                for notice in connection.notifies(timeout=STOP_SECONDS):
                    self._take(notice.payload)
                    if self._leaving.is_set():
                        break
            except (error, sa.exc.SQLAlchemyError) as lost:
                log.warning("the database has gone: %s", lost)
                self._engine.dispose()  # those in the pool have gone with it
                _close(connection)
                connection = None
                self._lead(False)
                self._alone = False
                time.sleep(RETRY_SECONDS)
        if connection is not None:
            with suppress(error):  # the server lets go of a lock a moment after its connection has ended
                connection.execute("SELECT pg_advisory_unlock_all()")
        _close(connection)

    def _look_around(self, connection: Any) -> None:
        """Whoever joins after this says so after it, too: that is read later."""
        self._alone = [number for (number,) in connection.execute(_LIVING).fetchall()] == [self.number]

    def _try_to_lead(self, connection: Any) -> None:
        if not self._leads and connection.execute(_LEAD).fetchone()[0]:
            self._lead(True)

    def _lead(self, leads: bool) -> None:
        if leads != self._leads:
            self._leads = leads
            self._led(leads)

    def _take(self, notice: str) -> None:
        number, keys = json.loads(notice)
        if number != self.number:
            self._alone = False
            if keys:
                self._heard(dict.fromkeys(keys, ()))


def _close(connection: Any) -> None:
    if connection is not None:
        connection.close()


def _portions(keys: Iterable[str]) -> Iterator[list[str]]:
    """The keys in portions that fit into a notice."""
    portion: list[str] = []
    size = 0
    for key in keys:
        length = len(json.dumps(key)) + 2  # in ASCII
        if portion and size + length > LARGEST_NOTICE:
            yield portion
            portion, size = [], 0
        portion.append(key)
        size += length
    if portion:
        yield portion
