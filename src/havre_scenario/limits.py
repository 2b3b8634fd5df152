"""How fast a craft may go, and where: the sea, the approach channel, the port."""

from dataclasses import dataclass

import numpy as np

from havre_scenario.places import ENTRANCE, PILOT_POINT, WAYPOINTS
from havre_scenario.plane import Floats, at

_SOUTH, _NORTH = at(49.475, 0).y, at(49.530, 0).y
_PORT_SOUTH = at(49.455, 0).y
_ENTRANCE = WAYPOINTS[ENTRANCE][1].x


@dataclass(frozen=True)
class Limits:
    """Knots by zone, and the acceleration in m/s² with which the craft changes speed."""

    sea: float
    channel: float
    port: float
    acceleration: float

    def scaled(self, factor: float) -> "Limits":
        return Limits(self.sea * factor, self.channel * factor, self.port * factor, self.acceleration)

    def knots(self, x: Floats, y: Floats) -> Floats:
        """The limit at each place, in metres of the plane."""
        in_port = (x > _ENTRANCE) & (y > _PORT_SOUTH)
        in_channel = (x > PILOT_POINT.x) & (x <= _ENTRANCE) & (y > _SOUTH) & (y < _NORTH)
        return np.select([in_port, in_channel], [self.port, self.channel], self.sea)


SHIP = Limits(sea=12, channel=8, port=6, acceleration=0.01)
TUG = Limits(sea=10, channel=10, port=8, acceleration=0.03)
PILOT_BOAT = Limits(sea=20, channel=20, port=10, acceleration=0.05)
DREDGER = Limits(sea=8, channel=5, port=5, acceleration=0.02)
PASSING = Limits(sea=16, channel=8, port=6, acceleration=0.01)
SMALL = Limits(sea=6, channel=6, port=5, acceleration=0.02)
