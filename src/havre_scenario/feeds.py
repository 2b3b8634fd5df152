"""The feeds of a city as rows: what is told, by whoever tells it. Nothing here knows the truth files."""

import datetime
from collections.abc import Iterator

import numpy as np

from havre_scenario import bookings, tide
from havre_scenario.announcements import announcements
from havre_scenario.bookings import Bookings
from havre_scenario.bridge_messages import messages
from havre_scenario.calls import Movement
from havre_scenario.chance import Chance
from havre_scenario.closures import Closure
from havre_scenario.gates import Pass
from havre_scenario.openings import Opening
from havre_scenario.places import GATES
from havre_scenario.tables import Stamp

DAY, HOUR = 86400.0, 3600.0
TIDE_EVERY = 600
TOLD_BEFORE = 4 * DAY
"""What was said before the period of what happens in it is in the files too, so long back."""
Row = tuple[object, ...]

MOVEMENTS = (
    "said_at", "movement", "mmsi", "imo", "name", "kind", "point", "berth", "classifier", "value_at", "issuer",
)  # fmt: skip
BRIDGE_MESSAGES = ("said_at", "bridge", "opening", "status", "starts_at", "ends_at", "movement")
RESERVED_SLOTS = ("bridge", "weekday", "starts", "ends")
CLOSURES = ("said_at", "closure", "place", "starts_at", "ends_at", "reason")
TIDE = ("time", "level_m")
APPOINTMENTS = ("said_at", "booking", "gate", "slot_starts_at", "slot_ends_at", "kind", "status")
GATE_PASSES = ("time", "gate", "direction", "kind", "lane", "booking")


def movements(found: list[Movement], berths: list[str], end: float, stamp: Stamp, chance: Chance) -> Iterator[Row]:
    for one in announcements(found, berths, chance):
        if -TOLD_BEFORE <= one.said_at < end:
            moved, ship = one.movement, one.movement.ship
            who = moved.name, ship.mmsi, "", ship.name, moved.kind
            told = one.point, one.berth, one.classifier, stamp(one.value_at), one.issuer
            yield stamp(one.said_at), *who, *told


def bridge_messages(found: tuple[Opening, ...], end: float, stamp: Stamp, chance: Chance) -> Iterator[Row]:
    for one in messages(found, chance):
        if -DAY <= one.said_at < end:
            times = stamp(one.starts_at), stamp(one.ends_at)
            yield stamp(one.said_at), one.bridge, one.opening, one.status, *times, one.movement


def closures(found: tuple[Closure, ...], end: float, stamp: Stamp) -> Iterator[Row]:
    said = sorted((at, one.name, one, ends) for one in found for at, ends in one.said)
    for at, name, one, ends in said:
        if at < end:
            yield stamp(at), name, one.bridge, stamp(one.starts_at), stamp(ends), one.reason


def tides(start: datetime.date, days: int, stamp: Stamp) -> Iterator[Row]:
    seconds = np.arange(0, days * DAY + 1, TIDE_EVERY)
    for at, level in zip(seconds, tide.level(start, seconds), strict=True):
        yield stamp(float(at)), f"{level:.2f}"


def appointments(found: Bookings, end: float, stamp: Stamp) -> Iterator[Row]:
    gates = list(GATES)
    for said, number, slot, status in bookings.lines(found, -TOLD_BEFORE, end):
        what = found.name(number), gates[found.gate[number]]
        yield stamp(said), *what, stamp(slot), stamp(slot + HOUR), bookings.KINDS[found.kind[number]], status


def gate_passes(found: tuple[Pass, ...], stamp: Stamp) -> Iterator[Row]:
    for one in found:
        yield stamp(one.time), one.gate, one.direction, one.kind, one.lane, one.booking
