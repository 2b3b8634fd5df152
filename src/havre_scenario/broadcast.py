"""What one ship says, as sentences: where she is (messages 1, 3, 18) and what she is (messages 5, 24)."""

import datetime

import numpy as np

from havre_scenario import ais, nmea, transponder
from havre_scenario.chance import Chance
from havre_scenario.nmea import Lines
from havre_scenario.plane import Floats, degrees
from havre_scenario.ships import Vessel, antenna


def positions(vessel: Vessel, fix: transponder.Fixes, epoch: int, chance: Chance) -> Lines:
    """The position reports of a ship, a sentence each; ``epoch`` is second 0 in Unix time."""
    rows = len(fix.times)
    lat, lon = degrees(fix.x, fix.y)
    speed = np.rint(np.maximum(fix.state.knots + chance.normal(0, 0.05, rows), 0) * 10).astype(np.int64)
    course = transponder.told_course(fix, chance)
    heading = transponder.told_heading(fix, vessel.ship.class_b)
    radio = chance.integers(0, 1 << 17, rows)
    mmsi, second = np.full(rows, vessel.ship.mmsi), fix.state.t.astype(np.int64) % 60
    where = ais.degrees(lon), ais.degrees(lat)
    if vessel.ship.class_b:
        bits = ais.position_b(mmsi, speed, *where, course, heading, second)
    else:
        # message 3 answers a change: a ship that turns sends it outside her regular slots
        kind = np.where(np.abs(fix.turning) > transponder.TURNING, 3, 1)
        turned = ais.turn(fix.turning)
        status = fix.state.status if vessel.stuck_status is None else np.full(rows, vessel.stuck_status)
        bits = ais.position_a(kind, mmsi, status, turned, speed, *where, course, heading, second, radio)
    return nmea.single(bits, epoch + fix.times.astype(np.int64), np.arange(rows) % 2)


def statics(vessel: Vessel, times: Floats, epoch: int, chance: Chance) -> tuple[Lines, ...]:
    """What a ship says that she is, at these seconds after ``epoch``: all first sentences, then all second ones."""
    ship, rows = vessel.told or vessel.ship, len(times)
    mmsi, kind = np.full(rows, ship.mmsi), np.full(rows, ship.kind.ais_type)
    call_sign, name = (
        np.repeat(ais.text([text], width), rows, axis=0) for text, width in ((ship.call_sign, 7), (ship.name, 20))
    )
    onward = times > (np.inf if vessel.eta is None else vessel.eta)
    destination = ais.text([vessel.bound_for, vessel.onward], 20)[onward.astype(np.int64)]
    sides = np.repeat(antenna(ship)[None], rows, axis=0)
    seconds, channel = epoch + times.astype(np.int64), np.arange(rows) % 2
    if ship.class_b:
        parts = ais.static_b_name(mmsi, name), ais.static_b_ship(mmsi, call_sign, kind, sides)
        return tuple(nmea.single(part, seconds, channel) for part in parts)
    eta = np.repeat(np.array(_eta(vessel, epoch))[None], rows, axis=0)
    draught = np.full(rows, round(ship.draught * 10))
    bits = ais.static_a(mmsi, call_sign, name, kind, sides, eta, draught, destination)
    return nmea.double(bits, seconds, channel, chance.integers(0, 10, rows))


def _eta(vessel: Vessel, epoch: int) -> tuple[int, int, int, int]:
    """Month, day, hour, minute; 0, 0, 24, 60 is the standard's "not available"."""
    if vessel.eta is None:
        return 0, 0, 24, 60
    at = datetime.datetime.fromtimestamp(epoch + vessel.eta, datetime.UTC)
    return at.month, at.day, at.hour, at.minute
