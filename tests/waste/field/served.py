"""The pages in memory or on a loopback port, with a view that can be changed and a desk that is a file.

``python -m tests.waste.field.served [busy|striking|…]`` serves one to look at, and says the link of a round.
"""

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from starlette.applications import Starlette

from havre_waste.field import links
from havre_waste.field.events import Event, Kind
from havre_waste.field.model import View
from havre_waste.field.routes import application
from havre_waste.field.store import Book
from tests.mobility.pages import places
from tests.mobility.pages.served import Served
from tests.waste.field import towns

PARIS = ZoneInfo("Europe/Paris")
KEY = b"a key that only this test knows"
GPX = b"<gpx/>"


class Stage:
    """What the pages show: ``view`` can be replaced. It is ``towns.NOW``, or ``later``."""

    def __init__(self, view: View, folder: Path) -> None:
        self.view = view
        self.later = timedelta(0)
        self.broken: list[str] = []
        self.book = Book(folder / "book.sqlite")

    def now(self) -> datetime:
        return towns.NOW + self.later

    def application(self, ships: str = "") -> Starlette:
        return application(
            lambda: self.view,
            self.book,
            places.collection(),
            self.now,
            PARIS,
            KEY,
            export=self.export,
            breaks_down=self.broken.append,
            ships=ships,
            example=self.view.example,
        )

    @cached_property
    def application_kept(self) -> Starlette:
        """One, that remembers what it counted."""
        return self.application()

    def export(self, round: str, form: str) -> tuple[bytes, str] | None:
        return (GPX, "application/gpx+xml") if form == "gpx" else None

    def tell(self, *steps: str, kind: Kind = Kind.DONE) -> None:
        """As a crew that has no phone of ours."""
        told = [
            Event(
                f"told-{n:04}-{step[-30:].replace(':', '-')}",
                self.view.rounds[0].id,
                step,
                kind,
                towns.after(minutes=-60 + 9 * n),
            )
            for n, step in enumerate(steps)
        ]
        assert self.book.accept(told) == {}

    def link(self, number: int = 0, language: str = "fr") -> str:
        id = self.view.rounds[number].id
        return f"/{language}/drive/{id}/{links.token(KEY, id)}"


@contextmanager
def served(stage: Stage, port: int | None = None) -> Iterator[Served]:
    running = Served(stage.application(), port)
    try:
        yield running
    finally:
        running.stop()


if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else "busy"
    with tempfile.TemporaryDirectory() as folder:
        shown = Stage(towns.ALL[name](), Path(folder))
        with served(shown) as running:
            sys.stdout.write(f"{running.url}/\n{running.url}{shown.link()}/\n")
            sys.stdout.flush()
            threading.Event().wait()
