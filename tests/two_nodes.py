"""Two nodes in one process, joined in memory: a port with ``harbour`` and ``terminal``, a city with ``city`` and
``startup``. Each has its own database and lake; the four trust each other. ``harbour`` has a dataset ``ships``.

The homes and databases are made once a run and copied for each test. At its end the audit logs must be whole, and
everything that passed between the nodes must have been as the standard says.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from havre.audit.usecases import verify
from havre.context import Context, utc_now
from havre.database import Database
from havre.lake.model import Dataset
from havre.lake.usecases import declare
from havre.lake.writer import Writer
from havre.main import Node
from havre.messages.store import pending
from havre.participants import usecases as participants
from havre.participants.identity import Identities
from havre.participants.model import Participant
from havre.participants.resolver import Resolver
from havre.settings import Settings
from tests import postgres, standard
from tests.asgi import Client, Reply, ask
from tests.lake.rows import SCHEMA, parsed, row
from tests.network import Line, Network, Sent

T = TypeVar("T")
HOMES = {"port": ("localhost:18001", ("harbour", "terminal")), "city": ("localhost:18002", ("city", "startup"))}
ROWS = 300
USE: Mapping[str, Any] = {"permission": [{"action": "use"}]}
MEMBERS = "port-city-alliance"


class MovingClock:
    """The time of day, moved ahead by what a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


def within(seconds: float, ask: Callable[[], T], wanted: Callable[[T], object]) -> T:
    """What ``ask`` gives as soon as it is ``wanted``; fails when it is not in time."""
    until = time.monotonic() + seconds
    while True:
        found = ask()
        if wanted(found):
            return found
        assert time.monotonic() < until, f"still {found}"
        time.sleep(0.005)


def settings_of(name: str, home: Path, database_url: str | None = None, **changes: Any) -> Settings:
    values = {
        "database_url": database_url,
        "patience_seconds": 0.3,
        "wait_for_row_seconds": 0.3,
        "log_level": "WARNING",
        **changes,
    }
    return Settings(home=home, public_url=f"http://{HOMES[name][0]}", **values)


@dataclass
class Hosted:
    """A participant of one of the nodes, with an administrator's token for its API."""

    node: "RunningNode"
    participant: Participant
    client: Client

    @property
    def did(self) -> str:
        return self.participant.did

    def send(self, receiver: "Hosted", path: str, message: Mapping[str, Any] | bytes, **how: Any) -> Reply:
        """A message of the protocol as this participant would sign it, put together by the test."""
        raw = message if isinstance(message, bytes) else json.dumps(message).encode()
        return self.signed("POST", f"{receiver.participant.protocol_url}{path}", receiver, raw, **how)

    def look(self, receiver: "Hosted", path: str) -> Reply:
        return self.signed("GET", f"{receiver.participant.protocol_url}{path}", receiver)

    def signed(self, method: str, url: str, receiver: "Hosted", raw: bytes = b"", *, token: str | None = None) -> Reply:
        authorization = token or self.token_for(receiver)
        reply = ask(receiver.node.app, method, url, raw, {"authorization": authorization})
        assert not reply.body or standard.problems(reply.json) == [], reply
        return reply

    def token_for(self, receiver: "Hosted") -> str:
        return self.node.identities.authorization(self.participant, receiver.did)

    # the corridor, as a person of this participant goes it

    def negotiate(self, provider: "Hosted", dataset: str = "ships", offer: str | None = None) -> str:
        """Begin a negotiation, whatever was agreed on before; its identifier."""
        form = {"provider": provider.did, "dataset": dataset, "offer": offer, "reuse": False}
        return str(self.client.post("/api/negotiations", form)["pid"])

    def negotiation(self, pid: str, state: str | None = None) -> Any:
        return self._when(f"/api/negotiations/{pid}", state)

    def transfer(self, pid: str, state: str | None = None) -> Any:
        return self._when(f"/api/transfers/{pid}", state)

    def their(self, what: str, state: str | None = None) -> Any:
        """The newest negotiation or transfer of this side, as soon as there is one, in ``state``."""
        found = within(
            5,
            lambda: self.client.get(f"/api/{what}")[:1],
            lambda newest: newest and state in (None, newest[0]["state"]),
        )
        return found[0]

    def _when(self, path: str, state: str | None) -> Any:
        # the node tells at once what it is asked to wait for; the rest is looked for again and again
        waits = "?wait=2" if state in ("FINALIZED", "TERMINATED", "STARTED") else ""
        return within(5, lambda: self.client.get(path + waits), lambda found: state in (None, found["state"]))

    def agreement_with(self, provider: "Hosted", offer: str | None = None) -> str:
        """An agreement that is finalized; its identifier."""
        found = self.negotiation(self.negotiate(provider, offer=offer), "FINALIZED")
        return str(found["agreement"])

    def started(self, agreement: str) -> str:
        pid = self.client.post("/api/transfers", {"agreement": agreement})["pid"]
        self.transfer(pid, "STARTED")
        return str(pid)

    def access(self, transfer: str, *, fresh: bool = False) -> Any:
        return self.client.get(f"/api/transfers/{transfer}/access{'?fresh=true' if fresh else ''}")

    def audit(self, event: str = "") -> list[Any]:
        return [one for one in self.client.get("/api/audit?limit=1000") if one["event"].startswith(event)]


