"""The truth of the day as CSV: what a reader of the feeds should find out, and what was done to the feeds."""

import csv
import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path

from havre_scenario.bins import Reading
from havre_scenario.gates import Pass, counts
from havre_scenario.log import Fault
from havre_scenario.passages import Passage

CALLS = (
    "ship", "mmsi", "kind", "length_m", "draught_m", "movement", "start_at", "end_at", "left_at", "pilot_at",
    "entrance_at", "lock", "lock_in_at", "lock_out_at", "ended_at",
)  # fmt: skip


def stamp(day: datetime.date, seconds: float | None) -> str:
    """RFC 3339 in UTC to the second; empty for None."""
    if seconds is None:
        return ""
    at = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(seconds=int(seconds // 1))
    return f"{at.isoformat()}Z"


def write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """A CSV file with a header line and LF; gives the number of rows."""
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(columns)
        for row in rows:
            out.writerow(row)
            written += 1
    return written


def port_calls(path: Path, day: datetime.date, passages: Sequence[Passage]) -> int:
    return write(path, CALLS, (_call(day, one) for one in passages))


def _call(day: datetime.date, one: Passage) -> list[object]:
    ship = one.ship
    times = [stamp(day, at) for at in (one.left_at, one.pilot_at, one.entrance_at)]
    lock = [one.lock or "", stamp(day, one.lock_in_at), stamp(day, one.lock_out_at)]
    what = [ship.name, ship.mmsi, ship.kind.name.lower(), ship.length, ship.draught]
    return [*what, one.movement, one.start_at, one.end_at, *times, *lock, stamp(day, one.ended_at)]


def gate_counts(path: Path, day: datetime.date, passes: Sequence[Pass]) -> int:
    rows = ((stamp(day, hour * 3600), *where, number) for (hour, *where), number in counts(passes).items())
    return write(path, ("hour", "gate", "direction", "kind", "count"), rows)


def bin_levels(path: Path, day: datetime.date, readings: Sequence[Reading]) -> int:
    """The true fill at each reading, whether or not the sensor told it, and how the sensor does."""
    rows = (
        (stamp(day, one.time), one.container.name, one.container.stream, f"{one.true_fill:.4f}", one.container.state,
         stamp(day, one.container.collected))
        for one in readings
    )  # fmt: skip
    return write(path, ("time", "container", "stream", "fill", "sensor", "collected_at"), rows)


def faults(path: Path, day: datetime.date, ais: Sequence[Fault], bins: Iterable[tuple[float, int, str, str]]) -> int:
    """Of both feeds; ``line`` is empty where the fault is not in one line. ``bins``: time, line, container, kind."""
    rows = [
        *(("ais.nmea", one.line or "", stamp(day, one.time), one.mmsi, one.kind, one.detail) for one in ais),
        *(("bins.ndjson", line or "", stamp(day, time), name, kind, "") for time, line, name, kind in bins),
    ]
    return write(path, ("file", "line", "time", "source", "fault", "detail"), rows)
