"""The engines of the control database: SQLite in a file, PostgreSQL by a URL; what is special about each stands here.

No listener is put on an engine: one that has any looks for listeners at every statement.
"""

import threading
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from havre.errors import Overtaken

WRITER = "database-writer"
"""The name of the one thread that writes."""

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A number that counts for ever. SQLite numbers rows by themselves only in a column that is called INTEGER."""

LOCK_MS = 500
IDLE_MS = 60_000
SESSION = f"-c lock_timeout={LOCK_MS} -c idle_in_transaction_session_timeout={IDLE_MS}"
"""Two processes can wait for each other's rows: that ends sooner than by PostgreSQL's own search for deadlocks. And one
that is halted in the middle of a commit must not keep all others waiting."""

TRIES = {
    "23505": 3,  # unique violation: with what the other process has written, it is decided again
    "40001": 25,  # serialization failure
    "40P01": 25,  # deadlock
    "55P03": 25,  # lock timeout
    "57P01": 25,  # the server stops; it has crashed; it is not ready yet
    "57P02": 25,
    "57P03": 25,
}
GONE = frozenset({"57P01", "57P02", "57P03"})
OVERTAKEN_TRIES = 25


def make(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    return _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)


def reading(connection: Connection) -> Connection:
    """A connection to PostgreSQL as it is to be read from: all that it shows is of one moment, as on SQLite."""
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def looking(connection: Connection) -> Connection:
    """A connection to PostgreSQL for one statement: a transaction around it would be two more round trips."""
    return connection.execution_options(isolation_level="AUTOCOMMIT")


def tries(error: BaseException) -> int:
    """How often a write that failed so is tried: more than once when another process was in the way."""
    if isinstance(error, Overtaken):
        return OVERTAKEN_TRIES
    if not isinstance(error, sa.exc.DBAPIError):
        return 1
    return TRIES["57P01"] if lost(error) else TRIES.get(getattr(error.orig, "sqlstate", None) or "", 1)


def lost(error: BaseException) -> bool:
    """Whether there was no connection to PostgreSQL, or none any more."""
    if not isinstance(error, sa.exc.DBAPIError) or not hasattr(error.orig, "sqlstate"):
        return False
    state = getattr(error.orig, "sqlstate", None)
    refused = state is None and isinstance(error, sa.exc.OperationalError)
    return error.connection_invalidated or refused or state in GONE


def _postgresql(parsed: sa.URL) -> sa.Engine:
    given = {} if "options" in parsed.query else {"options": SESSION}
    # 20 connections a process and one that listens: a server of 100 serves four processes as it comes
    engine = sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=10,
        max_overflow=10,
        use_native_hstore=False,
        connect_args={"application_name": "havre", **given},
    )
    engine.dialect.use_insertmanyvalues_wo_returning = True  # several rows are one statement
    return engine


def _sqlite(parsed: sa.URL) -> sa.Engine:
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

    engine.dialect.do_begin = begin  # type: ignore[assignment,method-assign]
    return engine
