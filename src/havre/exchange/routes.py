"""HTTP: rows under an access token, rows of an own dataset, both also as events, and usage.

``GET /participants/{slug}/data/{dataset}`` takes the parameters of ``havre.lake.query``, ``purpose`` (also repeated)
and ``format`` (or an Accept header). With ``/events`` behind it the rows are followed, from ``after`` or the header
``Last-Event-ID`` on. PyArrow is imported with the first access.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from havre.context import Context
from havre.errors import Invalid, NotFound
from havre.exchange import access
from havre.exchange.leave import Metered, Own
from havre.exchange.streams import Streams
from havre.lake import query
from havre.lake.model import Dataset
from havre.lake.usecases import dataset as own_dataset
from havre.memory import give_back
from havre.metering import usecases as metering
from havre.participants import guard
from havre.participants.identity import bearer
from havre.participants.model import Scope
from havre.web import json_response, resource

if TYPE_CHECKING:
    from havre.exchange.following import Follower
    from havre.lake.reading import Rows

MEDIA_TYPES = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}
JSON_ROWS = "1000"
EVENT_FORMATS = ("json", "arrow")
UNTOUCHED = {"cache-control": "no-store", "x-accel-buffering": "no"}
"""What keeps proxies from holding events back."""
MUCH_BYTES = 1024 * 1024
"""After an answer of that size what it took is given back to the system."""


def routes(context: Context, streams: Streams) -> list[Route]:
    return [*_data(context, streams), *_own(context, streams), _usage(context)]


def _data(context: Context, streams: Streams) -> list[Route]:
    def target(request: Request) -> tuple[Dataset, str]:
        """The dataset of the address, and the token that was given for it."""
        token = bearer(request.headers.get("authorization"))
        if not token:
            raise NotFound("no token")
        dataset, request.state.caller = access.target(context, *_address(request), token)
        return dataset, token

    def rows(request: Request) -> Response:
        dataset, token = target(request)
        format_, asked = _format(request), _query(request, dataset)  # a wrong question is no access
        granted = access.decide(context, *_address(request), token, _purposes(request))
        return answer(context, request, dataset, format_, asked, access.Meter(context, granted))

    def events(request: Request) -> Response:
        from havre.exchange.following import Follower

        dataset, token = target(request)
        format_, asked = _event_format(request), _followed(context, request, dataset)
        granted = access.decide(context, *_address(request), token, _purposes(request))
        leave = Metered(context, granted, _purposes(request))
        return _events(streams, Follower(context, dataset, asked, format_, leave))

    path = "/participants/{slug}/data/{dataset}"
    return [_in_thread(path, rows), _in_thread(f"{path}/events", events)]


def _own(context: Context, streams: Streams) -> list[Route]:
    def own(request: Request) -> Dataset:
        who = guard.caller(request, context, Scope.READ)
        with context.database.read() as conn:
            return own_dataset(conn, who.participant.slug, request.path_params["id"])

    def rows(request: Request) -> Response:
        dataset = own(request)
        return answer(context, request, dataset, _format(request), _query(request, dataset), None)

    def events(request: Request) -> Response:
        from havre.exchange.following import Follower

        dataset = own(request)
        format_, asked = _event_format(request), _followed(context, request, dataset)
        return _events(streams, Follower(context, dataset, asked, format_, Own(lambda: own(request))))

    path = "/api/datasets/{id}"
    return [_in_thread(f"{path}/rows", rows), _in_thread(f"{path}/events", events)]


def _in_thread(path: str, function: Callable[[Request], Response]) -> Route:
    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(function, request)

    return Route(path, endpoint, methods=["GET"])


def _followed(context: Context, request: Request, dataset: Dataset) -> query.Query:
    """The query, and after which position it begins; where a reader was goes before what the address says."""
    from havre.exchange import following

    last = request.headers.get("last-event-id")
    given = [one for one in _given(request) if last is None or one[0] != "after"]
    if last is not None:
        given.append(("after", last))
    return following.begun(context, dataset, query.followed(given, dataset.schema))


def _event_format(request: Request) -> str:
    wanted = request.query_params.get("format", "json")
    if wanted not in EVENT_FORMATS:
        raise Invalid(f"got {wanted!r}", field="format", expected=" or ".join(EVENT_FORMATS))
    return wanted


def _given(request: Request) -> list[tuple[str, str]]:
    """The parameters of the query."""
    return [one for one in request.query_params.multi_items() if one[0] not in ("format", "purpose")]


def _events(streams: Streams, follower: "Follower") -> Response:
    return StreamingResponse(streams.stream(follower), media_type="text/event-stream", headers=UNTOUCHED)


def _address(request: Request) -> tuple[str, str]:
    return request.path_params["slug"], request.path_params["dataset"]


def _purposes(request: Request) -> frozenset[str]:
    return frozenset(value for name, value in request.query_params.multi_items() if name == "purpose" and value)


def _usage(context: Context) -> Route:
    def usage(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.READ)
        with context.database.read() as conn:
            return json_response([vars(line) for line in metering.summary(conn, who.participant.slug)])

    return resource("/api/usage", GET=usage)


def _query(request: Request, dataset: Dataset) -> query.Query:
    given = _given(request)
    if _format(request) == "json" and "limit" not in request.query_params:
        given.append(("limit", JSON_ROWS))
    return query.read(given, dataset.schema)


def answer(
    context: Context,
    request: Request,
    dataset: Dataset,
    format_: str,
    asked: query.Query,
    meter: access.Meter | None,
) -> Response:
    """The rows that a request asks for, streamed."""
    from havre.lake.reading import scan  # PyArrow: see above

    rows = scan(context.settings, dataset, asked)
    following = None if rows.next is None else query.cursor_text(rows.next)
    chunks = _encoded(format_, rows, following, meter)
    headers = {} if following is None else {"link": _next(request, following)}
    return StreamingResponse(stream(chunks), media_type=MEDIA_TYPES[format_], headers=headers)


def _encoded(format_: str, rows: "Rows", following: str | None, meter: access.Meter | None) -> Iterator[bytes]:
    from havre.exchange import encoding

    batches = rows.batches if meter is None else meter.rows(rows.batches)
    if format_ == "json":
        chunks = encoding.json_page(rows.schema, batches, following)
    else:
        chunks = encoding.ENCODERS[format_](rows.schema, batches)
    return chunks if meter is None else meter.bytes(chunks)


def _format(request: Request) -> str:
    """What was asked for by the parameter, else by the Accept header, else JSON."""
    wanted = request.query_params.get("format")
    if wanted is not None:
        if wanted not in MEDIA_TYPES:
            raise Invalid(f"got {wanted!r}", field="format", expected=" or ".join(MEDIA_TYPES))
        return wanted
    accepted = [part.partition(";")[0].strip() for part in request.headers.get("accept", "").split(",")]
    for format_, media_type in MEDIA_TYPES.items():
        if media_type.partition(";")[0] in accepted:
            return format_
    return "json"


def _next(request: Request, following: str) -> str:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "after"]
    return f'<?{urlencode([*kept, ("after", following)])}>; rel="next"'


async def stream(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Chunks made in a thread; closed there too, also when the client has left: its use is still recorded."""
    end, size = object(), 0
    try:
        while (chunk := await run_in_threadpool(next, chunks, end)) is not end:
            assert isinstance(chunk, bytes)
            size += len(chunk)
            yield chunk
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(close)
        if size >= MUCH_BYTES:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(give_back)
