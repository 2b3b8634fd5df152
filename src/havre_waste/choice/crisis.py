"""Where first, when only a part of the rounds can be driven: a strike, a storm (pure).

Each site has a score from 0 to 1: the weighted mean of grounds, each a share of what is worst. The weights are a
decision of the city, not a fact; those here are ours, and any may be given.

- *health*: food waste and the residual waste it is in, by how full it is and by warmth; twice where a school, a
  hospital or the like is beside it.
- *overflow*: the probability that a container of the site is more than full now.
- *density*: inhabitants a km², against the densest.
- *access*: a site that a truck reaches soon comes before one that is far, since more is done in the same time.
- *waited*: days since it was last emptied, against ``LONG``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

WARM, HOT = 10.0, 25.0
"""Degrees Celsius at which warmth begins to matter, and at which it matters most."""
FAR, LONG = 30.0, 14.0
"""Minutes from the depot, and days without an emptying, from which on more does not count."""
ROTTING: Mapping[str, float] = {"food": 1.0, "residual": 0.6, "litter": 0.3}
SENSITIVE = 2.0


class Ground(StrEnum):
    HEALTH = "health"
    OVERFLOW = "overflow"
    DENSITY = "density"
    ACCESS = "access"
    WAITED = "waited"


@dataclass(frozen=True)
class Weights:
    """They need not sum to 1. ``ValueError``: one is negative, or all are 0."""

    health: float = 0.35
    overflow: float = 0.30
    density: float = 0.15
    access: float = 0.05
    waited: float = 0.15

    def __post_init__(self) -> None:
        values = list(self.__dict__.values())
        if min(values) < 0 or sum(values) == 0:
            raise ValueError("weights: expected none below 0, and one above")


@dataclass(frozen=True)
class Standing:
    """What is known of a site. ``fills`` by flow, of the fullest container of each; ``overflow_p`` of the site.

    ``density``: inhabitants a km². ``minutes``: from the depot. ``days``: since it was emptied, None: nobody knows.
    """

    site: str
    fills: Mapping[str, float]
    overflow_p: float
    density: float = 0.0
    sensitive: str = ""
    minutes: float = 0.0
    days: float | None = None
    round: str = ""
    """Of those that cannot all be driven."""


@dataclass(frozen=True)
class Reason:
    """``share`` is its part in the score; ``value`` its measure: per cent of fill, of risk, inhabitants a km², minutes,
    days. ``name`` is of what is near, for HEALTH."""

    ground: Ground
    share: float
    value: float = 0.0
    name: str = ""


@dataclass(frozen=True)
class Priority:
    """``reasons`` begin with the weightiest."""

    site: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class RoundPriority:
    """A round, by the scores of its sites together, most first."""

    round: str
    score: float
    sites: tuple[str, ...] = field(repr=False)


def rank(standings: Sequence[Standing], temperature_c: float, weights: Weights | None = None) -> list[Priority]:
    """The sites, those that come first first; ties in the order of their ids."""
    weights = weights or Weights()
    densest = max((one.density for one in standings), default=0.0)
    total = sum(weights.__dict__.values())
    found = []
    for one in standings:
        reasons = [
            replace(reason, share=getattr(weights, reason.ground) * reason.share / total)
            for reason in _reasons(one, temperature_c, densest)
        ]
        told = tuple(sorted((each for each in reasons if each.share > 0), key=lambda each: -each.share))
        found.append(Priority(one.site, sum(each.share for each in told), told))
    return sorted(found, key=lambda one: (-one.score, one.site))


def rounds(standings: Sequence[Standing], ranked: Sequence[Priority], running: int) -> list[RoundPriority]:
    """The ``running`` rounds in which most is done for what comes first. ``ValueError``: ``running`` is negative."""
    if running < 0:
        raise ValueError(f"running: got {running}, expected 0 or more")
    scores = {one.site: one.score for one in ranked}
    by_round: dict[str, list[str]] = {}
    for one in standings:
        if one.round:
            by_round.setdefault(one.round, []).append(one.site)
    found = [
        RoundPriority(round_, sum(scores[site] for site in sites), tuple(sorted(sites, key=lambda site: -scores[site])))
        for round_, sites in by_round.items()
    ]
    return sorted(found, key=lambda one: (-one.score, one.round))[:running]


def _reasons(one: Standing, temperature_c: float, densest: float) -> list[Reason]:
    """Their shares are of what is worst, from 0 to 1."""
    warmth = min(max((temperature_c - WARM) / (HOT - WARM), 0.0), 1.0)
    rotting, fill = max(
        ((ROTTING.get(flow, 0.0) * min(fill, 1.2) / 1.2, fill) for flow, fill in one.fills.items()), default=(0.0, 0.0)
    )
    health = min(rotting * (0.5 + 0.5 * warmth) * (SENSITIVE if one.sensitive else 1.0), 1.0)
    days = 0.0 if one.days is None else one.days
    return [
        Reason(Ground.HEALTH, health, 100 * fill, one.sensitive),
        Reason(Ground.OVERFLOW, min(max(one.overflow_p, 0.0), 1.0), 100 * one.overflow_p),
        Reason(Ground.DENSITY, one.density / densest if densest > 0 else 0.0, one.density),
        Reason(Ground.ACCESS, 1 - min(one.minutes / FAR, 1.0), one.minutes),
        Reason(Ground.WAITED, min(days / LONG, 1.0), days),
    ]
