"""A consumer's endpoint: a small web server that keeps what is pushed to it, and answers as a test wants."""

import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import pyarrow.ipc

ARROW = "application/vnd.apache.arrow.stream"


@dataclass(frozen=True)
class Got:
    """One request, and the status that answered it."""

    headers: Mapping[str, str]
    body: bytes
    status: int

    @property
    def rows(self) -> list[dict[str, Any]]:
        if self.headers["content-type"] == ARROW:
            with pyarrow.ipc.open_stream(io.BytesIO(self.body)) as stream:
                return list(stream.read_all().to_pylist())
        return [json.loads(line) for line in self.body.splitlines()]

    @property
    def key(self) -> str:
        return self.headers["idempotency-key"]


@dataclass
class Endpoint:
    """``answers`` gives the status for the number of a request, counted from 1; ``url`` says where it is."""

    url: str = ""
    answers: Callable[[int], int] = lambda number: 200
    got: list[Got] = field(default_factory=list)

    @property
    def taken(self) -> list[Got]:
        """What was answered with a success; a part that came again does not count again."""
        return list({one.key: one for one in self.got if one.status < 300}.values())

    @property
    def positions(self) -> list[int]:
        """Of the rows that were taken, in the order in which they came."""
        return [row["_position"] for one in self.taken for row in one.rows]


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    made, numbers = Endpoint(), count(1)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = made.answers(next(numbers))
            made.got.append(Got({name.lower(): value for name, value in self.headers.items()}, body, status))
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/rows?sig=S1GNATURE"
    yield made
    server.shutdown()
    server.server_close()
