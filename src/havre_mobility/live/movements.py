"""Movements of ships, looked at beside the work: port calls and their timestamps, arrivals to come, what was cleaned.

To look through two days of positions takes some tenths of a second, so it is done every two minutes in a thread of its
own, and what it found is taken up by the next thinking. Nothing is told before all that is there has come: what was
told before a new start is then known by its times (``calls.Once``).
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from havre_mobility.calls.areas import Grid
from havre_mobility.calls.cleaning import clean
from havre_mobility.live import arrivals, calls
from havre_mobility.live.relayed import Relayed
from havre_mobility.live.ships import EVERYWHERE

log = logging.getLogger("havre.mobility")

LOOKS, TELLS = timedelta(minutes=2), timedelta(minutes=1)
COUNTED = timedelta(hours=1)
FEEDS = ("ais", "particulars", "movements")
Row = Mapping[str, Any]
Told = Mapping[str, pl.DataFrame]


class Movements:
    """``coming``: the newest forecasts, by ship. ``loading``: whether of a feed older rows are still coming.

    ``relayed``: messages that parties send each other.
    """

    def __init__(self, grid: Grid) -> None:
        self.loading: Callable[[str], bool] = lambda need: False
        self.relayed = Relayed()
        self.coming: Mapping[int, arrivals.Coming] = {}
        self._grid = grid
        self._seen: calls.Seen | None = None
        self._looking: threading.Thread | None = None
        self._looked_at: datetime | None = None
        self._forecast_at: datetime | None = None
        self._told: calls.Seen | None = None
        self._calls, self._timestamps = calls.Once("said_at"), calls.Once("told_at")

    def results(self, told: Told, learned: arrivals.Learned | None, now: datetime) -> dict[str, Sequence[Row]]:
        """New rows of the three products; begins to look again when it is time to."""
        found: dict[str, Sequence[Row]] = {}
        seen = self._seen
        if seen is not None and seen is not self._told:
            self._told = seen
            found = {
                "port-calls": self._calls.new("ais", calls.of_calls(seen), seen.until),
                "port-call-timestamps": self._new_timestamps(seen, told["movements"]),
            }
        idle = self._looking is None or not self._looking.is_alive()
        due = self._looked_at is None or now - self._looked_at >= LOOKS
        if idle and due and told["ais"].height and not any(self.loading(feed) for feed in FEEDS):
            self._looked_at = now
            self._looking = threading.Thread(target=self._look, args=(told, now), name="movements", daemon=True)
            self._looking.start()
        return {**found, "ship-etas": self._etas(told, learned, seen, now)}

    @property
    def has_news(self) -> bool:
        """Whether something was seen that ``results`` has not told."""
        return self._seen is not self._told

    def wait(self) -> None:
        """Until what is being looked at is seen."""
        if self._looking is not None:
            self._looking.join()

    def _look(self, told: Told, now: datetime) -> None:
        try:
            self._seen = calls.look(told["ais"], told["particulars"], self._grid, self._seen, now)
        except Exception:
            log.exception("movements were not looked at; that is tried again in %s", LOOKS)

    def _new_timestamps(self, seen: calls.Seen, movements: pl.DataFrame) -> list[Row]:
        since = seen.until - (calls.LATE if self._timestamps.begun("announcements") else calls.FIRST)
        announced = calls.of_announcements(movements, seen.calls, since, seen.until)
        return [
            *self._timestamps.new("announcements", announced, seen.until),
            *self._timestamps.new("ais", calls.of_events(seen), seen.until),
            *self._timestamps.new("messages", self.relayed.told(seen.calls), seen.until),
        ]

    def _etas(
        self, told: Told, learned: arrivals.Learned | None, seen: calls.Seen | None, now: datetime
    ) -> Sequence[Row]:
        if learned is None or seen is None:
            return ()
        forecasts = arrivals.forecasts(learned, seen.steps, told, seen.known, now)
        self.coming = arrivals.coming(forecasts, now)
        if self._forecast_at is not None and now - self._forecast_at < TELLS:
            return ()
        self._forecast_at = now
        return [{"made_at": now, **row} for row in forecasts.iter_rows(named=True)]


def cleaning(positions: pl.DataFrame, now: datetime) -> dict[str, Any]:
    """How many of the positions of the last hour were dropped, by reason (``cleaning.Counters``)."""
    since = now - COUNTED
    _, counters = clean(positions.filter(pl.col("time").is_between(since, now)), EVERYWHERE)
    counted = {name: count for name, count in asdict(counters).items() if name != "checksum"}
    return {"from": since, "to": now, **counted}
