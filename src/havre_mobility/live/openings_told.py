"""The DATEX II publication of openings as it is pulled and pushed: the same bytes until something in it changes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl
from starlette.exceptions import HTTPException
from starlette.routing import Route

from havre_mobility.bridges.model import Bridge
from havre_mobility.datex import pull
from havre_mobility.datex.model import Published
from havre_mobility.datex.publication import Publisher, payload, snapshot
from havre_mobility.live.pushing import Client, Pushing

PATH = "/datex2/openings.xml"
PUBLISHER = {"country": "fr", "identifier": "havre-mobility"}


def publisher(given: Mapping[str, Any]) -> Publisher:
    """From settings. ``ValueError`` names what is wrong with them."""
    for name, value in given.items():
        if name not in PUBLISHER:
            raise ValueError(f"settings.publisher.{name} is not known; {', '.join(sorted(PUBLISHER))} are")
        if not isinstance(value, str) or not value:
            raise ValueError(f"settings.publisher.{name}: got {value!r}, expected a text")
    return Publisher(**{**PUBLISHER, **given})


class OpeningsTold:
    """``hear`` makes the publication; ``route`` hands it out, ``pushing`` sends it.

    ``hears()`` says whether the messages of the bridges come: where not, there is none.
    """

    def __init__(self, publisher: Publisher, bridges: Sequence[Bridge], clients: Sequence[Client] = ()) -> None:
        self.hears: Callable[[], bool] = lambda: True
        self.pushing = Pushing(clients, publisher, lambda: self._published if self.hears() else None)
        self._publisher, self._bridges = publisher, bridges
        self._published: list[Published] | None = None
        self._current: pull.Current | None = None

    def hear(self, messages: pl.DataFrame, now: datetime) -> None:
        if not messages.height:
            return
        found = snapshot(messages, self._bridges, now)
        if found != self._published:
            self._published, self._current = found, pull.Current(payload(found, self._publisher, now), now)

    def route(self) -> Route:
        """503 while nothing was heard, or the messages of the bridges do not come: an empty publication would say that
        no bridge opens."""

        def current() -> pull.Current:
            if self._current is None or not self.hears():
                raise HTTPException(503, "the messages of the bridges are not heard", {"Retry-After": "30"})
            return self._current

        return pull.route(PATH, current)
