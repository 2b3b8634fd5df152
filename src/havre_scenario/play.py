"""The feeds of a written folder as they come in, in order of time: to show the port in motion, to feed a receiver."""

import datetime
import heapq
import json
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

LINES = ("movements.csv", "bridge_messages.csv", "closures.csv", "appointments.csv", "gates.csv")
"""CSV files whose first column is when the line was said."""


class Told(NamedTuple):
    time: datetime.datetime
    feed: str
    """The name of the file, or ``gtfs_rt``."""
    line: bytes
    """As it stands in the file, with its end; of ``gtfs_rt`` a whole FeedMessage."""


def play(folder: Path, since: datetime.datetime | None = None) -> Iterator[Told]:
    """All that is told from ``since`` on, in order of time; a line that is late in its file has the time before it."""
    feeds = [_sentences(folder), _uplinks(folder), _real_time(folder), *(_rows(folder, name) for name in LINES)]
    merged = heapq.merge(*map(_in_order, feeds), key=lambda one: one.time)
    return (one for one in merged if since is None or one.time >= since)


def paced(
    told: Iterable[Told],
    speed: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Told]:
    """The same, each when its time has come: ``speed`` seconds of the scenario in one second of the clock."""
    began: tuple[float, datetime.datetime] | None = None
    for one in told:
        began = began or (clock(), one.time)
        early = began[0] + (one.time - began[1]).total_seconds() / speed - clock()
        if early > 0:
            sleep(early)
        yield one


def _in_order(told: Iterable[Told]) -> Iterator[Told]:
    latest = datetime.datetime.min.replace(tzinfo=datetime.UTC)
    for one in told:
        latest = max(latest, one.time)
        yield one._replace(time=latest)


def _sentences(folder: Path) -> Iterator[Told]:
    with (folder / "ais.nmea").open("rb") as file:
        for line in file:
            yield Told(datetime.datetime.fromtimestamp(int(line[3:13]), datetime.UTC), "ais.nmea", line)


def _rows(folder: Path, name: str) -> Iterator[Told]:
    with (folder / name).open("rb") as file:
        next(file)
        for line in file:
            yield Told(datetime.datetime.fromisoformat(line[:20].decode()), name, line)


def _uplinks(folder: Path) -> Iterator[Told]:
    with (folder / "bins.ndjson").open("rb") as file:
        for line in file:
            yield Told(datetime.datetime.fromisoformat(json.loads(line)["received_at"]), "bins.ndjson", line)


def _real_time(folder: Path) -> Iterator[Told]:
    for path in sorted((folder / "gtfs_rt").iterdir()):
        yield Told(datetime.datetime.fromisoformat(path.stem), "gtfs_rt", path.read_bytes())
