"""The pages of a service are reached at the node's address, and the service learns nothing of who asks there."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import urllib3
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from havre.client.pages import forwarded
from havre.demo import nodes
from havre.demo.nodes import Node, free_port
from havre.exchange import services
from havre.settings import Settings
from havre.web import NOTHING_HERE, application
from tests.asgi import Reply, ask
from tests.mobility.pages.served import Served

pytestmark = pytest.mark.real
HTTP = urllib3.PoolManager(retries=False, timeout=10.0)
GO_ON = threading.Event()


async def seen(request: Request) -> Response:
    body = (await request.body()).decode()
    asked = f"{request.method} {request.url.path}?{request.url.query}"
    said = {"asked": asked, "url": str(request.url), "root": request.scope["root_path"], "body": body}
    answer = JSONResponse({**said, "headers": dict(request.headers)}, 418, {"etag": '"one"', "connection": "x-mine"})
    answer.headers["x-mine"] = "of this connection"
    answer.set_cookie("theirs", "1")
    return answer


def in_pieces(request: Request) -> Response:
    def pieces() -> Iterator[bytes]:
        yield b"first\n"
        assert GO_ON.wait(10)
        yield b"second\n"

    return StreamingResponse(pieces(), media_type="text/plain")


async def late(request: Request) -> Response:
    while not GO_ON.is_set():
        await asyncio.sleep(0.05)
    return PlainTextResponse("late")


def endless(request: Request) -> Response:
    return StreamingResponse((b"x" * 65536 for _ in iter(int, 1)), media_type="text/plain")


SHOWN = Starlette(
    routes=[
        Route("/seen/{more:path}", seen, methods=["GET", "POST"]),
        Route("/in-pieces", in_pieces),
        Route("/endless", endless),
        Route("/late", late),
        Route("/elsewhere", lambda request: RedirectResponse("http://other.example/", 302)),
        Route("/health", lambda request: PlainTextResponse("how I am")),
    ]
)


@pytest.fixture(scope="module")
def service() -> Iterator[Served]:
    running = Served(forwarded(SHOWN))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def node(service: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    given = f"shown={service.url} down=http://127.0.0.1:{free_port()}"
    running = nodes.make("node", tmp_path_factory.mktemp("node"), more={"HAVRE_SERVICES": given})
    running.start()
    yield running
    running.stop()


def asked(node: Node, path: str, method: str = "GET", **more: Any) -> urllib3.BaseHTTPResponse:
    return HTTP.request(method, f"{node.url}/services/{path}", redirect=False, **more)


def test_what_is_asked_and_answered_passes_as_it_is(node: Node) -> None:
    answer = asked(node, "shown/seen/%C3%A9%20t/?a=1&a=%26", "POST", body=b"b=2", headers={"HX-Request": "true"})
    said = answer.json()
    assert answer.status == 418 and answer.headers["etag"] == '"one"'
    assert said["asked"] == "POST /services/shown/seen/é t/?a=1&a=%26" and said["body"] == "b=2"
    assert said["headers"]["hx-request"] == "true"
    assert asked(node, "shown/seen/", "HEAD").data == b""
    assert asked(node, "shown/seen/", "DELETE").status == 405
    away = asked(node, "shown/elsewhere")
    assert (away.status, away.headers["location"]) == (302, "http://other.example/")


def test_a_service_is_told_where_it_is_seen(node: Node) -> None:
    said = asked(
        node, "shown/seen/", headers={"X-Forwarded-Prefix": "/mine", "X-Forwarded-Host": "evil.example"}
    ).json()
    assert said["root"] == "/services/shown"
    assert said["url"] == f"{node.url}/services/shown/seen/"
    begin = asked(node, "shown")
    assert (begin.status, begin.headers["location"]) == (307, "/services/shown/")


def test_nothing_of_who_asks_is_passed_on_and_no_cookie_comes_back(node: Node) -> None:
    secrets = {"Authorization": f"Bearer {node.token}", "Cookie": "session=secret", "Proxy-Authorization": "Basic eA=="}
    of_one_connection = {"Connection": "close, X-Hop", "X-Hop": "1", "TE": "trailers", "Forwarded": "for=192.0.2.1"}
    answer = asked(node, "shown/seen/", headers={**secrets, **of_one_connection, "X-Forwarded-For": "192.0.2.1"})
    passed = answer.json()["headers"]
    text = str(passed).lower()
    assert not [one for one in (node.token.lower(), "secret", "basic", "trailers", "192.0.2.1") if one in text]
    assert "x-hop" not in passed
    assert "set-cookie" not in answer.headers and "x-mine" not in answer.headers


def test_an_answer_is_passed_on_as_it_comes(node: Node) -> None:
    GO_ON.clear()
    answer = asked(node, "shown/in-pieces", preload_content=False)
    assert answer.read1() == b"first\n"  # the rest is not even made
    GO_ON.set()
    assert answer.read() == b"second\n"


def test_many_who_wait_for_an_answer_hold_up_nobody(node: Node) -> None:
    """More than there are threads, as those who wait for a new picture do."""
    GO_ON.clear()
    with ThreadPoolExecutor(100) as pool:
        waiting = [pool.submit(asked, node, "shown/late") for _ in range(100)]
        assert asked(node, "shown/seen/").status == 418
        assert HTTP.request("GET", f"{node.url}/healthz").status == 200
        GO_ON.set()
        assert {one.result().data for one in waiting} == {b"late"}


@pytest.mark.parametrize(
    "raw",
    [b"", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000 + b"\r\n"],
)
def test_what_is_no_answer_is_a_service_that_does_not_answer(tmp_path: Path, raw: bytes) -> None:
    assert forwarded_from(tmp_path, raw).status == 502


@pytest.mark.parametrize(
    ("raw", "body", "whole"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\nall until the end", b"all until the end", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthree", b"three", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nthree", b"three", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\none\r\n2\r\nup\r\n0\r\n\r\n", b"oneup", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n", b"one", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\none\r\n", b"", False),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok", True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", b"", True),
    ],
)
def test_an_answer_ends_where_it_says_and_one_that_breaks_off_is_not_whole(
    tmp_path: Path, raw: bytes, body: bytes, whole: bool
) -> None:
    found = forwarded_from(tmp_path, raw)
    assert (found.body, found.whole) == (body, whole)


def forwarded_from(home: Path, raw: bytes) -> Reply:
    """What a node answers when the service says this and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def say() -> None:
            with server.accept()[0] as taken:
                taken.recv(65536)
                with suppress(OSError):
                    taken.sendall(raw)

        saying = threading.Thread(target=say)
        saying.start()
        given = {"one": f"http://127.0.0.1:{server.getsockname()[1]}"}
        found = ask(application(services.routes(Settings(home=home, services=given))), "GET", "/services/one/")
        saying.join()
    return found


