"""Rows as they come.

Rules that hold here:

1. A connection that breaks is made again, each time later, and goes on behind the last row that was handed out: none is
   missing, none comes twice. When the first one fails, that is told.
2. What the exchange ends, or refuses, is told: there is no use in coming again.
3. An event that was cut is none.
"""

import base64
import json
import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import urllib3

from havre.client.connection import Connection, translated
from havre.client.errors import ExchangeError, from_problem, unexpected
from havre.client.events import Event, events
from havre.client.model import Access
from havre.client.query import POSITION
from havre.client.reading import Door, through

if TYPE_CHECKING:
    import polars
    import pyarrow as pa

PATIENCE_SECONDS = 45.0
"""Three heartbeats of the exchange."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True)
class Live:
    """What the exchange says when all rows have been sent, and from time to time after that.

    ``position`` is that of the last row, ``input`` when it came in, ``at`` when this was said, both by its clock.
    """

    position: int
    at: datetime
    input: datetime | None = None


class Following:
    """The rows after a position, without end. Made by ``Exchange.follow`` and ``Exchange.follow_own``.

    One thread takes the rows: as dicts by iterating, as ``batches`` or as ``frames``. They go on behind ``position``.
    ``ExchangeError`` says why there are no more. Any thread may look at ``position`` and ``live``, and ``close`` it.
    """

    def __init__(
        self, connection: Connection, door: Door, parameters: list[tuple[str, str]], position: int | None
    ) -> None:
        self._connection = connection
        self._door = door
        self._parameters = parameters
        self._closed = threading.Event()
        self._response: urllib3.BaseHTTPResponse | None = None
        self.position = position
        """That of the last row that was handed out; all rows up to it that were asked for were. None before."""
        self.live: Live | None = None
        """What was said last; None before all rows that were there had come, and while there is no connection."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The rows as dicts of JSON values (a time is a text), each with its ``_position``."""
        for event in self._events("json"):
            for row in json.loads(event.data):
                self.position = row[POSITION]
                yield row
            self.position = event.id

    def batches(self) -> "Iterator[pa.RecordBatch]":
        """The rows as ``pyarrow.RecordBatch``, with the column ``_position``: as many as there are, some thousands at
        most. To be preferred where there are many."""
        import pyarrow.ipc

        for event in self._events("arrow"):
            with pyarrow.ipc.open_stream(base64.b64decode(event.data)) as reader:
                found = list(reader)
            for batch in found:
                self.position = batch.column(POSITION)[-1].as_py()
                yield batch
            self.position = event.id

    def frames(self) -> "Iterator[polars.DataFrame]":
        """As ``batches``, as ``polars.DataFrame``."""
        import polars

        for batch in self.batches():
            frame = polars.from_arrow(batch)
            assert isinstance(frame, polars.DataFrame)
            yield frame

    def close(self) -> None:
        """End it: who takes the rows gets no more."""
        self._closed.set()
        response = self._response
        if response is not None:
            with suppress(OSError, ValueError, RuntimeError):
                response.shutdown()

    def __enter__(self) -> "Following":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _events(self, format: str) -> Iterator[Event]:
        """Those that carry rows, over all connections."""
        failures, connected = 0, False
        while not self._closed.is_set():
            try:
                for event in self._connected(format):
                    failures, connected = 0, True
                    if event.data and event.kind == "message":
                        yield event
                    elif event.id is not None:
                        self.position = event.id
            except ExchangeError as error:
                if self._closed.is_set():
                    return
                if not (connected and _passes(error)):
                    raise
            self.live = None
            self._closed.wait(random.uniform(0.5, 1) * min(FIRST_PAUSE * 2**failures, LONGEST_PAUSE))
            failures += 1

    def _connected(self, format: str) -> Iterator[Event]:
        """What comes over one connection, but for its end."""

        def ask(access: Access) -> urllib3.BaseHTTPResponse:
            after = [] if self.position is None else [("after", str(self.position))]
            return self._connection.stream(
                "GET",
                f"{access.endpoint}/events",
                access.token,
                [*self._parameters, *after, ("format", format)],
                {"Accept": "text/event-stream"},
                patience=PATIENCE_SECONDS,
            )

        response, access = through(self._door, ask)
        self._response = response
        with response:
            try:
                if self._closed.is_set():
                    return
                for event in events(_chunks(response, access.endpoint)):
                    if event.kind == "end":
                        raise from_problem(403, json.loads(event.data))
                    if event.kind == "live":
                        self.live = self._connection.one(Live, json.loads(event.data))
                    yield event
            except ValueError as error:
                raise unexpected(response.status, f"{access.endpoint} did not answer with events") from error
            finally:
                self._response = None


def _chunks(response: urllib3.BaseHTTPResponse, url: str) -> Iterator[bytes]:
    while True:
        with translated(url):
            chunk = response.read1(CHUNK_BYTES)
        if not chunk:
            return
        yield chunk


def _passes(error: ExchangeError) -> bool:
    """Whether it may be over in a while: nobody answers, or with an error that is not ours."""
    return error.code == "unreachable" or (error.status is not None and error.status >= 500)
