"""Where things are, schematic: a tree of waypoints from the sea to every berth, and the marks along it.

Positions are rounded from public descriptions and good for a picture only. The waypoints form a tree whose root is
the pilot boarding place, so that there is exactly one way between any two of them, through the lock or not.
"""

from dataclasses import dataclass, field

from havre_scenario.plane import Point, at, distance

PILOT, ENTRANCE, ANCHORAGE, DUMP = "pilot", "entrance", "anchorage", "dump"
SEAS = ("sea-west", "sea-north")
LOCK_SEA, LOCK_INNER = "lock-francois-1er", "lock-quinette"
TUGS, PILOT_BOATS, MARINA, DREDGER = "tug-station", "pilot-station", "marina", "dredger-quay"

WAYPOINTS: dict[str, tuple[str, Point]] = {
    # name: the next waypoint towards the pilot boarding place, position
    "sea-west": (PILOT, at(49.620, -0.750)),
    "sea-north": (PILOT, at(49.800, -0.420)),
    ANCHORAGE: (PILOT, at(49.575, -0.060)),
    "channel-west": (PILOT, at(49.513, -0.080)),
    DUMP: ("channel-west", at(49.540, -0.020)),
    "channel-east": ("channel-west", at(49.491, 0.045)),
    ENTRANCE: ("channel-east", at(49.485, 0.085)),
    MARINA: (ENTRANCE, at(49.489, 0.098)),
    "outer-port": (ENTRANCE, at(49.4815, 0.104)),
    PILOT_BOATS: ("outer-port", at(49.4848, 0.109)),
    TUGS: ("outer-port", at(49.4838, 0.114)),
    DREDGER: ("outer-port", at(49.4780, 0.108)),
    "port-2000-entry": (ENTRANCE, at(49.4735, 0.108)),
    "port-2000-west": ("port-2000-entry", at(49.4655, 0.138)),
    "outer-basin": ("outer-port", at(49.4800, 0.124)),
    "tidal-west": ("outer-basin", at(49.4775, 0.140)),
    "tidal-east": ("tidal-west", at(49.4742, 0.174)),
    LOCK_SEA: ("tidal-east", at(49.4730, 0.187)),
    "canal-west": (LOCK_SEA, at(49.4722, 0.199)),
    "link": ("canal-west", at(49.4770, 0.1950)),
    "link-north": ("link", at(49.4803, 0.1855)),
    "bridge-7bis": ("link-north", at(49.479, 0.182)),
    "bridge-7": ("bridge-7bis", at(49.478, 0.180)),
    "eure-east": ("bridge-7", at(49.4772, 0.1775)),
    LOCK_INNER: ("outer-basin", at(49.4820, 0.146)),
    "inner": (LOCK_INNER, at(49.4822, 0.1485)),
    "bridge-5": ("inner", at(49.480, 0.152)),
    "bridge-6": ("bridge-5", at(49.482, 0.163)),
    "basin-west": ("bridge-6", at(49.4828, 0.1665)),
    "inner-north": ("inner", at(49.4845, 0.1500)),
    "bridge-rouge": ("inner-north", at(49.487, 0.151)),
    "city-south": ("bridge-rouge", at(49.4885, 0.1520)),
}

LOCKS = {
    LOCK_SEA: ("Écluse François 1er", WAYPOINTS[LOCK_SEA][1]),
    LOCK_INNER: ("Écluse Quinette de Rochemont", WAYPOINTS[LOCK_INNER][1]),
    "lock-vetillard": ("Écluse Vétillard", at(49.483, 0.164)),
    "lock-tancarville": ("Écluse de Tancarville", at(49.474, 0.455)),
}
BRIDGES = {
    name: (label, WAYPOINTS[name][1])
    for name, label in (
        ("bridge-rouge", "Pont Rouge"), ("bridge-5", "Pont V"), ("bridge-6", "Pont VI"),
        ("bridge-7", "Pont VII"), ("bridge-7bis", "Pont VII bis"),
    )
}  # fmt: skip
GATES = {
    # name: label, position, lanes in each direction, share of the trucks
    "gate-1": ("Porte de Port 2000", at(49.4690, 0.176), 8, 0.55),
    "gate-2": ("Porte du terminal à marée", at(49.4785, 0.150), 4, 0.30),
    "gate-3": ("Porte du canal", at(49.4755, 0.225), 3, 0.15),
}
RECEIVER = Point(0.0, 0.0)


