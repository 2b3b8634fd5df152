"""HTTP: which versions of the Dataspace Protocol a participant speaks (2025-1, section 4.3), for everybody to see."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.context import Context
from havre.messages.wire import VERSION
from havre.participants.usecases import participant
from havre.web import json_response, resource


def routes(context: Context) -> list[Route]:
    def versions(request: Request, raw: bytes) -> Response:
        with context.database.read() as conn:
            found = participant(conn, request.path_params["slug"])
        version = {
            "version": VERSION,
            "path": f"/dsp/{VERSION}",
            "binding": "HTTPS",
            "identifierType": "did:web",
            "serviceId": f"{found.url}/service",
        }
        return json_response({"protocolVersions": [version]})

    return [resource("/participants/{slug}/.well-known/dspace-version", GET=versions)]
