"""What containers that are alike teach each other: empirical Bayes (Morris 1983, JASA 78) in two steps.

The prior rate of a container is that of its flow in its neighbourhood, which is shrunk towards that of its flow. When
the prior moves, what is believed of a container moves by the share of the prior that is left in it: much where nothing
was seen, hardly where a sensor has watched for weeks. So it goes with the volume of a deposit, by flow.
"""

from dataclasses import replace

import numpy as np

from havre_waste.levels.filtering import LEAST, own_rate
from havre_waste.levels.state import DEPOSIT, LEVEL, OWN, Belief, Floats, Ints, Levels, copied

ALIKE = 6.0
"""Containers of the whole flow that count as much as those of the neighbourhood."""
SHY = 1.0
"""Containers' worth of trust in what was assumed before."""


def pooled(levels: Levels) -> Levels:
    """With priors moved to what is seen now."""
    belief, fleet, p = copied(levels.belief), levels.fleet, levels.parameters
    seen, left = own_rate(levels, belief, np.arange(len(fleet.ids))), _left(belief, OWN, p.own)
    of_flow = _means(seen, 1 - left, fleet.flow, len(fleet.flows), levels.rate, SHY)[fleet.flow]
    rate = _means(seen, 1 - left, fleet.group, fleet.groups, of_flow, ALIKE)[fleet.group]
    _move(belief, OWN, p.own, levels.rate, rate, left)
    seen, left = levels.volume * (1 + belief.mean[:, DEPOSIT]) * fleet.litres, _left(belief, DEPOSIT, p.deposit)
    weight = np.where(fleet.counted, 1 - left, 0.0)
    litres = _means(seen, weight, fleet.flow, len(fleet.flows), levels.volume * fleet.litres, SHY)[fleet.flow]
    _move(belief, DEPOSIT, p.deposit, levels.volume, litres / fleet.litres, left)
    return replace(levels, belief=belief, rate=rate, volume=litres / fleet.litres)


def _left(belief: Belief, which: int, deviation: float) -> Floats:
    """The share of the prior that is left in what is believed."""
    return np.asarray(np.clip(belief.cov[:, which, which] / deviation**2, 0, 1))


def _means(seen: Floats, weight: Floats, kind: Ints, kinds: int, before: Floats, trust: float) -> Floats:
    """By kind: the weighted mean of what was seen, shrunk towards the mean of ``before``."""
    number = np.maximum(np.bincount(kind, minlength=kinds), 1)
    prior = np.bincount(kind, before, kinds) / number
    return np.asarray(
        (trust * prior + np.bincount(kind, weight * seen, kinds)) / (trust + np.bincount(kind, weight, kinds))
    )


def _move(belief: Belief, which: int, deviation: float, old: Floats, new: Floats, left: Floats) -> None:
    """The prior of ``which`` moves from ``old`` to ``new``, which becomes its scale."""
    across = belief.cov[:, :, which].copy()
    belief.mean[:] += across / deviation**2 * (new / old - 1)[:, None]
    belief.mean[:, LEVEL] = np.maximum(belief.mean[:, LEVEL], 0.0)
    belief.mean[:, which] = np.maximum(old * (1 + belief.mean[:, which]) / new, LEAST) - 1
    scale = np.sqrt(left + (1 - left) * (old / new) ** 2)
    belief.cov[:, which, :] *= scale[:, None]
    belief.cov[:, :, which] *= scale[:, None]
