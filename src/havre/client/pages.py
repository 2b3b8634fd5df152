"""Pages of a service under an address that is not its own: the node's, or that of any proxy that says where.

``X-Forwarded-Prefix``, ``-Host`` and ``-Proto`` become ASGI's ``root_path``, host and scheme, of which a page makes its
links. They change the answer to the one request that has them, and nothing that is kept.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]
PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
HOST = re.compile(r"[A-Za-z0-9.\[\]:-]+")


def forwarded(app: Application) -> Application:
    """The application, seen where the request says that it is seen; what is no prefix, host or scheme is not heard."""

    async def run(scope: Scope, receive: Any, send: Any) -> None:
        await app(_seen(scope) if scope["type"] == "http" else scope, receive, send)

    return run


def _seen(scope: Scope) -> Scope:
    said = {name: value.decode("latin-1") for name, value in scope["headers"]}
    seen = dict(scope)
    prefix, host = said.get(b"x-forwarded-prefix", ""), said.get(b"x-forwarded-host", "")
    if PREFIX.fullmatch(prefix):
        root = scope.get("root_path", "")
        seen |= {"root_path": prefix + root, "path": prefix + scope["path"]}
        if scope.get("raw_path"):
            seen["raw_path"] = prefix.encode() + scope["raw_path"]
    if HOST.fullmatch(host):
        seen["headers"] = [one for one in scope["headers"] if one[0] != b"host"] + [(b"host", host.encode())]
    if said.get(b"x-forwarded-proto") in ("http", "https"):
        seen["scheme"] = said[b"x-forwarded-proto"]
    return seen
