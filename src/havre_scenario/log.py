"""The receiver's log of a day: every sentence heard, in order, and a record of everything that was spoilt."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from havre_scenario import broadcast, transponder
from havre_scenario.chance import Chance
from havre_scenario.nmea import Lines
from havre_scenario.plane import Floats, Ints
from havre_scenario.reception import gaps, heard
from havre_scenario.ships import Vessel

CORRUPTED, DUPLICATED = 0.001, 0.002
JUMPED = 0.0002
"""Share of the position reports that tell a place far from the ship."""
JUMP = (4_000.0, 60_000.0)
OUTAGES, OUTAGE = 0.35, (360.0, 900.0)
"""Share of the days on which the receiver falls silent, and for how many seconds."""
SECOND_PART_LATER = 0.03


@dataclass(frozen=True)
class Fault:
    """``line`` counts from 1 in the day's lines; 0 when the fault is not in one line but goes on ``until``."""

    kind: str
    mmsi: int
    time: float
    line: int = 0
    detail: str = ""
    until: float | None = None


@dataclass(frozen=True)
class Log:
    """The sentences with their ends of line; time, MMSI, and whether it jumped, of each."""

    lines: Lines = field(repr=False)
    times: Floats = field(repr=False)
    mmsi: Ints = field(repr=False)
    jumped: Ints = field(repr=False)
    faults: tuple[Fault, ...] = field(repr=False)


def record(vessels: Sequence[Vessel], epoch: int, start: float, end: float, chance: Chance) -> Log:
    """What the receiver writes from ``start`` to ``end``, in seconds after ``epoch`` (Unix time)."""
    whole = _merged([_ship(vessel, epoch, start, end, chance) for vessel in vessels])
    return _spoilt(_interrupted(whole, start, end, chance), chance)


def _interrupted(log: Log, start: float, end: float, chance: Chance) -> Log:
    """On some days the receiver itself is silent for some minutes."""
    if chance.random() >= OUTAGES:
        return log
    began = float(chance.uniform(start, end - 3600))
    until = began + float(chance.uniform(*OUTAGE))
    kept = (log.times < began) | (log.times > until)
    fault = Fault("receiver silent", 0, began, until=until)
    return Log(log.lines[kept], log.times[kept], log.mmsi[kept], log.jumped[kept], (*log.faults, fault))


def _ship(vessel: Vessel, epoch: int, start: float, end: float, chance: Chance) -> Log:
    """All that is heard of one ship."""
    fix = transponder.fixes(vessel, chance, start, end)
    quiet = gaps(fix.times, fix.x, fix.y, chance)
    arrived = heard(fix.times, fix.x, fix.y, quiet, chance, class_b=vessel.ship.class_b)
    jumped = chance.random(len(fix.times)) < JUMPED
    positions = broadcast.positions(vessel, _jumping(fix, jumped, chance), epoch, chance)
    times = transponder.statics(vessel, chance, start, end)
    place = vessel.track.at(times)
    static_arrived = heard(times, place.x, place.y, quiet, chance, class_b=vessel.ship.class_b)
    parts = broadcast.statics(vessel, times, epoch, chance)
    lines = np.concatenate([positions[arrived], *(part[static_arrived] for part in parts)])
    later = [times[static_arrived] + number * SECOND_PART_LATER for number in range(len(parts))]
    all_times = np.concatenate([fix.times[arrived], *later])
    marks = np.zeros(len(lines), np.int64)
    marks[: int(arrived.sum())] = jumped[arrived]
    faults = tuple(
        Fault("gap", vessel.ship.mmsi, gap.start, 0, f"nothing heard for {gap.end - gap.start:.0f} s", gap.end)
        for gap in quiet
    )
    return Log(lines, all_times, np.full(len(lines), vessel.ship.mmsi), marks, faults)


def _jumping(fix: transponder.Fixes, jumped: np.ndarray, chance: Chance) -> transponder.Fixes:
    """The same reports, those that jumped from somewhere else."""
    bearing, metres = chance.uniform(0, 2 * np.pi, len(jumped)), chance.uniform(*JUMP, len(jumped)) * jumped
    return replace(fix, x=fix.x + metres * np.sin(bearing), y=fix.y + metres * np.cos(bearing))


def _merged(blocks: Sequence[Log]) -> Log:
    lines, times, mmsi, jumped = (
        np.concatenate([getattr(block, name) for block in blocks]) for name in ("lines", "times", "mmsi", "jumped")
    )
    order = np.argsort(times, kind="stable")
    faults = tuple(fault for block in blocks for fault in block.faults)
    return Log(lines[order], times[order], mmsi[order], jumped[order], faults)


def _spoilt(log: Log, chance: Chance) -> Log:
    """The log with some lines written twice, and one character of some lines received wrongly."""
    twice = np.sort(chance.choice(len(log.lines), size=round(len(log.lines) * DUPLICATED), replace=False))
    copies = np.zeros(len(log.lines) + len(twice), bool)
    places = np.minimum(twice + chance.integers(1, 12, len(twice)), len(log.lines))
    copies[places + np.argsort(np.argsort(places, kind="stable"))] = True
    lines, times = np.insert(log.lines, places, log.lines[twice]), np.insert(log.times, places, log.times[twice])
    mmsi, jumped = np.insert(log.mmsi, places, log.mmsi[twice]), np.insert(log.jumped, places, log.jumped[twice])

    def fault(kind: str, at: int, detail: str = "") -> Fault:
        return Fault(kind, int(mmsi[at]), float(times[at]), int(at) + 1, detail)

    faults = [fault("duplicate", at) for at in np.flatnonzero(copies).tolist()]
    faults += [fault("jump", at, "a place far from the ship") for at in np.flatnonzero(jumped).tolist()]
    for at in np.sort(chance.choice(len(lines), size=round(len(lines) * CORRUPTED), replace=False)):
        lines[at] = _corrupted(lines[at], chance)
        faults.append(fault("checksum", at, "one payload character changed"))
    return Log(lines, times, mmsi, jumped, (*log.faults, *faults))


def _corrupted(line: bytes, chance: Chance) -> bytes:
    """One character of the payload replaced by another one of the same alphabet."""
    begin = line.rindex(b",", 0, line.rindex(b",")) + 1
    at = begin + int(chance.integers(line.rindex(b",") - begin))
    other = next(letter for letter in b"0w?" if letter != line[at])
    return line[:at] + bytes([other]) + line[at + 1 :]
