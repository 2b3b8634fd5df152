"""Two parties without their nodes: the real code of both sides on a database each, and the test is the network.

It holds the rows of both outboxes and says what becomes of each message: so any history can be told, step by step, and
quickly. What the outbox may do is as in ``havre.messages.delivery``: one message of a process at a time, again and
again until it is accepted; a refusal counts when patience is over. Settling is that module's own code.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from havre import database, later
from havre.context import Context
from havre.contracts import receiving as negotiations
from havre.contracts import usecases as contracts
from havre.contracts import wire as contracts_wire
from havre.errors import Early, HavreError, NotFound
from havre.messages import store as outbox
from havre.messages.delivery import Delivery
from havre.messages.jsonld import plain
from havre.messages.model import Answer, Outgoing
from havre.messages.receiving import Received
from havre.messages.usecases import clear_body
from havre.messages.wire import digest
from havre.participants.identity import Identity
from havre.participants.model import Counterparty, Participant
from havre.settings import Settings
from havre.transfers import receiving as transfers
from havre.transfers import steps as transfer_steps
from havre.transfers import usecases as transfer_usecases
from havre.transfers import wire as transfers_wire
from havre.web import STATUS
from tests import standard

T = TypeVar("T")
PATIENCE = 5.0
KEY = base64.b64encode(b"k" * 32).decode()
SENDS = ("deliver", "lose", "lose_answer", "delay", "hold_answer")
FATES = ("time passes", *["deliver"] * 6, *SENDS[1:], "arrive", "read_answer", "read_answer")
"""What the network may do next, as often as it does."""
MOST_EXCHANGES = 400
"""So many messages no history leaves behind, unless something goes round and round."""


@dataclass
class Held:
    """A control database in one connection whose transaction is never committed."""

    conn: Connection
    process: int | None = None
    """As on SQLite, where there is no other process."""

    @contextmanager
    def read(self) -> Iterator[Connection]:
        yield self.conn

    def write(self, function: Callable[[Connection], T], *, patient: bool = False) -> T:
        self.conn.info.update(
            {
                database._TOUCHED: {},
                database._HANDED: set(),
                database._DEFERRED: [],
                later.PUT_OFF: later.PutOff({}, at_once=True),
            }
        )
        with self.conn.begin_nested():
            return function(self.conn)


@dataclass
class Clock:
    now: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Party:
    """One side: its participant, its database, its outbox, and what it answers."""

    def __init__(self, slug: str, conn: Connection, clock: Clock) -> None:
        url = f"http://{slug}.example/participants/{slug}"
        self.participant = Participant(slug, f"did:web:{slug}.example", slug.capitalize(), url)
        self.held = Held(conn)
        self.clock = clock
        settings = Settings(node_key=KEY, patience_seconds=PATIENCE, public_url=f"http://{slug}.example")
        self._numbers = count(1)
        self.keys = transfer_steps.Keys(settings.url, lambda: f"secret {self.new_id()}", b"k" * 32, timedelta(hours=1))
        context = Context(settings, cast(database.Database, self.held), clock=clock)
        topics = {"negotiation": contracts.Topic(), "transfer": transfer_usecases.Topic(self.keys)}
        self._delivery = Delivery(context, cast(Identity, None), topics)
        self.said: dict[str, str] = {}
        """What we have sent, by its ``@id``."""

    def __repr__(self) -> str:
        return self.participant.slug

    def new_id(self) -> str:
        return f"urn:{self.participant.slug}:{next(self._numbers)}"

    def do(self, step: Callable[..., T], *more: Any, **named: Any) -> T:
        """A step of a person of ours."""
        return self.held.write(lambda conn: step(conn, self.participant, *more, now=self.clock(), **named))

    def read(self, function: Callable[..., T], *more: Any) -> T:
        return function(self.held.conn, *more)

    def pending(self) -> list[Outgoing]:
        return self.read(outbox.pending)

    def told(self, message: Outgoing, answer: Answer | None) -> None:
        """The answer to a message of ours, or that there is none."""
        self._delivery._recorded(message, answer, "" if answer else "no answer")

    def text(self, message: Outgoing) -> str:
        """A message as it leaves; its identifier is its own."""
        text = clear_body(message, self.keys.node_key)
        body = json.loads(text)
        if body["@id"] not in self.said:
            found = standard.problems(body)
            assert not found, found
        assert self.said.setdefault(body["@id"], text) == text, "two messages have one identifier"
        return text

    def take(self, message: Outgoing, text: str, sender: "Party") -> Answer:
        """What we answer to a message."""
        base = self.participant.protocol_url
        assert message.url.startswith(base)
        body = json.loads(text)
        other = Counterparty(sender.participant.did, sender.participant.name, frozenset())
        received = Received(self.participant, other, plain(body), digest(body), self.clock())
        path = message.url.removeprefix(base)
        try:
            try:
                found = self.held.write(lambda conn: self._taken(conn, received, path))
            except Early:  # an answer that comes while it waits is another history
                late = replace(received, waited=True)
                found = self.held.write(lambda conn: self._taken(conn, late, path))
        except HavreError as error:
            return Answer(STATUS[error.code], {"reason": [str(error)]})
        if found is None:
            return Answer(200, {})
        problems = standard.problems(found)
        assert not problems, problems
        return Answer(201, json.loads(json.dumps(found)))

    def _taken(self, conn: Connection, received: Received, path: str) -> Mapping[str, Any] | None:
        _, room, *rest = path.split("/")
        pid, kind = (rest[0], "/".join(rest[1:])) if len(rest) > 1 else (None, rest[0])
        match room, pid, kind:
            case "negotiations", None, "request":
                return contracts_wire.state(negotiations.request(conn, received, self.new_id))
            case "negotiations", None, "offers":
                return contracts_wire.state(negotiations.first_offer(conn, received, self.new_id))
            case "negotiations", str(), _:
                _NEGOTIATION[kind](conn, received, pid, self.new_id)
            case "transfers", None, "request":
                return transfers_wire.state(transfers.request(conn, received, self.new_id, self.keys))
            case "transfers", str(), "start" | "suspension":
                step = transfers.start if kind == "start" else transfers.suspension
                step(conn, received, pid, self.keys)
            case "transfers", str(), "completion" | "termination":
                end = transfers.completion if kind == "completion" else transfers.termination
                end(conn, received, pid)
            case _:
                raise NotFound(path)
        return None


_NEGOTIATION = {
    "request": negotiations.counter_request,
    "offers": negotiations.offer,
    "agreement": negotiations.agreement,
    "agreement/verification": negotiations.verification,
    "events": negotiations.event,
    "termination": negotiations.termination,
}


@dataclass
class Exchange:
    """A message under way, or its answer."""

    sender: Party
    message: Outgoing
    text: str
    answer: Answer | None = None


@dataclass
class TwoParties:
    """A provider and a consumer, and what is on its way between them.

    ``delayed`` are copies of messages whose sender has stopped waiting for an answer; ``unread`` are messages that were
    delivered and whose answers have not come yet.
    """

    provider: Party
    consumer: Party
    clock: Clock
    delayed: list[Exchange] = field(default_factory=list)
    unread: list[Exchange] = field(default_factory=list)

    @property
    def sides(self) -> tuple[Party, Party]:
        return self.provider, self.consumer

    def other(self, party: Party) -> Party:
        return self.consumer if party is self.provider else self.provider

    def waiting(self, party: Party) -> list[Outgoing]:
        """What its outbox may send."""
        under_way = {(one.sender, one.message.process) for one in self.unread}
        return [one for one in party.pending() if (party, one.process) not in under_way]

    # What becomes of a message

    def _leaves(self, party: Party, which: int) -> Exchange:
        listed = self.waiting(party)
        message = listed[which % len(listed)]
        self.clock.now = max(self.clock.now, message.next_try)
        return Exchange(party, message, party.text(message))

    def _arrives(self, one: Exchange) -> Answer:
        return self.other(one.sender).take(one.message, one.text, one.sender)

    def deliver(self, party: Party, which: int = 0) -> Answer:
        one = self._leaves(party, which)
        answer = self._arrives(one)
        party.told(one.message, answer)
        return answer

    def lose(self, party: Party, which: int = 0) -> None:
        party.told(self._leaves(party, which).message, None)

    def lose_answer(self, party: Party, which: int = 0) -> None:
        one = self._leaves(party, which)
        self._arrives(one)
        party.told(one.message, None)

    def delay(self, party: Party, which: int = 0) -> None:
        """The sender waits in vain and will send it again; this copy arrives some time."""
        one = self._leaves(party, which)
        party.told(one.message, None)
        self.delayed.append(one)

    def hold_answer(self, party: Party, which: int = 0) -> None:
        one = self._leaves(party, which)
        one.answer = self._arrives(one)
        self.unread.append(one)

    def arrive(self, which: int = 0) -> Answer:
        """A delayed copy arrives; nobody reads the answer."""
        return self._arrives(self.delayed.pop(which % len(self.delayed)))

    def read_answer(self, which: int = 0) -> None:
        one = self.unread.pop(which % len(self.unread))
        one.sender.told(one.message, one.answer)

    def happens(self, what: str, side: Party, which: int) -> None:
        """One of ``FATES``, to one of those messages to which it can happen, if there is one."""
        if what == "time passes":
            self.clock.advance(6 if which else 0.1)
        elif what == "arrive" and self.delayed:
            self.arrive(which)
        elif what == "read_answer" and self.unread:
            self.read_answer(which)
        elif what in SENDS and self.waiting(side):
            getattr(self, what)(side, which)

    def settle(self) -> None:
        """The network is good again, until nothing moves; then what is still delayed arrives."""
        self.drain()
        while self.delayed:
            self.arrive()
            self.drain()

    def drain(self) -> None:
        """All is answered and delivered, but for what is delayed."""
        while self.unread:
            self.read_answer()
        for _ in range(MOST_EXCHANGES):
            due = [(one.next_try, number) for number, side in enumerate(self.sides) for one in self.waiting(side)[:1]]
            if not due:
                return
            self.deliver(self.sides[min(due)[1]])
        raise AssertionError(f"it goes on and on: {[side.pending() for side in self.sides]}")


@contextmanager
def databases(folder: Path) -> Iterator[tuple[Connection, Connection]]:
    """A database for each side; who begins a transaction on it rolls it back."""
    made = [database.Database(f"sqlite:///{folder / name}.db") for name in ("provider", "consumer")]
    for one in made:
        one.create_tables()
    with made[0].engine.connect() as first, made[1].engine.connect() as second:
        yield first, second
    for one in made:
        one.close()


@contextmanager
def parties(connections: tuple[Connection, Connection]) -> Iterator[TwoParties]:
    """The two sides before anything has happened; at the end it is as if nothing had."""
    clock = Clock()
    sides = [Party(slug, conn, clock) for slug, conn in zip(("harbour", "town"), connections, strict=True)]
    transactions = [conn.begin() for conn in connections]
    try:
        yield TwoParties(sides[0], sides[1], clock)
    finally:
        for transaction in transactions:
            transaction.rollback()
