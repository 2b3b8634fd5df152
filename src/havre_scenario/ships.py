"""The ships: kinds, sizes, and invented identities.

Names say that they are invented ("HV CARRIER 07"). MMSI begin with 200: ships of every State have three digits from
201 to 775 (ITU-R M.585, maritime identification digits), and 200 is given to none, so no number here is a real
ship's. Call signs begin with Q, a letter that the Radio Regulations (appendix 42) give to no State. The IMO number
is 0, "not available" (ITU-R M.1371-5, message 5), since any number with a valid check digit may be a real ship's.
"""

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np

from havre_scenario.chance import Chance
from havre_scenario.limits import SHIP, Limits
from havre_scenario.plane import Ints
from havre_scenario.tracks import Track

FIRST_MMSI = 200_100_000


@dataclass(frozen=True)
class Kind:
    name: str
    ais_type: int
    """Type of ship and cargo, ITU-R M.1371-5, annex 8."""
    length: tuple[int, int]
    slender: float
    """Length over beam."""
    draught: tuple[float, float]
    rows: tuple[str, ...] = ()
    """Where such ships berth."""
    stay_hours: tuple[float, float] = (8, 20)
    weight: float = 0.0
    """Share among the ships that call."""


CALLING = (
    Kind("CARRIER", 71, (330, 399), 6.7, (12.5, 15.5), ("P2000",), (16, 34), 0.17),
    Kind("FEEDER", 70, (140, 200), 6.0, (7.5, 10.0), ("P2000", "TIDAL"), (7, 14), 0.10),
    Kind("TANKER", 80, (180, 300), 6.0, (10.0, 15.5), ("OIL",), (16, 30), 0.06),
    Kind("CHEMICAL", 82, (110, 170), 6.2, (6.5, 9.5), ("CANAL", "EURE"), (10, 24), 0.14),
    Kind("RORO", 70, (160, 230), 6.3, (6.5, 9.0), ("CANAL", "TIDAL"), (6, 12), 0.06),
    Kind("BULK", 70, (90, 180), 6.2, (5.5, 9.5), ("BASIN", "TIDAL"), (14, 36), 0.13),
    Kind("GRAIN", 70, (90, 180), 6.2, (5.5, 9.5), ("EURE", "CANAL"), (12, 28), 0.15),
    Kind("COASTER", 70, (80, 110), 6.2, (4.5, 6.5), ("CITY", "BASIN"), (8, 24), 0.14),
    Kind("FERRY", 60, (150, 190), 6.4, (5.8, 6.6), ("FERRY",), (5, 8), 0.05),
)
TUG = Kind("TUG", 52, (30, 34), 2.7, (5.0, 6.0))
PILOT_BOAT = Kind("PILOT", 50, (14, 17), 3.2, (1.2, 1.6))
DREDGER = Kind("DREDGER", 33, (95, 110), 5.5, (5.0, 7.0))
PASSING = Kind("TRANSIT", 70, (90, 330), 6.3, (5.0, 13.0))
YACHT = Kind("YACHT", 36, (9, 15), 3.2, (1.8, 2.3))
FISHER = Kind("FISHER", 30, (9, 14), 2.9, (1.5, 2.2))


@dataclass(frozen=True)
class Ship:
    """What a ship is; metres."""

    mmsi: int
    name: str
    call_sign: str
    kind: Kind
    length: int
    beam: int
    draught: float
    class_b: bool = False


@dataclass(frozen=True)
class Vessel:
    """A ship and where it is."""

    ship: Ship
    track: Track = field(repr=False)
    limits: Limits = SHIP
    bound_for: str = "FRLEH"
    """UN/LOCODE that it tells as its destination, until its ``eta``; after that ``onward``."""
    eta: float | None = None
    """Seconds after the start, as it tells it."""
    onward: str = ""
    told: Ship | None = None
    """What it tells that it is, when that is wrong."""
    stuck_status: int | None = None
    """The navigational status that it tells all the time, when it forgets to change it."""


class Registry:
    """Gives each new ship the next number of its kind."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._numbers: Counter[str] = Counter()

    def new(self, kind: Kind, *, class_b: bool = False) -> Ship:
        self._numbers[kind.name] += 1
        number, total = self._numbers[kind.name], self._numbers.total()
        length = int(self._chance.integers(kind.length[0], kind.length[1] + 1))
        draught = round(float(self._chance.uniform(*kind.draught)), 1)
        name, call_sign = f"HV {kind.name} {number:02}", f"QHV{total:03}"
        return Ship(FIRST_MMSI + total, name, call_sign, kind, length, round(length / kind.slender), draught, class_b)

    def calling(self) -> Ship:
        """A ship of one of the kinds that call at the port."""
        weights = np.array([kind.weight for kind in CALLING])
        return self.new(CALLING[int(self._chance.choice(len(CALLING), p=weights / weights.sum()))])


def mistaken(ship: Ship) -> Ship:
    """A ship that still tells the data of the one its transponder was taken from."""
    return replace(ship, name="HV TRAWLER", length=24, beam=7, draught=0.0)


def antenna(ship: Ship) -> Ints:
    """Metres from the position antenna to bow, stern, port and starboard side."""
    stern, port = max(2, ship.length // 7), ship.beam // 2
    return np.array([ship.length - stern, stern, port, ship.beam - port])
