"""HTTP: rows that are sent to us, schemas proposed, the quarantine, sources."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.context import Context
from havre.errors import Invalid
from havre.lake import store as lake
from havre.lake.usecases import dataset
from havre.lake.wire import quarantined_json, schema_json
from havre.messages.waiting import Waiting, seconds
from havre.participants import guard
from havre.participants.model import Scope
from havre.sources import store, usecases
from havre.sources.model import Source, State
from havre.sources.runner import Runner
from havre.sources.usecases import MOST_OFFSET
from havre.sources.wire import SourceForm, source_json
from havre.web import body, endpoint, json_response, resource

SAMPLE_LIMIT = 64 * 1024 * 1024
MOST_QUARANTINED = 1000


def routes(context: Context, runner: Runner, waiting: Waiting) -> list[Route]:
    return [*_rows(context), *_quarantine(context), *_sources(context, runner, waiting)]


def _rows(context: Context) -> list[Route]:
    limit = context.settings.max_body_mb * 1024 * 1024

    def admit(request: Request) -> None:
        guard.caller(request, context, Scope.PUBLISH)

    def take(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.PUBLISH)
        with context.database.read() as conn:
            target = usecases.own(conn, who.participant.slug, request.path_params["id"])
        format, options = _format(request, "source", "offset")
        offset = _whole(request, "offset")
        source = request.query_params.get("source")
        taken = usecases.take(context, target, format, raw, options, source=source, offset=offset)
        return json_response({"rows": taken.rows, "quarantined": taken.quarantined, "offset": offset})

    def propose(request: Request, raw: bytes) -> Response:
        guard.caller(request, context, Scope.PUBLISH)
        format, options = _format(request)
        return json_response(schema_json(usecases.propose(context, format, raw, options)))

    return [
        Route("/api/datasets/{id}/rows", endpoint(take, limit, admit=admit), methods=["POST"]),
        Route("/api/schema", endpoint(propose, SAMPLE_LIMIT, admit=admit), methods=["POST"]),
    ]


def _format(request: Request, *others: str) -> tuple[str, Mapping[str, str]]:
    """The format and its options; ``others`` are parameters of the route itself."""
    given = request.query_params
    if "format" not in given:
        raise Invalid("is missing", field="format", expected="the format of the body, as in csv")
    return given["format"], {name: value for name, value in given.items() if name not in ("format", *others)}


def _whole(request: Request, name: str, most: int = MOST_OFFSET) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not text.isdecimal() or int(text[:20]) > most:
        raise Invalid(f"got {text!r}", field=name, expected=f"a whole number, at most {most}")
    return int(text)


def _quarantine(context: Context) -> list[Route]:
    def listed(request: Request, raw: bytes) -> Response:
        who, id = guard.caller(request, context, Scope.READ), request.path_params["id"]
        limit, after = _whole(request, "limit", MOST_QUARANTINED), _whole(request, "after", 2**62)
        with context.database.read() as conn:
            key = (who.participant.slug, dataset(conn, who.participant.slug, id).id)
            count, found = (
                lake.count_quarantined(conn, *key),
                lake.quarantined(conn, *key, limit=100 if limit is None else limit, after=after or 0),
            )
        return json_response({"count": count, "rows": [quarantined_json(one) for one in found]})

    def replay(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.PUBLISH)
        with context.database.read() as conn:
            target = usecases.own(conn, who.participant.slug, request.path_params["id"])
        done = usecases.replay(context, target)
        with context.database.read() as conn:
            left = lake.count_quarantined(conn, target.participant, target.id)
        return json_response({"rows": done.rows, "quarantined": left})

    return [
        resource("/api/datasets/{id}/quarantine", GET=listed),
        resource("/api/datasets/{id}/quarantine/replay", POST=replay),
    ]


def _sources(context: Context, runner: Runner, waiting: Waiting) -> list[Route]:
    database = context.database

    def listed(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.READ)
        with database.read() as conn:
            return json_response([source_json(*one) for one in store.sources_of(conn, who.participant.slug)])

    def add(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.PUBLISH)
        form = body(raw, SourceForm)
        source = Source(
            who.participant.slug, form.id, form.dataset, form.transport, form.format, form.texts(), context.clock()
        )
        added, status = database.write(lambda conn: usecases.add(conn, context, source))
        runner.begin(added)
        return json_response(source_json(added, status), 201)

    def run(request: Request, raw: bytes) -> Response:
        who, id = guard.caller(request, context, Scope.PUBLISH), request.path_params["id"]
        with database.read() as conn:
            source, _ = store.load(conn, who.participant.slug, id)
        runner.run(source)
        with database.read() as conn:
            return json_response(source_json(*store.load(conn, who.participant.slug, id)), 202)

    def remove(request: Request, raw: bytes) -> Response:
        who, id = guard.caller(request, context, Scope.PUBLISH), request.path_params["id"]
        gone = database.write(lambda conn: usecases.remove(conn, who.participant.slug, id, now=context.clock()))
        runner.forget(gone)
        return Response(status_code=204)

    async def one(request: Request) -> Response:
        who = await guard.called(request, context, Scope.READ)
        slug, id = who.participant.slug, request.path_params["id"]

        def load() -> store.Listed:
            with database.read() as conn:
                return store.load(conn, slug, id)

        found = await waiting.until(
            store.key(slug, id), load, lambda listed: listed[1].state is not State.RUNNING, seconds(request)
        )
        return json_response(source_json(*found))

    return [
        resource("/api/sources", GET=listed, POST=add),
        Route("/api/sources/{id}", one, methods=["GET"]),
        Route("/api/sources/{id}", endpoint(remove), methods=["DELETE"]),
        resource("/api/sources/{id}/run", POST=run),
    ]
