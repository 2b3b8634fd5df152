"""The pages on a loopback port, with a picture that can be changed.

``python -m tests.mobility.pages.served [busy|ais_stale|…]`` serves one to look at.
"""

import asyncio
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from starlette.applications import Starlette
from starlette.types import ASGIApp

from havre.demo.nodes import free_port
from havre_mobility.pages.elsewhere import Elsewhere
from havre_mobility.pages.routes import application
from havre_mobility.pages.waiting import Waiting
from havre_mobility.picture.model import Picture
from tests.mobility.pages import pictures, places

PARIS = ZoneInfo("Europe/Paris")


ROUND = timedelta(seconds=20)


class Stage:
    """What the pages show: ``picture`` can be replaced. It is ``pictures.NOW``, or ``later``.

    With ``moves`` the same twenty seconds pass again and again, so that pages see that they are made anew.
    """

    def __init__(self, picture: Picture, *, moves: bool = False) -> None:
        self.picture = picture
        self.moves = moves
        self.later = timedelta(0)
        self.waiting = Waiting()
        self.elsewhere: Elsewhere | None = None
        """Openings of others; None for pages that were not told to show any."""

    def show(self, picture: Picture) -> None:
        """As a service does: who waits for it is told."""
        self.picture = picture
        self.waiting.tell()

    def now(self) -> datetime:
        gone = timedelta(seconds=time.monotonic()) % ROUND if self.moves else timedelta(0)
        return pictures.NOW + gone + self.later

    def application(self) -> Starlette:
        elsewhere = None if self.elsewhere is None else lambda: self.elsewhere
        return application(
            lambda: self.picture, places.collection(), self.now, PARIS, elsewhere=elsewhere, waiting=self.waiting
        )


class Served:
    """The pages answer at ``url``."""

    def __init__(self, app: ASGIApp, port: int | None = None) -> None:
        port = port or free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._server = Server(
            app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, http=HTTPModes.http1, log_enabled=False
        )
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),), daemon=True)
        self._thread.start()
        _wait_for(port)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.serve()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.stop)
            self._thread.join(10)


@contextmanager
def served(stage: Stage) -> Iterator[Served]:
    running = Served(stage.application())
    try:
        yield running
    finally:
        running.stop()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else "busy"
    with served(Stage(pictures.ALL[name](), moves=True)) as running:
        sys.stdout.write(f"{running.url}/\n")
        threading.Event().wait()
