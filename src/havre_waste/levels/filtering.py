"""The extended Kalman filter of the belief, for many containers at once.

``Belief`` in, changed in place: ``taking.take`` works on a copy. Follows Särkkä: Bayesian Filtering and Smoothing
(2013), sections 4.3 and 5.2; the integral of an Ornstein-Uhlenbeck process after Gillespie (1996), Phys. Rev. E 54.
"""

import numpy as np

from havre_waste.levels.rates import DAY
from havre_waste.levels.state import (
    BUSY,
    DEPOSIT,
    HEAP,
    LEVEL,
    OWN,
    Belief,
    Floats,
    Ints,
    Levels,
    Mask,
    Parameters,
    Visits,
)

QUIET_DEPOSITS = 15.0
"""So many deposits expected and none counted: the counter is dead."""
LEAST = 0.05
"""Of its prior a container's rate is never less."""


def own_rate(levels: Levels, belief: Belief, rows: Ints) -> Floats:
    """A usual day of each container."""
    own = np.maximum(1 + belief.mean[rows, OWN], LEAST)
    return np.asarray(levels.rate[rows] * own * np.maximum(1 + belief.mean[rows, DEPOSIT], LEAST))


def counting(levels: Levels, belief: Belief, visits: Visits, rows: Ints, at: Floats) -> Mask:
    """Which of ``rows`` count deposits; not those that were expected many and told none."""
    idle = levels.rates.load(levels.fleet.flow[rows], visits.put[rows], at)
    expected_since = idle * own_rate(levels, belief, rows) / levels.volume[rows]
    return np.asarray(levels.fleet.counted[rows] & (expected_since < QUIET_DEPOSITS))


def predict(levels: Levels, belief: Belief, rows: Ints, to: Floats, put: Floats | None = None) -> None:
    """Bring ``rows`` (each once) to ``to``, which is not before where they are.

    ``put``: deposits counted since then, NaN where nothing is counted.
    """
    p, flow = levels.parameters, levels.fleet.flow[rows]
    days = np.maximum(to - belief.at[rows], 0.0) / DAY
    load = np.maximum(levels.rates.load(flow, belief.at[rows], to), 0.0)
    rate = own_rate(levels, belief, rows)
    busy = np.clip(belief.mean[rows, BUSY], -0.9, None)
    part = days / p.busy_days
    fade = np.exp(-part)
    ahead = np.where(part > 1e-6, (1 - fade) / np.maximum(part, 1e-9), 1.0)
    usual = rate * load
    counted = np.zeros(len(rows), bool) if put is None else ~np.isnan(put)
    number = np.where(counted, np.nan_to_num(put) if put is not None else 0.0, 0.0)
    volume = levels.volume[rows]
    by_count = number * volume
    deposit = np.maximum(1 + belief.mean[rows, DEPOSIT], LEAST)
    came = np.where(counted, by_count * deposit, usual * (1 + busy * ahead))
    move = np.tile(np.eye(5), (len(rows), 1, 1))
    move[:, LEVEL, BUSY] = np.where(counted, 0.0, usual * ahead)
    move[:, LEVEL, OWN] = np.where(counted, 0.0, levels.rate[rows] * deposit * load * (1 + busy * ahead))
    move[:, LEVEL, DEPOSIT] = came / deposit
    move[:, BUSY, BUSY], move[:, HEAP, HEAP] = fade, np.exp(-days / p.heap_days)
    change = np.where(levels.fleet.counted[rows], p.deposit_change * levels.unlike[rows] / p.deposit, 0.0)
    noise = _noise(p, days, part, fade, usual, counted, number * volume**2, came, volume, change)
    mean, cov = belief.mean[rows], belief.cov[rows]
    mean[:, LEVEL] += np.maximum(came, 0.0)
    mean[:, BUSY] *= fade
    mean[:, HEAP] *= move[:, HEAP, HEAP]
    belief.at[rows], belief.mean[rows] = to, mean
    belief.cov[rows] = move @ cov @ move.transpose(0, 2, 1) + noise
    if counted.any():
        _busier(belief, rows[counted], by_count[counted], (levels.rate[rows] * load)[counted], volume[counted])


