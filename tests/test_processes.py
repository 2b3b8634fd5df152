"""Several processes on one PostgreSQL database: none is in another's way, each hears of all, and the dead are known.

Each process is a ``Database`` of its own here; what real processes do is in ``tests/real``.
"""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from havre.database import Database, Touched, hand, touch
from havre.errors import Overtaken
from havre.processes import living
from tests.postgres import Server
from tests.two_nodes import within

tables = sa.MetaData()
counters = sa.Table(
    "counters",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    new = server.database()
    yield new
    server.drop(new)


@pytest.fixture
def two(url: str) -> Iterator[tuple[Database, Database]]:
    both = Database(url), Database(url)
    tables.create_all(both[0].engine)
    both[0].write(lambda conn: conn.execute(counters.insert(), [_counter(1), _counter(2)]) and None)
    for one in both:
        assert one.processes is not None
        one.processes.join()
    yield both
    for one in both:
        one.close()


def _counter(id: int) -> dict[str, int]:
    return {"id": id, "value": 0, "version": 0}


def count_up(conn: Connection, id: int, between: Callable[[], object] = lambda: None) -> None:
    """As a room does: load, decide, save if nobody else has."""
    row = conn.execute(sa.select(counters).where(counters.c.id == id)).one()
    between()
    which = sa.and_(counters.c.id == id, counters.c.version == row.version)
    done = conn.execute(counters.update().where(which).values(value=row.value + 1, version=row.version + 1))
    if done.rowcount != 1:
        raise Overtaken(f"{id} was changed at the same time")


def values(database: Database) -> list[int]:
    with database.read() as conn:
        return list(conn.execute(sa.select(counters.c.value).order_by(counters.c.id)).scalars())


def together(*works: Callable[[], object]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


def test_who_was_overtaken_does_it_again(two: tuple[Database, Database]) -> None:
    def many(database: Database) -> Callable[[], object]:
        return lambda: [database.write(lambda conn: count_up(conn, 1)) for _ in range(50)]

    together(*[many(database) for database in two for _ in range(2)])
    assert values(two[0])[0] == 200


def test_two_who_wait_for_each_other_both_come_through(two: tuple[Database, Database]) -> None:
    met = threading.Barrier(2, timeout=5)
    waited: list[int] = []

    def meet() -> None:
        if len(waited) < 2:  # the first time only: then one of them has been sent back
            waited.append(1)
            met.wait()

    def crossing(first: int, second: int) -> Callable[[Connection], None]:
        def write(conn: Connection) -> None:
            count_up(conn, first)
            meet()
            count_up(conn, second)

        return write

    together(lambda: two[0].write(crossing(1, 2)), lambda: two[1].write(crossing(2, 1)))
    assert values(two[0]) == [2, 2]


def test_what_both_want_to_insert_is_there_once_and_the_other_sees_it(two: tuple[Database, Database]) -> None:
    met = threading.Barrier(2, timeout=5)
    found: list[str] = []

    def write(conn: Connection) -> str:
        if conn.execute(sa.select(counters).where(counters.c.id == 7)).first() is not None:
            return "was there"
        met.wait()
        conn.execute(counters.insert(), _counter(7))
        return "made"

    together(*[lambda database=one: found.append(database.write(write)) for one in two])
    assert sorted(found) == ["made", "was there"]


def test_a_write_outlives_the_connections_to_the_database(two: tuple[Database, Database], url: str) -> None:
    def kill_all() -> None:
        others = sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.execute(others)

    killed: list[bool] = []

    def once() -> None:
        if not killed:
            killed.append(True)
            kill_all()

    two[0].write(lambda conn: count_up(conn, 1, once))
    assert values(two[0])[0] == 1
    within(5, lambda: _living(two[0]), lambda numbers: sorted(numbers) == sorted(_numbers(two)))


def _living(database: Database) -> list[int]:
    with database.read() as conn:
        return living(conn)


def _numbers(two: tuple[Database, Database]) -> list[int]:
    return [one.process for one in two if one.process is not None]


def test_who_has_gone_is_not_among_the_living(two: tuple[Database, Database]) -> None:
    assert sorted(_living(two[0])) == sorted(_numbers(two))
    two[1].close()
    within(5, lambda: _living(two[0]), lambda numbers: numbers == [two[0].process])


def test_a_commit_is_heard_by_the_others_at_once(two: tuple[Database, Database]) -> None:
    heard: list[Touched] = []
    two[1].after_commit(heard.append)
    seen, began = two[1].commits, time.monotonic()
    keys = [f"key {index} {'é' * 100}" for index in range(200)]  # more than fits into one notice

    def write(conn: Connection) -> None:
        for key in keys:
            touch(conn, key)
        hand(conn, "ours", "an item for our own worker")

    two[0].write(write)
    assert two[1].wait_for_commit(seen, 2)
    within(2, lambda: [key for touched in list(heard) for key in touched], lambda found: found == keys)
    assert time.monotonic() - began < 2


def test_what_is_rolled_back_is_not_heard(two: tuple[Database, Database]) -> None:
    def fails(conn: Connection) -> None:
        touch(conn, "never")
        raise LookupError

    seen = two[1].commits
    with pytest.raises(LookupError):
        two[0].write(fails)
    assert not two[1].wait_for_commit(seen, 0.2)


def test_what_is_read_is_of_one_moment(two: tuple[Database, Database]) -> None:
    with two[0].read() as conn:
        before = conn.execute(sa.select(counters.c.value).where(counters.c.id == 1)).scalar_one()
        two[1].write(lambda other: count_up(other, 1))
        assert conn.execute(sa.select(counters.c.value).where(counters.c.id == 1)).scalar_one() == before
