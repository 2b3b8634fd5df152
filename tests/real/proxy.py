"""The one address of several processes: connections go to one after the other, past those that do not answer."""

import itertools
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress


@contextmanager
def proxy(ports: Sequence[int], port: int) -> Iterator[None]:
    """Listens at ``port`` for what is served at ``ports``."""
    with socket.create_server(("127.0.0.1", port), backlog=128) as listening:
        turns = itertools.count()
        threading.Thread(target=_serve, args=(listening, ports, turns), daemon=True).start()
        try:
            yield
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def _serve(listening: socket.socket, ports: Sequence[int], turns: Iterator[int]) -> None:
    with suppress(OSError):  # when it is closed
        while True:
            client, _ = listening.accept()
            threading.Thread(target=_join, args=(client, ports, next(turns)), daemon=True).start()


def _join(client: socket.socket, ports: Sequence[int], turn: int) -> None:
    with client:
        served = _connected(ports, turn)
        if served is None:
            return
        with served:
            back = threading.Thread(target=_copy, args=(served, client), daemon=True)
            back.start()
            _copy(client, served)
            back.join()


def _connected(ports: Sequence[int], turn: int) -> socket.socket | None:
    for index in range(len(ports)):
        with suppress(OSError):
            return socket.create_connection(("127.0.0.1", ports[(turn + index) % len(ports)]))
    return None


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    # the end of one direction is that of the other: HTTP does not close half
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
