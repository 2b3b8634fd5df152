"""Levels at any moment, now or to come: P10, P50, P90 and the probability to overflow.

The level is a normal distribution plus what comes in, which is never negative: its first three moments are matched by a
Pearson III distribution, of which quantiles and probabilities are those of Wilson and Hilferty (1931, PNAS 17).
"""

import datetime
from dataclasses import dataclass

import numpy as np
import polars as pl

from havre_waste.levels.filtering import counting, predict
from havre_waste.levels.state import LEVEL, Basis, Fault, Floats, Levels, Mask, copied

Z90 = 1.2816
"""Of the normal distribution: P10 and P90 lie so many standard deviations from the mean."""
STALE = 30 * 3600.0
"""After so long without a believed reading a level is none of a sensor's."""


@dataclass(frozen=True, eq=False)
class Projection:
    """The distribution of each container's level at one moment."""

    mean: Floats
    deviation: Floats
    skew: Floats

    def quantile(self, z: float) -> Floats:
        """That of which ``z`` is the same of the standard normal distribution; 0 at least."""
        s = np.maximum(self.skew, 1e-4)
        k = 2 / s * (np.maximum(1 + s * z / 6 - s**2 / 36, 0.0) ** 3 - 1)
        return np.asarray(np.maximum(self.mean + k * self.deviation, 0.0))

    def over(self, level: Floats | float = 1.0) -> Floats:
        """Probability to be above ``level``."""
        s = np.maximum(self.skew, 1e-4)
        k = (level - self.mean) / self.deviation
        z = 6 / s * (np.cbrt(np.maximum(s * k / 2 + 1, 0.0)) - 1 + s**2 / 36)
        return np.asarray(1 - _normal(z))


def _normal(z: Floats) -> Floats:
    """Its distribution function, within 0.0001 (Abramowitz and Stegun 26.2.17)."""
    t = 1 / (1 + 0.2316419 * np.abs(z))
    tail = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * t * np.polyval(
        [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.319381530], t
    )  # fmt: skip
    return np.asarray(np.where(z > 0, 1 - tail, tail))


def projected(levels: Levels, at: datetime.datetime | Floats) -> Projection:
    """At ``at`` (for all, or seconds since 1970 for each), if nothing is emptied from ``levels.now`` on.

    Before ``levels.now`` it is as at ``levels.now``, or as when the container was looked at last.
    """
    rows = np.arange(len(levels.fleet.ids))
    wanted = np.full(len(rows), at.timestamp()) if isinstance(at, datetime.datetime) else at
    belief = copied(levels.belief)
    before = belief.mean[:, LEVEL].copy()
    known = belief.cov[:, LEVEL, LEVEL].copy()
    predict(levels, belief, rows, np.maximum(wanted, np.maximum(belief.at, levels.now)))
    mean, variance = belief.mean[:, LEVEL], np.maximum(belief.cov[:, LEVEL, LEVEL], 1e-6)
    came = np.maximum(mean - before, 1e-6)
    grown = np.maximum(variance - known, 0.0)
    skew = 2 * grown**2 / came / variance**1.5
    return Projection(mean, np.sqrt(variance), np.clip(skew, 0, 2.0))


def basis(levels: Levels) -> list[Basis]:
    """What each container's level rests on."""
    fleet = levels.fleet
    every = np.arange(len(fleet.ids))
    counts = counting(levels, levels.belief, levels.visits, every, np.full(len(every), levels.now))
    sees = sensing(levels)
    return [
        Basis.SENSOR if sees[row] else Basis.COUNTS if counts[row] else Basis.MODEL for row in range(len(fleet.ids))
    ]


def sensing(levels: Levels) -> Mask:
    """Which containers have a sensor that is believed and has spoken lately."""
    watch = levels.watch
    return np.asarray(
        levels.fleet.sensed & (watch.fault == Fault.NONE) & (levels.now - np.nan_to_num(watch.good_at) < STALE)
    )


def levels(state: Levels, at: datetime.datetime, next_round: Floats | datetime.datetime | None = None) -> pl.DataFrame:
    """The product: time, container, p10, p50, p90, overflow_p, basis, fault (null when there is none).

    ``next_round``: when each is emptied next (seconds since 1970), or all; without it 24 hours after ``at``.
    """
    found = projected(state, at)
    then = projected(state, next_round if next_round is not None else at + datetime.timedelta(days=1))
    faults = [None if one == Fault.NONE else Fault(one).name.lower() for one in state.watch.fault.tolist()]
    return pl.DataFrame(
        {
            "time": pl.Series([at] * len(faults), dtype=pl.Datetime("us", "UTC")),
            "container": state.fleet.ids,
            **{name: found.quantile(z) for name, z in (("p10", -Z90), ("p50", 0.0), ("p90", Z90))},
            "overflow_p": then.over(),
            "basis": [str(one) for one in basis(state)],
            "fault": pl.Series(faults, dtype=pl.String),
        }
    )


def faulty(state: Levels) -> pl.DataFrame:
    """The sensors that are not believed: since, container, fault, value (of ``faults.WORDS``), in order of time."""
    watch = state.watch
    rows = np.flatnonzero(watch.fault != Fault.NONE)
    return pl.DataFrame(
        {
            "since": pl.Series(np.rint(watch.since[rows] * 1e6).astype(np.int64)).cast(pl.Datetime("us", "UTC")),
            "container": pl.Series([state.fleet.ids[row] for row in rows], dtype=pl.String),
            "fault": pl.Series([Fault(one).name.lower() for one in watch.fault[rows].tolist()], dtype=pl.String),
            "value": watch.shown[rows],
        }
    ).sort("since", "container")
