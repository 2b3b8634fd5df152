"""Lines over a TCP connection, as an AIS receiver sends them. Connected again when it breaks.

Rules that hold here: lines are committed at least every ``commit`` seconds; the offset counts bytes over all
connections; a line that was cut by the end of a connection is dropped, nobody could send the rest of it.
"""

import socket
import time
from typing import TYPE_CHECKING

from pydantic import Field

from havre.errors import Unreachable
from havre.settings import Settings
from havre.sources.transports import TransportOptions
from havre.sources.transports.guarded import connect

if TYPE_CHECKING:
    from havre.sources.intake import Intake

LINES_ALONE = True
CHUNK_BYTES = 256 * 1024
MOST_BYTES = 4 * 1024 * 1024
RECONNECT_SECONDS = 1.0


class Options(TransportOptions):
    host: str = Field(min_length=1, description="Name or address of the sender.")
    port: int = Field(ge=1, le=65_535, description="Its port.")
    commit: float = Field(0.5, ge=0.1, le=60, description="Seconds after which lines are committed at the latest.")
    silence: float = Field(60.0, gt=0, le=86_400, description="Seconds of silence after which it is connected anew.")


def transport(options: Options, settings: Settings, participant: str) -> "Lines":
    return Lines(options, settings, participant)


class Lines:
    interval = RECONNECT_SECONDS

    def __init__(self, options: Options, settings: Settings, participant: str) -> None:
        self._options = options
        self._private = settings.private_sources

    def read(self, intake: "Intake") -> None:
        name = f"{self._options.host}:{self._options.port}"
        try:
            connection = connect(self._options.host, self._options.port, 10.0, private=self._private)
        except OSError as error:
            raise Unreachable(f"{name} cannot be connected to: {error}") from error
        with connection:
            rest = b""
            while not intake.stop.is_set():
                received, open_ = self._receive(connection, intake)
                whole, end, rest = (rest + received).rpartition(b"\n")
                if end:
                    with intake.lines(name) as stream:
                        stream.add(whole + end)
                if not open_:
                    raise Unreachable(f"{name} has closed the connection")

    def _receive(self, connection: socket.socket, intake: "Intake") -> tuple[bytes, bool]:
        """What comes within the time of a commit, and whether more may come."""
        parts: list[bytes] = []
        size, started = 0, time.monotonic()
        connection.settimeout(0.1)
        while size < MOST_BYTES and not intake.stop.is_set():
            waited = time.monotonic() - started
            if waited >= (self._options.commit if parts else self._options.silence):
                return b"".join(parts), bool(parts)
            try:
                part = connection.recv(CHUNK_BYTES)
            except TimeoutError:
                continue
            except OSError:
                part = b""
            if not part:
                return b"".join(parts), False
            parts.append(part)
            size += len(part)
        return b"".join(parts), True
