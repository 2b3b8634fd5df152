"""One request to another participant, and its answer."""

import json
from collections.abc import Mapping
from typing import Any

import urllib3

from havre.context import Context
from havre.errors import Unreachable
from havre.messages.model import Answer

LARGEST_ANSWER = 16 * 1024 * 1024


def post(context: Context, url: str, body: str, authorization: str) -> Answer:
    """POST a message. ``Unreachable`` when there is no answer; any HTTP status is one. Redirects are not followed."""
    return request(context, "POST", url, authorization, body)


def request(context: Context, method: str, url: str, authorization: str, body: str | None = None) -> Answer:
    try:
        response = context.http.request(
            method,
            url,
            body=None if body is None else body.encode(),
            headers={"Authorization": authorization, "Content-Type": "application/json", "Accept": "application/json"},
            timeout=context.settings.peer_timeout_seconds,
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            raw = response.read(LARGEST_ANSWER + 1)
        except BaseException:
            response.close()
            raise
        if len(raw) > LARGEST_ANSWER:
            response.close()
            raise Unreachable(f"the answer of {url} is longer than {LARGEST_ANSWER} bytes")
        response.release_conn()
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise Unreachable(f"no answer from {url}: {error}") from error
    return Answer(response.status, _object(raw), response.headers)


def _object(raw: bytes) -> Mapping[str, Any]:
    """The JSON object in an answer; empty when there is none."""
    try:
        value = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
