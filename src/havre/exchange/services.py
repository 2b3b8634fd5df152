"""The pages of services at the node's address: ``/services/NAME/…`` is answered by the service's own process.

Rules that hold here:

1. What tells a service who asks stays here: credentials, cookies and addresses are not passed on. Neither are the
   headers of one connection (RFC 9110, section 7.6.1), nor what a service would tell browsers of the whole address.
2. A service is told under which address it is seen (``X-Forwarded-Prefix``, ``-Host``, ``-Proto``), for its links.
3. ``/health`` of a service is for who runs it, at its own address.
4. An answer is passed on as it comes, within limits of size and time. A slow service holds threads of its own kind,
   never those of the node's other work.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar
from urllib.parse import quote, urlsplit

import urllib3
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from urllib3.exceptions import HTTPError

from havre.errors import NotFound, Unreachable
from havre.settings import Settings
from havre.web import read_body

T = TypeVar("T")
HEALTH = "/health"
METHODS = ("GET", "HEAD", "POST")
CONNECT_SECONDS, SILENCE_SECONDS, WHOLE_SECONDS = 3.0, 20.0, 120.0
"""To connect; without a byte; for a whole answer."""
ASKED_BYTES, ANSWERED_BYTES, PIECE_BYTES = 4 * 1024 * 1024, 256 * 1024 * 1024, 64 * 1024
AT_ONCE = 16
"""Waits for a byte of a service."""
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
    forward = Forward(settings, urllib3.PoolManager(num_pools=len(settings.services) + 1, maxsize=AT_ONCE))
    return [Route("/services/{name}{path:path}", forward.answer, methods=list(METHODS))]


class Forward:
    """To the services of the settings, over ``http``."""

    def __init__(self, settings: Settings, http: urllib3.PoolManager) -> None:
        self._services = settings.services
        self._seen_at = urlsplit(settings.url)
        self._http = http
        self._limiter: CapacityLimiter | None = None

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
        headers = dict(passed_on(request.headers, KEPT_HERE))
        headers |= {"X-Forwarded-Prefix": prefix, "X-Forwarded-Host": self._seen_at.netloc}
        headers |= {"X-Forwarded-Proto": self._seen_at.scheme}
        body = await read_body(request, ASKED_BYTES) if request.method == "POST" else None
        until = time.monotonic() + WHOLE_SECONDS
        try:
            answer = await self._waited(partial(self._asked, request.method, url, body, headers))
        except (HTTPError, OSError) as error:
            raise Unreachable(f"the service {name} does not answer") from error
        return StreamingResponse(
            self._pieces(answer, until), answer.status, dict(passed_on(answer.headers, NOT_FOR_ALL))
        )

    def _asked(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        limits = urllib3.Timeout(connect=CONNECT_SECONDS, read=SILENCE_SECONDS)
        return self._http.request(
            method, url, body=body, headers=headers, timeout=limits, retries=False, redirect=False,
            preload_content=False, decode_content=False,
        )  # fmt: skip

    async def _pieces(self, answer: urllib3.BaseHTTPResponse, until: float) -> AsyncIterator[bytes]:
        """The body as it comes, still encoded. ``Unreachable`` breaks it off."""
        size, is_whole = 0, False
        try:
            while piece := await self._waited(partial(answer.read1, PIECE_BYTES)):
                size += len(piece)
                if size > ANSWERED_BYTES or time.monotonic() > until:
                    raise Unreachable("the answer of the service is too long, or takes too long")
                yield piece
            is_whole = True
        finally:
            answer.release_conn() if is_whole else answer.close()

    async def _waited(self, function: Callable[[], T]) -> T:
        if self._limiter is None:
            self._limiter = CapacityLimiter(AT_ONCE)
        return await run_sync(function, limiter=self._limiter)


def passed_on(headers: Headers | urllib3.HTTPHeaderDict, kept: frozenset[str]) -> Iterable[tuple[str, str]]:
    """Those that neither are ``kept`` nor belong to one connection, as ``Connection`` names them."""
    named = {one.strip().lower() for one in headers.get("connection", "").split(",")}
    for name, value in headers.items():
        if name.lower() not in kept | named and not name.lower().startswith("x-forwarded-"):
            yield name, value
