"""What would be if the fleet, the thresholds or the service were others: weeks of a drawn city, in seconds (pure).

The city is drawn from what is believed: each container's level today, its rate and how far days differ. It is no
forecast of a week that comes, but all variants meet the same draws, so their differences count.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from havre_waste.choice.driving import Round
from havre_waste.choice.model import DAY, Floats, Ground, Terms
from havre_waste.choice.outlook import Distribution, Outlook, outlook
from havre_waste.choice.weeks import Found, Totals, course, dynamic, totals

NIGHT = 0.35
"""Of a day's waste, what comes before the middle of the rounds."""


@dataclass(frozen=True, eq=False)
class Belief:
    """Of each container: ``fill`` today, ``rate`` and ``deviation`` a day, as shares of its volume."""

    fill: Floats
    rate: Floats
    deviation: Floats


@dataclass(frozen=True)
class Answer:
    """``service_pct``: of container-days, those without overflow."""

    days: int
    totals: Totals
    service_pct: float
    left_out: int
    """Emptyings that were needed and for which the crews had no time."""


@dataclass(frozen=True, eq=False)
class Normal:
    mean: Floats
    deviation: Floats

    def quantile(self, z: float) -> Floats:
        return self.mean + z * self.deviation

    def over(self) -> Floats:
        """Logistic approximation, within 0.01."""
        return np.asarray(1 / (1 + np.exp(1.702 * (1 - self.mean) / self.deviation)))


@dataclass
class Drawn:
    """A city of the belief, day by day; the policy sees its levels with ``error``."""

    ground: Ground
    belief: Belief
    seed: int
    error: float = 0.04
    overflowed: int = 0
    _level: Floats = field(init=False)
    _today: Floats = field(init=False)
    _chance: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self._chance = np.random.default_rng(self.seed)
        self._level = self.belief.fill.copy()
        self._today = self._drawn()

    def _drawn(self) -> Floats:
        """What comes in a day: gamma distributed, with the mean and the deviation of each."""
        mean, deviation = np.maximum(self.belief.rate, 1e-6), np.maximum(self.belief.deviation, 1e-6)
        shape = (mean / deviation) ** 2
        return np.asarray(self._chance.gamma(shape, mean / shape))

    def outlook(self, day: datetime.date, after: Mapping[str, datetime.date]) -> Outlook:
        seen = self._level + self._chance.normal(0, self.error, len(self._level))
        today = np.full(len(seen), NIGHT * DAY)
        then = today + DAY * np.array([(after[flow] - day).days for flow in self.ground.flow])

        def levels_at(times: Floats) -> Distribution:
            days = times / DAY
            spread = np.sqrt(self.error**2 + self.belief.deviation**2 * days)
            return Normal(seen + self.belief.rate * days, spread)

        return outlook(levels_at, today, then)

    def empty(self, day: datetime.date, rounds: Sequence[Round], times: Sequence[Floats]) -> list[Found]:
        before = self._level + NIGHT * self._today
        found = [Found(before[one.stops], np.minimum(before[one.stops], 1.3) * self.ground.full_kg[one.stops])
                 for one in rounds]  # fmt: skip
        level = before.copy()
        for one in rounds:
            level[one.stops] = 0.01
        self._level = level + (1 - NIGHT) * self._today
        self.overflowed += int(((before > 1) | (self._level > 1)).sum())
        self._today = self._drawn()
        return found


def what_if(
    ground: Ground, belief: Belief, terms: Mapping[str, Terms], first: datetime.date, days: int = 28, seed: int = 1
) -> Answer:
    """Weeks under ``terms``. ``ValueError``: ``days`` is not positive."""
    if days < 1:
        raise ValueError(f"days: got {days}, expected 1 or more")
    drawn = Drawn(ground, belief, seed)
    those = course(ground, drawn, dynamic(ground, terms), first, days)
    service = 100 * (1 - drawn.overflowed / (days * len(ground.ids)))
    return Answer(days, totals(ground, those), service, sum(one.left_out for one in those))


def with_fleet(ground: Ground, crews: Mapping[str, int]) -> Ground:
    """The same with so many crews of each flow that is named. ``ValueError``: more than there are, or none."""
    changed = dict(ground.crews)
    for flow, count in crews.items():
        if not 1 <= count <= len(ground.crews.get(flow, ())):
            raise ValueError(f"crews.{flow}: got {count}, expected 1 to {len(ground.crews.get(flow, ()))}")
        changed[flow] = ground.crews[flow][:count]
    return replace(ground, crews=changed)


def with_threshold(terms: Mapping[str, Terms], threshold: float) -> dict[str, Terms]:
    """The same, but that whatever is as full must be emptied."""
    return {flow: replace(one, threshold=threshold) for flow, one in terms.items()}


def with_risk(terms: Mapping[str, Terms], risk: float) -> dict[str, Terms]:
    """The same, but that whatever has this risk to overflow must be emptied: less risk is more service."""
    return {flow: replace(one, must=risk) for flow, one in terms.items()}


def with_overflow_cost(terms: Mapping[str, Terms], factor: float) -> dict[str, Terms]:
    """The same, but that an overflow is so many times as bad: more is more service."""
    return {flow: replace(one, overflow_eur=factor * one.overflow_eur) for flow, one in terms.items()}
