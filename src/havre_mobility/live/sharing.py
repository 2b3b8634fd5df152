"""Openings as a matter of several: requests answered, decisions put on record, DATEX II told, and others listened to.

``Sharing`` is what ``work`` calls. Its needs are datasets of whoever asks, decides or tells; all may be missing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from havre.client.frames import read
from havre_mobility.bridges import coming
from havre_mobility.bridges.model import Bridge
from havre_mobility.datex.publication import Publisher
from havre_mobility.live import decisions, detours, elsewhere, lines, openings_told, pushing, requests
from havre_mobility.live.discussed import Register
from havre_mobility.live.traffic import Assumed, Estimate, weights
from havre_mobility.opening.detours import Road
from havre_mobility.opening.model import Weights
from havre_mobility.pages.openings import Discussed

REQUESTS, DECISIONS = "opening_requests", "opening_decisions"
NEEDS = {
    REQUESTS: "requests to open a bridge",
    DECISIONS: "decisions on these",
    elsewhere.NEED: "openings of bridges elsewhere, as DATEX II tells them",
}
SETTINGS = frozenset({"weights", "traffic", "publisher", "roads", "datex_clients"})
PROPOSALS, RECORDS = "opening-proposals", "opening-records"
SETTLES = timedelta(seconds=30)
"""After the start: what was said before has to be heard before it is answered."""
PATIENCE = timedelta(minutes=2)
"""For the request that a decision is on."""
AT_ONCE = 4
"""Requests and decisions a second: after a new start all are looked at again."""
TICK = timedelta(milliseconds=1)
"""A node knows the time of the last row that it has no better."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Settings:
    weights: Weights = field(default_factory=Weights)
    traffic: Mapping[str, Assumed] = field(default_factory=dict)
    publisher: Publisher = field(default_factory=lambda: openings_told.publisher({}))
    roads: tuple[Road, ...] = ()
    clients: tuple[pushing.Client, ...] = ()
    """Whom openings are pushed to."""

    @classmethod
    def of(cls, given: Mapping[str, Any], places: Mapping[str, Any]) -> "Settings":
        """Of the service's settings those in ``SETTINGS``. ``ValueError`` names what is wrong with them."""
        assumed = {
            bridge: Assumed.of(f"settings.traffic.{bridge}", one) for bridge, one in given.get("traffic", {}).items()
        }
        return cls(
            weights(given.get("weights", {})),
            assumed,
            openings_told.publisher(given.get("publisher", {})),
            detours.roads(given.get("roads", ()), names(places)),
            pushing.clients(given.get("datex_clients", ())),
        )


def names(places: Mapping[str, Any]) -> dict[str, str]:
    """Of the bridges and locks, by id."""
    said = (one["properties"] for one in places["features"])
    return {one["id"]: one["name"] for one in said if one["kind"] in ("bridge", "lock")}


class _InOrder:
    """Times that follow from those given, in whole ticks, each later than the one before."""

    def __init__(self) -> None:
        self._last: datetime | None = None

    def next(self, said_at: datetime) -> datetime:
        whole = said_at - timedelta(microseconds=said_at.microsecond % 1000)
        self._last = whole if self._last is None else max(whole, self._last + TICK)
        return self._last


class Sharing:
    """``take`` rows of ``NEEDS``; ``hear`` what bridges say, every half minute; ``results`` every second."""

    def __init__(
        self, settings: Settings, places: Mapping[str, Any], bridges: Sequence[Bridge], trams: lines.Ground | None
    ) -> None:
        by_id = {one.id: one for one in bridges}
        self._roads, self._names = settings.roads, names(places)
        self._answering = requests.Answering(by_id, Estimate(trams, settings.traffic), settings.weights)
        self._asked: list[requests.Request] = []
        self._requests: dict[str, list[requests.Request]] = {}
        self._decided: list[decisions.Said] = []
        self._waits_since: dict[decisions.Said, datetime] = {}
        self._register = decisions.Register()
        self._orders = {name: _InOrder() for name in (PROPOSALS, RECORDS)}
        self._discussed = Register()
        self._begun: datetime | None = None
        self.told = openings_told.OpeningsTold(settings.publisher, bridges, settings.clients)
        self.foreign = elsewhere.Heard()

    def take(self, need: str, rows: pl.DataFrame) -> None:
        if need == elsewhere.NEED:
            self.foreign.take(rows)
        elif need == REQUESTS:
            known = read(need, requests.REQUESTS, rows).drop_nulls(["said_at", "request"])
            self._asked += [requests.Request(*row) for row in known.iter_rows()]
        else:
            exception = pl.lit(False) if decisions.EXCEPTION not in rows.columns else pl.col(decisions.EXCEPTION)
            whole = rows.with_columns(exception.cast(pl.Boolean).fill_null(False).alias(decisions.EXCEPTION))
            columns = pl.Schema({**decisions.DECISIONS, decisions.EXCEPTION: pl.Boolean()})
            known = read(need, columns, whole).drop_nulls(["said_at", "request"])
            self._decided += [decisions.Said(*row) for row in known.iter_rows()]

    @property
    def discussed(self) -> tuple[Discussed, ...]:
        """What was asked and decided of late, the newest first."""
        return self._discussed.newest

    def detours(self, expected: Iterable[coming.Coming]) -> dict[str, tuple[str, ...]]:
        """Names of what to take instead, by bridge that is lost."""
        lost = {one.bridge for one in expected if one.state == coming.CLOSED_FOR_LONG}
        return detours.detours(self._roads, lost, self._names)

    def results(self, frame: Callable[[str], pl.DataFrame], now: datetime) -> dict[str, Sequence[Row]]:
        """``frame`` gives what a feed has told."""
        self._begun = self._begun or now
        if now - self._begun < SETTLES or not (self._asked or self._decided):
            return {PROPOSALS: [], RECORDS: []}
        told = {name: frame(name) for name in requests.FEEDS}
        return {PROPOSALS: self._answer(told, now), RECORDS: self._record(told, now)}

    def _answer(self, told: Mapping[str, pl.DataFrame], now: datetime) -> list[Row]:
        due = sorted((one for one in self._asked if one.said_at <= now), key=lambda one: one.said_at)[:AT_ONCE]
        found: list[Row] = []
        for request in due:
            self._asked.remove(request)
            self._requests.setdefault(request.request, []).append(request)
            answer = self._answering.answer(request, told)
            self._discussed.asked(request, answer, self._answering.weights)
            found += requests.rows(request, answer, self._orders[PROPOSALS].next(request.said_at))
        return found

    def _record(self, told: Mapping[str, pl.DataFrame], now: datetime) -> list[Row]:
        due = sorted((one for one in self._decided if one.said_at <= now), key=lambda one: one.said_at)
        found: list[Row] = []
        for said in due:
            request = self._request(said)
            if request is None and now - self._waits_since.setdefault(said, now) < PATIENCE:
                continue
            self._waits_since.pop(said, None)
            self._decided.remove(said)
            row = self._register.row(
                said, request, lambda one: self._answering.considered(one, told), self._answering.weights
            )
            self._discussed.decided(said, row["problem"])
            found.append({**row, "said_at": self._orders[RECORDS].next(said.said_at)})
            if len(found) == AT_ONCE:
                break
        return found

    def _request(self, said: decisions.Said) -> requests.Request | None:
        """The last that was made before the decision."""
        known = [one for one in self._requests.get(said.request, ()) if one.said_at <= said.said_at]
        return max(known, key=lambda one: one.said_at, default=None)
