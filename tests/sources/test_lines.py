"""Lines over TCP: committed soon, in whole lines, and connected again when the sender goes away."""

import socket
import threading
from collections.abc import Iterator

import pytest

from havre.context import Context
from havre.errors import Invalid
from havre.settings import Settings
from havre.sources.model import State
from havre.sources.runner import Runner
from tests.sources.sources import declare, numbers, run, source, status, until


class Sender:
    """A TCP server that sends what a test tells it to, to whoever is connected."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._connected = threading.Condition()
        self._peer: socket.socket | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._server.accept()
            except OSError:
                return
            with self._connected:
                self._peer = peer
                self._connected.notify_all()

    def send(self, data: bytes) -> None:
        with self._connected:
            assert self._connected.wait_for(lambda: self._peer is not None, 10)
            assert self._peer is not None
            self._peer.sendall(data)

    def hang_up(self) -> None:
        with self._connected:
            if self._peer is not None:
                self._peer.close()
            self._peer = None

    def close(self) -> None:
        self._server.close()
        self.hang_up()


@pytest.fixture
def sender() -> Iterator[Sender]:
    sender = Sender()
    yield sender
    sender.close()


@pytest.fixture
def inside(context: Context) -> Context:
    return Context(Settings(home=context.settings.home, private_sources=True), context.database, context.clock)


def test_lines_are_committed_as_they_come_and_after_the_sender_came_back(inside: Context, sender: Sender) -> None:
    dataset = declare(inside)
    runner = Runner(inside)
    runner.run(source(inside, "tcp", "ndjson", host="127.0.0.1", port=sender.port, commit=0.1))
    sender.send(b'{"number": 1}\n{"number": 2}\n{"num')
    until(lambda: numbers(inside, dataset) == [1, 2])
    sender.send(b'ber": 3}\n')
    until(lambda: numbers(inside, dataset) == [1, 2, 3])
    sender.send(b'{"numb')
    sender.hang_up()
    until(lambda: status(inside).error is not None)
    sender.send(b'{"number": 4}\n')
    until(lambda: numbers(inside, dataset) == [1, 2, 3, 4])
    runner.stop()


def test_nobody_there_is_said(inside: Context) -> None:
    declare(inside)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    one = source(inside, "tcp", "ndjson", host="127.0.0.1", port=port)
    ended = run(inside, one)
    assert ended.state is State.FAILED and "cannot be connected to" in (ended.error or "")
    assert ended.next is not None


def test_a_private_address_is_refused_unless_the_operator_allows_it(context: Context, sender: Sender) -> None:
    declare(context)
    ended = run(context, source(context, "tcp", "ndjson", host="127.0.0.1", port=sender.port))
    assert ended.state is State.FAILED and "private address" in (ended.error or "")


def test_a_format_of_documents_cannot_come_in_lines(inside: Context, sender: Sender) -> None:
    declare(inside)
    with pytest.raises(Invalid) as caught:
        source(inside, "tcp", "json", host="127.0.0.1", port=sender.port)
    assert caught.value.field == "format"
