"""The next opening of each bridge in words that a sign can show: closed to the road in about 12 min, for about 14.

1. An opening is announced where the probability of a bin reaches ``LIKELY``. Where a plan lies there, the start is the
   plan's, corrected by how plans of this bridge have been off. Else it is read from the bins before the peak: what of
   the peak is reached at the end of a bin is the probability that it has begun by then.
2. The duration is the planned one, corrected likewise, else that which openings of this bridge have had.
3. P50 is as likely too early as too late, P90 is exceeded once in ten times.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from havre_mobility.bridges import messages, timings
from havre_mobility.bridges.feeds import Feeds
from havre_mobility.bridges.forecast import LIKELY
from havre_mobility.bridges.model import BIN, HORIZON

OPEN, CLOSED, CLOSED_FOR_LONG = "open", "closed", "closed for long"
NEAR = 7.5
"""Minutes between a plan's start and the bins that are likely, within which it is the plan of these."""


@dataclass(frozen=True)
class Coming:
    """``state``: of the bridge for the road, now. Minutes count from ``at``; None where nothing is expected.

    While it is closed, ``starts`` lies in the past and ``lasts`` counts from ``at``: the minutes that are left.
    ``source``: plan, forecast or under way. ``probability``: that of the most likely bin of the next opening.
    """

    at: datetime.datetime
    bridge: str
    state: str
    probability: float
    source: str | None = None
    starts_p50: float | None = None
    starts_p90: float | None = None
    lasts_p50: float | None = None
    lasts_p90: float | None = None
    reason: str | None = None


def coming(forecast: pl.DataFrame, feeds: Feeds, learned: pl.DataFrame) -> list[Coming]:
    """One for each bridge and time of ``FORECAST``, in its order; ``learned``: ``TIMINGS``."""
    times = forecast["at"].unique()
    plans = _by_bridge(messages.plans(feeds.messages, times))
    running = _by_bridge(messages.under_way(feeds.messages, times))
    found = []
    for (at, bridge), some in forecast.sort("at", "bridge", "lead").group_by("at", "bridge", maintain_order=True):
        assert isinstance(at, datetime.datetime)
        key = (at, str(bridge))
        likely = some["probability"].to_list()
        if some["closure"][0] is not None:
            found.append(Coming(*key, CLOSED_FOR_LONG, 1.0, reason=some["closure"][0]))
        elif key in running:
            found.append(_running(*key, running[key][-1], learned))
        else:
            found.append(_next(*key, likely, plans.get(key, []), learned))
    return found


class Span(NamedTuple):
    """Minutes from ``at`` to start and end, and how long ago it was said."""

    starts: float
    ends: float | None
    age: float


def _by_bridge(expected: pl.DataFrame) -> dict[tuple[datetime.datetime, str], list[Span]]:
    found: dict[tuple[datetime.datetime, str], list[Span]] = {}
    for at, bridge, starts, ends, age in expected.select("at", "bridge", "starts_at", "ends_at", "age").iter_rows():
        end = None if ends is None else (ends - at).total_seconds() / 60
        found.setdefault((at, bridge), []).append(Span((starts - at).total_seconds() / 60, end, age))
    return found


def _running(at: datetime.datetime, bridge: str, span: Span, learned: pl.DataFrame) -> Coming:
    if span.ends is None:
        left = [span.starts + minutes for minutes in timings.of(learned, bridge, "history") or ()]
    else:
        left = [span.ends + minutes for minutes in timings.of(learned, bridge, "end") or (0.0, 0.0)]
    shortest, longest = [max(0.0, minutes) for minutes in left] or (None, None)
    return Coming(at, bridge, CLOSED, 1.0, "under way", span.starts, span.starts, shortest, longest)


def _next(
    at: datetime.datetime, bridge: str, likely: Sequence[float], plans: Sequence[Span], learned: pl.DataFrame
) -> Coming:
    first = next((number for number, one in enumerate(likely) if one >= LIKELY), None)
    if first is None:
        return Coming(at, bridge, OPEN, max(likely, default=0.0))
    last = next((number for number in range(first, len(likely)) if likely[number] < LIKELY), len(likely))
    peak = max(likely[first:last])
    plan = min((one for one in plans if first * BIN - NEAR <= one.starts <= last * BIN), default=None)
    late = timings.of(learned, bridge, timings.start(plan.starts + plan.age)) if plan else None
    lasts = timings.of(learned, bridge, "history")
    if plan is None or late is None:
        source, starts = "forecast", (_reached(likely[:last], 0.5 * peak), _reached(likely[:last], 0.9 * peak))
    else:
        source, starts = "plan", (max(0.0, plan.starts + late[0]), max(0.0, plan.starts + late[1]))
        longer = timings.of(learned, bridge, "plan")
        if plan.ends is not None and longer is not None:
            lasts = plan.ends - plan.starts + longer[0], plan.ends - plan.starts + longer[1]
    return Coming(at, bridge, OPEN, peak, source, *starts, *(lasts or (None, None)))


def _reached(likely: Sequence[float], level: float) -> float:
    """Minutes until the probability, as a curve through the ends of the bins, first reaches the level."""
    before = 0.0
    for number, one in enumerate(likely):
        if one >= level:
            part = (level - before) / (one - before) if one > before else 1.0
            return (number + part) * BIN
        before = max(before, one)
    return float(HORIZON)
