"""Who sends a message where several processes share the database: one, in order; that of the dead, one who lives."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from havre.database import Database, Touched
from havre.messages import store
from havre.messages.store import outbox
from havre.messages.usecases import put
from havre.processes import living
from tests.postgres import Server
from tests.two_nodes import within

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def three(server: Server) -> Iterator[list[Database]]:
    url = server.database()
    opened = [Database(url) for _ in range(3)]
    opened[0].create_tables()
    for one in opened:
        assert one.processes is not None
        one.processes.join()
    yield opened
    for one in opened:
        one.close()
    server.drop(url)


def send(database: Database, process: str, kind: str = "first") -> None:
    def put_one(conn: Connection) -> None:
        put(
            conn,
            sender="city",
            receiver="did:web:nobody.example",
            topic="none",
            process=process,
            kind=kind,
            url="http://nobody.example/",
            body="{}",
            now=NOW,
        )

    database.write(put_one)


def pending(database: Database) -> list[tuple[str, str]]:
    with database.read() as conn:
        return [(one.process, one.kind) for one in store.pending(conn, database.process)]


def adopted(database: Database) -> int:
    with database.read() as conn:
        alive = living(conn)
    assert database.process is not None
    us = database.process
    return database.write(lambda conn: store.adopt(conn, us, alive))


def test_a_message_is_sent_by_the_process_that_put_it(three: list[Database]) -> None:
    send(three[0], "one")
    send(three[1], "two")
    assert [pending(one) for one in three] == [[("one", "first")], [("two", "first")], []]
    assert [adopted(one) for one in three] == [0, 0, 0]


def test_a_message_behind_others_is_left_to_the_process_that_has_them(three: list[Database]) -> None:
    heard: list[Touched] = []
    three[0].after_commit(heard.append)
    send(three[0], "one", "first")
    seen = three[0].commits
    send(three[1], "one", "second")
    assert three[0].wait_for_commit(seen, 2)
    within(1, lambda: [list(touched) for touched in heard][1:], [[store.waiting_for(three[0].process)]].__eq__)
    with three[0].read() as conn:
        assert set(conn.execute(sa.select(outbox.c.claimed_by)).scalars()) == {three[0].process}
    assert pending(three[0]) == [("one", "first")] and pending(three[1]) == []


def test_what_the_dead_have_left_is_adopted_once_and_in_order(three: list[Database]) -> None:
    for index in range(50):
        send(three[0], f"process {index}", "first")
        send(three[0], f"process {index}", "second")
    three[0].close()
    counts: list[int] = []
    threads = [threading.Thread(target=lambda one=one: counts.append(adopted(one))) for one in three[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [pending(one) for one in three[1:]]
    assert sum(counts) == 100
    assert sorted(found[0] + found[1]) == sorted((f"process {index}", "first") for index in range(50))


def test_what_another_process_is_adopting_is_passed_over(three: list[Database]) -> None:
    send(three[0], "one")
    three[0].close()
    with three[1].read() as conn:
        alive = living(conn)
    with three[1].engine.begin() as under_way:
        assert store.adopt(under_way, three[1].process or 0, alive) == 1
        assert adopted(three[2]) == 0
    assert pending(three[1]) == [("one", "first")] and pending(three[2]) == []


def test_what_was_settled_is_not_settled_again(three: list[Database]) -> None:
    send(three[0], "one")
    with three[0].read() as conn:
        sequence = store.pending(conn, three[0].process)[0].sequence

    def settle(conn: Connection) -> bool:
        return store.settle(conn, sequence, outcome="delivered", answer="200", at=NOW, attempts=1)

    assert [three[1].write(settle), three[0].write(settle)] == [True, False]
