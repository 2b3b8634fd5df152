"""Openings pushed as DATEX II to the clients that the settings name, each in a thread of its own.

Rules that hold here:

1. A client is sent what it lacks of the publication that others pull: a snapshot first, then what has changed
   (``datex.push``). After a new start it gets a snapshot again.
2. What was not acknowledged is sent again, later each time. A client that does not answer holds up nobody.
3. While the bridges are not heard nothing is sent: it would say that nothing opens.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3

from havre_mobility.datex import push
from havre_mobility.datex.model import Published
from havre_mobility.datex.publication import Publisher

log = logging.getLogger("havre.mobility")

VERSION = "3.6"
"""Of the schemas: what is sent is valid against these."""
LOOKS_SECONDS, LONGEST_SECONDS, POST_SECONDS = 2.0, 300.0, 10.0
MOST_BYTES = 64 * 1024
FIELDS = ("url", "version", "authorization_file")


@dataclass(frozen=True)
class Client:
    """``authorization`` stands in the header of that name."""

    url: str
    authorization: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, place: str, given: Any) -> "Client":
        """A table of the settings. ``ValueError`` names what is wrong with it, ``OSError`` a file that is not there."""
        if not isinstance(given, Mapping) or "url" not in given:
            raise ValueError(f"{place}: got {given!r}, expected a table with url")
        for name, value in given.items():
            if name not in FIELDS or not isinstance(value, str):
                raise ValueError(f"{place}.{name}: got {value!r}, expected {', '.join(FIELDS)}, each a text")
        parts = urlsplit(given["url"])
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise ValueError(f"{place}.url: got {given['url']!r}, expected an http or https address")
        if given.get("version", VERSION) != VERSION:
            raise ValueError(f"{place}.version: got {given['version']!r}, expected {VERSION}")
        file = given.get("authorization_file")
        return cls(given["url"], Path(file).read_text(encoding="ascii").strip() if file else None)

    @property
    def name(self) -> str:
        """Its address, without what may be secret in it."""
        return urlsplit(self.url)._replace(query="", fragment="").geturl()


@dataclass(frozen=True)
class State:
    """How it goes with a client: when it last acknowledged something, and what went wrong since."""

    acknowledged: datetime | None = None
    failures: int = 0
    error: str | None = None


class Pushing:
    """``start`` it; ``states`` says how it goes. ``told()`` gives what is published, None while nothing is known."""

    def __init__(
        self,
        clients: Sequence[Client],
        publisher: Publisher,
        told: Callable[[], Sequence[Published] | None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clients, self._publisher, self._told, self._now = clients, publisher, told, now
        self._pool = urllib3.PoolManager(retries=False, maxsize=1, num_pools=max(len(clients), 1))
        self.states = {client: State() for client in clients}

    def start(self) -> None:
        for client in self._clients:
            threading.Thread(target=self._keep_pushing, args=(client,), name="datex-push", daemon=True).start()

    def health(self) -> list[dict[str, Any]]:
        """For who runs the service."""
        return [
            {"client": client.name, "acknowledged": one.acknowledged, "failures": one.failures, "error": one.error}
            for client, one in self.states.items()
        ]

    def _keep_pushing(self, client: Client) -> None:
        subscriber, pause = push.Subscriber(client.url), threading.Event()
        while not pause.wait(_pause(self.states[client].failures)):
            try:
                subscriber = self.once(client, subscriber)
            except Exception as error:
                log.exception("openings for %s", client.name)
                self._failed(client, type(error).__name__)

    def once(self, client: Client, subscriber: push.Subscriber) -> push.Subscriber:
        """Send what ``subscriber``, who is ``client``, lacks; the subscriber as it is then."""
        openings = self._told()
        if openings is None:
            return subscriber
        said: list[str] = []

        def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
            status, answer = self._post(client, url, body, headers)
            said.append(f"it answers with status {status}: {answer[:200].decode(errors='replace')}")
            return status, answer

        after, answer = push.push(post, subscriber, openings, self._publisher, self._now())
        if answer == push.ACK:
            before = self.states[client]
            self.states[client] = State(self._now() if said else before.acknowledged)
        else:
            self._failed(client, said[-1] if said else "it does not answer")
        return after

    def _failed(self, client: Client, why: str) -> None:
        before = self.states[client]
        if not before.failures:
            log.warning("openings for %s: %s", client.name, why)
        self.states[client] = State(before.acknowledged, before.failures + 1, why)

    def _post(self, client: Client, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        sent = {**headers, **({"Authorization": client.authorization} if client.authorization else {})}
        timeout = urllib3.Timeout(connect=POST_SECONDS, read=POST_SECONDS)
        try:
            with self._pool.request(
                "POST", url, body=body, headers=sent, timeout=timeout, redirect=False, preload_content=False
            ) as response:
                return response.status, response.read(MOST_BYTES)
        except urllib3.exceptions.HTTPError as error:
            raise ConnectionError(str(error)) from error


def _pause(failures: int) -> float:
    return min(LOOKS_SECONDS * 2.0 ** min(failures, 20), LONGEST_SECONDS)


def clients(given: Any) -> tuple[Client, ...]:
    """From settings. ``ValueError`` and ``OSError`` name what is wrong with them."""
    if not isinstance(given, list | tuple):
        raise ValueError(f"settings.datex_clients: got {given!r}, expected tables")
    return tuple(Client.of(f"settings.datex_clients.{number}", one) for number, one in enumerate(given, 1))
