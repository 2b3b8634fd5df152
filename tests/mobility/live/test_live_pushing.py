"""Openings are pushed to whom the settings name: whole at first, then what has changed, again until it was taken."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from havre.client import Exchange
from havre.client.service import Need, Running
from havre_mobility import service
from havre_mobility.live import pushing
from havre_scenario import geojson, places
from tests.asgi import ask
from tests.mobility.datex.test_publication import problems
from tests.mobility.live.test_live import MINUTE, NOW, frame, message
from tests.mobility.pages.served import Served
from tests.two_nodes import within

ACK = b"<ex:returnStatus>ack</ex:returnStatus>"


class Client:
    """Who is pushed to: keeps what came with its authorization, and answers as it is told."""

    def __init__(self) -> None:
        self.came: list[tuple[str | None, bytes]] = []
        self.status = 200
        self.server = Served(Starlette(routes=[Route("/in", self._take, methods=["POST"])]))

    async def _take(self, request: Request) -> Response:
        self.came.append((request.headers.get("authorization"), await request.body()))
        return Response(ACK if self.status == 200 else b"no", self.status)


@pytest.fixture
def client() -> Iterator[Client]:
    one = Client()
    yield one
    one.server.stop()


@pytest.fixture
def ground(tmp_path: Path) -> Path:
    file = tmp_path / "places.geojson"
    file.write_text(json.dumps(geojson.collection(places.build(), [])), encoding="utf-8")
    return file


def running(ground: Path, *clients: dict[str, str]) -> tuple[Any, Starlette]:
    live = service.make({"places": str(ground), "datex_clients": list(clients)})
    exchange = Exchange("http://127.0.0.1:1", "hvr_nobody")
    app = service.pages(Running(service.SERVICE, live, exchange, {"ais": Need("did:web:x", "ais")}))
    live.sharing.told.hears = lambda: True
    return live, app


def pushes(app: Starlette) -> Any:
    return ask(app, "GET", "/health").json["pushes"]


def test_a_client_gets_all_then_what_changed_and_again_what_it_did_not_take(
    ground: Path, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "LOOKS_SECONDS", 0.05)
    (tmp_path / "token").write_text("Bearer of-the-client\n")
    url = f"{client.server.url}/in"
    live, app = running(ground, {"url": f"{url}?key=1", "authorization_file": str(tmp_path / "token")})
    assert client.came == [] and pushes(app) == [{"client": url, "acknowledged": None, "failures": 0, "error": None}]
    live.take("bridge_messages", frame([message("planned", 5, 20, 32)]))
    live.results(NOW)
    within(10, lambda: pushes(app), lambda found: found[0]["acknowledged"])
    ((authorization, first),) = client.came
    assert authorization == "Bearer of-the-client" and b"snapshotPush" in first and b"bridge-rouge_o1" in first
    client.status = 503
    live.take("bridge_messages", frame([message("in_operation", 0, 0, 12)]))
    live.results(NOW + MINUTE)
    found = within(10, lambda: pushes(app), lambda found: found[0]["failures"] > 1)
    assert found[0]["error"] == "it answers with status 503: no"
    assert ask(app, "GET", "/health").json["well"] is False
    client.status = 200
    within(10, lambda: pushes(app), lambda found: found[0]["error"] is None)
    last = client.came[-1][1]
    assert b"deltaPush" in last and b"implemented" in last
    assert {problems(body, "MessageContainer") for _, body in client.came} == {""}


def test_nothing_is_pushed_while_the_bridges_are_not_heard(ground: Path, client: Client) -> None:
    live, _ = running(ground, {"url": f"{client.server.url}/in"})
    told = live.sharing.told
    ((one, _),) = told.pushing.states.items()
    told.hears = lambda: False
    live.take("bridge_messages", frame([message("planned", 5, 20, 32)]))
    live.results(NOW)
    before = pushing.push.Subscriber(one.url)
    assert told.pushing.once(one, before) is before and client.came == []
    told.hears = lambda: True
    assert told.pushing.once(one, before) is not before and len(client.came) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([{"version": "3.6"}], "settings.datex_clients.1: got"),
        ([{"url": "ftp://x"}], "settings.datex_clients.1.url"),
        ([{"url": "http://me:you@x"}], "settings.datex_clients.1.url"),
        ([{"url": "http://x", "version": "2.3"}], "settings.datex_clients.1.version: got '2.3', expected 3.6"),
        ([{"url": "http://x", "colour": "red"}], "settings.datex_clients.1.colour"),
        ("http://x", "settings.datex_clients: got"),
    ],
)
def test_a_client_that_is_wrong_is_named(ground: Path, given: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        service.make({"places": str(ground), "datex_clients": given})
