"""Calls over HTTP.

Rules that hold here:

1. A token goes to the address that it was given for, and nowhere else: redirections are not followed.
2. Every failure is an ``ExchangeError`` that says what to do next.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import urllib3
from urllib3.exceptions import (
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
    TimeoutError,
)

from havre.client import wire
from havre.client.errors import ExchangeError, from_problem, unexpected

T = TypeVar("T")
Parameters = Sequence[tuple[str, str]] | Mapping[str, str | None]
CONNECT_SECONDS = 10.0
READ_SECONDS = 120.0
PROBLEM_BYTES = 1024 * 1024


class Connection:
    """An exchange's address and a token for it. Safe to share among threads."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ExchangeError(
                None, "invalid", f"{url!r} is no address of an exchange", "url", "https://… or http://…"
            )
        self.url = url.rstrip("/")
        self._token = checked_token(token)
        self._pool = urllib3.PoolManager(maxsize=64, retries=False)

    def get(self, *path: str, parameters: Parameters = ()) -> Any:
        return self.call("GET", *path, parameters=parameters)

    def post(self, *path: str, data: object = None, parameters: Parameters = ()) -> Any:
        body = None if data is None else json.dumps(data, allow_nan=False).encode()
        return self.call("POST", *path, parameters=parameters, body=body, content_type="application/json")

    def delete(self, *path: str, parameters: Parameters = ()) -> None:
        self.call("DELETE", *path, parameters=parameters)

    def one(self, kind: type[T], members: object) -> T:
        """An answer as a value."""
        try:
            return wire.read(kind, members)
        except ValueError as error:
            raise unexpected(200, f"{self.url} answered with something else than was asked for: {error}") from error

    def many(self, kind: type[T], members: object) -> list[T]:
        if not isinstance(members, list):
            raise unexpected(200, f"{self.url} answered with something else than a list")
        return [self.one(kind, one) for one in members]

    def call(
        self,
        method: str,
        *path: str,
        parameters: Parameters = (),
        body: Any = None,
        content_type: str = "application/octet-stream",
    ) -> Any:
        """The JSON of an answer. ``path`` comes in pieces below ``/api``; ``body`` is bytes or a binary file."""
        headers = {"Content-Type": content_type} if body is not None else {}
        response = self.stream(method, self.api(*path), self._token, parameters, headers, body)
        with response, translated(self.url):
            text = response.read()
        try:
            return json.loads(text) if text else None
        except ValueError as error:
            raise unexpected(response.status, f"{self.url} did not answer in JSON: is it an exchange?") from error

    def api(self, *path: str) -> str:
        return "/".join([self.url, "api", *(quote(part, safe="") for part in path)])

    def stream(
        self,
        method: str,
        url: str,
        token: str,
        parameters: Parameters = (),
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        patience: float = READ_SECONDS,
    ) -> urllib3.BaseHTTPResponse:
        """An answer whose body is yet to be read; an ``ExchangeError`` if it is a refusal.

        ``patience`` is how many seconds there may be nothing to read.
        """
        pairs = parameters.items() if isinstance(parameters, Mapping) else parameters
        query = urlencode([(name, value) for name, value in pairs if value is not None])
        sent = {"Accept": "application/json", "Authorization": f"Bearer {token}", **(headers or {})}
        with translated(url):
            response = self._pool.request(
                method,
                f"{url}?{query}" if query else url,
                body=body,
                headers=sent,
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=patience),
            )
            if response.status >= 300:
                raise _refusal(response, url)
        return response


@contextmanager
def translated(url: str) -> Iterator[None]:
    """The failures of a connection in our words."""
    where = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    try:
        yield
    except LocationParseError as error:
        raise ExchangeError(None, "invalid", f"{url!r} is no address", "url", "https://… or http://…") from error
    except NameResolutionError as error:
        raise _unreachable(f"{where} is not known by that name: check the address") from error
    except SSLError as error:
        raise _unreachable(f"{where} shows no certificate that is trusted here: {error}") from error
    except (HTTPError, OSError) as error:
        # to urllib3 a connection that was refused is one that timed out
        if isinstance(error, TimeoutError) and not isinstance(error, NewConnectionError):
            raise _unreachable(f"{where} did not answer in time: try again, and check that the node runs") from error
        why = f"{where} cannot be reached or broke off: check that the node runs and that the address is right"
        raise _unreachable(f"{why} ({error})") from error


def _unreachable(detail: str) -> ExchangeError:
    return ExchangeError(None, "unreachable", detail)


def _refusal(response: urllib3.BaseHTTPResponse, url: str) -> ExchangeError:
    with response:
        text = response.read(PROBLEM_BYTES)
    if response.status < 400:
        where = response.headers.get("location", "elsewhere")
        return unexpected(response.status, f"{url} points to {where}: give that address if it is the exchange's")
    try:
        problem = json.loads(text)
    except ValueError:
        problem = None
    if isinstance(problem, dict):
        return from_problem(response.status, problem)
    return unexpected(response.status, f"{url} answered {response.status} {response.reason or ''}".rstrip())


def checked_token(token: str) -> str:
    """A token as it was copied, without the space around it."""
    token = token.strip()
    if not token or not all("!" <= letter <= "~" for letter in token):
        raise ExchangeError(None, "invalid", "this is no token", "token", "printable letters without spaces: hvr_…")
    return token
