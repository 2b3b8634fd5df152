"""What is put off to the end of a commit is as if it had been done at once: nothing is lost, nothing is taken twice."""

import threading
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from havre.database import Database
from havre.errors import Conflict, NotFound, Overtaken
from havre.later import all_later, catch_up, in_haste, later, remember, remembered
from tests.engines import on_both

__all__ = ["on_both"]

tables = sa.MetaData()
accounts = sa.Table(
    "accounts",
    tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("amount", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
OPEN = accounts.insert()
CHANGE = accounts.update().where(accounts.c.id == sa.bindparam("which"), accounts.c.version == sa.bindparam("seen"))
Account = tuple[int, int]
"""Amount and version."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    tables.create_all(opened.engine)
    yield opened
    opened.close()


def open_account(conn: Connection, id: int) -> None:
    later(conn, OPEN, {"id": id, "amount": 0, "version": 0})
    remember(conn, id, (0, 0))


def load(conn: Connection, id: int) -> Account:
    found: Account | None = remembered(conn, id)
    if found is None:
        row = conn.execute(sa.select(accounts).where(accounts.c.id == id)).one_or_none()
        if row is None:
            raise NotFound(f"no account {id}")
        found = (row.amount, row.version)
    return found


def pay_in(conn: Connection, id: int, amount: int) -> int:
    before, seen = load(conn, id)
    if not later(conn, CHANGE, {"which": id, "seen": seen, "amount": before + amount, "version": seen + 1}):
        raise Overtaken(f"account {id} was changed at the same time")
    remember(conn, id, (before + amount, seen + 1))
    return before + amount


def there(database: Database) -> dict[int, int]:
    with database.read() as conn:
        return {row.id: row.amount for row in conn.execute(sa.select(accounts))}


def together(database: Database, *writes: Callable[[Connection], object]) -> list[object]:
    """Writes that share a commit: what each returned or raised."""
    hold, entered = threading.Event(), threading.Event()

    def first(conn: Connection) -> None:
        entered.set()
        assert hold.wait(5)

    before = database.submit(first)
    assert entered.wait(5)
    futures = [database.submit(write) for write in writes]
    hold.set()
    before.result(5)
    return [future.exception(5) or future.result() for future in futures]


def test_writes_that_share_a_commit_see_what_the_others_have_put_off(database: Database) -> None:
    results = together(
        database, lambda conn: open_account(conn, 1), *[lambda conn: pay_in(conn, 1, 10) for _ in range(5)]
    )
    assert results == [None, 10, 20, 30, 40, 50]
    assert there(database) == {1: 50}


def test_a_row_that_is_there_already_fails_alone(database: Database) -> None:
    database.write(lambda conn: open_account(conn, 1))
    results = together(
        database,
        lambda conn: pay_in(conn, 1, 5),
        lambda conn: open_account(conn, 1),
        lambda conn: open_account(conn, 2),
    )
    assert results[0] == 5 and results[2] is None
    assert isinstance(results[1], sa.exc.IntegrityError)
    assert there(database) == {1: 5, 2: 0}


def test_the_same_row_twice_in_one_commit_is_taken_once(database: Database) -> None:
    results = together(database, *[lambda conn: open_account(conn, 7)] * 3)
    assert [isinstance(one, sa.exc.IntegrityError) for one in results] == [False, True, True]
    assert there(database) == {7: 0}


def test_what_a_failed_write_has_put_off_or_remembered_is_forgotten(database: Database) -> None:
    database.write(lambda conn: open_account(conn, 1))

    def fails(conn: Connection) -> None:
        pay_in(conn, 1, 1000)
        open_account(conn, 3)
        raise Conflict("after all")

    for writes in ([fails], [fails, lambda conn: pay_in(conn, 1, 1)]):
        assert isinstance(together(database, *writes)[0], Conflict)
    assert database.write(lambda conn: pay_in(conn, 1, 1)) == 2
    with pytest.raises(NotFound):
        database.write(lambda conn: pay_in(conn, 3, 1))
    assert there(database) == {1: 2}


def test_a_row_that_somebody_else_has_changed_is_read_again(database: Database, database_url: str) -> None:
    database.write(lambda conn: open_account(conn, 1))
    database.write(lambda conn: pay_in(conn, 1, 1))
    other = Database(database_url)
    try:
        assert other.write(lambda conn: pay_in(conn, 1, 10)) == 11
    finally:
        other.close()
    assert database.write(lambda conn: pay_in(conn, 1, 100)) == 111
    assert database.write(lambda conn: pay_in(conn, 1, 1000)) == 1111
    assert there(database) == {1: 1111}


def test_who_errs_is_told_by_the_rows_and_not_by_memory(database: Database) -> None:
    """An error of a write is its last word only when nothing was taken from memory."""
    database.write(lambda conn: open_account(conn, 1))
    with database.engine.begin() as conn:
        conn.execute(accounts.update().values(amount=500, version=9))
    hasty: list[bool] = []

    def refuses_the_poor(conn: Connection) -> int:
        hasty.append(in_haste(conn))
        amount, _ = load(conn, 1)
        if amount < 100:
            raise Conflict("too poor")
        return amount

    assert database.write(refuses_the_poor) == 500
    assert hasty == [True, False]


def test_who_has_to_see_what_was_put_off_catches_up(database: Database) -> None:
    def opened(conn: Connection) -> int:
        open_account(conn, 1)
        catch_up(conn)
        return int(conn.execute(sa.select(sa.func.count()).select_from(accounts)).scalar_one())

    assert database.write(opened) == 1
    assert there(database) == {1: 0}


def test_what_takes_more_than_a_statement_is_done_once_for_all(database: Database) -> None:
    calls: list[list[int]] = []

    def flush(conn: Connection, ids: list[int]) -> None:
        calls.append(list(ids))
        conn.execute(OPEN, [{"id": id, "amount": 0, "version": 0} for id in ids])

    together(database, *[lambda conn, id=id: all_later(conn, flush, id) for id in (1, 2, 3)])
    assert calls == [[1, 2, 3]]
    assert set(there(database)) == {1, 2, 3}


def test_a_reader_never_finds_what_a_writer_has_left_at_hand(database: Database) -> None:
    database.write(lambda conn: open_account(conn, 1))
    for _ in range(50):
        with database.read() as conn:
            assert not in_haste(conn) and remembered(conn, 1) is None
