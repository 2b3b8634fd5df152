"""The times at which a bridge could open for a request, each with its cost by side, ranked; and why others are out.

Out are times that break a reserved slot, fall into a closure of the bridge, or leave the road less than ``PAUSE`` after
another opening, unless both can be made one. Among those that remain the cheapest for all sides together comes first;
of two alike the earlier.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from havre_mobility.opening.costs import Cost, costs
from havre_mobility.opening.model import Asked, Span, Traffic, Weights

STEP = datetime.timedelta(minutes=5)
PAUSE = datetime.timedelta(minutes=8)
LONGEST = 20.0
"""Minutes that one opening for several ships may last."""


@dataclass(frozen=True)
class Bounds:
    """What the bridge is held to around the request: reserved slots, closures, and openings that are planned."""

    reserved: tuple[Span, ...] = ()
    closures: tuple[Span, ...] = ()
    planned: tuple[Span, ...] = ()


class Kind(StrEnum):
    RESERVED = "reserved"
    CLOSURE = "closure"
    TOO_LONG = "too_long"
    """Made one with another opening."""
    TOO_NEAR = "too_near"
    """To another opening."""


@dataclass(frozen=True)
class Obstacle:
    """What is in the way of a time, and ``minutes``: how long the road would be closed, or free at least."""

    kind: Kind
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    minutes: float | None = None

    def __str__(self) -> str:
        hours = f"{self.starts_at:%H:%M}–{self.ends_at:%H:%M} UTC"
        return {
            Kind.RESERVED: f"reserved slot {hours}",
            Kind.CLOSURE: f"the bridge is closed {hours}",
            Kind.TOO_LONG: f"with the opening {hours} the road would be closed for {self.minutes or 0:.0f} min",
            Kind.TOO_NEAR: f"the road would have less than {self.minutes or 0:.0f} min beside the opening {hours}",
        }[self.kind]


@dataclass(frozen=True)
class Proposal:
    """``out``: why this time is not possible; empty where it is. ``rank`` counts from 1 among those that are."""

    starts_at: datetime.datetime
    ends_at: datetime.datetime
    costs: tuple[Cost, ...]
    out: tuple[Obstacle, ...] = ()
    rank: int | None = None
    joins: bool = False
    """Whether it is made one with an opening that is planned."""

    @property
    def total(self) -> float:
        """Euros."""
        return sum(cost.euros for cost in self.costs)


def proposals(asked: Asked, traffic: Traffic, weights: Weights, bounds: Bounds) -> tuple[Proposal, ...]:
    """Every ``STEP`` from ``earliest`` to ``latest``, and the wished time: the ranked ones first, then those out."""
    count = int((asked.latest - asked.earliest) / STEP)
    times = sorted({asked.wished_at, *(asked.earliest + number * STEP for number in range(count + 1))})
    found = [_proposal(asked, start, traffic, weights, bounds) for start in times]
    possible = sorted((one for one in found if not one.out), key=lambda one: (round(one.total, 2), one.starts_at))
    ranked = [
        Proposal(one.starts_at, one.ends_at, one.costs, (), rank, one.joins)
        for rank, one in enumerate(possible, start=1)
    ]
    return (*ranked, *(one for one in found if one.out))


def _proposal(asked: Asked, start: datetime.datetime, traffic: Traffic, weights: Weights, bounds: Bounds) -> Proposal:
    end = start + datetime.timedelta(minutes=asked.minutes)
    joins = any(_overlap((start, end), one) for one in bounds.planned)
    out = (
        *(Obstacle(Kind.RESERVED, *one) for one in bounds.reserved if _overlap((start, end), one)),
        *(Obstacle(Kind.CLOSURE, *one) for one in bounds.closures if _overlap((start, end), one)),
        *_too_near((start, end), bounds.planned),
    )
    return Proposal(start, end, costs(asked, start, traffic, weights, bounds.planned), out, None, joins)


def _too_near(span: Span, planned: Sequence[Span]) -> list[Obstacle]:
    found = []
    for one in planned:
        together = (max(span[1], one[1]) - min(span[0], one[0])).total_seconds() / 60
        if _overlap(span, one):
            if together > LONGEST:
                found.append(Obstacle(Kind.TOO_LONG, *one, together))
        elif span[0] < one[1] + PAUSE and one[0] < span[1] + PAUSE:
            found.append(Obstacle(Kind.TOO_NEAR, *one, PAUSE.total_seconds() / 60))
    return found


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