@dataclass(frozen=True)
class Row:
    """Berths side by side along a fairway that starts at the waypoint ``after`` and ends at ``to``."""

    name: str
    after: str
    to: Point
    count: int
    metres: float
    """Length of each berth, along the fairway."""
    aside: float
    """Metres from the fairway to the ships' middle line; positive: to the left when one comes from the sea."""
    depth: float
    """Metres below the lowest astronomical tide; behind a lock, below the level that the lock keeps."""


ROWS = (
    Row("P2000", "port-2000-west", at(49.4640, 0.2150), 12, 420, 170, 16.0),
    Row("OIL", "outer-port", at(49.4740, 0.1280), 4, 350, -130, 17.0),
    Row("FERRY", "outer-port", at(49.4890, 0.1230), 2, 260, 140, 9.0),
    Row("TIDAL", "tidal-west", WAYPOINTS["tidal-east"][1], 5, 330, 140, 14.0),
    Row("BASIN", "basin-west", at(49.4850, 0.1880), 8, 220, 90, 10.5),
    Row("EURE", "eure-east", at(49.4800, 0.1600), 4, 210, -90, 11.0),
    Row("CITY", "city-south", at(49.4945, 0.1590), 3, 140, 70, 8.0),
    Row("CANAL", "canal-west", at(49.4700, 0.2500), 10, 300, 110, 13.0),
)
TURN_OFF = 350.0
"""Metres before the berth where a ship leaves the middle of the fairway."""
BERTH_WIDTH = 70.0


@dataclass(frozen=True)
class Berth:
    name: str
    row: str
    centre: Point
    along: Point
    """Unit vector of the quay, away from the sea."""
    metres: float
    depth: float

    def corner(self, along: float, across: float) -> Point:
        """A point of the berth, in metres along the quay and to its left from the centre."""
        (x, y), (ax, ay) = self.centre, self.along
        return Point(x + along * ax - across * ay, y + along * ay + across * ax)

    def polygon(self) -> list[Point]:
        """The closed ring of the berth, counter-clockwise."""
        half, side = self.metres / 2, BERTH_WIDTH / 2
        ring = [self.corner(-half, -side), self.corner(half, -side), self.corner(half, side), self.corner(-half, side)]
        return [*ring, ring[0]]


@dataclass(frozen=True)
class Places:
    """All waypoints, those of the berths too, and the berths by name."""

    berths: dict[str, Berth]
    tree: dict[str, tuple[str, Point]] = field(repr=False)

    def point(self, name: str) -> Point:
        return PILOT_POINT if name == PILOT else self.tree[name][1]

    def way(self, start: str, end: str) -> list[str]:
        """The waypoints from ``start`` to ``end``, both included."""
        down, up = self._to_root(end), self._to_root(start)
        while len(up) > 1 and len(down) > 1 and up[-2] == down[-2]:
            up.pop()
            down.pop()
        return up[:-1] + down[::-1]

    def _to_root(self, name: str) -> list[str]:
        names = [name]
        while names[-1] != PILOT:
            names.append(self.tree[names[-1]][0])
        return names


PILOT_POINT = at(49.520, -0.160)


def build() -> Places:
    tree = dict(WAYPOINTS)
    berths: dict[str, Berth] = {}
    for row in ROWS:
        start = tree[row.after][1]
        for number in range(1, row.count + 1):
            berth = _berth(row, start, number)
            turn_off = f"{berth.name}/turn-off"
            middle = berth.corner(0, -row.aside)
            tree[turn_off] = (row.after, middle.towards(berth.corner(-1, -row.aside), TURN_OFF))
            tree[berth.name] = (turn_off, berth.centre)
            berths[berth.name] = berth
    return Places(berths, tree)


def _berth(row: Row, start: Point, number: int) -> Berth:
    length = distance(start, row.to)
    along = Point((row.to.x - start.x) / length, (row.to.y - start.y) / length)
    ahead = TURN_OFF * 1.5 + (number - 0.5) * row.metres
    x, y = start.x + along.x * ahead - along.y * row.aside, start.y + along.y * ahead + along.x * row.aside
    return Berth(f"{row.name}-{number:02}", row.name, Point(x, y), along, row.metres, row.depth)
