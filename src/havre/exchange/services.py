"""The pages of services at the node's address: ``/services/NAME/…`` is answered by the service's own process.

Rules that hold here:

1. What tells a service who asks stays here: credentials, cookies and addresses are not passed on. Neither are the
   headers of one connection (RFC 9110, section 7.6.1), nor what a service would tell browsers of the whole address.
2. A service is told under which address it is seen (``X-Forwarded-Prefix``, ``-Host``, ``-Proto``), for its links.
3. ``/health`` of a service is for who runs it, at its own address.
4. An answer is passed on as it comes, within limits of size and time. A service that takes its time, as one that is
   asked for what is not there yet, holds no thread.
"""

import asyncio
import http.client
import io
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from havre.errors import NotFound, Unreachable
from havre.settings import Settings
from havre.web import read_body

HEALTH = "/health"
METHODS = ("GET", "HEAD", "POST")
CONNECT_SECONDS, SILENCE_SECONDS, WHOLE_SECONDS = 3.0, 20.0, 120.0
"""To connect; without a byte; for a whole answer."""
ASKED_BYTES, ANSWERED_BYTES, PIECE_BYTES = 4 * 1024 * 1024, 256 * 1024 * 1024, 64 * 1024
HEAD_BYTES, AT_ONCE = 64 * 1024, 2000
"""Of an answer's head; questions that wait for an answer."""
ONE_CONNECTION = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    }
)  # fmt: skip
KEPT_HERE = ONE_CONNECTION | {"authorization", "cookie", "host", "content-length", "expect", "forwarded"}
NOT_FOR_ALL = ONE_CONNECTION | {
    "set-cookie", "clear-site-data", "strict-transport-security", "service-worker-allowed", "alt-svc", "server",
}  # fmt: skip


def routes(settings: Settings) -> list[Route]:
    return [Route("/services/{name}{path:path}", Forward(settings).answer, methods=list(METHODS))]


