"""The answer to a first message and the next message of the other side cross in two processes of one node."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from havre.contracts import store, wire
from havre.contracts.model import Negotiation, Role, State
from havre.contracts.usecases import Topic
from havre.database import Database
from havre.errors import Overtaken
from havre.later import in_haste
from havre.messages.model import Answer, Outgoing
from tests.postgres import Server

NOW = datetime(2026, 3, 2, tzinfo=UTC)
OURS, THEIRS, PEER = "urn:ours", "urn:theirs", "did:web:peer.example"
BEGUN = Negotiation(
    OURS, "startup", Role.CONSUMER, State.REQUESTED, PEER, None, "https://peer.example", "ships", {}, {}, NOW, NOW
)
REQUEST = Outgoing(
    1, "startup", PEER, "negotiation", OURS, wire.REQUEST, "https://peer.example", "{}", True, True, False, NOW, 0, NOW
)
ANSWER = Answer(201, {"providerPid": THEIRS})


@pytest.fixture
def two(server: Server) -> Iterator[tuple[Database, Database]]:
    url = server.database()
    both = Database(url), Database(url)
    store.negotiations.metadata.create_all(both[0].engine)
    yield both
    for one in both:
        one.close()
    server.drop(url)


def test_what_the_other_process_heard_first_is_no_other_negotiation(two: tuple[Database, Database]) -> None:
    answering, hearing = two
    answering.write(lambda conn: store.insert(conn, BEGUN))
    asked: list[Connection] = []

    def hear(*_: object) -> None:
        """Their agreement, which names their identifier."""
        known = replace(BEGUN, peer_pid=THEIRS, state=State.AGREED, version=1)
        hearing.write(lambda conn: store.save(conn, known, seen=0))

    def delivered(conn: Connection) -> None:
        if in_haste(conn):
            # from memory: when such a write fails, it is done again, and asks the rows
            store.load(conn, "startup", OURS)
            raise Overtaken("as by a write beside it")
        asked.append(conn)
        if len(asked) == 1:
            sa.event.listen(conn, "after_cursor_execute", hear, once=True)  # right after ours was read
        Topic().delivered(conn, REQUEST, ANSWER, NOW)

    answering.write(delivered)
    assert len(asked) == 2
    with answering.read() as conn:
        found = store.load(conn, "startup", OURS)
    assert (found.state, found.peer_pid, found.version) == (State.AGREED, THEIRS, 1)


def test_an_answer_that_names_another_negotiation_ends_ours(two: tuple[Database, Database]) -> None:
    database = two[0]
    database.write(lambda conn: store.insert(conn, replace(BEGUN, pid="urn:first", peer_pid=THEIRS)))
    database.write(lambda conn: store.insert(conn, BEGUN))
    database.write(lambda conn: Topic().delivered(conn, REQUEST, ANSWER, NOW))
    with database.read() as conn:
        ours, first = (store.load(conn, "startup", pid) for pid in (OURS, "urn:first"))
    assert ours.state is State.TERMINATED and "names another negotiation" in ours.reasons[0]
    assert first.state is State.REQUESTED
