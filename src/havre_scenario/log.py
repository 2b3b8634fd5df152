"""The receiver's log of the day: every sentence heard, in order, and a record of everything that was spoilt."""

import datetime
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
SECOND_PART_LATER = 0.03


@dataclass(frozen=True)
class Fault:
    """``line`` counts from 1 in the file; 0 when the fault is not in one line."""

    kind: str
    mmsi: int
    time: float
    line: int = 0
    detail: str = ""


@dataclass(frozen=True)
class Log:
    """The sentences with their ends of line, the second after midnight and the MMSI of each."""

    lines: Lines = field(repr=False)
    times: Floats = field(repr=False)
    mmsi: Ints = field(repr=False)
    faults: tuple[Fault, ...] = field(repr=False)


def record(vessels: Sequence[Vessel], wrong: Vessel, day: datetime.date, end: float, chance: Chance) -> Log:
    """What the receiver writes from midnight to ``end``; ``wrong`` is the ship whose static data are wrong."""
    midnight = int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp())
    blocks: list[Log] = []
    for vessel in vessels:
        told = _mistaken(vessel) if vessel is wrong else vessel
        blocks.append(_ship(vessel, told, midnight, end, chance))
    true, told_ship = wrong.ship, _mistaken(wrong).ship
    detail = f"tells {told_ship.name!r} of {told_ship.length} m, is {true.name!r} of {true.length} m"
    static = Fault("wrong static data", true.mmsi, 0.0, detail=detail)
    return _spoilt(_merged(blocks), chance, (static,))


def _mistaken(vessel: Vessel) -> Vessel:
    """A ship that still tells the data of the one its transponder was taken from."""
    return replace(vessel, ship=replace(vessel.ship, name="HV TRAWLER", length=24, beam=7, draught=0.0))


def _ship(vessel: Vessel, told: Vessel, midnight: int, end: float, chance: Chance) -> Log:
    """All that is heard of one ship."""
    fix = transponder.fixes(vessel, chance, end)
    quiet = gaps(fix.times, fix.x, fix.y, chance)
    arrived = heard(fix.times, fix.x, fix.y, quiet, chance, class_b=vessel.ship.class_b)
    positions = broadcast.positions(vessel, fix, midnight, chance)
    times = transponder.statics(vessel, chance, end)
    place = vessel.track.at(times)
    static_arrived = heard(times, place.x, place.y, quiet, chance, class_b=vessel.ship.class_b)
    parts = broadcast.statics(told, times, midnight, chance)
    lines = np.concatenate([positions[arrived], *(part[static_arrived] for part in parts)])
    later = [times[static_arrived] + number * SECOND_PART_LATER for number in range(len(parts))]
    all_times = np.concatenate([fix.times[arrived], *later])
    faults = tuple(
        Fault("gap", vessel.ship.mmsi, gap.start, detail=f"nothing heard for {gap.end - gap.start:.0f} s")
        for gap in quiet
    )
    return Log(lines, all_times, np.full(len(lines), vessel.ship.mmsi), faults)


def _merged(blocks: Sequence[Log]) -> Log:
    lines = np.concatenate([block.lines for block in blocks])
    times = np.concatenate([block.times for block in blocks])
    mmsi = np.concatenate([block.mmsi for block in blocks])
    order = np.argsort(times, kind="stable")
    return Log(lines[order], times[order], mmsi[order], tuple(fault for block in blocks for fault in block.faults))


def _spoilt(log: Log, chance: Chance, more: tuple[Fault, ...]) -> Log:
    """The log with some lines written twice, and one character of some lines received wrongly."""
    twice = np.sort(chance.choice(len(log.lines), size=round(len(log.lines) * DUPLICATED), replace=False))
    copies = np.zeros(len(log.lines) + len(twice), bool)
    places = np.minimum(twice + chance.integers(1, 12, len(twice)), len(log.lines))
    copies[places + np.argsort(np.argsort(places, kind="stable"))] = True
    lines = np.insert(log.lines, places, log.lines[twice])
    times, mmsi = np.insert(log.times, places, log.times[twice]), np.insert(log.mmsi, places, log.mmsi[twice])
    faults = [Fault("duplicate", int(mmsi[at]), float(times[at]), int(at) + 1) for at in np.flatnonzero(copies)]
    for at in np.sort(chance.choice(len(lines), size=round(len(lines) * CORRUPTED), replace=False)):
        lines[at] = _corrupted(lines[at], chance)
        faults.append(Fault("checksum", int(mmsi[at]), float(times[at]), int(at) + 1, "one payload character changed"))
    return Log(lines, times, mmsi, (*more, *log.faults, *faults))


def _corrupted(line: bytes, chance: Chance) -> bytes:
    """One character of the payload replaced by another one of the same alphabet."""
    begin = line.rindex(b",", 0, line.rindex(b",")) + 1
    at = begin + int(chance.integers(line.rindex(b",") - begin))
    other = next(letter for letter in b"0w?" if letter != line[at])
    return line[:at] + bytes([other]) + line[at + 1 :]
