"""One question to another machine: what it answers, and what time it is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import urllib3

from havre.context import Context
from havre.doctor.rules import ahead
from havre.errors import Unreachable

LARGEST = 64 * 1024
LONGEST = 5.0


@dataclass(frozen=True)
class Reply:
    """``ahead`` is how far the other clock is before ours, None when it does not tell."""

    status: int
    body: bytes
    ahead: timedelta | None


def ask(context: Context, url: str) -> Reply:
    """GET a URL; no redirection is followed. ``Unreachable`` when nobody answers within ``LONGEST`` seconds."""
    if not url.startswith(("http://", "https://")):
        raise Unreachable(f"{url!r} is no address")
    asked = context.clock()
    try:
        response = context.http.request(
            "GET",
            url,
            timeout=min(LONGEST, context.settings.peer_timeout_seconds),
            retries=False,
            redirect=False,
            preload_content=False,
        )
        answered = context.clock()
        try:
            body = response.read(LARGEST)
        finally:
            response.close()
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise Unreachable(f"no answer from {url}: {error}") from error
    headers: Mapping[str, str] = response.headers
    return Reply(response.status, body, ahead(headers.get("date"), headers.get("age"), asked, answered))
