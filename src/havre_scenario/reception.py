"""What one receiver on the shore hears: nearly all that is near, ever less with the distance, and gaps far out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from havre_scenario.chance import Chance
from havre_scenario.places import RECEIVER
from havre_scenario.plane import Floats

CLEAR, FAINT = 35_000.0, 75_000.0
"""Metres: up to the first all is heard (class A), beyond the second nothing."""
CLASS_B = 0.45
"""Range of class B, which sends with 2 W, as a share of that of class A."""
MISSED = 0.004
"""Share of the messages lost near by, to collisions in the slots."""
FAR = 40_000.0
GAPS_EVERY = 5400.0
GAP_SECONDS = (240, 1200)


@dataclass(frozen=True)
class Gap:
    start: float
    end: float


def gaps(times: Floats, x: Floats, y: Floats, chance: Chance) -> list[Gap]:
    """Stretches in which nothing of this ship arrives, while she is far out."""
    far = times[_metres(x, y) > FAR]
    if len(far) < 2:
        return []
    count = int(chance.poisson((far[-1] - far[0]) / GAPS_EVERY))
    starts = chance.choice(far, size=count)
    return [Gap(float(start), float(start + chance.uniform(*GAP_SECONDS))) for start in np.sort(starts)]


def heard(
    times: Floats, x: Floats, y: Floats, quiet: list[Gap], chance: Chance, *, class_b: bool
) -> npt.NDArray[np.bool_]:
    """Which messages, sent at these times from these places, arrive."""
    metres = _metres(x, y) / (CLASS_B if class_b else 1)
    likely = np.interp(metres, [CLEAR, FAINT], [1 - MISSED, 0])
    arrives = chance.random(len(times)) < likely
    for gap in quiet:
        arrives &= (times < gap.start) | (times > gap.end)
    return np.asarray(arrives)


def _metres(x: Floats, y: Floats) -> Floats:
    return np.hypot(x - RECEIVER.x, y - RECEIVER.y)
