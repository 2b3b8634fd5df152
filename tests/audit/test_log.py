"""Whoever changes the log is found out."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from havre.audit import store
from havre.audit.usecases import append, verify
from havre.database import Database

T0 = datetime(2026, 1, 1, tzinfo=UTC)
entries, head = store.entries, store.head


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    opened.create_tables()
    yield opened
    opened.close()


def log(conn: Connection, number: int) -> None:
    at = T0 + timedelta(seconds=number)
    append(conn, event="offer:published", participant="harbour", subject=f"offer-{number}", data={"é": number}, now=at)


def filled(database: Database, count: int = 5) -> None:
    for number in range(1, count + 1):
        database.write(lambda conn, number=number: log(conn, number))


def swap(conn: Connection) -> None:
    for old, new in ((2, 100), (3, 2), (100, 3)):
        conn.execute(entries.update().where(entries.c.sequence == old).values(sequence=new))


def drop_last(conn: Connection) -> None:
    conn.execute(entries.delete().where(entries.c.sequence == 5))


def insert_copy(conn: Connection) -> None:
    row = dict(conn.execute(entries.select().where(entries.c.sequence == 5)).mappings().one())
    conn.execute(entries.insert().values({**row, "sequence": 6}))


TAMPERING: list[tuple[Callable[[Connection], object], int]] = [
    (lambda conn: conn.execute(entries.update().where(entries.c.sequence == 3).values(data='{"é":4}')), 3),
    (lambda conn: conn.execute(entries.update().where(entries.c.sequence == 3).values(at=T0)), 3),
    (lambda conn: conn.execute(entries.update().where(entries.c.sequence == 3).values(hash="0" * 64)), 3),
    (lambda conn: conn.execute(entries.delete().where(entries.c.sequence == 1)), 1),
    (lambda conn: conn.execute(entries.delete().where(entries.c.sequence == 3)), 3),
    (drop_last, 5),
    (swap, 2),
    (insert_copy, 6),
    (lambda conn: conn.execute(entries.delete()), 1),
    (lambda conn: conn.execute(head.update().values(entries=4)), 6),
]


def test_an_untouched_log_is_whole(database: Database) -> None:
    with database.read() as conn:
        assert verify(conn).whole
    filled(database)
    with database.read() as conn:
        found = verify(conn)
    assert (found.whole, found.entries) == (True, 5)


@pytest.mark.parametrize("case", range(len(TAMPERING)))
def test_every_tampering_is_found_where_it_is(database: Database, case: int) -> None:
    filled(database)
    tamper, where = TAMPERING[case]
    database.write(lambda conn: tamper(conn) and None)
    with database.read() as conn:
        found = verify(conn)
    assert not found.whole
    assert found.first_bad == where


def test_what_is_rolled_back_is_not_logged(database: Database) -> None:
    def fail(conn: Connection) -> None:
        log(conn, 1)
        raise LookupError

    filled(database, 2)
    with pytest.raises(LookupError):
        database.write(fail)
    filled(database, 1)
    with database.read() as conn:
        assert (verify(conn).whole, verify(conn).entries) == (True, 3)


def test_the_hash_can_be_recomputed_by_anybody(database: Database) -> None:
    filled(database, 1)
    with database.read() as conn:
        _, stored = next(store.stream(conn))
    members = {
        "sequence": 1,
        "at": "2026-01-01T00:00:01.000000Z",
        "participant": "harbour",
        "event": "offer:published",
        "subject": "offer-1",
        "data": '{"é":1}',
        "previous": "0" * 64,
    }
    text = json.dumps(members, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert hashlib.sha256(b"\x00" + text.encode()).hexdigest() == stored
