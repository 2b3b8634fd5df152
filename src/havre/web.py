"""What all HTTP routes share: bodies in, answers and problems out, one log line a request.

Problems are those of RFC 9457. Rules that hold here:

1. Control messages are handled by plain functions in the thread pool: ``endpoint`` reads the body on the
   event loop, within a limit, and hands it over. A coroutine function stays on the event loop: it must not block it.
2. The code of a ``HavreError`` alone decides the status, and this is the only place that maps it.
3. Who is not recognised (``request.state.caller`` is not set) gets one and the same answer for what does not
   exist and for what is not for them.
4. One log line a request: never a token, a query string or a payload.
"""

import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from decimal import Decimal
from http import HTTPStatus
from inspect import iscoroutinefunction
from typing import Any, TypeVar, cast
from urllib.parse import quote

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from havre.errors import HavreError, Invalid, NotFound, TooLarge

log = logging.getLogger("havre.web")

STATUS = {
    "invalid": 400,
    "protocol": 400,
    "denied": 403,
    "not_found": 404,
    "conflict": 409,
    "too_large": 413,
    "early": 503,
    "unreachable": 502,
}
MESSAGE_LIMIT = 1024 * 1024
NOTHING_HERE = "nothing here, or nothing for this caller: check the address and the Authorization header"

M = TypeVar("M", bound=BaseModel)
Handler = Callable[[Request, bytes], Response]
AsyncHandler = Callable[[Request, bytes], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


# In: bodies


def endpoint(
    function: Handler | AsyncHandler,
    limit: int = MESSAGE_LIMIT,
    *,
    admit: Callable[[Request], object] | None = None,
) -> Endpoint:
    """An endpoint of a function of the request and its whole body, of at most ``limit`` bytes.

    A plain function is called in a thread, a coroutine function on the event loop. ``admit``, where given, runs before
    anything of the body is read: for routes with a large limit, so that a stranger is turned away at once.
    """

    async def in_thread(request: Request, raw: bytes) -> Response:
        return await run_in_threadpool(cast(Handler, function), request, raw)

    called = cast(AsyncHandler, function) if iscoroutinefunction(function) else in_thread

    async def run(request: Request) -> Response:
        if admit is not None:
            await run_in_threadpool(admit, request)
        return await called(request, await read_body(request, limit))

    return run


def resource(path: str, limit: int = MESSAGE_LIMIT, **handlers: Handler | AsyncHandler) -> Route:
    """One route of a path and its methods, as in ``resource("/api/members", GET=members, POST=add_member)``.

    One route, not one a method: a refused method is told all that are allowed (RFC 9110, section 15.5.6).
    """
    endpoints = {method: endpoint(handler, limit) for method, handler in handlers.items()}

    async def dispatch(request: Request) -> Response:
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, dispatch, methods=list(handlers))


