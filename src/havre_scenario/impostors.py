"""False identities on the air: a ship that bears another one's number, and a track that nobody sails.

Every other day one of each, so that a short period has both. The truth tells whose number it is, and from when to when.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from havre_scenario.chance import Chance
from havre_scenario.log import Fault
from havre_scenario.plane import KNOT, Point, at
from havre_scenario.ships import Vessel
from havre_scenario.tracks import UNDER_WAY, Track

CIRCLE = (700.0, 1500.0)
"""Metres: spoofed tracks are often circles, at a speed that does not change."""
LASTING = (2400.0, 5400.0)
GROUNDS = (at(49.62, 0.16), at(49.44, 0.36), at(49.56, -0.30), at(49.40, -0.05))
"""Around places on land and at sea."""


def of_day(
    day: int, vessels: Sequence[Vessel], calling: set[int], chance: Chance, start: float, end: float
) -> tuple[list[Vessel], list[Fault]]:
    """The vessels as they are heard from ``start`` to ``end``, with what is false among them."""
    heard = list(vessels)
    victims = [one for one in vessels if one.ship.mmsi in calling and one.track.start < end - 4 * 3600]
    if not victims:
        return heard, []
    victim = victims[int(chance.integers(len(victims)))]
    if day % 2:
        return _shared(heard, victim, chance, start, end)
    return _spoofed(heard, victim, chance, start, end)


def _shared(
    heard: list[Vessel], victim: Vessel, chance: Chance, start: float, end: float
) -> tuple[list[Vessel], list[Fault]]:
    """One of the passing ships has the number of the victim as well."""
    passing = [one for one in heard if one.ship.kind.name == "TRANSIT"]
    if not passing:
        return heard, []
    double = passing[int(chance.integers(len(passing)))]
    heard[heard.index(double)] = replace(double, ship=replace(double.ship, mmsi=victim.ship.mmsi))
    began, ended = max(start, double.track.start), min(end, double.track.end)
    detail = f"{double.ship.name} tells the number of {victim.ship.name}"
    return heard, [Fault("shared identity", victim.ship.mmsi, began, 0, detail, ended)]


def _spoofed(
    heard: list[Vessel], victim: Vessel, chance: Chance, start: float, end: float
) -> tuple[list[Vessel], list[Fault]]:
    """Somebody sends a circle under the victim's number."""
    began = float(chance.uniform(max(start, victim.track.start), end - 2 * 3600))
    ended = began + float(chance.uniform(*LASTING))
    ground, radius = GROUNDS[int(chance.integers(len(GROUNDS)))], float(chance.uniform(*CIRCLE))
    track = _circle(ground, radius, float(chance.uniform(8, 22)), began, ended)
    detail = f"a circle of {2 * radius:.0f} m under the number of {victim.ship.name}"
    heard.append(replace(victim, track=track, told=None, stuck_status=None))
    return heard, [Fault("spoofed track", victim.ship.mmsi, began, 0, detail, ended)]


def _circle(middle: Point, radius: float, knots: float, start: float, end: float) -> Track:
    seconds = np.arange(start, end, 10.0)
    angle = (seconds - start) * knots * KNOT / radius
    x, y = middle.x + radius * np.sin(angle), middle.y + radius * np.cos(angle)
    course = 90 + np.degrees(angle)
    return Track(seconds, x, y, np.full(len(seconds), knots), course, np.full(len(seconds), UNDER_WAY))
