"""One request to another participant, and its answer."""

import json
import logging
from collections.abc import Mapping
from typing import Any

import urllib3

from havre.context import Context
from havre.errors import Invalid, Unreachable
from havre.messages.jsonld import plain
from havre.messages.model import Answer

log = logging.getLogger("havre.messages")

LARGEST_ANSWER = 16 * 1024 * 1024
HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "gzip"}
LINKED_DATA = frozenset({"@context", "@type", "@graph"})
"""What marks an answer as JSON-LD: not all are, a renewed token is plain JSON."""


def post(context: Context, url: str, body: str, authorization: str) -> Answer:
    """POST a message. ``Unreachable`` when there is no answer; any HTTP status is one. Redirects are not followed."""
    return request(context, "POST", url, authorization, body)


def request(context: Context, method: str, url: str, authorization: str, body: str | None = None) -> Answer:
    try:
        response = context.http.request(
            method,
            url,
            body=None if body is None else body.encode(),
            headers={**HEADERS, "Authorization": authorization},
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
    """The JSON object in an answer, a message of the protocol in plain form; empty when there is none."""
    try:
        value = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        return {}
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return {}
    return _plain(value) if value.keys() & LINKED_DATA else value


def _plain(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """As it came, when it is in no form that we know: who asked finds what is missing."""
    try:
        return plain(message)
    except Invalid as error:
        log.warning("an answer is not understood: %s", error)
        return message