class Forward:
    """To the services of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._services = settings.services
        self._seen_at = urlsplit(settings.url)
        self._under_way = 0

    async def answer(self, request: Request) -> Response:
        """``NotFound``, ``TooLarge``, or ``Unreachable`` when the service does not answer."""
        name, path = request.path_params["name"], request.path_params["path"]
        at = self._services.get(name)
        if at is None or path == HEALTH or ".." in path.split("/"):
            raise NotFound(f"no such service: {name}")
        prefix = f"{self._seen_at.path}/services/{name}"
        if not path:
            return RedirectResponse(f"{prefix}/", 307)
        url = at + quote(path, safe="/:@!$&'()*+,;=~") + (f"?{request.url.query}" if request.url.query else "")
        headers = dict(passed_on(request.headers.items(), KEPT_HERE))
        headers |= {"X-Forwarded-Prefix": prefix, "X-Forwarded-Host": self._seen_at.netloc}
        headers |= {"X-Forwarded-Proto": self._seen_at.scheme}
        body = await read_body(request, ASKED_BYTES) if request.method == "POST" else None
        if self._under_way >= AT_ONCE:
            raise Unreachable(f"too many wait for the service {name}")
        self._under_way += 1
        try:
            found = await asked(request.method, url, body, headers)
        except OSError as error:
            raise Unreachable(f"the service {name} does not answer") from error
        finally:
            self._under_way -= 1
        passed = dict(passed_on(found.headers, NOT_FOR_ALL))
        return _Passed(found, passed)


class _Passed(StreamingResponse):
    """An answer as it comes. However it ends, its connection is closed."""

    def __init__(self, found: "Answer", headers: Mapping[str, str]) -> None:
        super().__init__(_within_limits(found.pieces), found.status, headers)
        self._close = found.close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._close()


async def _within_limits(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """``Unreachable`` breaks it off."""
    size, until = 0, time.monotonic() + WHOLE_SECONDS
    async for piece in pieces:
        size += len(piece)
        if size > ANSWERED_BYTES or time.monotonic() > until:
            raise Unreachable("the answer of the service is too long, or takes too long")
        yield piece


# Asking, without a thread (RFC 9112)


@dataclass(frozen=True)
class Answer:
    """``pieces`` of the body, still encoded. ``close`` it."""

    status: int
    headers: list[tuple[str, str]]
    pieces: AsyncIterator[bytes]
    close: Callable[[], None]


async def asked(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    """Ask on a connection of its own. ``OSError``: there is no answer in HTTP, or none in time."""
    parts = urlsplit(url)
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if secure else 80)
    async with asyncio.timeout(CONNECT_SECONDS):
        opened = asyncio.open_connection(parts.hostname, port, ssl=secure, limit=HEAD_BYTES)
        reader, writer = await opened
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        length = {} if body is None else {"Content-Length": str(len(body))}
        sent = {"Host": parts.netloc, **headers, **length, "Connection": "close"}
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        writer.write("\r\n".join(lines).encode("latin-1") + (body or b""))
        status, said = await _head(reader)
    except BaseException as error:
        writer.close()
        if isinstance(error, EOFError | ValueError | http.client.HTTPException | asyncio.LimitOverrunError):
            raise ConnectionError(f"no answer in HTTP: {error!r}") from error
        raise
    has_body = method != "HEAD" and status not in (204, 304)
    return Answer(status, said.items(), _body(reader, said if has_body else None), writer.close)


async def _head(reader: asyncio.StreamReader) -> tuple[int, http.client.HTTPMessage]:
    while True:
        async with asyncio.timeout(SILENCE_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        first, _, rest = head.partition(b"\r\n")
        version, _, status = first.partition(b" ")
        if not version.startswith(b"HTTP/1.") or not status[:3].isdigit():
            raise ValueError(f"it begins with {first[:80]!r}")
        if not status.startswith(b"1"):  # what comes before the answer is none (RFC 9110, section 15.2)
            return int(status[:3]), http.client.parse_headers(io.BytesIO(rest))


async def _body(reader: asyncio.StreamReader, said: http.client.HTTPMessage | None) -> AsyncIterator[bytes]:
    """Of the answer with these headers, None for one without. ``OSError``: it broke off, or is silent for too long."""
    if said is None:
        return
    length = said.get("content-length", "")
    is_chunked = said.get("transfer-encoding", "").lower() == "chunked"
    pieces = _chunks(reader) if is_chunked else _plain(reader, int(length) if length.isdecimal() else None)
    try:
        async for piece in pieces:
            yield piece
    except (EOFError, ValueError, asyncio.LimitOverrunError) as error:
        raise ConnectionError(f"the answer broke off: {error!r}") from error


async def _plain(reader: asyncio.StreamReader, length: int | None) -> AsyncIterator[bytes]:
    """So many bytes, or all until the end."""
    left = length
    while left is None or left > 0:
        async with asyncio.timeout(SILENCE_SECONDS):
            piece = await reader.read(PIECE_BYTES if left is None else min(left, PIECE_BYTES))
        if not piece:
            if left is not None:
                raise EOFError(f"{left} bytes are missing")
            return
        left = None if left is None else left - len(piece)
        yield piece


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        async with asyncio.timeout(SILENCE_SECONDS):
            line = await reader.readuntil(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        if size <= 0:
            return
        async for piece in _plain(reader, size):
            yield piece
        async with asyncio.timeout(SILENCE_SECONDS):
            await reader.readexactly(2)


def passed_on(headers: Iterable[tuple[str, str]], kept: frozenset[str]) -> list[tuple[str, str]]:
    """Those that neither are ``kept`` nor belong to one connection, as ``Connection`` names them."""
    given = [(name.lower(), value) for name, value in headers]
    named = {one.strip().lower() for name, value in given if name == "connection" for one in value.split(",")}
    return [(name, value) for name, value in given if name not in kept | named and not name.startswith("x-forwarded-")]