def test_a_service_that_is_down_is_said_to_be(node: Node) -> None:
    answer = asked(node, "down/")
    assert (answer.status, answer.json()["code"]) == (502, "unreachable")
    assert "127.0.0.1" not in answer.data.decode()  # where it is, is nobody's business


@pytest.mark.parametrize("path", ["none/", "shown/health", "Shown/seen/", "shown/..%2Fseen/"])
def test_what_is_not_shown_is_like_anything_that_is_not_there(node: Node, path: str) -> None:
    answer = asked(node, path)
    assert (answer.status, answer.json()["detail"]) == (404, NOTHING_HERE)


def test_what_is_too_long_ends(service: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "ANSWERED_BYTES", 1_000_000)
    monkeypatch.setattr(services, "ASKED_BYTES", 1000)
    app = application(services.routes(Settings(home=tmp_path, services={"shown": service.url})))
    answer = ask(app, "GET", "/services/shown/endless")
    assert not answer.whole and len(answer.body) <= 1_000_000
    assert ask(app, "POST", "/services/shown/seen/", b"x" * 1001).status == 413
    assert ask(app, "POST", "/services/shown/seen/", b"x" * 1000).status == 418


def test_an_answer_that_takes_too_long_ends(service: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "WHOLE_SECONDS", -1.0)
    app = application(services.routes(Settings(home=tmp_path, services={"shown": service.url})))
    answer = ask(app, "GET", "/services/shown/endless")
    assert not answer.whole and answer.body == b""


@pytest.mark.parametrize("given", ["x", "x=ftp://a", "X=http://a", "x=http://me:you@a", "x=http://a?b"])
def test_a_wrong_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("HAVRE_SERVICES", given)
    with pytest.raises(ValueError, match="services"):
        Settings(home=tmp_path)
