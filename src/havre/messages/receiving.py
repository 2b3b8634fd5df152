"""Receiving: who sent it, at most once, and patience when two messages crossed.

Rules that hold here:

1. Who is not recognised gets the same 404 everywhere, in the protocol's shape, whatever was asked.
2. The token is used up in the transaction that handles the message: both happen, or neither. A question, which changes
   nothing, is answered after that and beside the thread that writes: a long answer keeps nobody waiting.
3. A message about a process that is not there yet waits for it, for a short time: it may have overtaken the storing
   of our side (decision 0014). So does one that crossed a message of ours, until that is answered.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.context import Context
from havre.errors import Early, HavreError, NotFound
from havre.messages import wire
from havre.messages.jsonld import plain
from havre.participants.hosted import Hosted
from havre.participants.identity import Identity
from havre.participants.model import Counterparty, Identified, Participant, Stranger
from havre.participants.trusting import spend
from havre.web import MESSAGE_LIMIT, NOTHING_HERE, STATUS, AsyncHandler, crash, json_response, resource

T = TypeVar("T")
LARGE = 64 * 1024
BASE = "/participants/{slug}/dsp/2025-1"


@dataclass(frozen=True)
class Received:
    """A message of another participant: who sent it to whom, when, and what it says.

    ``body`` is in plain form, whatever form of JSON-LD it came in; ``digest`` recognises what was received.
    ``waited`` says that it has waited long enough for the answer to what it crossed.
    """

    participant: Participant
    counterparty: Counterparty
    body: Mapping[str, Any]
    digest: str
    now: datetime
    waited: bool = False

    def again(self, before: Sequence[str], step: bool) -> bool:
        """Whether this message was received ``before`` (its digests, oldest first).

        Messages with an identifier of their own are never the same twice. Without one, the same text is no repetition
        where it is a ``step`` again: a counter-offer may come back to what was asked before.
        """
        if "@id" in self.body:
            return self.digest in before
        return self.digest in before[-1:] and not step


Handle = Callable[[Connection, Received, Mapping[str, str]], Mapping[str, Any] | None]
"""Handles a message in a transaction, given the parameters of the path; returns the answer's JSON, if any."""
_Answered = Callable[[Request, Identified, Received, Mapping[str, str]], Awaitable[Response]]
_Tell = Callable[[Request, Any], Response]


class Door:
    """Makes routes of handlers. ``error`` is the type of the protocol's error, as in ``ContractNegotiationError``."""

    def __init__(self, context: Context, identity: Identity, error: str) -> None:
        self._context = context
        self._identity = identity
        self._error = error
        self._hosted = Hosted(context)

    def post(self, path: str, handle: Handle, status: int = 200, *, waits: bool = True) -> Route:
        """A route that takes a message. With ``waits`` it waits for the row that the message is about."""

        def tell(request: Request, found: Mapping[str, Any] | None) -> Response:
            return json_response(found, status) if found is not None else Response(status_code=status)

        return resource(BASE + path, POST=self._answering(self._in_one(handle, tell, waits)))

    def get(self, path: str, handle: Handle) -> Route:
        return self.ask("GET", path, handle, lambda request, found: json_response(found))

    def ask(
        self,
        method: str,
        path: str,
        handle: Callable[[Connection, Received, Mapping[str, str]], T],
        tell: Callable[[Request, T], Response],
    ) -> Route:
        """A route that takes a question: ``handle`` reads and changes nothing, ``tell`` makes the answer of it."""
        return resource(BASE + path, MESSAGE_LIMIT, **{method: self._answering(self._beside(handle, tell))})

    def _answering(self, answered: _Answered) -> AsyncHandler:
        async def answer(request: Request, raw: bytes) -> Response:
            body: Mapping[str, Any] = {}
            try:
                receiver, identified = await self._identified(request)
                request.state.caller = identified.counterparty.id
                digest = ""
                if request.method == "POST":
                    body, digest = await _aside(raw, _read, raw)
                    # recognised by what was received, handled by what it says
                    body = await _aside(raw, plain, body)
                parameters = dict(request.query_params) | request.path_params
                received = Received(receiver, identified.counterparty, body, digest, self._context.clock())
                return await answered(request, identified, received, parameters)
            except HavreError as error:
                request.state.outcome = error.code
                return self._refusal(error, body, request)

        return answer

    async def _identified(self, request: Request) -> tuple[Participant, Identified]:
        """At once where nobody needs to be asked, else in a thread."""
        slug, authorization = request.path_params["slug"], request.headers.get("authorization")
        receiver = self._hosted.known(slug)
        if receiver is None:
            receiver = await run_in_threadpool(self._hosted.find, slug)
        found = self._identity.recognised(receiver, authorization)
        if found is None:
            found = await run_in_threadpool(self._identity.identify, receiver, authorization)
        return receiver, found

    def _in_one(self, handle: Handle, tell: _Tell, waits: bool) -> _Answered:
        """Handle it in the transaction that uses the token up."""

        async def answered(
            request: Request, identified: Identified, received: Received, parameters: Mapping[str, str]
        ) -> Response:
            def once(conn: Connection, received: Received = received) -> Mapping[str, Any] | None:
                # first: who repeats a request of another's learns nothing of what it would do now
                spend(conn, received.participant, identified, received.now)
                return handle(conn, received, parameters)

            if not waits:
                return tell(request, await self._written(once))
            try:
                return tell(request, await self._patiently(once))
            except Early:
                late = replace(received, waited=True)
                return tell(request, await self._written(lambda conn: once(conn, late)))

        return answered

    def _beside(self, handle: Callable[[Connection, Received, Mapping[str, str]], T], tell: _Tell) -> _Answered:
        """Use the token up, then read and answer in a thread."""

        async def answered(
            request: Request, identified: Identified, received: Received, parameters: Mapping[str, str]
        ) -> Response:
            def read() -> Response:
                with self._context.database.read() as conn:
                    found = handle(conn, received, parameters)
                return tell(request, found)

            await self._written(lambda conn: spend(conn, received.participant, identified, received.now))
            return await run_in_threadpool(read)

        return answered

    async def _written(self, function: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._context.database.submit(function))

    async def _patiently(self, function: Callable[[Connection], T]) -> T:
        """Write; when it comes too early, wait for commits and try again, until the time is over."""
        database = self._context.database
        until = time.monotonic() + self._context.settings.wait_for_row_seconds
        while True:
            seen = database.commits
            try:
                return await self._written(function)
            except Stranger:
                raise
            except (NotFound, Early):
                if not await run_in_threadpool(database.wait_for_commit, seen, until - time.monotonic()):
                    raise

    def _refusal(self, error: HavreError, body: Mapping[str, Any], request: Request) -> Response:
        if error.code not in STATUS:
            return crash(error)
        reasons = list(error.reasons) or [str(error)]
        if isinstance(error, NotFound):
            reasons = [NOTHING_HERE]
        pid = request.path_params.get("pid")
        pids = {name: _text(body.get(name)) or pid or "unknown" for name in ("providerPid", "consumerPid")}
        known = {} if self._error == "CatalogError" else pids
        return json_response(wire.error(self._error, error.code, reasons, known), STATUS[error.code])


def _read(raw: bytes) -> tuple[Mapping[str, Any], str]:
    """The message in a body, and its digest."""
    body = wire.load(raw)
    return body, wire.digest(body)


async def _aside(raw: bytes, function: Callable[..., T], *given: Any) -> T:
    """Call it, in a thread when the message is ``LARGE``: the event loop must not stand still for one message."""
    return await run_in_threadpool(function, *given) if len(raw) > LARGE else function(*given)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
