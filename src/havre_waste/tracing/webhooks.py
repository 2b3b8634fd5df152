"""What Trackdéchets tells us of: that a form was made, changed or deleted.

It says only which one, so a message that comes twice, or late, does no harm: the form is asked for again. It gives up
after more than five answers in ten minutes that are not 200, and waits 5 seconds for each: ``changed`` should do no
more than note it.
"""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

LONGEST_BODY = 100_000
SHORTEST_TOKEN = 20


@dataclass(frozen=True)
class Change:
    """``action`` is CREATED, UPDATED or DELETED; ``id`` the readable identifier of the form."""

    action: str
    id: str


def changes(body: bytes) -> list[Change]:
    """``ValueError``: it is no list of objects with ``action`` and ``id``."""
    given = json.loads(body)
    if not isinstance(given, list):
        raise ValueError("expected a list")
    found = []
    for one in given:
        if not isinstance(one, dict) or not isinstance(one.get("action"), str) or not isinstance(one.get("id"), str):
            raise ValueError("expected objects with action and id")
        found.append(Change(one["action"], one["id"]))
    return found


def is_ours(authorization: str, token: str) -> bool:
    """The platform sends ``Bearer: <token>``, with a colon; the usual form without one is taken too."""
    scheme, _, given = authorization.partition(" ")
    same = hmac.compare_digest(given.strip().encode(), token.encode())
    return scheme.lower() in ("bearer", "bearer:") and same


def route(path: str, token: str, changed: Callable[[Change], None]) -> Route:
    """``ValueError``: the token is shorter than the platform allows."""
    if len(token) < SHORTEST_TOKEN:
        raise ValueError(f"token: got {len(token)} characters, expected {SHORTEST_TOKEN} or more")

    async def receive(request: Request) -> Response:
        if not is_ours(request.headers.get("authorization", ""), token):
            return JSONResponse({"title": "Unauthorized", "status": 401}, 401, media_type="application/problem+json")
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > LONGEST_BODY:
                return JSONResponse({"title": "Too long", "status": 413}, 413, media_type="application/problem+json")
        try:
            found = changes(bytes(body))
        except (ValueError, RecursionError) as error:
            problem = {"title": "No list of changes", "status": 400, "detail": str(error)}
            return JSONResponse(problem, 400, media_type="application/problem+json")
        for one in found:
            changed(one)
        return Response(status_code=200)

    return Route(path, receive, methods=["POST"])
