"""HTTP sources: what has not changed is not read again, what leads inside is refused, a crash loses nothing."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from havre.context import Context
from havre.lake.writer import Writer
from havre.settings import Settings
from havre.sources.model import State
from havre.sources.transports.guarded import require_public
from tests.conftest import Clock
from tests.sources.sources import declare, numbers, run, source, status


@dataclass
class Site:
    """A small web server whose answers are set by a test."""

    body: bytes = b""
    etag: str | None = None
    redirect: str | None = None
    status: int = 200
    asked: list[str | None] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            condition = self.headers.get("If-None-Match")
            site.asked.append(condition)
            if site.redirect:
                self._answer(302, b"", location=site.redirect)
            elif site.etag and condition == site.etag:
                self._answer(304, b"")
            else:
                self._answer(site.status, site.body, **({"etag": site.etag} if site.etag else {}))

        def _answer(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site.url = f"http://127.0.0.1:{server.server_port}/data.csv"
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture
def inside(context: Context) -> Context:
    """A node whose operator allows private addresses, as that of the test's own server."""
    return Context(Settings(home=context.settings.home, private_sources=True), context.database, context.clock)


def test_what_changed_is_read_and_what_did_not_is_not(inside: Context, site: Site, clock: Clock) -> None:
    dataset = declare(inside)
    site.body = b"number,name\n1,one\n"
    one = source(inside, "http", "csv", url=site.url)
    assert run(inside, one).rows == 1
    assert run(inside, one).rows == 0
    site.body = b"number,name\n2,two\n3,three\n"
    assert run(inside, one).rows == 2
    assert numbers(inside, dataset) == [1, 2, 3]


def test_the_server_is_asked_for_changes_alone(inside: Context, site: Site) -> None:
    declare(inside)
    site.body, site.etag = b"number,name\n1,one\n", '"v1"'
    from havre.sources.runner import Runner
    from tests.sources.sources import until

    runner = Runner(inside)
    one = source(inside, "http", "csv", url=site.url, every=1)
    runner.run(one)
    until(lambda: status(inside).state is State.WAITING)
    runner.run(one)
    until(lambda: len(site.asked) >= 2)
    until(lambda: status(inside).state is State.WAITING)
    runner.stop()
    assert site.asked[:2] == [None, '"v1"']
    assert status(inside).error is None


def test_an_error_of_the_server_is_said_and_tried_again(inside: Context, site: Site) -> None:
    declare(inside)
    site.status = 503
    ended = run(inside, source(inside, "http", "csv", url=site.url))
    assert ended.state is State.FAILED and "503" in (ended.error or "")


def test_a_body_beyond_the_limit_is_refused_and_leaves_nothing(inside: Context, site: Site) -> None:
    dataset = declare(inside)
    site.body = b"number,name\n" + b"1,one\n" * 1000
    ended = run(inside, source(inside, "http", "csv", url=site.url, max_mb=0.001))
    assert ended.state is State.FAILED and "too long" in (ended.error or "")
    assert numbers(inside, dataset) == []
    assert not list((inside.settings.home / "spool" / "harbour").iterdir())


def test_a_private_address_is_refused_unless_the_operator_allows_it(context: Context, site: Site) -> None:
    declare(context)
    ended = run(context, source(context, "http", "csv", url=site.url))
    assert ended.state is State.FAILED and "private address" in (ended.error or "")
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "::1",
        "::ffff:10.0.0.1",
        "fe80::1%eth0",
        "0.0.0.0",
        "224.0.0.1",
    ],
)
def test_no_address_of_the_inside_counts_as_public(address: str) -> None:
    with pytest.raises(Exception, match="private"):
        require_public(address)


def test_a_public_address_is_allowed() -> None:
    require_public("93.184.216.34")
    require_public("2606:2800:220:1:248:1893:25c8:1946")


def test_redirections_that_go_in_circles_end(inside: Context, site: Site) -> None:
    declare(inside)
    site.redirect = site.url
    ended = run(inside, source(inside, "http", "csv", url=site.url))
    assert ended.state is State.FAILED and "address to address" in (ended.error or "")
    assert len(site.asked) == 6


def test_a_body_is_taken_to_its_end_after_a_crash_although_the_site_has_changed(
    inside: Context, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = declare(inside)
    site.body = b"number,name\n1,one\n2,two\n"
    one = source(inside, "http", "csv", url=site.url)
    whole = Writer.flush

    def crash(writer: Writer) -> object:
        raise OSError("the disk is gone")

    monkeypatch.setattr(Writer, "flush", crash)
    assert run(inside, one).state is State.FAILED
    monkeypatch.setattr(Writer, "flush", whole)
    site.body = b"number,name\n3,three\n"
    assert run(inside, one).rows == 3
    assert numbers(inside, dataset) == [1, 2, 3]
