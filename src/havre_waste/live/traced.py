"""Forms of hazardous waste as Trackdéchets has them, asked for beside the work.

Rules that hold here:

1. The platform is asked by one thread at a time, so that nothing waits for it; the client has its own patience.
2. A form is told when it is new or its status changed; after a new start, what was published before is not told again.
3. What goes wrong is said (``problem``) until it goes well, and tried again.
"""

import logging
import random
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from havre_waste.live.seen import Published
from havre_waste.tracing.client import Client, TracingError
from havre_waste.tracing.forms import is_siret
from havre_waste.tracing.limits import Bucket, Patience

log = logging.getLogger("havre.waste")

Row = Mapping[str, Any]
PRODUCT = "hazardous-waste-forms"
EVERY, AFTER_FAILURE = timedelta(minutes=10), timedelta(minutes=2)
OVERLAP = timedelta(hours=1)
"""So much before the last time it was asked is asked for again: clocks differ, and a form may be seen late."""
NAMES = ("url", "token", "siret")


class Traced:
    """Of one establishment, ``siret``. ``published``: what earlier starts told."""

    def __init__(self, client: Client, siret: str) -> None:
        self.published: Published | None = None
        self.problem: str | None = None
        self._client, self._siret = client, siret
        self._known: dict[str, str] = {}
        """The status of each form that was told."""
        self._since: datetime | None = None
        self._asks_at = datetime.min.replace(tzinfo=UTC)
        self._asking: threading.Thread | None = None
        self._found: list[Row] = []

    def news(self, now: datetime) -> Sequence[Row]:
        """Rows that were found since the last time; never waits."""
        if self._asking is not None and self._asking.is_alive():
            return ()
        found, self._found = self._found, []
        if now >= self._asks_at:
            self._asking = threading.Thread(target=self._ask, args=(now,), name="trackdechets", daemon=True)
            self._asking.start()
        return found

    def _ask(self, now: datetime) -> None:
        try:
            self._recall()
            self._found = self._changed(now)
        except Exception as error:  # whatever it is, it is said, and tried again
            self._asks_at, self.problem = now + AFTER_FAILURE, f"Trackdéchets: {type(error).__name__}: {error}"
            log.warning("trackdechets: %s", error, exc_info=not isinstance(error, TracingError))
        else:
            self._asks_at, self.problem = now + EVERY, None

    def _recall(self) -> None:
        """What earlier starts told, once. ``ExchangeError``."""
        if self.published is None:
            return
        told = self.published(PRODUCT, columns=["said_at", "form", "status"])
        if told.height:
            told = told.sort("said_at", maintain_order=True)
            self._known = dict(told.select("form", "status").iter_rows())
            self._since = told["said_at"][-1] - OVERLAP
        self.published = None

    def _changed(self, now: datetime) -> list[Row]:
        """The oldest first."""
        forms = [one for one in self._client.forms(self._siret, self._since) if self._known.get(one.id) != one.status]
        self._known.update((one.id, one.status) for one in forms)
        self._since = now - OVERLAP
        return [
            {
                "said_at": now, "form": one.id, "readable_id": one.readable_id, "custom_id": one.custom_id,
                "status": one.status,
            }
            for one in reversed(forms)
        ]  # fmt: skip


def traced(given: Mapping[str, Any]) -> Traced:
    """By the settings: ``url`` of the API, ``token``, a file that has it, ``siret``. ``ValueError`` names what is
    wrong."""
    for name in given.keys() - set(NAMES):
        raise ValueError(f"settings.trackdechets.{name} is not known; {', '.join(NAMES)} are")
    for name in NAMES:
        if name not in given:
            raise ValueError(f"settings.trackdechets.{name} is missing")
    if not is_siret(given["siret"]):
        raise ValueError(f"settings.trackdechets.siret: got {given['siret']!r}, expected the 14 digits of a SIRET")
    token = Path(given["token"]).read_text(encoding="utf-8").strip()
    if not token:
        raise ValueError("settings.trackdechets.token: the file is empty")
    bucket = Bucket(time.monotonic, time.sleep)
    try:
        return Traced(Client(given["url"], token, bucket, Patience(random.random)), given["siret"])
    except ValueError as error:
        raise ValueError(f"settings.trackdechets.{error}") from None
