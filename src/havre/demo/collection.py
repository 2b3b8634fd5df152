"""The city's waste: four weeks of it until now, and what comes; the service that finds levels and plans the rounds.

The urban community has the containers and what is measured in them; the collector runs the service. What bridges will
do and when ships berth it has from the service of port mobility, under agreements as everything else.
"""

import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import urllib3

from havre.client import Exchange, ExchangeError
from havre.demo.datasets import SCENARIO, Published, load, permission, publish
from havre.demo.nodes import Node
from havre.demo.serving import Serving

if TYPE_CHECKING:
    from havre_scenario.city import City

log = logging.getLogger("havre.demo")

BEFORE, AFTER = 28, 2
"""Days before and after midnight."""
READY_SECONDS, SHIP_SECONDS, PIECE_SECONDS, PLAN_SECONDS = 150.0, 40.0, 10.0, 2.0
OWNER, RUNS = "city", "collector"
TABLES = {
    "sites": "Where waste containers stand",
    "containers": "Waste containers",
    "depots": "Depots of trucks",
    "plants": "Where trucks are emptied",
    "trucks": "Trucks of the collection",
    "fixed_rounds": "Rounds as they are driven every week",
    "street_nodes": "Crossings of streets (schematic)",
    "streets": "Streets (schematic)",
    "weather": "Temperature and rain of the days",
    "readings": "What level sensors measure",
    "deposits": "Counted deposits, without the cards",
    "crew_notes": "What crews saw at containers",
    "truck_passes": "Where trucks stood",
}
KEPT = {"deposits": ("time", "container", "litres")}
"""Columns that are published, where not all are: a card says too much of a person."""
FROM_OTHERS = {
    "bridge_messages": ("harbour", "bridge-messages"),
    "reserved_slots": ("city", "reserved-slots"),
    "bridge_forecasts": ("startup", "bridge-forecasts"),
    "port_call_timestamps": ("startup", "port-call-timestamps"),
    "ship_etas": ("startup", "ship-etas"),
}
SHIPS = 8
"""Ships that notify their waste."""


@dataclass
class Collection:
    """``write``, ``load``, ``begin``; then ``stop``. ``people`` are the organisations by their slugs."""

    home: Path
    seed: int
    people: Mapping[str, Exchange]
    dids: Mapping[str, str]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    serving: Serving = field(init=False)
    _player: "Player | None" = None

    def __post_init__(self) -> None:
        self.serving = Serving("waste", self.home, "places.geojson")

    def write(self, ships: "City") -> int:
        """The city's waste, and what was told of it until now; gives the bytes of that. ``ships`` call meanwhile."""
        from havre_scenario.waste import city
        from havre_scenario.waste import ships as ship_waste

        city(self.seed, (self.now - timedelta(days=BEFORE)).date(), BEFORE + AFTER).write(self.home)
        ship_waste.write(ship_waste.notifications(ships.calls, ships.start, self.seed), ships.start, self.home)
        heard = self.home / "heard"
        heard.mkdir()
        for name in TABLES:
            head, *lines = (self.home / "waste" / f"{name}.csv").read_bytes().splitlines(keepends=True)
            told = [line for line in lines if not head.startswith(b"time,") or _time(line) <= self.now]
            (heard / f"{name}.csv").write_bytes(head + b"".join(told))
        return sum(file.stat().st_size for file in heard.iterdir())

    def load(self) -> dict[str, int]:
        """Rows by dataset."""
        counts = {}
        owner = self.people[OWNER]
        for name, title in TABLES.items():
            file = self.home / "heard" / f"{name}.csv"
            one = Published(OWNER, _id(name), title, SCENARIO, file, "csv", permission(), {}, KEPT.get(name, ()))
            counts[one.id] = load(owner, one).rows
            publish(owner, one)
        return counts

    def begin(self, node: Node, token: str, places: Path) -> dict[str, Any]:
        """Play on from now, start the service at ``node``, tell it of ships, and wait until it has planned a day."""
        self._player = Player(self.home / "waste", self.people[OWNER], self.now)
        self._player.start()
        key = self.home / "key"
        key.write_bytes(secrets.token_bytes(32))
        needs = {name: (self.dids[OWNER], _id(name)) for name in TABLES}
        needs |= {name: (self.dids[owner], id) for name, (owner, id) in FROM_OTHERS.items()}
        files = {"places": str(places), "book": str(self.home / "book.db"), "key": str(key)}
        self.serving.start(node, token, needs, {**files, "plan_seconds": PLAN_SECONDS, "example": True})
        ships = self._notify()
        return {"ships": ships, **_planned(self.serving, ships)}

    def _notify(self) -> int:
        """Ships that lie here or will come tell of their waste, as their agents do: one by one, over HTTP."""
        pool, told = urllib3.PoolManager(retries=False, timeout=20.0), 0
        lines = (self.home / "waste" / "ship_notifications.ndjson").read_text(encoding="utf-8").splitlines()
        for line in map(json.loads, lines):
            leaves = datetime.fromisoformat(line["form"]["voyage"]["departs_at"])
            if told < SHIPS and datetime.fromisoformat(line["said_at"]) <= self.now < leaves - timedelta(hours=6):
                body = json.dumps(line["form"]).encode()
                said = pool.request("POST", f"{self.serving.own_url}ships/notifications.json", body=body)
                told += said.status == 201
        return told

    @property
    def drive(self) -> str:
        """The secret link of the crew of a round of the day; of the page of the city where there is none."""
        from havre_waste.field.links import token

        said = urllib3.PoolManager(retries=False, timeout=5.0).request("GET", f"{self.serving.own_url}health").json()
        if not said["round"]:
            return self.serving.url
        secret = token((self.home / "key").read_bytes(), said["round"])
        return f"{self.serving.url}fr/drive/{said['round']}/{secret}/"

    def stop(self) -> None:
        if self._player is not None:
            self._player.stop()
        self.serving.stop()


