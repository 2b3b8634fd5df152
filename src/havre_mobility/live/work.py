"""What the frame of a service calls: rows in, products out, and the picture of the moment for the pages.

Rules that hold here:

1. Ships are laid into the picture as rows come, and every second; what takes thinking (bridges, gates, lines) every
   half minute.
2. What is learned of the past is learned beside the work, in a thread of its own, once there is enough of it and once
   a day after that. Until then there are plans, messages and slots.
3. A picture is never changed: a new one takes its place.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from havre.client.frames import Intake
from havre_mobility.bridges import counts, learning, slots
from havre_mobility.bridges.feeds import Feeds
from havre_mobility.bridges.model import Bridge as Place
from havre_mobility.bridges.passages import Margins
from havre_mobility.calls import areas, detection
from havre_mobility.live import arrivals, bridges, gates, lines, movements, sharing, ships, tide
from havre_mobility.live.appointments import Appointments
from havre_mobility.live.evidence import Heard, Source
from havre_mobility.live.intake import KINDS
from havre_mobility.live.parties import APPOINTMENTS, Parties
from havre_mobility.live.people import People, snapshot
from havre_mobility.live.realtime import RealTime
from havre_mobility.live.trucks import Arrivals, Desk, Waits
from havre_mobility.people import gtfs
from havre_mobility.picture.model import AIS, Bridge, Feed, Gate, Health, Picture, Ship, Tide
from havre_mobility.picture.standing import standing

log = logging.getLogger("havre.mobility")

THINKS, LEARNS, FORGETS = timedelta(seconds=30), timedelta(days=1), timedelta(hours=1)
ENOUGH = timedelta(days=5)
"""Of positions, before anything is learned of them."""
PATIENCE: Mapping[str, timedelta | None] = {
    "ais": timedelta(minutes=5), "gates": timedelta(minutes=30), "movements": None, "bridge_messages": None,
    "closures": None, "appointments": None, "tide": None,
}  # fmt: skip
"""How long a feed may be silent; None for one that speaks only when something happens, or looks ahead."""
DOUBTFUL = 0.25
"""Of the ships: when more than this share cannot be true, none is believed."""
Row = Mapping[str, Any]
Linked = Callable[[str], bool]


@dataclass(frozen=True)
class Ground:
    """What the settings give: ``places`` as GeoJSON, and the timetable where there is one."""

    places: Mapping[str, Any]
    bridges: tuple[Place, ...]
    gates: Mapping[str, gates.Place]
    grid: areas.Grid
    lines: lines.Ground | None
    targets: pl.DataFrame
    """Where arrivals lead to, see ``arrivals.targets``."""

    @classmethod
    def of(cls, places: Mapping[str, Any], timetable: bytes | None) -> "Ground":
        points = [(one["properties"], one["geometry"]["coordinates"]) for one in places["features"]
                  if one["geometry"]["type"] == "Point"]  # fmt: skip
        movable = tuple(Place(said["id"], said["name"], *where) for said, where in points if said["kind"] == "bridge")
        doors = {said["id"]: gates.Place(said["id"], said["name"], *where) for said, where in points
                 if said["kind"] == "gate"}  # fmt: skip
        by_id = {one.id: (one.latitude, one.longitude) for one in movable}
        trams = lines.ground(gtfs.read(timetable), by_id) if timetable is not None else None
        grid = areas.grid(areas.of_geojson(places), detection.rims())
        return cls(places, movable, doors, grid, trams, arrivals.targets(places))


@dataclass(frozen=True)
class _Learned:
    bridges: learning.Model
    gates: gates.Learned | None
    arrivals: arrivals.Learned | None
    crossings: pl.DataFrame
    """How many vehicles usually cross each bridge, see ``counts.rates``."""


@dataclass(frozen=True)
class _Thought:
    """What stands until the next thinking."""

    bridges: tuple[Bridge, ...] = ()
    gates: tuple[Gate, ...] = ()
    people: People | None = None
    tide: Tide | None = None
    doubted: frozenset[int] = frozenset()
    cleaning: Mapping[str, Any] | None = None
    """What was dropped of the positions of the last hour."""


class Live:
    """The work of the service. ``picture`` is the newest one."""

    def __init__(
        self,
        ground: Ground,
        detours: Mapping[str, tuple[str, ...]] | None = None,
        tiles: str | None = None,
        shared: sharing.Settings | None = None,
        real_time: RealTime | None = None,
        desk: Desk | None = None,
        served: gates.Served | None = None,
        parties: Parties | None = None,
    ) -> None:
        self.ground = ground
        self.detours = detours or {}
        self.tiles = tiles
        self.example = False
        self.sharing = sharing.Sharing(shared or sharing.Settings(), ground.places, ground.bridges, ground.lines)
        self.real_time = real_time
        self.desk = desk
        self.parties = parties or Parties()
        self.appointments = Appointments(ground.gates.keys())
        self.booked: set[str] = set()
        """Appointments that the need tells."""
        self.source: Callable[[str], Source | None] = lambda need: Source(need, is_live=False)
        self._waits, self._arrivals = Waits(ground.gates), Arrivals()
        self._served = served or {}
        self.linked: Linked = lambda need: True
        self.has_shown: Callable[[], None] = lambda: None
        self.movements = movements.Movements(ground.grid)
        self._intake = Intake(KINDS)
        self._last: dict[int, tuple[Any, ...]] = {}
        self._thought = _Thought()
        self._learned: _Learned | None = None
        self._learning: threading.Thread | None = None
        self._thinks_at = self._learns_at = self._forgets_at = datetime.min.replace(tzinfo=slots.LOCAL)
        self._picture: Picture | None = None
        self._openings_said: datetime | None = None

    @property
    def picture(self) -> Picture | None:
        """The newest; None before the first."""
        return self._picture

    @property
    def people(self) -> People | None:
        """What trams and buses do; None without a timetable, and before the first thinking."""
        return self._thought.people

    @property
    def cleaning(self) -> Mapping[str, Any] | None:
        """What was dropped of the positions of the last hour, by reason; None before the first thinking."""
        return self._thought.cleaning

    def take(self, need: str, rows: pl.DataFrame) -> None:
        if need in sharing.NEEDS:
            self.sharing.take(need, rows)
            return
        told = self._intake.add(need, rows)
        if need == "appointments":
            self.booked.update(told["booking"].drop_nulls())
        if need == "ais":
            columns = ("mmsi", "time", "longitude", "latitude", "speed", "course")
            newest = told.drop_nulls(["longitude", "latitude"]).group_by("mmsi").last().select(columns)
            self._last.update((row[0], row) for row in newest.iter_rows())

    def results(self, now: datetime) -> Mapping[str, Sequence[Row]]:
        found: dict[str, Sequence[Row]] = {}
        if now - self._forgets_at >= FORGETS:
            self._forgets_at = now
            self._intake.forget(now)
            self.movements.relayed.forget(now)
            self.appointments.forget(now)
            self.booked = set(self._intake.frame("appointments")["booking"].drop_nulls())
            self._last = {mmsi: row for mmsi, row in self._last.items() if now - row[1] < ships.SHOWN}
        if now - self._learns_at >= LEARNS and not self._is_learning():
            self._learn(now)
        if now - self._thinks_at >= THINKS or self.movements.has_news:
            self._thinks_at = now
            found = self._think(now)
        self._show(now)
        if self.parties.may(APPOINTMENTS):
            found["appointments-told"] = self.appointments.new()
        return {**found, **self.sharing.results(self._intake.frame, now)}

    # The picture

    def _show(self, now: datetime) -> None:
        rows = [row for row in self._last.values() if now - row[1] < ships.SHOWN]
        schema = {
            name: KINDS["ais"].columns[name] for name in ("mmsi", "time", "longitude", "latitude", "speed", "course")
        }
        last = pl.DataFrame(rows, schema, orient="row")
        announced = ships.expected(self._recent("movements", now), now)
        seen = ships.ships(
            last, self._recent("particulars", now), arrivals.nexts(announced, self.movements.coming),
            self._thought.doubted, now,
        )  # fmt: skip
        thought = self._thought
        self._picture = Picture(
            now, seen, thought.bridges, thought.gates, thought.people.lines if thought.people else (), thought.tide,
            self._feeds(seen, now),
        )  # fmt: skip
        self.has_shown()

    def _recent(self, feed: str, now: datetime) -> pl.DataFrame:
        return self._intake.frame(feed).filter(pl.col(KINDS[feed].time) >= now - timedelta(days=3))

    def _feeds(self, seen: Sequence[Ship], now: datetime) -> tuple[Feed, ...]:
        found = [self._feed(name, patience, now) for name, patience in PATIENCE.items()]
        wrong = sum(ship.doubted for ship in seen)
        if seen and wrong / len(seen) > DOUBTFUL:
            found = [replace(one, health=Health.DOUBTED) if one.id == AIS else one for one in found]
        if self.ground.lines is not None:
            found.append(Feed("timetable", Health.OK, now, patience=None))
        if self.real_time is not None:
            found.append(self.real_time.feed(now))
        return tuple(found)

    def _feed(self, name: str, patience: timedelta | None, now: datetime) -> Feed:
        heard = self._intake.heard.get(name)
        is_sent = name == "appointments" and self.parties.may(APPOINTMENTS)
        alive = is_sent or (self.linked(name) and heard is not None)
        lag = None if heard is None or patience is None else max(now - heard, timedelta())
        return Feed(name, Health.OK if alive else Health.DEAD, heard, lag, patience if alive else None)

    # What takes thinking

    def _think(self, now: datetime) -> dict[str, Sequence[Row]]:
        told = {name: self._intake.frame(name) for name in KINDS}
        reserved = slots.slots(told["reserved_slots"])
        heard = bridges.gathered(told, reserved, now)
        learned = self._learned
        known = bridges.at(now, self.ground.bridges, learned.bridges if learned else None, heard, reserved)
        self.sharing.told.hear(told["bridge_messages"], now)
        seen = bridges.picture(known, {**self.sharing.detours(known.coming), **self.detours})
        doors = learned.gates if learned else None
        booked = self._booked(told)
        self._thought = _Thought(
            seen,
            gates.gates(doors, self.ground.gates, booked, now) if doors else (),
            self._people(seen, now),
            tide.tide(told["tide"], now),
            ships.doubted(told["ais"], now),
            movements.cleaning(told["ais"], now),
        )
        margins = learned.bridges.learned.margins if learned else Margins()
        expected = Heard(booked, self.source, margins, doors)
        return {
            "gate-waits": self._waits.rows(expected, now),
            "gate-arrivals": self._arrivals.rows(expected, now),
            **self._certificates(replace(expected, told=told), now),
            **self.movements.results(told, learned.arrivals if learned else None, now),
            "bridge-openings": self._openings(heard, known, now),
            "bridge-forecasts": [
                {"made_at": now, "bridge": name, "minutes": 5 * number, "probability": likely}
                for name, probabilities in known.likelihood.items()
                for number, likely in enumerate(probabilities)
            ],
        }

    def _booked(self, told: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """With the appointments that parties sent."""
        return {**told, "appointments": pl.concat([told["appointments"], self.appointments.frame()])}

    def _certificates(self, heard: Heard, now: datetime) -> dict[str, Sequence[Row]]:
        """Of appointments of the need alone: what parties sent is in no dataset that a proof could point to."""
        return {} if self.desk is None else {"truck-certificates": self.desk.answers(heard, now)}

    def _people(self, seen: Sequence[Bridge], now: datetime) -> People | None:
        if self.ground.lines is None:
            return None
        if self.real_time is not None:
            self.real_time.start()
        before = self._picture.ships if self._picture else ()
        stands = standing(Picture(now, bridges=tuple(seen), feeds=self._feeds(before, now)), now)
        matches = self.real_time.matches(now) if self.real_time else ()
        return snapshot(self.ground.lines, stands.bridges, matches, now)

    def _openings(self, heard: Feeds, known: bridges.Now, now: datetime) -> list[Row]:
        since, self._openings_said = self._openings_said or now - bridges.RECENT, now
        usual = self._learned.crossings if self._learned else None
        counted = bridges.counted(self._intake.frame("crossings"), usual, now)
        return [row for row in bridges.took_place(heard, known.seen, counted, since) if row["said_at"] <= now]

    # What is learned

    def _is_learning(self) -> bool:
        return self._learning is not None and self._learning.is_alive()

    def _learn(self, now: datetime) -> None:
        """Begin to learn, if there is enough to learn from."""
        positions = self._intake.frame("ais")
        earliest = positions["time"].min()
        if not isinstance(earliest, datetime) or now - earliest < ENOUGH:
            return
        self._learns_at = now
        told = {name: self._intake.frame(name) for name in KINDS}
        self._learning = threading.Thread(
            target=self._learn_of, args=(told, earliest, now), name="learning", daemon=True
        )
        self._learning.start()

    def _learn_of(self, told: Mapping[str, pl.DataFrame], earliest: datetime, now: datetime) -> None:
        try:
            heard = bridges.gathered(told, slots.slots(told["reserved_slots"]), now, back=now - earliest)
            self._learned = _Learned(
                learning.learn(heard, self.ground.bridges, earliest, now),
                gates.learn(self._booked(told), now, self._served),
                arrivals.learn(told, self.ground.targets),
                counts.rates(told["crossings"]),
            )
            self._thinks_at = datetime.min.replace(tzinfo=slots.LOCAL)
            log.info("learned from %s of positions", now - earliest)
        except Exception:
            log.exception("nothing was learned; that is tried again tomorrow")
