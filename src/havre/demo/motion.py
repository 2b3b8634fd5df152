"""The port in motion: a city of the scenario that has moved for some days until now, and goes on moving.

What was told until now is loaded into datasets of those who would tell it; what is told from now on is published when
its time has come. The service of port mobility reads it all under agreements, and its public page shows it.
"""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import urllib3

from havre.client import Exchange, ExchangeError
from havre.demo.datasets import PARTICULARS, POSITION, SCENARIO, Published, load, permission, publish
from havre.demo.nodes import Node
from havre.demo.serving import Serving

if TYPE_CHECKING:
    from havre_scenario.city import City

log = logging.getLogger("havre.demo")

BEFORE, AFTER = 6, 2
"""Days before and after midnight."""
READY_SECONDS = 120.0
PIECE_SECONDS = 1.0
NEEDS = {
    # need of the service: owner, dataset, file, options, title
    "ais": ("harbour", "live-positions", "ais.nmea", {"messages": "positions"}, "Positions of ships, as they come"),
    "particulars": ("harbour", "live-particulars", "ais.nmea", {"messages": "static"}, "Particulars of ships"),
    "movements": ("harbour", "movements", "movements.csv", {}, "Announced movements of ships"),
    "bridge_messages": ("harbour", "bridge-messages", "bridge_messages.csv", {}, "What bridges say of their openings"),
    "reserved_slots": ("city", "reserved-slots", "reserved_slots.csv", {}, "When bridges belong to the road"),
    "closures": ("city", "closures", "closures.csv", {}, "Bridges that the road has lost"),
    "tide": ("harbour", "tide-table", "tide.csv", {}, "Levels of the sea"),
    "appointments": ("terminal", "appointments", "appointments.csv", {}, "Appointments of trucks"),
    "gates": ("terminal", "live-gates", "gates.csv", {}, "Vehicles that pass a gate, as they come"),
}  # fmt: skip
DETOURS = {"bridge-5": ["Pont VI", "Écluse Vétillard"]}
SERVED = {"gate-1": ["P2000"], "gate-2": ["TIDAL"], "gate-3": ["CANAL", "EURE"]}
"""Berths behind each gate, by how their names begin."""
LOADED_WHOLE = ("reserved_slots.csv", "tide.csv")


@dataclass
class Motion:
    """``write``, ``load``, ``begin``; then ``stop``. ``people`` are the organisations by their slugs."""

    home: Path
    seed: int
    people: Mapping[str, Exchange]
    dids: Mapping[str, str]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    serving: Serving = field(init=False)
    _player: "Player | None" = None
    _city: "City | None" = None

    def __post_init__(self) -> None:
        self.serving = Serving("mobility", self.home, "places.geojson")

    @property
    def url(self) -> str:
        """The public page."""
        return self.serving.url

    @property
    def moving(self) -> "City":
        """Once it was written."""
        assert self._city is not None
        return self._city

    @property
    def city(self) -> Path:
        return self.home / "city"

    @property
    def heard(self) -> Path:
        """What was told until now."""
        return self.home / "heard"

    @property
    def real_time(self) -> Path:
        """What the trams say now."""
        return self.heard / "trips.pb"

    def write(self) -> int:
        """The city, and what was told until now; gives the bytes of that."""
        from havre_scenario import city

        self._city = city(self.seed, (self.now - timedelta(days=BEFORE)).date(), BEFORE + AFTER)
        self._city.write(self.city)
        self.heard.mkdir()
        for name in dict.fromkeys(file for _, _, file, _, _ in NEEDS.values()):
            told = (self.city / name).read_bytes()
            (self.heard / name).write_bytes(told if name in LOADED_WHOLE else _until(told, name, self.now))
        said = [one for one in (self.city / "gtfs_rt").iterdir() if datetime.fromisoformat(one.stem) <= self.now]
        _replace(self.real_time, max(said).read_bytes())
        return sum(file.stat().st_size for file in self.heard.iterdir())

    def load(self) -> dict[str, int]:
        """Rows by dataset."""
        counts = {}
        for owner, id, file, options, title in NEEDS.values():
            one = Published(
                owner, id, title, SCENARIO, self.heard / file, _format(file), permission(), options, _columns(options)
            )
            counts[id] = load(self.people[owner], one).rows
            publish(self.people[owner], one)
        return counts

    def begin(self, node: Node, token: str) -> dict[str, Any]:
        """Play on from now, start the service at ``node``, and wait until its page shows ships; what it is then."""
        self._player = Player(self.city, self.people, self.now, self.real_time)
        self._player.start()
        needs = {need: (self.dids[owner], id) for need, (owner, id, *_) in NEEDS.items()}
        files = {
            "places": self.city / "places.geojson",
            "timetable": self.city / "gtfs.zip",
            "real_time": self.real_time,
        }
        paths = {name: str(file) for name, file in files.items()}
        settings = {**paths, "detours": DETOURS, "served": SERVED, "example": True}
        self.serving.start(node, token, needs, settings)
        return _shown(self.serving)

    def stop(self) -> None:
        if self._player is not None:
            self._player.stop()
        self.serving.stop()


