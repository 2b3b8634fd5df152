"""Bridges that the road loses for long: one for weeks, planned and announced, one hit by a barge, until further notice.

After Pont Rouge (four weeks from December 2025) and Pont V (from September 2025). A bridge that is closed to the road
stands open to ships: they pass, and nobody waits for them. A short period has short closures, so that each has both.
"""

from dataclasses import dataclass

from havre_scenario.chance import Chance

DAY = 86400.0
LONGEST = 28 * DAY


@dataclass(frozen=True)
class Closure:
    """Seconds after the start of the period; ``ends_at`` is the true end, None when it lies beyond the period."""

    name: str
    bridge: str
    reason: str
    starts_at: float
    ends_at: float | None
    said: tuple[tuple[float, float | None], ...]
    """When it was told, with the end as it was told then."""

    @property
    def until(self) -> float:
        return float("inf") if self.ends_at is None else self.ends_at

    def overlaps(self, start: float, end: float) -> bool:
        return start < self.until and end > self.starts_at

    def covers(self, start: float, end: float) -> bool:
        return self.starts_at <= start and end <= self.until


def closures(days: int, chance: Chance) -> tuple[Closure, ...]:
    period = days * DAY
    works = period * float(chance.uniform(0.15, 0.25))
    length = min(LONGEST, period * float(chance.uniform(0.18, 0.25)))
    told, ends = works + 0.85 * length, works + length
    hit = period * float(chance.uniform(0.66, 0.74))
    return (
        Closure(
            "closure-1",
            "bridge-rouge",
            "maintenance",
            works,
            ends,
            ((works - 3 * DAY, told), (told - 0.1 * length, ends)),
        ),
        Closure("closure-2", "bridge-5", "hit_by_barge", hit, None, ((hit + float(chance.uniform(240, 600)), None),)),
    )


def closed(found: tuple[Closure, ...], bridge: str, at: float) -> Closure | None:
    """The closure of the bridge that holds at this second."""
    return next((one for one in found if one.bridge == bridge and one.overlaps(at, at + 1)), None)