class RunningNode:
    """A node at work. ``restart`` makes a new one on the same files; what was before is as if it had been killed."""

    def __init__(self, name: str, home: Path, network: Network, clock: MovingClock, **changes: Any) -> None:
        self.host = HOMES[name][0]
        self._network = network
        self._clock = clock
        self.settings = settings_of(name, home, **changes)
        self._gone: list[Node] = []
        self.prepared: Callable[[RunningNode], None] = lambda node: None
        """What is done to each new node before it starts."""
        self._begin()

    def _begin(self) -> None:
        self.node = Node(self.settings, self._clock)
        _without_flushing(self.node)
        self.line = Line(self._network)
        object.__setattr__(self.node.context, "http", self.line)  # the context is frozen: nobody else does this
        self.app = self.node.app
        self.context = self.node.context
        self.identities = Identities(self.context, Resolver(self.context))

    def start(self) -> None:
        self.prepared(self)
        self._network.apps[self.host] = self.app
        self.node.start()

    def die(self) -> None:
        """As if it had been killed: it sends nothing, takes nothing and answers nothing any more."""
        self.line.cut = True
        self._network.apps.pop(self.host, None)
        if self.context.database.processes is not None:
            self.context.database.processes.leave()  # the connections of a process end with it
        self._gone.append(self.node)

    def restart(self) -> None:
        self._begin()
        self.start()

    def wake(self) -> None:
        """Let the outbox look again, when the clock was moved."""
        self.node.delivery._wake.set()

    def settle(self) -> None:
        """Wait until nothing is left to send."""
        within(5, lambda: self.read(pending), lambda listed: not listed)

    def stop(self) -> None:
        for node in (self.node, *self._gone):
            node.stop()

    def read(self, function: Callable[..., T], *more: Any) -> T:
        with self.context.database.read() as conn:
            return function(conn, *more)


def _without_flushing(node: Node) -> None:
    """What is killed here is a node, never the machine: the tests need not wait for the disk."""
    engine = node.context.database.engine
    if engine.dialect.name != "sqlite":  # the server has no disk
        return
    engine.dispose()
    sa.event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF").close())


@dataclass
class TwoNodes:
    """The nodes, those whom they host, and the network between them."""

    network: Network
    clock: MovingClock
    port: RunningNode
    city: RunningNode
    tokens: Mapping[str, str]
    hosted: dict[str, Hosted] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reopen()

    def reopen(self) -> None:
        """The participants at the nodes as they run now."""
        for node, slugs in ((self.port, HOMES["port"][1]), (self.city, HOMES["city"][1])):
            for slug in slugs:
                participant = node.read(participants.participant, slug)
                self.hosted[slug] = Hosted(node, participant, Client(node.app, self.tokens[slug]))

    @property
    def harbour(self) -> Hosted:
        return self.hosted["harbour"]

    @property
    def terminal(self) -> Hosted:
        return self.hosted["terminal"]

    @property
    def town(self) -> Hosted:
        return self.hosted["city"]

    @property
    def startup(self) -> Hosted:
        return self.hosted["startup"]

    def operator(self, node: RunningNode) -> Client:
        return Client(node.app, self.tokens["port" if node is self.port else "city"])

    def offer(self, policy: Mapping[str, Any] = USE, *, by: str = "harbour", **more: Any) -> str:
        """An offer of ``ships``; its identifier."""
        form = {"dataset": "ships", "policy": policy, **more}
        return str(self.hosted[by].client.post("/api/offers", form)["id"])

    def repeated(self, message: Sent) -> Reply:
        """The answer to a message between the harbour and the city when it is sent once more, by who sent it."""
        to_harbour = message.url.startswith(self.harbour.participant.url)
        sender, receiver = (self.town, self.harbour) if to_harbour else (self.harbour, self.town)
        return sender.send(receiver, message.url.removeprefix(receiver.participant.protocol_url), message.body)

    def advance(self, **step: float) -> None:
        self.clock.ahead += timedelta(**step)
        self.port.wake()
        self.city.wake()


