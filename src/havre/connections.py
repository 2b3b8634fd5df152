"""Connections to other nodes, kept open: a small HTTP/1.1 client (RFC 9112) for messages, which are many and short.

Rules that hold here:

1. What it is asked and how it answers is as with urllib3's ``PoolManager``, of which a node uses no more than this.
2. A certificate is checked against the system's authorities. No redirection is followed, nothing is sent twice.
3. Any failure is an ``OSError``; what is no address at all is a ``ValueError``.
4. A connection is used again only when its answer was read to the end.
"""

import http.client
import re
import select
import socket
import ssl
import threading
import time
import weakref
import zlib
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Protocol
from urllib.parse import urlsplit

MOST_NODES, MOST_OF_ONE = 50, 32
CHECKED_AFTER_SECONDS = 0.5
_PRINTABLE = re.compile(r"[!-~]+")
_Node = tuple[str, str]
_Idle = tuple[socket.socket, float]


class Response(Protocol):
    """An answer whose body is yet to be read. ``release_conn`` or ``close`` it."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def read(self, amt: int) -> bytes:
        """At most ``amt`` bytes of the body, with its encoding undone."""
        ...

    def release_conn(self) -> None: ...

    def close(self) -> None: ...


class Http(Protocol):
    """What a node uses of an HTTP client. ``limits`` are urllib3's: retries, redirect and preload_content are off."""

    def request(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float,
        **limits: Any,
    ) -> Response: ...


class Connections:
    """For many threads; a connection is used by one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[_Node, list[_Idle]] = {}
        self.close = weakref.finalize(self, _close_all, self._idle)
        """Closes those that nobody uses."""

    def request(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float,
        **limits: Any,
    ) -> Response:
        """Ask, and wait for the head of the answer. ``timeout``, in seconds, holds for each wait of its own."""
        node, head = _head(method, url, body, headers or {})
        connection = self._taken(node) or _connected(node, timeout)
        try:
            connection.settimeout(timeout)
            connection.sendall(head + (body or b""))
            answer = http.client.HTTPResponse(connection, method=method)
            answer.begin()
        except http.client.HTTPException as error:
            connection.close()
            raise ConnectionError(f"no answer in HTTP: {error!r}") from error
        except BaseException:
            connection.close()
            raise
        return _Answer(self, node, connection, answer)

    def _taken(self, node: _Node) -> socket.socket | None:
        """A connection that nobody uses, if there is one that the other side has not closed."""
        while True:
            with self._lock:
                idle = self._idle.get(node)
                if not idle:
                    return None
                connection, since = idle.pop()
            if time.monotonic() - since < CHECKED_AFTER_SECONDS or not _speaks(connection):
                return connection
            connection.close()

    def _given_back(self, node: _Node, connection: socket.socket) -> None:
        with self._lock:
            if node not in self._idle and len(self._idle) >= MOST_NODES:
                for other, _ in self._idle.pop(next(iter(self._idle))):
                    other.close()
            idle = self._idle.setdefault(node, [])
            if len(idle) < MOST_OF_ONE:
                idle.append((connection, time.monotonic()))
                return
        connection.close()


class _Answer:
    def __init__(
        self, connections: Connections, node: _Node, connection: socket.socket, answer: http.client.HTTPResponse
    ) -> None:
        self._connections = connections
        self._node = node
        self._connection = connection
        self._answer = answer
        self.status = answer.status
        self.headers: Mapping[str, str] = answer.headers  # type: ignore[assignment]  # a mapping in all that matters

    def read(self, amt: int) -> bytes:
        try:
            raw = self._answer.read(amt)
            if len(raw) < amt and self._answer.length:
                raise ConnectionError("the answer broke off")
            return _unzipped(raw, amt) if raw and self.headers.get("content-encoding") == "gzip" else raw
        except (http.client.HTTPException, zlib.error) as error:
            self.close()
            raise ConnectionError(f"the answer is broken: {error!r}") from error
        except BaseException:
            self.close()
            raise

    def release_conn(self) -> None:
        if self._answer.isclosed() and not self._answer.will_close:
            self._connections._given_back(self._node, self._connection)
        else:
            self.close()

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


def _head(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[_Node, bytes]:
    """Whom to ask, and the head of the request."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _PRINTABLE.fullmatch(url):
        raise ValueError(f"{url!r} is no address")
    host = parts.netloc.rpartition("@")[2]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Host": host, **headers, **({} if body is None else {"Content-Length": str(len(body))})}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    text = "\r\n".join(lines)
    if text.count("\r") != len(lines) - 1 or text.count("\n") != len(lines) - 1:
        raise ValueError("a header has a line break in it")
    return (parts.scheme, host), f"{text}\r\n\r\n".encode("latin-1")


def _connected(node: _Node, timeout: float) -> socket.socket:
    scheme, host = node
    parts = urlsplit(f"//{host}")
    name = parts.hostname or ""
    connection = socket.create_connection((name, parts.port or (443 if scheme == "https" else 80)), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if scheme == "http":
        return connection
    try:
        return _trusted().wrap_socket(connection, server_hostname=name)
    except BaseException:
        connection.close()
        raise


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


def _speaks(connection: socket.socket) -> bool:
    """Whether something came that nobody asked for: most often the end."""
    found = select.poll()
    found.register(connection, select.POLLIN)
    return bool(found.poll(0))


def _unzipped(raw: bytes, amt: int) -> bytes:
    """At most ``amt`` bytes, however much there is in it."""
    unzip = zlib.decompressobj(16 + zlib.MAX_WBITS)
    found = unzip.decompress(raw, amt)
    if len(found) < amt and not unzip.eof:
        raise ConnectionError("the answer broke off")
    return found


def _close_all(idle: dict[_Node, list[_Idle]]) -> None:
    for connections in idle.values():
        for connection, _ in connections:
            with suppress(OSError):
                connection.close()
