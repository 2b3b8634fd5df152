"""Follow ``ships`` of the harbour as the city does, and see what comes, read by rules of its own."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp

from havre.lake.usecases import dataset
from havre.lake.writer import Writer
from tests.asgi import Left, Reply, ask
from tests.exchange.reading import Parameters, Reader
from tests.lake.rows import parsed, row
from tests.two_nodes import RunningNode

SECONDS = 10


@dataclass(frozen=True)
class Event:
    name: str
    data: str
    id: int | None


@dataclass
class Watch:
    """One who follows, in a thread of its own. While ``open`` is not set it takes nothing more."""

    app: ASGIApp
    url: str
    headers: Mapping[str, str]
    events: list[Event] = field(default_factory=list)
    size: int = 0
    reply: Reply | None = None

    def __post_init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self._leaving = False
        self._rest = ""
        self._came = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self.reply = ask(self.app, "GET", self.url, b"", self.headers, self._take)
        with self._came:
            self._came.notify_all()

    def _take(self, piece: bytes) -> None:
        self.open.wait(SECONDS)
        *blocks, self._rest = (self._rest + piece.decode()).split("\n\n")
        with self._came:
            self.size += len(piece)
            self.events += [event_of(block) for block in blocks]
            self._came.notify_all()
        if self._leaving:
            raise Left

    def until(self, holds: Callable[["Watch"], object]) -> "Watch":
        with self._came:
            assert self._came.wait_for(lambda: holds(self), SECONDS), (self.reply, self.events[-3:])
        return self

    def ended(self) -> Reply:
        """The answer, once it has ended."""
        self.until(lambda one: one.reply is not None)
        assert self.reply is not None
        return self.reply

    def leave(self) -> None:
        """With the next piece that comes."""
        self._leaving = True

    def named(self, name: str) -> list[Event]:
        return [event for event in self.events if event.name == name]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [one for event in self.named("") if event.data for one in json.loads(event.data)]

    @property
    def positions(self) -> list[int]:
        return [one["_position"] for one in self.rows]

    @property
    def live(self) -> bool:
        return bool(self.named("live"))


def event_of(block: str) -> Event:
    pairs = [line.split(": ", 1) for line in block.split("\n")]
    found = {name: "\n".join(value for other, value in pairs if other == name) for name, _ in pairs}
    return Event(found.get("event", ""), found.get("data", ""), int(found["id"]) if "id" in found else None)


def follow(reader: Reader, parameters: Parameters = (), **headers: str) -> Watch:
    access = reader.nodes.town.access(reader.transfer)
    url = f"{access['endpoint']}/events" + (f"?{urlencode(parameters)}" if parameters else "")
    return Watch(reader.nodes.port.app, url, {"authorization": f"Bearer {access['token']}", **headers})


def add(node: RunningNode, count: int, first: int, slug: str = "harbour") -> None:
    """Commit ``count`` rows that are numbered from ``first`` on."""
    found = node.read(dataset, slug, "ships")
    with Writer(node.context, found) as writer:
        rows = [row(first + index) for index in range(count)]
        writer.add(parsed(rows, first), source="test", offset=first + count)
