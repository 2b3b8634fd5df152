"""Real time of trams and buses: a feed, GTFS-RT or SIRI, that is asked for every half minute, beside the work.

Rules that hold here:

1. The work never waits for the feed: a thread of its own asks, within ``LIMIT`` and ``MOST_BYTES``.
2. What was said counts for as long as it is fresh by its own clock (``realtime.Feed.stale``); after that the timetable
   stands alone, and the picture says so.
3. A message of the future is none: its age could not be told.
4. SIRI (Vehicle Monitoring) is of the time of its answer; a vehicle in it counts as long as it says itself, and no
   longer than a feed is fresh after it was seen.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import urllib3

from havre_mobility.people import realtime, siri
from havre_mobility.people.timetable import Timetable
from havre_mobility.picture.model import PATIENCE, Feed, Health

log = logging.getLogger("havre.mobility")

EVERY, LIMIT = timedelta(seconds=30), timedelta(seconds=10)
READ_SECONDS = 5.0
MOST_BYTES, CHUNK_BYTES = 16 * 1024 * 1024, 64 * 1024
AHEAD = timedelta(minutes=1)
"""Clocks differ by less than that."""
TRIPS = "trips"
GTFS_RT, SIRI = "gtfs-rt", "siri"


@dataclass(frozen=True)
class Heard:
    """What the feed said last; ``at`` by its own clock, None where it does not say; ``got`` by ours, the first time."""

    at: datetime | None
    got: datetime
    matches: tuple[realtime.Match, ...] = field(repr=False)
    unmatched: int = 0


class RealTime:
    """``start`` it; then look at ``matches`` and ``feed``, from any thread."""

    def __init__(
        self,
        address: str,
        timetable: Timetable,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        form: str = GTFS_RT,
    ) -> None:
        """``address``: http, https, a file, or a folder, of which the newest file counts. ``form``: of ``FORMS``.

        ``ValueError``: another address or form.
        """
        scheme = urlsplit(address).scheme
        if scheme not in ("", "http", "https"):
            raise ValueError(f"settings.real_time: got {address!r}; expected http, https, a file or a folder")
        if form not in FORMS:
            raise ValueError(f"settings.real_time_format: got {form!r}; expected {' or '.join(FORMS)}")
        self._read = FORMS[form]
        self._fetch = self._by_http if scheme else self._from_disk
        self._address, self._timetable, self._clock = address, timetable, clock
        self._pool = urllib3.PoolManager(retries=urllib3.Retry(0, redirect=3), maxsize=1)
        self._thread: threading.Thread | None = None
        self.heard: Heard | None = None
        self.error: str | None = None
        """What went wrong the last time; None if nothing did."""

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep_asking, name="real-time", daemon=True)
            self._thread.start()

    def matches(self, now: datetime) -> tuple[realtime.Match, ...]:
        """None once they are old (rule 2)."""
        heard = self.heard
        return () if heard is None or realtime.Feed(heard.at).stale(now, PATIENCE) else heard.matches

    def feed(self, now: datetime) -> Feed:
        heard = self.heard
        if heard is None or heard.at is None:
            return Feed(TRIPS, Health.DEAD)
        return Feed(TRIPS, Health.OK, heard.at, max(heard.got - heard.at, timedelta()), PATIENCE)

    def ask(self) -> None:
        """Once; what goes wrong is noted, and what was heard before stays, with its age."""
        try:
            message, got = self._fetch(), self._clock()
            said = self._read(message)
            if said.at is not None and said.at > got + AHEAD:
                raise ValueError(f"it is of {said.at}, which is still to come")
            found = realtime.match(self._timetable, said.updates, said.at or got)
            if self.heard is not None and self.heard.at == said.at:
                got = self.heard.got
            self.heard, self.error = Heard(said.at, got, found.matched, len(found.unmatched)), None
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
            if self.error is None:
                log.warning("real time %s: %s", self._address, error)
            self.error = f"{type(error).__name__}: {error}"

    def _keep_asking(self) -> None:
        while True:
            try:
                self.ask()
            except Exception:
                log.exception("real time %s", self._address)
            time.sleep(EVERY.total_seconds())

    def _by_http(self) -> bytes:
        until = time.monotonic() + LIMIT.total_seconds()
        timeout = urllib3.Timeout(connect=READ_SECONDS, read=READ_SECONDS)
        with self._pool.request("GET", self._address, timeout=timeout, preload_content=False) as response:
            if response.status != 200:
                raise ValueError(f"got status {response.status}; expected 200")
            message = b""
            while chunk := response.read1(CHUNK_BYTES):
                message += chunk
                if len(message) > MOST_BYTES or time.monotonic() > until:
                    raise ValueError(f"expected at most {MOST_BYTES} bytes within {LIMIT}")
        return message

    def _from_disk(self) -> bytes:
        place = Path(self._address)
        if place.is_dir():
            files = [one for one in place.iterdir() if one.is_file() and not one.name.startswith(".")]
            if not files:
                raise ValueError("there is no file in the folder")
            place = max(files, key=lambda one: (one.stat().st_mtime_ns, one.name))
        with place.open("rb") as file:
            message = file.read(MOST_BYTES + 1)
        if len(message) > MOST_BYTES:
            raise ValueError(f"expected at most {MOST_BYTES} bytes")
        return message


def of_siri(message: bytes) -> realtime.Feed:
    """What the vehicles of a delivery say that still counts. ``FeedError``: it is none."""
    said = siri.read(message)
    heard = [
        one
        for one in said.activities
        if said.at - one.recorded_at <= PATIENCE and (one.valid_until is None or one.valid_until >= said.at)
    ]
    return realtime.Feed(said.at, siri.updates(heard))


FORMS: Mapping[str, Callable[[bytes], realtime.Feed]] = {GTFS_RT: realtime.read, SIRI: of_siri}
