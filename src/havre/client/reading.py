"""Rows, read from the data plane.

Rules that hold here:

1. Nothing is asked for before a method is called; each call is one access, and ``rows`` one a page.
2. A stream that was cut is never taken for a whole one.
3. The access token is asked for at each access, so that the node renews it near its end; refused, it is renewed once.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import urllib3

from havre.client.connection import Connection, translated
from havre.client.errors import ExchangeError, unexpected
from havre.client.model import Access

if TYPE_CHECKING:
    import polars
    import pyarrow as pa

CHUNK_BYTES = 1024 * 1024
PAGE_ROWS = 10_000
END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"  # Arrow columnar format, IPC streaming format
Door = Callable[[bool], Access]
"""Gives what opens the rows; called with True it gives a new token."""


@dataclass(frozen=True)
class Reading:
    """Rows that can be read, now and again. Made by ``Exchange.open`` and ``Exchange.rows_of``."""

    _connection: Connection
    _door: Door
    _parameters: tuple[tuple[str, str], ...] = ()

    def to_arrow(self) -> "pa.Table":
        """All rows as a ``pyarrow.Table``."""
        with self._arrow() as reader:
            return reader.read_all()

    def to_pandas(self) -> Any:
        """All rows as a ``pandas.DataFrame``."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> "polars.DataFrame":
        """All rows as a ``polars.DataFrame``."""
        import polars

        frame = polars.from_arrow(self.to_arrow())
        assert isinstance(frame, polars.DataFrame)
        return frame

    def batches(self) -> "Iterator[pa.RecordBatch]":
        """The rows as ``pyarrow.RecordBatch``, as they arrive: one batch in memory at a time."""
        with self._arrow() as reader:
            yield from reader

    def rows(self, page: int = PAGE_ROWS) -> Iterator[dict[str, Any]]:
        """The rows as dicts of JSON values (a time is a text), fetched ``page`` at a time: for work that is slow."""
        kept = dict(self._parameters).get("limit")
        left = None if kept is None else int(kept)
        others, after = [one for one in self._parameters if one[0] != "limit"], None
        while left is None or left > 0:
            asked = page if left is None else min(page, left)
            answer = self._page([*others, ("limit", str(asked)), *([("after", after)] if after else [])])
            yield from answer["rows"]
            after, left = answer.get("next"), None if left is None else left - len(answer["rows"])
            if after is None:
                return

    def chunks(self, format: str) -> Iterator[bytes]:
        """The answer as it arrives, in ``csv``, ``ndjson``, ``parquet`` or ``arrow``: to be written to a file."""
        with self._opened([*self._parameters, ("format", format)]) as (response, url):
            stream = Stream(response, url)
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk
            if format == "arrow":
                stream.require_whole()

    def _page(self, parameters: list[tuple[str, str]]) -> dict[str, Any]:
        with self._opened([*parameters, ("format", "json")]) as (response, url):
            text = Stream(response, url).read()
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or not isinstance(answer.get("rows"), list):
            raise unexpected(response.status, f"{url} did not answer with rows")
        return answer

    @contextmanager
    def _arrow(self) -> "Iterator[pa.RecordBatchReader]":
        import pyarrow as pa
        import pyarrow.ipc

        with self._opened([*self._parameters, ("format", "arrow")]) as (response, url):
            stream = Stream(response, url)
            try:
                yield pyarrow.ipc.open_stream(stream)
            except (pa.ArrowInvalid, OSError) as error:
                raise ExchangeError(None, "unreachable", f"the rows of {url} broke off: read them again") from error
            stream.require_whole()

    @contextmanager
    def _opened(self, parameters: list[tuple[str, str]]) -> Iterator[tuple[urllib3.BaseHTTPResponse, str]]:
        """The data plane's answer and address, with a token that is good."""

        def ask(access: Access) -> urllib3.BaseHTTPResponse:
            return self._connection.stream("GET", access.endpoint, access.token, parameters, {"Accept": "*/*"})

        response, access = through(self._door, ask)
        with response:
            yield response, access.endpoint


def through(door: Door, ask: Callable[[Access], urllib3.BaseHTTPResponse]) -> tuple[urllib3.BaseHTTPResponse, Access]:
    """What ``ask`` is answered, with a token that is good."""
    access = door(False)
    try:
        return ask(access), access
    except ExchangeError as error:
        if not _renewable(error):
            raise
        renewed = door(True)
        if renewed.token == access.token:
            raise
        return ask(renewed), renewed


def _renewable(error: ExchangeError) -> bool:
    """Whether a new token may help: this one is unknown there by now, or expired."""
    expired = any("expired" in text for text in (error.detail, *error.reasons))
    return error.status in (401, 404) or (error.status == 403 and expired)


class Stream:
    """A body, for PyArrow to read from. Its last bytes are remembered: an Arrow stream says when it is whole."""

    closed = False

    def __init__(self, response: urllib3.BaseHTTPResponse, url: str) -> None:
        self._response = response
        self._url = url
        self._last = b""

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, fewer only at the end."""
        with translated(self._url):
            data = self._response.read(None if size < 0 else size)
        self._last = (self._last + data[-8:])[-8:]
        return data

    def require_whole(self) -> None:
        """Raise if the end of the stream is missing; read what frames it, so that the connection can be used again."""
        if self._last != END_OF_STREAM:
            raise ExchangeError(None, "unreachable", f"the rows of {self._url} broke off: read them again")
        self.read(1)

    def close(self) -> None:
        """For PyArrow, which closes what it has read; the response is closed by who opened it."""
