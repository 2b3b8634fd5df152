"""Roads, and the areas in which a ship is looked for: schematic shapes around the points of ``places``."""

from collections.abc import Sequence

from havre_scenario import places
from havre_scenario.places import BRIDGES, GATES, WAYPOINTS, Places
from havre_scenario.plane import Point, at, distance

Ring = list[Point]
APPROACH = [at(49.555, -0.215), at(49.500, -0.215), at(49.468, 0.060), at(49.476, 0.082), at(49.502, 0.082)]
"""The approach channel with the pilot boarding place, up to the moles."""
ANCHORAGE = [at(49.622, -0.112), at(49.540, -0.112), at(49.540, -0.010), at(49.622, -0.010)]
LOCK_LENGTH, LOCK_WIDTH = {places.LOCK_SEA: 560.0, places.LOCK_INNER: 420.0}, 110.0
HAUTE = at(49.4950, 0.1330)
ROADS: dict[str, tuple[str, tuple[Point, ...]]] = {
    "road-rouge": ("Rue du Pont Rouge", (HAUTE, at(49.4905, 0.1440), BRIDGES["bridge-rouge"][1], at(49.4850, 0.1560))),
    "road-5": ("Rue du Pont V", (at(49.4850, 0.1560), BRIDGES["bridge-5"][1], at(49.4790, 0.1500), GATES["gate-2"][1])),
    "road-6": (
        "Rue du Pont VI",
        (at(49.4850, 0.1560), at(49.4840, 0.1620), BRIDGES["bridge-6"][1], at(49.4812, 0.1700), at(49.4792, 0.1790)),
    ),
    "road-7": ("Route du Pont VII", (at(49.4792, 0.1790), BRIDGES["bridge-7"][1], at(49.4755, 0.1825))),
    "road-7bis": (
        "Route du Pont VII bis",
        (at(49.4990, 0.1990), at(49.4880, 0.2000), at(49.4815, 0.1805), BRIDGES["bridge-7bis"][1], at(49.4755, 0.1840)),
    ),
    "road-lock": (
        "Route de l’Écluse",
        (at(49.4755, 0.1825), at(49.4755, 0.1840), places.LOCKS[places.LOCK_SEA][1], GATES["gate-1"][1]),
    ),
    "road-north": ("Route industrielle", (at(49.4880, 0.2000), at(49.4800, 0.2100), GATES["gate-3"][1])),
    "road-south": (
        "Route de l’Estuaire",
        (at(49.4650, 0.4500), at(49.4670, 0.2600), at(49.4680, 0.2200), GATES["gate-1"][1]),
    ),
}


def lock(port: Places, name: str) -> Ring:
    """The basin of a lock, along the way that leads through it."""
    middle = places.LOCKS[name][1]
    before = port.point(WAYPOINTS[name][0]) if name in WAYPOINTS else Point(middle.x - 100, middle.y)
    length = distance(before, middle)
    along = Point((middle.x - before.x) / length, (middle.y - before.y) / length)
    half, side = LOCK_LENGTH.get(name, 250.0) / 2, LOCK_WIDTH / 2
    corners = ((-half, -side), (half, -side), (half, side), (-half, side))
    return closed(
        [Point(middle.x + a * along.x - b * along.y, middle.y + a * along.y + b * along.x) for a, b in corners]
    )


def closed(ring: Sequence[Point]) -> Ring:
    return [*ring, ring[0]]


def road_of(bridge: str) -> str:
    return f"road-{bridge.removeprefix('bridge-')}"
