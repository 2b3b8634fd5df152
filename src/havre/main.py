"""The composition root: the only place that wires the rooms into a node.

One process serves HTTP, sends the outbox, runs the sources and pushes rows.
"""

import asyncio
import gc
import logging
import resource
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import anyio.to_thread
import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.audit import routes as audit
from havre.catalog import routes as catalog
from havre.connections import Connections, Http
from havre.context import Context, utc_now
from havre.contracts import routes as contracts
from havre.contracts import usecases as negotiations
from havre.contracts.steps import TOPIC as NEGOTIATION
from havre.database import Database
from havre.doctor import routes as doctor
from havre.errors import Conflict, Invalid
from havre.exchange import routes as exchange
from havre.exchange import services
from havre.exchange.pushing import Pusher
from havre.exchange.streams import Streams
from havre.memory import be_frugal
from havre.messages import routes as versions
from havre.messages.delivery import Delivery, Topic
from havre.messages.waiting import Waiting
from havre.participants import routes as participants
from havre.participants import store as people
from havre.participants.identity import Identities
from havre.participants.resolver import Resolver
from havre.participants.trusting import forget_spent_tokens
from havre.settings import Settings
from havre.sources import routes as sources
from havre.sources.runner import Runner
from havre.transfers import routes as transfers
from havre.transfers import usecases as transferring
from havre.transfers.steps import TOPIC as TRANSFER
from havre.web import application, json_response
from havre.web import resource as route

log = logging.getLogger("havre.node")

THREADS = 64
"""Requests that are worked on at once; those that only wait hold no thread."""
CONNECTIONS = 16_384
"""So many are open at once; those who follow keep theirs for days."""
HOUSEKEEPING_SECONDS = 600.0
GRACE_SECONDS = 5.0
"""A node that stops waits so long for answers under way: who has stopped reading never takes the rest of one."""
SWITCH_SECONDS = 0.0005
"""A message passes through several threads: with Python's 5 ms each could wait that long for the next."""
OBJECTS_BETWEEN_COLLECTIONS = 10_000
"""A request makes and drops hundreds of objects; few of them need the collector, and Python looks after every 700."""


class Node:
    """A node: ``app`` answers HTTP, ``start`` and ``stop`` run what works beside it."""

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime] = utc_now,
        http: Http | None = None,
    ) -> None:
        """``http`` is what reaches other nodes, where it is not the network as usual."""
        self.context = context = Context(settings, Database(settings.database), clock, http=http or Connections())
        context.database.create_tables()
        resolver = Resolver(context)
        identity = Identities(context, resolver)
        waiting = Waiting(context.database)
        topics: dict[str, Topic] = {
            NEGOTIATION: negotiations.Topic(),
            TRANSFER: transferring.Topic(transfers.keys(context)),
        }
        self.delivery = Delivery(context, identity, topics)
        self.runner = Runner(context)
        self.pusher = Pusher(context)
        self.streams = Streams(waiting)
        self.stopped = False
        self.app = application(
            [
                # in the order of how often they are asked for: routes are tried one after the other
                *contracts.routes(context, identity, resolver, waiting),
                *transfers.routes(context, identity, waiting),
                *exchange.routes(context, self.streams),
                *catalog.routes(context, identity, resolver),
                *sources.routes(context, self.runner, waiting),
                *versions.routes(context),
                *participants.routes(context),
                *audit.routes(context),
                *doctor.routes(context),
                *services.routes(settings),
                *_health(),
            ],
            self._lifespan,
        )

    def start(self) -> None:
        self.delivery.start()
        self.runner.start()
        self.pusher.start()

    def stop(self) -> None:
        self.stopped = True
        self.streams.close()
        self.pusher.stop()
        self.runner.stop()
        self.delivery.stop()
        self.context.database.close()

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        self.start()
        keeping = asyncio.create_task(self._keep_house())
        yield
        keeping.cancel()
        self.stop()

    async def _keep_house(self) -> None:
        """Forget what has no use any more: tokens between participants that have expired."""
        database, clock = self.context.database, self.context.clock
        while True:
            await anyio.to_thread.run_sync(database.write, lambda conn: forget_spent_tokens(conn, clock()))
            await asyncio.sleep(HOUSEKEEPING_SECONDS)


def _health() -> list[Route]:
    def healthy(request: Request, raw: bytes) -> Response:
        return json_response({"status": "ok"})

    return [route("/healthz", GET=healthy)]


def run(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. ``Invalid`` or ``Conflict`` say why it cannot start."""
    logging.basicConfig(
        stream=sys.stderr, level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    sys.setswitchinterval(SWITCH_SECONDS)
    be_frugal()
    _require_free(settings)
    _allow_open_files()
    node = Node(settings)
    with node.context.database.read() as conn:
        if not people.has_operator(conn):
            raise Invalid(f"there is no node in {settings.home}", field="home", expected="`havre node init` first")
    gc.freeze()  # what a node is made of stays: the collector need not look at it again and again
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(node))


async def serve(node: Node) -> None:
    """Answer HTTP until SIGINT or SIGTERM."""
    settings = node.context.settings
    server = Server(
        node.app,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        backpressure=CONNECTIONS,
        log_enabled=False,
    )
    loop, serving = asyncio.get_running_loop(), asyncio.ensure_future(server.serve())

    def stop() -> None:
        node.streams.end()  # the server waits for answers that are under way
        server.stop()  # type: ignore[no-untyped-call]
        loop.call_later(GRACE_SECONDS, lambda: node.stopped or serving.cancel())

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    log.info("listening on %s:%d as %s", settings.host, settings.port, settings.url)
    try:
        await serving
    except asyncio.CancelledError:
        log.warning("answers that nobody takes were broken off after %d s", GRACE_SECONDS)
        node.stop()


def _require_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            why = f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}"
            raise Conflict(why, field="port", expected="a free port (HAVRE_PORT)") from error


def _allow_open_files() -> None:
    """Connections are files: allow as many as the system lets us have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