class Player(threading.Thread):
    """Publishes what is told from ``since`` on, each second's at once; what the trams say lies in a file."""

    def __init__(self, city: Path, people: Mapping[str, Exchange], since: datetime, real_time: Path) -> None:
        super().__init__(name="player", daemon=True)
        self._city, self._people, self._since, self._real_time = city, people, since, real_time
        self._stopped = threading.Event()
        self._headers = {
            file: (city / file).read_bytes().split(b"\n", 1)[0] + b"\n"
            for _, _, file, _, _ in NEEDS.values()
            if file.endswith(".csv")
        }

    def run(self) -> None:
        from havre_scenario.play import play

        waiting: dict[str, list[bytes]] = {}
        due = time.monotonic() + PIECE_SECONDS
        for one in play(self._city, self._since):
            while datetime.now(UTC) < one.time and not self._stopped.is_set():
                left = min((one.time - datetime.now(UTC)).total_seconds(), due - time.monotonic())
                self._stopped.wait(max(left, 0.0))
                if time.monotonic() >= due:
                    self._publish(waiting)
                    waiting, due = {}, time.monotonic() + PIECE_SECONDS
            if self._stopped.is_set():
                return
            if one.feed == "gtfs_rt":
                _replace(self._real_time, one.line)
            else:
                waiting.setdefault(one.feed, []).append(one.line)

    def stop(self) -> None:
        self._stopped.set()
        self.join(20)

    def _publish(self, waiting: Mapping[str, list[bytes]]) -> None:
        for owner, id, file, options, _ in NEEDS.values():
            if file in waiting:
                body = self._headers.get(file, b"") + b"".join(waiting[file])
                try:
                    self._people[owner].post_rows(id, body, _format(file), options)
                except ExchangeError as error:
                    log.warning("%s: %s", id, error)


def _replace(file: Path, content: bytes) -> None:
    """At once: nobody reads half of it."""
    new = file.with_suffix(".new")
    new.write_bytes(content)
    new.replace(file)


def _format(file: str) -> str:
    return "nmea" if file.endswith(".nmea") else "csv"


def _columns(options: Mapping[str, str]) -> tuple[str, ...]:
    return {"positions": POSITION, "static": PARTICULARS}.get(options.get("messages", ""), ())


def _until(told: bytes, name: str, now: datetime) -> bytes:
    """The lines that were told before ``now``."""
    stamp = _second_of_sentence if name.endswith(".nmea") else _second_of_row
    first, last = (b"", now.timestamp()) if name.endswith(".nmea") else (told[: told.index(b"\n") + 1], now.timestamp())
    lines: Iterator[bytes] = iter(told[len(first) :].splitlines(keepends=True))
    return first + b"".join(line for line in lines if stamp(line) <= last)


def _second_of_sentence(line: bytes) -> float:
    return float(line[3:13])


def _second_of_row(line: bytes) -> float:
    return datetime.fromisoformat(line[:20].decode()).timestamp()


def _shown(serving: Serving) -> dict[str, Any]:
    """The first picture with ships in it, once all that the service needs is there."""
    pool, until = urllib3.PoolManager(retries=False, timeout=5.0), time.monotonic() + READY_SECONDS
    said: Any = None
    while time.monotonic() < until:
        said = pool.request("GET", f"{serving.own_url}health").json()
        picture = pool.request("GET", f"{serving.own_url}picture.json").json()
        if said["well"] and picture["ships"] and all(need["state"] == "live" for need in said["needs"]):
            return {
                "ships": len(picture["ships"]),
                "bridges": len(picture["bridges"]),
                "rows": sum(need["rows"] for need in said["needs"]),
            }
        time.sleep(0.5)
    raise RuntimeError(f"the service is not well: {said}\n{serving.log.read_text()[-2000:]}")
