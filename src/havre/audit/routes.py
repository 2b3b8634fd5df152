"""HTTP: a participant's own entries of the audit log, the traces of its negotiations and transfers, and the proof that
the log is whole.
"""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.audit import store, usecases
from havre.audit.chain import Entry
from havre.audit.trace import trace
from havre.context import Context
from havre.errors import Invalid, NotFound
from havre.participants import guard
from havre.participants.model import Scope
from havre.web import Handler, json_response, resource

MOST = 1000


def routes(context: Context) -> list[Route]:
    def listed(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.READ)
        after, limit = _number(request, "after", 0), min(_number(request, "limit", 100), MOST)
        with context.database.read() as conn:
            found = store.stream(conn, participant=who.participant.slug, after=after, limit=limit)
            return json_response([_entry(entry, hash) for entry, hash in found])

    def verify(request: Request, raw: bytes) -> Response:
        _anybody(request, context)
        with context.database.read() as conn:
            found = usecases.verify(conn)
        return json_response({**vars(found), "whole": found.whole})

    return [
        resource("/api/audit", GET=listed),
        resource("/api/audit/verify", GET=verify),
        resource("/api/negotiations/{pid}/trace", GET=_traced(context, "negotiation")),
        resource("/api/transfers/{pid}/trace", GET=_traced(context, "transfer")),
    ]


def _traced(context: Context, process: str) -> Handler:
    def traced(request: Request, raw: bytes) -> Response:
        who = guard.caller(request, context, Scope.READ)
        with context.database.read() as conn:
            found = trace(conn, who.participant.slug, process, request.path_params["pid"])
        return json_response({**vars(found), "steps": [vars(step) for step in found.steps]})

    return traced


def _anybody(request: Request, context: Context) -> None:
    """Every participant of the node and its operator may check the log; it tells nothing of what is in it."""
    try:
        guard.operator(request, context)
    except NotFound:
        guard.caller(request, context, Scope.READ)


def _entry(entry: Entry, hash: str) -> dict[str, Any]:
    return {**vars(entry), "data": json.loads(entry.data), "hash": hash}


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or len(text) > 15:
        raise Invalid(f"got {text!r}", field=name, expected="a whole number")
    return int(text)
