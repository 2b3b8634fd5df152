"""A receiver that sends AIS over TCP at a steady rate, and remembers when it sent what."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

RATE, HANDFULS = 1_000, 10
"""Sentences a second, sent so many times a second."""
QUIET_SECONDS = 30.0
"""After the last one: the end of the connection would have what waits committed at once."""


@contextmanager
def sending(lines: Sequence[bytes]) -> Iterator[tuple[int, list[float]]]:
    """Its port, and when each line was sent, once somebody has connected."""
    sent: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_send, args=(listening, lines, sent), daemon=True).start()
        yield listening.getsockname()[1], sent


def _send(listening: socket.socket, lines: Sequence[bytes], sent: list[float]) -> None:
    connection, _ = listening.accept()
    with connection:
        started, size = time.monotonic(), RATE // HANDFULS
        for number in range(len(lines) // size):
            time.sleep(max(0.0, started + number / HANDFULS - time.monotonic()))
            sent += [time.time()] * size
            connection.sendall(b"".join(lines[number * size : (number + 1) * size]))
        time.sleep(QUIET_SECONDS)