class Player(threading.Thread):
    """Publishes the rows of the files in ``folder`` when their time has come."""

    def __init__(self, folder: Path, owner: Exchange, since: datetime) -> None:
        super().__init__(name="waste-player", daemon=True)
        self._owner, self._stopped = owner, threading.Event()
        self._files: dict[str, tuple[bytes, list[bytes]]] = {}
        for name in TABLES:
            head, *lines = (folder / f"{name}.csv").read_bytes().splitlines(keepends=True)
            if head.startswith(b"time,"):
                self._files[name] = head, [line for line in lines if _time(line) > since][::-1]

    def run(self) -> None:
        while not self._stopped.wait(PIECE_SECONDS):
            now = datetime.now(UTC)
            for name, (head, lines) in self._files.items():
                due = _until(lines, now)
                if due:
                    try:
                        self._owner.post_rows(_id(name), head + b"".join(due), "csv", {})
                    except ExchangeError as error:
                        log.warning("%s: %s", _id(name), error)

    def stop(self) -> None:
        self._stopped.set()
        self.join(20)


def _until(lines: list[bytes], now: datetime) -> Sequence[bytes]:
    """Takes those that are due from the end."""
    due = []
    while lines and _time(lines[-1]) <= now:
        due.append(lines.pop())
    return due


def _time(line: bytes) -> datetime:
    return datetime.fromisoformat(line[:20].decode())


def _id(name: str) -> str:
    return f"waste-{name.replace('_', '-')}"


def _planned(serving: Serving, ships: int) -> dict[str, Any]:
    """What the service says of itself once all that it needs is there, and a day is planned; with a stop at one of the
    ``ships``, where that is to be had within ``SHIP_SECONDS``."""
    said = _says(serving, READY_SECONDS, _ready)
    if not _ready(said):
        raise RuntimeError(f"the service is not well: {said}\n{serving.log.read_text()[-2000:]}")
    if ships:
        said = _says(serving, SHIP_SECONDS, lambda one: _ready(one) and one["ship_stops"])
    return {
        "rows": sum(need["rows"] for need in said["needs"]),
        **{name: said[name] for name in ("rounds", "levels", "faults", "waits_for_no_bridge", "ship_stops")},
    }


def _ready(said: Mapping[str, Any]) -> bool:
    return bool(said["well"] and said["rounds"] and all(need["state"] == "live" for need in said["needs"]))


def _says(serving: Serving, seconds: float, enough: Callable[[Mapping[str, Any]], Any]) -> Mapping[str, Any]:
    """What the service says of itself once it is ``enough``, or after ``seconds``."""
    pool, until = urllib3.PoolManager(retries=False, timeout=5.0), time.monotonic() + seconds
    while True:
        said: Mapping[str, Any] = pool.request("GET", f"{serving.own_url}health").json()
        if enough(said) or time.monotonic() > until:
            return said
        time.sleep(0.5)
