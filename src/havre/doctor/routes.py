"""HTTP: the operator has the running node examine itself."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.context import Context
from havre.doctor.usecases import examine
from havre.participants import guard
from havre.web import json_response, resource


def routes(context: Context) -> list[Route]:
    def examined(request: Request, raw: bytes) -> Response:
        guard.operator(request, context)
        return json_response([vars(finding) for finding in examine(context)])

    return [resource("/api/node/doctor", GET=examined)]
