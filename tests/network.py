"""The network between the nodes of a test: in memory, with faults, and with an ear for the standard.

Each node has a ``Line`` in place of its HTTP pool. What passes between nodes is held against the standard's schemas;
what does not hold is kept in ``Network.violations`` and fails the test at its end.
"""

import gzip
import io
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import urllib3
from starlette.types import ASGIApp

from tests import standard
from tests.asgi import Reply, ask

Forward = Callable[[], Reply]
Fault = Callable[[Forward], Reply]
Broken = urllib3.exceptions.ProtocolError


# Faults: what may become of a message


def lost(forward: Forward) -> Reply:
    raise Broken("the message was lost")


def answer_lost(forward: Forward) -> Reply:
    forward()
    raise Broken("the answer was lost")


def doubled(forward: Forward) -> Reply:
    """The network delivers the same request twice, token and all; the second answer is nobody's."""
    first = forward()
    forward()
    return first


def answered(status: int, body: Mapping[str, Any] | None = None) -> Fault:
    return lambda forward: Reply(status, {}, json.dumps(body or {}).encode())


def held(until: threading.Event) -> Fault:
    """The message waits before it is delivered."""

    def fault(forward: Forward) -> Reply:
        assert until.wait(10)
        return forward()

    return fault


def answer_held(until: threading.Event) -> Fault:
    """The message is delivered, and its answer waits."""

    def fault(forward: Forward) -> Reply:
        reply = forward()
        assert until.wait(10)
        return reply

    return fault


@dataclass
class Sent:
    """One message as it passed: what it was, where it went and what came back (0: nothing, or nothing yet)."""

    kind: str
    url: str
    body: Mapping[str, Any]
    status: int = 0


@dataclass
class Network:
    """``apps`` maps ``host:port`` to the node there; one that is down is in ``down``."""

    apps: dict[str, ASGIApp] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    sent: list[Sent] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    _faults: dict[str, list[Fault]] = field(default_factory=dict)
    _routes: dict[str, str] = field(default_factory=dict)

    def route(self, base: str, elsewhere: str) -> None:
        """What goes to addresses under ``base`` goes to those under ``elsewhere``."""
        self._routes[base] = elsewhere

    def fault(self, kind: str, *faults: Fault) -> None:
        """What becomes of the next messages of a kind (its ``@type``), one after the other."""
        self._faults.setdefault(kind, []).extend(faults)

    def kinds(self) -> list[str]:
        return [sent.kind for sent in self.sent]

    def of(self, kind: str) -> list[Sent]:
        return [sent for sent in self.sent if sent.kind == kind]

    def carry(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        for base, elsewhere in self._routes.items():
            url = elsewhere + url.removeprefix(base) if url.startswith(base) else url
        host = urlsplit(url).netloc
        message = _object(body)
        kind = str(message.get("@type", ""))
        if kind:
            self._check(message)

        def forward() -> Reply:
            app = self.apps.get(host)
            if app is None or host in self.down:
                raise Broken(f"nobody at {host}")
            reply = ask(app, method, url, body, headers)
            if self.apps.get(host) is not app:
                raise Broken(f"{host} went down before it answered")
            if "/dsp/2025-1/" in url and reply.body:
                self._check(_object(_read(reply)))
            return reply

        sent = Sent(kind, url, message)
        self.sent.append(sent)
        faults = self._faults.get(kind)
        reply = faults.pop(0)(forward) if faults else forward()
        sent.status = reply.status
        return reply

    def _check(self, message: Mapping[str, Any]) -> None:
        self.violations += [f"{message.get('@type')} {problem}" for problem in standard.problems(message)]


class Line:
    """A node's way to the others: what Havre uses of ``urllib3.PoolManager``. A ``cut`` line carries nothing."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.cut = False

    def request(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_limits: object,
    ) -> urllib3.HTTPResponse:
        if self.cut:
            raise Broken("this node is gone")
        reply = self._network.carry(method, url, body or b"", headers or {})
        if self.cut:
            raise Broken("this node is gone")
        return urllib3.HTTPResponse(
            io.BytesIO(reply.body), headers=reply.headers, status=reply.status, preload_content=False
        )


def _read(reply: Reply) -> bytes:
    return gzip.decompress(reply.body) if reply.headers.get("content-encoding") == "gzip" else reply.body


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body) if body else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
