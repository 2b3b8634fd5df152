"""What a write promises: all of it or nothing, durable when it returns, no other write disturbed."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from havre.database import Database, Utc
from tests.engines import on_both

__all__ = ["on_both"]

tables = sa.MetaData()
notes = sa.Table("notes", tables, sa.Column("id", sa.Integer, primary_key=True), sa.Column("at", Utc))
T0 = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    tables.create_all(opened.engine)
    yield opened
    opened.close()


def add(id: int) -> sa.Insert:
    return notes.insert().values(id=id, at=T0)


def count(database: Database) -> int:
    with database.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(notes)).scalar_one())


def test_a_write_that_raises_leaves_no_trace(database: Database) -> None:
    def half(conn: Connection) -> None:
        conn.execute(add(1))
        raise LookupError("half-way")

    with pytest.raises(LookupError):
        database.write(half)
    assert count(database) == 0


def test_a_failed_write_does_not_disturb_those_that_share_its_commit(database: Database) -> None:
    hold, entered = threading.Event(), threading.Event()
    failed: list[int] = []

    def first(conn: Connection) -> None:
        entered.set()
        hold.wait(5)

    def write(id: int) -> None:
        try:
            database.write(lambda conn: conn.execute(add(id if id % 2 else 0)) and None)
        except sa.exc.IntegrityError:
            failed.append(id)

    threads = [threading.Thread(target=database.write, args=(first,))]
    threads[0].start()
    assert entered.wait(5)
    threads += [threading.Thread(target=write, args=(id,)) for id in range(20)]
    for thread in threads[1:]:
        thread.start()
    hold.set()
    for thread in threads:
        thread.join()
    assert count(database) == 11  # ten odd ones, and one of the ten that wanted 0
    assert len(failed) == 9


def test_what_is_written_is_there_after_the_process_is_gone(database: Database, database_url: str) -> None:
    database.write(lambda conn: conn.execute(add(1)) and None)
    again = Database(database_url)
    try:
        assert count(again) == 1
    finally:
        again.close()


def test_a_commit_wakes_who_waits_for_it_and_a_failed_write_does_not(database: Database) -> None:
    seen = database.commits
    with pytest.raises(ZeroDivisionError):
        database.write(lambda conn: 1 // 0)
    assert not database.wait_for_commit(seen, 0.05)
    database.write(lambda conn: conn.execute(add(1)) and None)
    assert database.wait_for_commit(seen, 5)


def test_times_come_back_in_utc_and_a_time_without_a_zone_is_refused(database: Database) -> None:
    paris = T0.astimezone(timezone(timedelta(hours=1)))
    database.write(lambda conn: conn.execute(notes.insert().values(id=1, at=paris)) and None)
    with database.read() as conn:
        assert conn.execute(sa.select(notes.c.at)).scalar_one() == T0
    with pytest.raises(sa.exc.StatementError, match="without a zone"):
        database.write(lambda conn: conn.execute(notes.insert().values(id=2, at=T0.replace(tzinfo=None))) and None)


def test_a_write_after_the_end_is_refused_and_does_not_wait_for_ever(database_url: str) -> None:
    database = Database(database_url)
    database.close()
    with pytest.raises(RuntimeError, match="closed"):
        database.write(lambda conn: None)


def test_a_listener_that_fails_stops_nobody(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    def fails(touched: object) -> None:
        raise RuntimeError("not today")

    database.after_commit(fails)
    for _ in range(2):
        assert database.write(lambda conn: 1) == 1
    assert "a listener failed" in caplog.text
