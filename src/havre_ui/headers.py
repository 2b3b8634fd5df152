"""What each response tells the browser that it must not do (Content Security Policy level 3).

A page loads nothing from another host, runs no script that stands in the page, and is in no frame of another site.
The two exceptions are stated where they are needed: a fragment that is made to be embedded, and a server of map tiles.
"""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EMBEDDABLE = "x-embeddable"
"""A response with this header may stand in a frame of any site; it does not leave the process."""
FIXED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
}


def content_security_policy(*, embeddable: bool = False, tiles: str | None = None) -> str:
    """The policy as a header's value; ``tiles`` is the address of map tiles, whose host is then allowed."""
    parts = urlsplit(tiles or "")
    host = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "worker-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: blob:{host}",
            f"connect-src 'self'{host}",
            "frame-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {'*' if embeddable else chr(39) + 'none' + chr(39)}",
        )
    )


class SecurityHeaders:
    """Middleware: adds the policy and the fixed headers to every response."""

    def __init__(self, app: ASGIApp, tiles: str | None = None) -> None:
        self.app = app
        self.policies = {one: content_security_policy(embeddable=one, tiles=tiles) for one in (False, True)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                embeddable = EMBEDDABLE in headers
                if embeddable:
                    del headers[EMBEDDABLE]
                headers["content-security-policy"] = self.policies[embeddable]
                headers.update(FIXED)
            await send(message)

        await self.app(scope, receive, with_headers)
