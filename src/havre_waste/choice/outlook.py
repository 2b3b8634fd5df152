"""What a morning's levels mean for a day: what a truck would find, and what it costs to wait for the next one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from havre_waste.choice.model import DAY, Floats

Z90 = 1.2816
"""Of the normal distribution: P90 lies so many standard deviations above the mean."""
LOOKS = np.array([0.0, 0.5, 0.8, 1.0])
"""Parts of the time from today's truck to the next at which the risk is looked at: it grows late."""


class Distribution(Protocol):
    """Of each container's level at one moment."""

    def quantile(self, z: float) -> Floats:
        """Of which ``z`` is the same of the standard normal distribution."""

    def over(self) -> Floats:
        """Probability to be more than full."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """An element a container.

    ``fill``: that a truck would find today, P50; ``later``: that the next would find if it is left, ``high`` its P90.
    ``overflow_p``: the probability that it is more than full when that comes. ``overflow_days``: days that it is
    expected to be more than full meanwhile.
    """

    fill: Floats
    later: Floats
    high: Floats
    overflow_p: Floats
    overflow_days: Floats


def outlook(levels_at: Callable[[Floats], Distribution], today: Floats, then: Floats) -> Outlook:
    """``levels_at`` gives what is expected if nothing is emptied; ``today`` and ``then``: when a truck comes to each
    container, today and the next time, in seconds."""
    looks = [levels_at(today + part * (then - today)) for part in LOOKS]
    risk = np.array([one.over() for one in looks])
    return Outlook(
        fill=looks[0].quantile(0.0),
        later=looks[-1].quantile(0.0),
        high=looks[-1].quantile(Z90),
        overflow_p=risk[-1],
        overflow_days=np.trapezoid(risk, LOOKS, axis=0) * (then - today) / DAY,
    )