async def read_body(request: Request, limit: int) -> bytes:
    """The body; ``TooLarge`` as soon as it is known to be longer than ``limit`` bytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise _too_large(limit)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
    return b"".join(parts)


def _too_large(limit: int) -> TooLarge:
    return TooLarge("the body is too long", expected=f"at most {limit} bytes")


def body(raw: bytes, model: type[M]) -> M:
    """The JSON body as ``model``, an empty body as an empty object; ``Invalid`` names each wrong field."""
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise invalid(error) from error


def invalid(error: ValidationError) -> Invalid:
    """All that is wrong with some input, as one error: the first finding in full, all of them as reasons."""
    found = [_finding(item) for item in error.errors(include_url=False, include_context=True)]
    return Invalid(
        found[0].message,
        field=found[0].field,
        expected=found[0].expected,
        reasons=tuple(str(one) for one in found) if len(found) > 1 else (),
    )


def _finding(item: Mapping[str, Any]) -> Invalid:
    """One finding of pydantic, in our words: the field, the kind of the value, what was expected."""
    field = ".".join(str(part) for part in item["loc"]) or None
    message = str(item["msg"])
    match item["type"]:
        case "json_invalid":
            return Invalid(f"the body is not JSON: {item['ctx']['error']}")
        case "missing":
            return Invalid("is missing", field=field)
        case "extra_forbidden":
            return Invalid("is not a known field here", field=field)
        case _ if message.startswith("Input should be "):
            got = _KINDS.get(type(item["input"]), type(item["input"]).__name__)
            return Invalid(f"got {got}", field=field, expected=message.removeprefix("Input should be "))
        case _:
            return Invalid(message, field=field)


_KINDS: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


# Out: answers


def json_response(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; times become ISO 8601 (UTC as ``Z``), decimals texts, sets sorted lists."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
    return Response(text.encode(), status, headers, media_type="application/json")


def _plain(value: object) -> object:
    match value:
        case datetime() | date():
            return value.isoformat().replace("+00:00", "Z")
        case Decimal():
            return str(value)
        case set() | frozenset():
            return sorted(value)
        case _:
            raise TypeError(f"{type(value).__name__} has no JSON form")


def problem(error: HavreError, *, known: bool = False) -> Response:
    """The problem details of an error. Only a ``known`` caller learns what exactly was not found."""
    if isinstance(error, NotFound) and not known:
        return _problem(404, {"code": error.code, "detail": NOTHING_HERE})
    if error.code not in STATUS:
        return crash(error)
    return _problem(STATUS[error.code], error.details())


def crash(error: BaseException) -> Response:
    """The answer to an error that is ours: nothing of it but a reference, under which the log has all."""
    reference = uuid.uuid4().hex[:12]
    log.error("error %s", reference, exc_info=error)
    detail = f"an error on our side; the operator finds it in the log as {reference}"
    return _problem(500, {"code": "internal", "detail": detail, "id": reference})


def _problem(status: int, details: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Response:
    members = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, **details}
    # a text of the outside may hold half a character, which UTF-8 cannot
    text = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    return Response(text, status, headers, media_type="application/problem+json")


# Errors, for all routes


async def on_havre_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HavreError)
    request.state.outcome = error.code
    return problem(error, known=getattr(request.state, "caller", None) is not None)


async def on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ValidationError)
    return await on_havre_error(request, invalid(error))


async def on_http_error(request: Request, error: Exception) -> Response:
    """What the framework refuses: an unknown path is like anything that is not there."""
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return await on_havre_error(request, NotFound(f"no such path: {request.url.path}"))
    phrase = HTTPStatus(error.status_code).phrase
    request.state.outcome = phrase.lower().replace(" ", "_")
    details = {"code": request.state.outcome, "detail": error.detail}
    return _problem(error.status_code, details, error.headers)


EXCEPTION_HANDLERS: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    HavreError: on_havre_error,
    ValidationError: on_validation_error,
    HTTPException: on_http_error,
}


def application(
    routes: Sequence[BaseRoute],
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]] | None = None,
) -> Starlette:
    """The ASGI application of some routes, with the problems and the log of this module."""
    app = Starlette(
        routes=routes,
        middleware=[Middleware(RequestLog)],
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a redirection would tell a stranger what exists
    return app


class RequestLog:
    """One line a request: method, route, caller, status, code, time. And the answer to our own errors."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        state = scope["state"] = dict(scope.get("state") or {})

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except ClientDisconnect:
            state["outcome"] = "client_left"
        except Exception as error:
            state["outcome"] = "internal"
            if status:
                log.exception("an answer broke off")
                raise
            await crash(error)(scope, receive, watch)
        finally:
            self._line(scope, state, status, time.perf_counter() - started)

    def _line(self, scope: Scope, state: Mapping[str, Any], status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or quote(scope["path"])[:200]
        log.info(
            "%s %s caller=%s %s %s %.1f ms",
            scope["method"],
            route,
            state.get("caller", "-"),
            status,
            state.get("outcome", "ok"),
            seconds * 1000,
        )
