"""Pull: the publication at an address, asked for again at little cost (DATEX II Exchange 2020, snapshot pull on HTTP).

A client that has the current one is told so: 304 to its ``If-None-Match`` or, without that, ``If-Modified-Since``
(RFC 9110, sections 8.8 and 13).
"""

import datetime
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

MEDIA_TYPE = "application/xml"


@dataclass(frozen=True)
class Current:
    """The publication as it is now, and when something in it changed last (UTC)."""

    body: bytes
    changed_at: datetime.datetime


def route(path: str, current: Callable[[], Current]) -> Route:
    """``current`` should give the same bytes until something changes, or every answer is sent in full."""

    def pull(request: Request) -> Response:
        now = current()
        etag = f'"{hashlib.sha256(now.body).hexdigest()[:32]}"'
        changed = now.changed_at.astimezone(datetime.UTC).replace(microsecond=0)
        headers = {
            "ETag": etag,
            "Last-Modified": format_datetime(changed, usegmt=True),
            "Cache-Control": "no-cache",
        }
        if _has_it(request, etag, changed):
            return Response(status_code=304, headers=headers)
        return Response(now.body, media_type=MEDIA_TYPE, headers=headers)

    return Route(path, pull, methods=["GET"])


def _has_it(request: Request, etag: str, changed: datetime.datetime) -> bool:
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in tags.split(","))
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return since.tzinfo is not None and changed <= since