@dataclass(frozen=True)
class Template:
    """The homes of the nodes as they are before anything happened, and the tokens to them by name.

    ``urls`` are those of their databases on ``server``, if they are not in the homes.
    """

    folder: Path
    tokens: Mapping[str, str]
    server: postgres.Server | None
    urls: Mapping[str, str]


def make_template(folder: Path, server: postgres.Server | None = None) -> Template:
    tokens: dict[str, str] = {}
    urls = {} if server is None else {name: server.database() for name in HOMES}
    settings = {name: settings_of(name, folder / name, urls.get(name)) for name in HOMES}
    contexts = {name: Context(one, Database(one.database)) for name, one in settings.items()}
    dids: dict[str, str] = {}
    for name, (_, slugs) in HOMES.items():
        tokens[name] = participants.init_node(contexts[name])
        for slug in slugs:
            participant, issued = participants.add_participant(contexts[name], slug, slug.capitalize())
            dids[slug], tokens[slug] = participant.did, issued.secret
    for context in contexts.values():
        for slug, did in dids.items():
            participants.trust(context, did, slug.capitalize(), {MEMBERS})
    _publish(contexts["port"])
    for context in contexts.values():
        context.database.close()
    return Template(folder, tokens, server, urls)


def _publish(context: Context) -> None:
    now = context.clock()
    dataset = context.database.write(
        lambda conn: declare(conn, Dataset("harbour", "ships", "Ships", SCHEMA, now), now=now)
    )
    with Writer(context, dataset) as writer:
        for first in range(0, ROWS, 100):
            writer.add(parsed([row(first + index) for index in range(100)], first), source="test", offset=first + 100)
            writer.flush()


def settled(nodes: TwoNodes) -> None:
    """What must hold at the end of each test."""
    for node in (nodes.port, nodes.city):
        found = node.read(verify)
        assert found.whole, found
    assert nodes.network.violations == []


def join(template: Template, folder: Path, **changes: Any) -> TwoNodes:
    """The two nodes on copies of the template, not started."""
    network, clock = Network(), MovingClock()
    running = {}
    for name in HOMES:
        shutil.copytree(template.folder / name, folder / name)
        if template.server is not None:
            changes["database_url"] = template.server.database(template.urls[name])
        running[name] = RunningNode(name, folder / name, network, clock, **changes)
    return TwoNodes(network, clock, running["port"], running["city"], template.tokens)


@pytest.fixture(scope="session")
def template(engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Template:
    server = None if engine == "sqlite" else request.getfixturevalue("server")
    return make_template(tmp_path_factory.mktemp("template"), server)


@contextmanager
def running(nodes: TwoNodes, template: Template) -> Iterator[TwoNodes]:
    """The nodes at work; at the end of what is done with them, what must hold is looked at."""
    nodes.port.start()
    nodes.city.start()
    try:
        yield nodes
        settled(nodes)
    finally:
        nodes.network.apps.clear()  # as a server that takes no more requests before its node stops
        for node in (nodes.port, nodes.city):
            node.stop()
            if template.server is not None:
                template.server.drop(node.settings.database)


@pytest.fixture(scope="module")
def standing(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoNodes]:
    """The two nodes for all those tests of a module that leave nothing behind."""
    with running(join(template, tmp_path_factory.mktemp("standing")), template) as found:
        yield found


@pytest.fixture
def nodes(template: Template, tmp_path: Path) -> Iterator[TwoNodes]:
    with running(join(template, tmp_path), template) as found:
        yield found
