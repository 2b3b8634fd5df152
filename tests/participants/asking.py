"""Ask an ASGI application, in memory: what a client would get, without a socket."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.types import ASGIApp


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    app: ASGIApp,
    method: str,
    url: str,
    data: Any = None,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
    raw: bytes | Iterable[bytes] | None = None,
) -> Reply:
    """``data`` is sent as JSON, ``raw`` as it is and in its pieces; ``token`` as a bearer token."""
    if raw is None:
        raw = b"" if data is None else json.dumps(data).encode()
    pieces = [raw] if isinstance(raw, bytes) else list(raw)
    sent = dict(headers or {}) | ({"authorization": f"Bearer {token}"} if token else {})
    parts = urlsplit(url)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "root_path": "",
        "query_string": parts.query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.items()],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }
    return asyncio.run(_exchange(app, scope, pieces))


async def _exchange(app: ASGIApp, scope: dict[str, Any], pieces: list[bytes]) -> Reply:
    left = list(pieces)
    answers: list[Any] = []

    async def receive() -> dict[str, Any]:
        if not left:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message: Any) -> None:
        answers.append(message)

    await app(scope, receive, send)
    start = next((one for one in answers if one["type"] == "http.response.start"), {"status": 0, "headers": []})
    body = b"".join(one.get("body", b"") for one in answers if one["type"] == "http.response.body")
    headers = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return Reply(start["status"], headers, body)
