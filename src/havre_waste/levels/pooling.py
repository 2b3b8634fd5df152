"""What containers that are alike teach each other: empirical Bayes (Morris 1983, JASA 78) in two steps.

The prior rate of a container is that of its flow in its neighbourhood, which is shrunk towards that of its flow. When
the prior moves, what is believed of a container moves by the share of the prior that is left in it: much where nothing
was seen, hardly where a sensor has watched for weeks. So it goes with the volume of a deposit, by flow.
"""

from dataclasses import replace

import numpy as np

from havre_waste.levels.filtering import LEAST, own_rate, updated
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
    seen, left = levels.volume * (1 + belief.mean[:, DEPOSIT]) * fleet.litres, _left(belief, DEPOSIT, levels.unlike)
    weight = np.where(fleet.counted, 1 - left, 0.0)
    litres = _means(seen, weight, fleet.flow, len(fleet.flows), levels.volume * fleet.litres, SHY)[fleet.flow]
    _move(belief, DEPOSIT, levels.unlike, levels.volume, litres / fleet.litres, left)
    unlike = np.minimum(_unlike(levels, belief), levels.unlike)
    _nearer(belief, DEPOSIT, levels.unlike, unlike)
    return replace(levels, belief=belief, rate=rate, volume=litres / fleet.litres, unlike=unlike)


def _unlike(levels: Levels, belief: Belief) -> Floats:
    """How far the volume of a deposit may lie from that of its flow, by what containers differ and by what is not known
    of the flow: a deviation for each container.

    What was seen of a container, without its prior, scatters by the one and by its own error. The variance between
    containers is estimated by moments (Paule and Mandel 1982, weights of maximum likelihood), and weighed with what is
    assumed of it by what each is worth.
    """
    fleet, p, flows = levels.fleet, levels.parameters, len(levels.fleet.flows)
    left = _left(belief, DEPOSIT, levels.unlike)
    told = fleet.counted & (left < 1)
    error = np.where(told, levels.unlike**2 * left / np.maximum(1 - left, 1e-9), 1.0)
    seen = belief.mean[:, DEPOSIT] / np.maximum(1 - left, 1e-9)
    assumed = p.deposit_unlike**2
    square = np.full(flows, assumed)
    for _ in range(3):
        weight = np.where(told, 1 / (square[fleet.flow] + error) ** 2, 0.0)
        found = np.bincount(fleet.flow, weight * (seen**2 - error), flows)
        worth = np.bincount(fleet.flow, weight, flows)
        square = np.maximum((found / 2 + 1 / assumed) / (worth / 2 + 1 / assumed**2), LEAST**2)
    known = np.bincount(fleet.flow, np.where(told, 1 / (square[fleet.flow] + error), 0.0), flows)
    return np.asarray(np.sqrt(square + 1 / (known + 1 / p.deposit**2)))[fleet.flow]


def _nearer(belief: Belief, which: int, old: Floats, new: Floats) -> None:
    """The deviation of the prior of ``which`` falls from ``old`` to ``new``: as if the prior mean had been seen."""
    rows = np.flatnonzero((new < old) & (belief.cov[:, which, which] > 0))
    along = np.zeros((len(rows), 5))
    along[:, which] = 1.0
    variance = 1 / (1 / new[rows] ** 2 - 1 / old[rows] ** 2)
    updated(belief, rows, along, -belief.mean[rows, which], variance)


def _left(belief: Belief, which: int, deviation: Floats | float) -> Floats:
    """The share of the prior that is left in what is believed."""
    return np.asarray(np.clip(belief.cov[:, which, which] / deviation**2, 0, 1))


def _means(seen: Floats, weight: Floats, kind: Ints, kinds: int, before: Floats, trust: float) -> Floats:
    """By kind: the weighted mean of what was seen, shrunk towards the mean of ``before``."""
    number = np.maximum(np.bincount(kind, minlength=kinds), 1)
    prior = np.bincount(kind, before, kinds) / number
    return np.asarray(
        (trust * prior + np.bincount(kind, weight * seen, kinds)) / (trust + np.bincount(kind, weight, kinds))
    )


def _move(belief: Belief, which: int, deviation: Floats | float, old: Floats, new: Floats, left: Floats) -> None:
    """The prior of ``which`` moves from ``old`` to ``new``, which becomes its scale."""
    across = belief.cov[:, :, which].copy()
    belief.mean[:] += across * ((new / old - 1) / deviation**2)[:, None]
    belief.mean[:, LEVEL] = np.maximum(belief.mean[:, LEVEL], 0.0)
    belief.mean[:, which] = np.maximum(old * (1 + belief.mean[:, which]) / new, LEAST) - 1
    scale = np.sqrt(left + (1 - left) * (old / new) ** 2)
    belief.cov[:, which, :] *= scale[:, None]
    belief.cov[:, :, which] *= scale[:, None]
