"""HTTP of DCSA Port Call 2.0: the paths, headers and errors of JIT API 2.0.0 over ``relay``."""

import json
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from havre_mobility.calls import relay, wire
from havre_mobility.calls.relay import ENDINGS, RESOURCES, Refused, Resource, Store

VERSION = "2.0.0"
MOST_BYTES = 64 * 1024
"""Of a message."""
INVALID_DATA = 7000
"""The standard leaves the codes of errors to the provider, from 7000 for technical ones on."""
Party = Callable[[Request], str]


def routes(store: Store, *, party: Party, receiver: str, now: Callable[[], datetime]) -> list[Route]:
    """All paths of the standard. ``party``: who asks, as authentication found, or ``Refused``; ``receiver``: to whom a
    message goes whose header ``Request-Receiving-Party`` names nobody."""
    found = []
    for resource in RESOURCES.values():
        put, get = _put(store, resource, receiver, now), _get(store, resource)
        found += [
            Route(f"/{resource.name}/{{id}}", _answered(put, party, now), methods=["PUT"]),
            Route(f"/{resource.name}", _answered(get, party, now), methods=["GET"]),
        ]
    for name, action in ENDINGS:
        ending = _end(store, RESOURCES[name], action, now)
        found.append(Route(f"/{name}/{{id}}/{action}", _answered(ending, party, now), methods=["POST"]))
    return found


def _put(store: Store, resource: Resource, receiver: str, now: Callable[[], datetime]) -> Any:
    async def handle(request: Request, sender: str) -> Response:
        body, to = _json(await _body(request)), request.headers.get("Request-Receiving-Party", receiver)
        relay.accept(store, resource, request.path_params["id"], body, sender, to, now())
        return Response(status_code=204)

    return handle


def _get(store: Store, resource: Resource) -> Any:
    async def handle(request: Request, asking: str) -> Response:
        return JSONResponse(relay.found(store, resource, dict(request.query_params), asking))

    return handle


def _end(store: Store, resource: Resource, action: str, now: Callable[[], datetime]) -> Any:
    async def handle(request: Request, asking: str) -> Response:
        if raw := await _body(request):
            _reason(_json(raw))
        relay.end(store, resource, request.path_params["id"], action, asking, now())
        return Response(status_code=204)

    return handle


def _reason(body: Any) -> None:
    try:
        wire.Reason.model_validate(body)
    except ValueError:
        raise Refused(400, "reason is a text of 500 characters at most", "reason") from None


def _answered(handle: Any, party: Party, now: Callable[[], datetime]) -> Callable[[Request], Any]:
    """With the headers that the standard wants, and errors in its shape."""

    async def answer(request: Request) -> Response:
        asking = None
        try:
            asking = party(request)
            response = await handle(request, asking)
        except Refused as why:
            response = JSONResponse(_error(request, why, now()), status_code=why.status)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = "Bearer"
        response.headers["API-Version"] = VERSION
        if asking is not None:
            response.headers["Response-Receiving-Party"] = asking
        if to := request.headers.get("Request-Receiving-Party"):
            response.headers["Response-Sending-Party"] = to
        return response  # type: ignore[no-any-return]

    return answer


async def _body(request: Request) -> bytes:
    raw = b""
    async for part in request.stream():
        raw += part
        if len(raw) > MOST_BYTES:
            raise Refused(413, f"the body has more than {MOST_BYTES} bytes")
    return raw


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        raise Refused(400, "the body is no JSON") from None


def _error(request: Request, why: Refused, now: datetime) -> dict[str, Any]:
    detail = {"errorCode": INVALID_DATA, "errorCodeText": HTTPStatus(why.status).phrase, "errorCodeMessage": why.text}
    return {
        "httpMethod": request.method,
        "requestUri": request.url.path,
        "statusCode": why.status,
        "statusCodeText": HTTPStatus(why.status).phrase,
        "statusCodeMessage": why.text[:200],
        "errorDateTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "errors": [detail | ({"property": why.property[:100]} if why.property else {})],
    }
