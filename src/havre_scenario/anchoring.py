"""Ships at anchor: each swings on its chain with the tide, bow against the stream."""

import datetime

import numpy as np

from havre_scenario import tide
from havre_scenario.chance import Chance
from havre_scenario.places import ANCHORAGE, Places
from havre_scenario.plane import KNOT, Point
from havre_scenario.tracks import AT_ANCHOR, Track

CHAIN = 180.0
SPACING = 1400.0
STEP = 240.0
SLACK = 0.35
"""Metres an hour of rise below which the stream hardly turns a ship."""


def anchorages(port: Places, chance: Chance) -> dict[str, Point]:
    """The places to anchor in, by number: a grid, wide enough for all to swing."""
    middle = port.point(ANCHORAGE)
    grid = [(column, row) for row in (-1.0, 0.0, 1.0, 2.0) for column in (-1.5, -0.5, 0.5, 1.5)]
    found = {}
    for number, place in enumerate(grid, start=1):
        dx, dy = np.array(place) * SPACING + chance.uniform(-200, 200, 2)
        found[f"{ANCHORAGE}-{number:02}"] = Point(middle.x + float(dx), middle.y + float(dy))
    return found


def anchored(anchor: Point, day: datetime.date, start: float, end: float) -> Track:
    """The ship around ``anchor``: bow to the west while the tide rises, to the east while it falls."""
    seconds = np.linspace(start, end, max(2, round((end - start) / STEP) + 1))
    rise = tide.level(day, seconds + 1800) - tide.level(day, seconds - 1800)
    heading = 180 + 90 * np.tanh(rise / SLACK)
    x = anchor.x - CHAIN * np.sin(np.radians(heading))
    y = anchor.y - CHAIN * np.cos(np.radians(heading))
    knots = np.hypot(np.gradient(x, seconds), np.gradient(y, seconds)) / KNOT
    return Track(seconds, x, y, knots, heading, np.full(len(seconds), AT_ANCHOR))
