"""When each ship's transponder speaks, and what it says of itself and of where it is.

Reporting intervals: ITU-R M.1371-5 table 1 (class A) and table 2 (class B carrier-sense). A report tells the place at
the whole UTC second of its time stamp, with some metres of error of the satellite fix.
"""

from dataclasses import dataclass

import numpy as np

from havre_scenario.chance import Chance
from havre_scenario.plane import Floats, Ints
from havre_scenario.ships import Vessel
from havre_scenario.tracks import AT_ANCHOR, MOORED, Track

GRID = 10.0
STATIC_EVERY = 360.0
FIX_ERROR, FIX_WORST = 2.0, 4.0
"""Metres: standard deviation on each axis, and the bound on it."""
SWING = 120.0
"""Seconds over which the bow follows the course."""
TURNING = 6.0
"""Degrees a minute above which a ship counts as changing course."""


@dataclass(frozen=True)
class Fixes:
    """What one ship reports: one element a report. ``state`` holds the true state at the whole second."""

    times: Floats
    state: Track
    x: Floats
    y: Floats
    heading: Floats
    turning: Floats
    """Degrees a minute."""


def fixes(vessel: Vessel, chance: Chance, start: float, end: float) -> Fixes:
    """The position reports of a ship from ``start`` to ``end``, in seconds of its track."""
    start, stop = np.ceil(max(start, vessel.track.start)), np.floor(min(end, vessel.track.end))
    grid = np.arange(start, stop, GRID) if stop - start > 2 * GRID else np.array([start, start + 1])
    state = vessel.track.at(grid)
    heading = _heading(state)
    turning = np.gradient(heading, grid) * 60
    interval = _interval_b(state) if vessel.ship.class_b else _interval_a(state, turning)
    times = _ticks(grid, interval, float(chance.random()))
    seconds = np.floor(times)
    error = np.clip(chance.normal(0, FIX_ERROR, (2, len(times))), -FIX_WORST, FIX_WORST)
    true = vessel.track.at(seconds)
    headings, turnings = np.interp(seconds, grid, heading), np.interp(seconds, grid, turning)
    return Fixes(times, true, true.x + error[0], true.y + error[1], headings, turnings)


def statics(vessel: Vessel, chance: Chance, start: float, end: float) -> Floats:
    """The seconds at which a ship says what she is."""
    start, stop = max(start, vessel.track.start), min(end, vessel.track.end)
    return np.arange(start + float(chance.random()) * STATIC_EVERY, stop, STATIC_EVERY)


def _ticks(grid: Floats, interval: Floats, phase: float) -> Floats:
    """The seconds at which the count of elapsed intervals passes a whole number."""
    elapsed = phase + np.concatenate([[0.0], np.cumsum(np.diff(grid) / interval[:-1])])
    return np.interp(np.arange(1, np.floor(elapsed[-1]) + 1), elapsed, grid)


def _interval_a(state: Track, turning: Floats) -> Floats:
    changing = np.abs(turning) > TURNING
    at_rest = np.isin(state.status, (AT_ANCHOR, MOORED)) & (state.knots < 3)
    slow, fast = np.where(changing, 10 / 3, 10.0), np.where(changing, 2.0, 6.0)
    return np.select([at_rest, state.knots <= 14, state.knots <= 23], [np.full(len(slow), 180.0), slow, fast], 2.0)


def _interval_b(state: Track) -> Floats:
    return np.where(state.knots > 2, 30.0, 180.0)


def _heading(state: Track) -> Floats:
    """Unwrapped degrees: the course, averaged over the time that a hull needs to swing."""
    width = min(round(SWING / GRID) | 1, len(state.t) - 1 | 1)
    if width < 3:
        return state.course
    padded = np.pad(state.course, width // 2, mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), mode="valid")


def told_course(fix: Fixes, chance: Chance) -> Ints:
    """Tenths of a degree; of a craft at rest the receiver tells any direction."""
    noise = chance.normal(0, 0.3, len(fix.times))
    drift = chance.uniform(0, 360, len(fix.times))
    tenths = np.rint(np.where(fix.state.knots > 0.3, fix.state.course + noise, drift) * 10)
    return np.asarray(tenths.astype(np.int64) % 3600)


def told_heading(fix: Fixes, class_b: bool) -> Ints:
    """Whole degrees; 511, not available, for class B, which has no compass."""
    return np.full(len(fix.times), 511) if class_b else np.rint(fix.heading).astype(np.int64) % 360
