"""Ask an ASGI application in memory, as a server would: one event loop for all, no sockets."""

import asyncio
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import anyio.to_thread
from starlette.types import ASGIApp

Taking = Callable[[bytes], object]
THREADS = 64


class Left(Exception):
    """What ``taking`` raises to leave before the answer ends."""


@dataclass(frozen=True)
class Reply:
    """An answer. ``whole`` is False when it broke off, or when we left."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="asgi", daemon=True).start()
    asyncio.run_coroutine_threadsafe(_allow_threads(), loop).result()
    return loop


async def _allow_threads() -> None:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS


def ask(
    app: ASGIApp,
    method: str,
    url: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    taking: Taking | None = None,
) -> Reply:
    """``taking`` is called in a thread with each piece of the answer: while it does not return, nothing follows."""
    return asyncio.run_coroutine_threadsafe(
        _Exchange(body, taking).run(app, method, url, headers or {}), _loop()
    ).result()


class _Exchange:
    def __init__(self, body: bytes, taking: Taking | None) -> None:
        self._body: bytes | None = body
        self._taking = taking
        self._status = 0
        self._headers: dict[str, str] = {}
        self._parts: list[bytes] = []
        self._ended = False
        self._left: asyncio.Event = asyncio.Event()

    async def run(self, app: ASGIApp, method: str, url: str, headers: Mapping[str, str]) -> Reply:
        parts = urlsplit(url)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},  # what granian says
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "root_path": "",
            "query_string": parts.query.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
        }
        try:
            await app(scope, self._receive, self._send)
        except Exception:
            if not self._status:
                raise
        return Reply(self._status, self._headers, b"".join(self._parts), self._ended)

    async def _receive(self) -> dict[str, Any]:
        if self._body is None:
            await self._left.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            # as on the wire, names are without case; a name given twice keeps its last value
            self._headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
            return
        if self._left.is_set():
            return
        if message.get("body"):
            self._parts.append(message["body"])
            await self._take(message["body"])
        self._ended = not message.get("more_body", False) and not self._left.is_set()

    async def _take(self, part: bytes) -> None:
        if self._taking is None:
            return
        try:
            await asyncio.to_thread(self._taking, part)
        except Left:
            self._left.set()


class Client:
    """Who calls a node's own API with a token."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._headers = {} if token is None else {"authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, data: Any = None) -> Reply:
        body = b"" if data is None else json.dumps(data).encode()
        return ask(self._app, method, path, body, self._headers)

    def get(self, path: str) -> Any:
        return self._good(self.ask("GET", path))

    def post(self, path: str, data: Any = None) -> Any:
        return self._good(self.ask("POST", path, data))

    def delete(self, path: str) -> None:
        self._good(self.ask("DELETE", path))

    @staticmethod
    def _good(reply: Reply) -> Any:
        assert 200 <= reply.status < 300, (reply.status, reply.body)
        return reply.json if reply.body else None
