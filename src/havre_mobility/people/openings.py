"""What a forecast of openings costs one who comes to the bridge (pure).

Of an opening is known with which probability it happens, when the road is closed, and until when at the latest (P90).
Forecasts by bins are openings that exclude each other: one for each bin in which the bridge may start to open, with the
probability of that start. So the expected wait at a moment is the sum of probability times the time that is left; and
its P90 is the wait that is exceeded with a probability of at most one in ten.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

UNLIKELY = 0.1
FOREVER = 24 * 3600
"""Seconds left of a closure without an end: no trip waits for that."""


@dataclass(frozen=True)
class Opening:
    """A time in which a bridge will be, or may be, closed to road and rail. A closure is one without an end."""

    bridge: str
    starts_at: datetime
    ends_at: datetime | None
    """Expected, or the median; None: not known, so the bridge counts as lost."""
    latest_end: datetime | None = None
    """P90; where it is missing, ``ends_at``."""
    probability: float = 1.0


@dataclass(frozen=True)
class Wait:
    """What one meets at a bridge: seconds, expected and P90, and the probability that it is closed then."""

    bridge: str
    at: int
    expected: float
    late: float
    probability: float


def by_bins(
    bridge: str, starts: Sequence[datetime], probabilities: Sequence[float], median: timedelta, p90: timedelta
) -> list[Opening]:
    """Openings from a forecast by bins: ``probabilities`` of a start in the bin that begins at ``starts``; an opening
    is taken to start at the beginning of its bin, and to last ``median``, with one in ten longer than ``p90``."""
    return [
        Opening(bridge, start, start + median, start + p90, probability)
        for start, probability in zip(starts, probabilities, strict=True)
        if probability > 0
    ]


def by_bridge(openings: Iterable[Opening]) -> Mapping[str, tuple[Opening, ...]]:
    found: dict[str, list[Opening]] = {}
    for one in openings:
        if not 0 <= one.probability <= 1:
            raise ValueError(f"opening of {one.bridge}: probability: got {one.probability}; expected 0 to 1")
        found.setdefault(one.bridge, []).append(one)
    return {bridge: tuple(several) for bridge, several in found.items()}


def wait(bridge: str, openings: Iterable[Opening], at: int) -> Wait:
    """What one who comes to the bridge at ``at`` (seconds since 1970) waits."""
    met: list[tuple[float, float]] = []  # seconds left at P90, probability
    expected = open_after_all = 0.0
    still_open = 1.0
    for one in openings:
        left, late = _left(one.ends_at, at), _left(one.latest_end or one.ends_at, at)
        if one.starts_at.timestamp() > at or late <= 0:
            continue
        expected += one.probability * max(left, 0.0)
        still_open -= one.probability
        met.append((late, one.probability))
    open_after_all = max(still_open, 0.0)
    return Wait(bridge, at, min(expected, FOREVER), _exceeded(met), 1 - open_after_all)


def _left(end: datetime | None, at: int) -> float:
    return float(FOREVER) if end is None else end.timestamp() - at


def _exceeded(met: list[tuple[float, float]]) -> float:
    """The longest wait that is met, or exceeded, with more than ``UNLIKELY``."""
    weight = 0.0
    for late, probability in sorted(met, reverse=True):
        weight += probability
        if weight > UNLIKELY:
            return late
    return 0.0
