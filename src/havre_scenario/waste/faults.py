"""When sensors lie: what happens to them, from when until when. Each is repaired after some weeks.

``spikes``: far too many wild values. ``tilt``: hangs askew and measures the wall. ``stuck``: repeats one value.
``dead``: says nothing, or only that it is there. ``drift``: is off by more each day. ``bag``: a bag hangs under it.
"""

from dataclasses import dataclass

import numpy as np

from havre_scenario.chance import Chance
from havre_scenario.waste.model import Network

DAY = 86400.0
KINDS = {"spikes": 0.14, "tilt": 0.14, "stuck": 0.20, "dead": 0.20, "drift": 0.12, "bag": 0.20}
LASTS = 21.0
"""Days until it is repaired, on average."""


@dataclass(frozen=True)
class Fault:
    """``container`` is its row; ``value`` what the kind needs, a number from 0 to 1. Seconds of the period."""

    container: int
    kind: str
    from_at: float
    to_at: float
    value: float


def faults(network: Network, days: int, faulty: float, chance: Chance) -> tuple[Fault, ...]:
    """At any moment about the share ``faulty`` of the sensors has a fault; in order of container and time."""
    found: list[Fault] = []
    kinds, shares = list(KINDS), list(KINDS.values())
    rate = -np.log1p(-faulty) / LASTS if faulty > 0 else 0.0
    for row, container in enumerate(network.containers):
        count = int(chance.poisson(rate * (days + 3 * LASTS)))
        if container.sensor is None or not count:
            continue
        free = -np.inf
        for began in np.sort(chance.uniform(-3 * LASTS, days, count)).tolist():
            ended = began + float(chance.gamma(3.0, LASTS / 3))
            kind, value = str(chance.choice(kinds, p=shares)), float(chance.random())
            if began < free + 2:
                continue
            free = ended
            if ended > 0:
                found.append(Fault(row, kind, round(began * DAY), round(ended * DAY), value))
    return tuple(found)
