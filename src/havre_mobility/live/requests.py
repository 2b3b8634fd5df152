"""Requests to open a bridge, and the times that are proposed for them: rows in, rows of a product out.

Rules that hold here:

1. A proposal rests on what had been said when its request was made, and on nothing later: asked again from the same
   feeds, as after a new start, it is the same.
2. A request that cannot be answered gets one row with the reason, never silence.
3. Asked again under the same id, the request that was made last before a decision counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from havre_mobility.bridges import closures, messages, slots
from havre_mobility.bridges.model import TIME, Bridge
from havre_mobility.live.traffic import Estimate
from havre_mobility.opening.model import SIDES, Asked, Span, Traffic, Weights
from havre_mobility.opening.proposals import LONGEST, Bounds, Proposal, proposals

Text = pl.String()
REQUESTS = pl.Schema(
    {
        "said_at": TIME, "request": Text, "bridge": Text, "movement": Text, "wished_at": TIME, "earliest_at": TIME,
        "latest_at": TIME, "minutes": pl.Float64(), "asked_by": Text,
    }
)  # fmt: skip
FEEDS = ("gates", "bridge_messages", "closures", "reserved_slots")
"""What an answer rests on."""
LONGEST_WINDOW = timedelta(hours=24)
"""From the earliest to the latest start: for every five minutes of it there is a proposal."""
MOST_MINUTES = 240.0
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Request:
    """A row of ``REQUESTS``; all but ``said_at`` and ``request`` may be missing."""

    said_at: datetime
    request: str
    bridge: str | None
    movement: str | None
    wished_at: datetime | None
    earliest_at: datetime | None
    latest_at: datetime | None
    minutes: float | None
    asked_by: str | None

    def asked(self) -> Asked:
        """``ValueError`` names what is wrong with it."""
        times = {"wished_at": self.wished_at, "earliest_at": self.earliest_at, "latest_at": self.latest_at}
        for name, value in {"bridge": self.bridge, **times, "minutes": self.minutes}.items():
            if value is None:
                raise ValueError(f"{name}: is empty")
        assert self.bridge and self.wished_at and self.earliest_at and self.latest_at and self.minutes is not None
        if not 0 < self.minutes <= MOST_MINUTES:
            raise ValueError(f"minutes: got {self.minutes:g}, expected more than 0, {MOST_MINUTES:g} at most")
        if self.latest_at - self.earliest_at > LONGEST_WINDOW:
            raise ValueError(f"latest_at: is more than {LONGEST_WINDOW // timedelta(hours=1)} h after earliest_at")
        ship = self.movement or self.request
        return Asked(self.bridge, ship, self.wished_at, self.earliest_at, self.latest_at, self.minutes)


@dataclass(frozen=True)
class Considered:
    asked: Asked
    traffic: Traffic
    bounds: Bounds
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True)
class Answering:
    """What does not change from request to request."""

    bridges: Mapping[str, Bridge]
    estimate: Estimate
    weights: Weights

    def considered(self, request: Request, told: Mapping[str, pl.DataFrame]) -> Considered:
        """``told``: frames by feed. ``ValueError`` says why there is no answer."""
        asked = request.asked()
        if asked.bridge not in self.bridges:
            raise ValueError(f"bridge: got {asked.bridge}, expected one of {', '.join(sorted(self.bridges))}")
        ends = asked.latest + timedelta(minutes=asked.minutes)
        traffic = self.estimate.traffic(asked.bridge, asked.earliest, ends, told["gates"], request.said_at)
        bounds = _bounds(asked, request, told)
        return Considered(asked, traffic, bounds, proposals(asked, traffic, self.weights, bounds))

    def answer(self, request: Request, told: Mapping[str, pl.DataFrame]) -> "Considered | str":
        """What was considered, or why there is no answer."""
        try:
            return self.considered(request, told)
        except (ValueError, OverflowError) as problem:
            return str(problem)


def rows(request: Request, answer: Considered | str, said_at: datetime) -> list[dict[str, Any]]:
    """Of the product ``opening-proposals``."""
    row = {"said_at": said_at, "request": request.request, "bridge": request.bridge}
    if isinstance(answer, str):
        empty = dict.fromkeys(("rank", "starts_at", "ends_at", *SIDES, "total", "source"))
        return [{**row, **empty, "reason": f"no answer: {answer}"}]
    return [{**row, **_row(one), "source": answer.traffic.source} for one in answer.proposals]


def _row(one: Proposal) -> dict[str, Any]:
    return {
        "rank": one.rank,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        **{cost.side: round(cost.euros, 2) for cost in one.costs},
        "total": round(one.total, 2),
        "reason": "; ".join(map(str, one.out)) if one.out else _why(one),
    }


def _why(one: Proposal) -> str:
    said = [f"{cost.side} {cost.euros:.2f} €: {cost.formula}" for cost in one.costs if cost.euros > 0]
    joined = ["made one with an opening that is planned"] if one.joins else []
    return " | ".join([*joined, *(said or ["nobody loses anything"])])


def _bounds(asked: Asked, request: Request, told: Mapping[str, pl.DataFrame]) -> Bounds:
    """What stands in the way, as it was told until the request was made; its own plan does not."""
    first, last = asked.earliest - DAY, asked.latest + DAY
    at = pl.Series("at", [request.said_at], TIME)
    here = pl.col("bridge") == asked.bridge
    own = pl.lit(False) if request.movement is None else pl.col("movement").eq_missing(pl.lit(request.movement))
    others = told["bridge_messages"].filter(here & ~own)
    days = [one.astimezone(slots.LOCAL).date() for one in (first, last)]
    free = slots.public_holidays(days[0].year) | slots.public_holidays(days[1].year)
    reserved = slots.spans(slots.slots(told["reserved_slots"]), days[0], days[1], free).filter(here)
    lost = closures.known(told["closures"], at).filter(here)
    planned = pl.concat([frame(others, at) for frame in (messages.plans, messages.under_way)])
    return Bounds(_spans(reserved, last), _spans(lost, last), _spans(planned, None))


def _spans(frame: pl.DataFrame, until: datetime | None) -> tuple[Span, ...]:
    """``until``: the end of one that has none; None for an opening as long as openings may be."""
    return tuple(
        (starts, ends or max(until or starts + timedelta(minutes=LONGEST), starts))
        for starts, ends in frame.select("starts_at", "ends_at").sort("starts_at").iter_rows()
    )