def _noise(
    p: Parameters,
    days: Floats,
    part: Floats,
    fade: Floats,
    usual: Floats,
    counted: Mask,
    squares: Floats,
    came: Floats,
    volume: Floats,
    change: Floats,
) -> Floats:
    """Containers by 5 by 5: what the step adds to the covariance; ``squares``: deposits times their volume squared;
    ``change``: deviation by which the volume of a deposit changes in a day."""
    noise = np.zeros((len(days), 5, 5))
    free = np.where(counted, 0.0, usual)
    scale = np.where(part > 1e-6, free / np.maximum(part, 1e-9), free)
    whole = p.busy**2 * scale**2 * np.maximum(2 * part - 3 + 4 * fade - fade**2, 0.0)
    grains = np.where(counted, squares * p.deposit_spread**2, np.maximum(came, 0) * volume * (1 + p.deposit_spread**2))
    noise[:, LEVEL, LEVEL] = whole + grains + np.where(counted, p.bulky_uncounted, p.bulky) * days
    noise[:, BUSY, BUSY] = p.busy**2 * (1 - fade**2)
    noise[:, LEVEL, BUSY] = noise[:, BUSY, LEVEL] = p.busy**2 * scale * (1 - fade) ** 2
    noise[:, OWN, OWN] = p.own_change**2 * days
    noise[:, DEPOSIT, DEPOSIT] = change**2 * days
    noise[:, HEAP, HEAP] = p.heap**2 * (1 - np.exp(-2 * days / p.heap_days))
    return noise


def _busier(belief: Belief, rows: Ints, came: Floats, usual: Floats, volume: Floats) -> None:
    """So much came by count: what that says of the rate (Poisson's variance)."""
    some = usual > 1e-6
    rows, came, usual, volume = rows[some], came[some], usual[some], volume[some]
    own, busy = (np.maximum(1 + belief.mean[rows, one], LEAST) for one in (OWN, BUSY))
    along = np.zeros((len(rows), 5))
    along[:, BUSY], along[:, OWN] = own, busy
    updated(belief, rows, along, came / usual - own * busy, own * busy * volume / usual)


def observe(belief: Belief, rows: Ints, fill: Floats, variance: Floats, heaped: bool = True) -> None:
    """A level was seen: by a sensor at a spot of the heap, or whole, by a crew."""
    along = np.zeros((len(rows), 5))
    along[:, LEVEL], along[:, HEAP] = 1.0, float(heaped)
    updated(belief, rows, along, fill - expected(belief, rows, heaped), variance)


def expected(belief: Belief, rows: Ints, heaped: bool = True) -> Floats:
    """What a sensor is expected to see."""
    return np.asarray(belief.mean[rows, LEVEL] + (belief.mean[rows, HEAP] if heaped else 0.0))


def spread(belief: Belief, rows: Ints) -> Floats:
    """Variance of what a sensor sees, without its own noise."""
    cov = belief.cov
    return np.asarray(cov[rows, LEVEL, LEVEL] + 2 * cov[rows, LEVEL, HEAP] + cov[rows, HEAP, HEAP])


def updated(belief: Belief, rows: Ints, along: Floats, surprise: Floats, variance: Floats) -> None:
    """``along`` the five numbers, ``surprise`` more was seen than expected."""
    cov = belief.cov[rows]
    across = np.einsum("nij,nj->ni", cov, along)
    total = np.einsum("ni,ni->n", along, across) + variance
    gain = across / total[:, None]
    belief.mean[rows] += gain * surprise[:, None]
    belief.cov[rows] = cov - gain[:, :, None] * across[:, None, :]
    belief.mean[rows, LEVEL] = np.maximum(belief.mean[rows, LEVEL], 0.0)
    belief.mean[rows, BUSY:HEAP] = np.maximum(belief.mean[rows, BUSY:HEAP], LEAST - 1)


def reset(levels: Levels, belief: Belief, rows: Ints, when: Floats) -> None:
    """They were emptied at ``when``, which is not after where the belief is: what came in since is predicted anew."""
    p, here = levels.parameters, belief.at[rows]
    for one, value, variance in ((LEVEL, p.left, p.left_spread**2), (HEAP, 0.0, p.heap**2 / 9)):
        belief.mean[rows, one] = value
        belief.cov[rows, one, :] = 0.0
        belief.cov[rows, :, one] = 0.0
        belief.cov[rows, one, one] = variance
    belief.at[rows] = np.minimum(when, here)
    kept = belief.mean[rows, BUSY].copy(), belief.cov[rows, BUSY, BUSY].copy()
    predict(levels, belief, rows, here)
    belief.mean[rows, BUSY] = kept[0]
    belief.cov[rows, BUSY, BUSY] = kept[1]


def widened(belief: Belief, rows: Ints, by: Floats) -> None:
    """Something happened to the level that no rate explains."""
    belief.cov[rows, LEVEL, LEVEL] += by**2
