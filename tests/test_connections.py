"""Promises of the connections to other nodes: kept open, never mixed up, bounded, and each failure an OSError."""

import gzip
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from havre import connections
from havre.connections import Connections, Response

Serve = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """Accepts connections; each is given to ``serve`` in a thread of its own. ``heads`` are the requests' heads."""

    def __init__(self) -> None:
        self.serve: Serve = lambda connection: self.answer(connection, OK)
        self.heads: list[str] = []
        self.accepted = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            self.serve(connection)

    def answer(self, connection: socket.socket, *answers: bytes) -> None:
        """Each request with the next answer, the last one for ever."""
        left = list(answers)
        while head := self.taken(connection):
            self.heads.append(head)
            connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    @staticmethod
    def taken(connection: socket.socket) -> str:
        """A request of which we know that it comes in one piece; empty at the end."""
        try:
            return connection.recv(65536).decode("latin-1")
        except OSError:
            return ""

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


@pytest.fixture
def pool() -> Iterator[Connections]:
    found = Connections()
    yield found
    found.close()


def ask(pool: Connections, url: str, body: bytes | None = b"{}", timeout: float = 5.0) -> Response:
    return pool.request("POST", url, body, headers={"Authorization": "Bearer x"}, timeout=timeout)


def read(pool: Connections, url: str, amt: int = 1000) -> bytes:
    response = ask(pool, url)
    raw = response.read(amt)
    response.release_conn()
    return raw


def test_a_request_is_sent_as_the_standard_wants_it(server: Server, pool: Connections) -> None:
    read(pool, f"{server.url}/a%20b?c=d#e")
    lines = server.heads[0].split("\r\n")
    assert lines[0] == "POST /a%20b?c=d HTTP/1.1"
    assert {f"Host: 127.0.0.1:{server.port}", "Authorization: Bearer x", "Content-Length: 2"} <= set(lines)
    assert server.heads[0].endswith("\r\n\r\n{}")


def test_a_connection_serves_one_request_after_the_other(server: Server, pool: Connections) -> None:
    assert [read(pool, server.url) for _ in range(3)] == [b"{}"] * 3
    assert (server.accepted, len(server.heads)) == (1, 3)


def test_an_answer_that_was_not_read_to_its_end_ends_its_connection(server: Server, pool: Connections) -> None:
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000
    server.serve = lambda connection: server.answer(connection, long, OK)
    assert read(pool, server.url, 10) == b"x" * 10
    assert read(pool, server.url, 5001) == b"x" * 5000
    assert server.accepted == 2


def test_an_answer_that_breaks_off_is_none(server: Server, pool: Connections) -> None:
    def half(connection: socket.socket) -> None:
        server.taken(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}")

    server.serve = half
    with pytest.raises(OSError, match="broke off"):
        read(pool, server.url)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 what\r\n\r\n", b"220 mail.example ESMTP\r\n"])
def test_what_is_no_http_is_an_error_of_the_connection(server: Server, pool: Connections, answer: bytes) -> None:
    def wrong(connection: socket.socket) -> None:
        server.taken(connection)
        connection.sendall(answer)

    server.serve = wrong
    with pytest.raises(OSError):
        ask(pool, server.url)


def test_a_length_that_is_not_told_is_read_to_the_end(server: Server, pool: Connections) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    server.serve = lambda connection: server.answer(connection, chunked)
    assert [read(pool, server.url), read(pool, server.url)] == [b"{}", b"{}"]
    assert server.accepted == 1


def test_a_connection_that_is_to_be_closed_is_not_used_again(server: Server, pool: Connections) -> None:
    last = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    server.serve = lambda connection: server.answer(connection, last)
    assert [read(pool, server.url), read(pool, server.url)] == [b"{}", b"{}"]
    assert server.accepted == 2


def test_a_connection_that_the_other_side_closed_is_not_used_again(
    server: Server, pool: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "CHECKED_AFTER_SECONDS", 0.0)

    def once(connection: socket.socket) -> None:
        server.taken(connection)
        connection.sendall(OK)
        connection.shutdown(socket.SHUT_RDWR)
        gone.set()

    server.serve, gone = once, threading.Event()
    for _ in range(2):
        gone.clear()
        assert read(pool, server.url) == b"{}"
        assert gone.wait(5)
    assert server.accepted == 2


def test_a_redirection_is_an_answer_like_any_other(server: Server, pool: Connections) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nContent-Length: 0\r\n\r\n"
    server.serve = lambda connection: server.answer(connection, moved)
    response = ask(pool, server.url)
    assert (response.status, response.headers["location"]) == (302, "http://elsewhere.example/")
    assert response.read(10) == b""
    response.release_conn()


def test_who_does_not_answer_is_not_waited_for(server: Server, pool: Connections) -> None:
    def silent(connection: socket.socket) -> None:
        while server.taken(connection):
            pass

    server.serve = silent
    with pytest.raises(TimeoutError):
        ask(pool, server.url, timeout=0.1)


def test_nobody_there_is_an_error_of_the_connection(pool: Connections) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(OSError):
        ask(pool, f"http://127.0.0.1:{port}")


def zipped(body: bytes, whole: bool = True) -> bytes:
    packed = gzip.compress(body)
    packed = packed if whole else packed[:-9]
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(packed), packed)


def test_gzip_is_undone_and_never_beyond_the_limit(server: Server, pool: Connections) -> None:
    server.serve = lambda connection: server.answer(connection, zipped(b"x" * 1_000_000))
    assert len(read(pool, server.url, 2_000_000)) == 1_000_000
    assert len(read(pool, server.url, 10_000)) == 10_000


@pytest.mark.parametrize("answer", [zipped(b"{}" * 99, whole=False), zipped(b"{}").replace(b"\x1f\x8b", b"no")])
def test_broken_gzip_is_no_answer(server: Server, pool: Connections, answer: bytes) -> None:
    server.serve = lambda connection: server.answer(connection, answer)
    with pytest.raises(OSError):
        read(pool, server.url)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("ftp://a.example/", id="another scheme"),
        pytest.param("http:///path", id="no host"),
        pytest.param("http://a.example/ HTTP/1.1\r\nX: y", id="a second header"),
        pytest.param("http://a.example:port/", id="a port that is no number"),
        pytest.param("http://[", id="half an address"),
    ],
)
def test_what_is_no_address_is_refused(pool: Connections, url: str) -> None:
    with pytest.raises(ValueError):
        ask(pool, url)


def test_a_value_cannot_bring_a_header_of_its_own(server: Server, pool: Connections) -> None:
    with pytest.raises(ValueError, match="line break"):
        pool.request("GET", server.url, headers={"Authorization": "x\r\nX-Other: y"}, timeout=1.0)
    assert server.heads == []


def test_a_certificate_that_nobody_vouches_for_is_refused(server: Server, pool: Connections, tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def serve(connection: socket.socket) -> None:
        try:
            with context.wrap_socket(connection, server_side=True) as wrapped:
                server.answer(wrapped, OK)
        except OSError:
            return

    server.serve = serve
    url = server.url.replace("http:", "https:")
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(pool, url)
    connections._trusted().load_verify_locations(certificate)
    try:
        assert read(pool, url) == b"{}"
    finally:
        connections._trusted.cache_clear()
