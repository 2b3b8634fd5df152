"""The queue at a closed bridge, deterministic: vehicles arrive at a rate, and leave at another once the road is free.

While the road is closed nobody leaves. After that the queue drains at the saturation flow ``s`` until it is gone, and
those who arrive meanwhile wait as well: the whole queue counts. For a constant flow ``q`` and a closure of ``r`` hours
the delay of all is ``q r² / (2 (1 − q/s))`` vehicle-hours, the longest queue ``q r`` vehicles, and it is gone
``r / (1 − q/s)`` hours after the closure began (Webster, 1958, uniform term; Newell, "Applications of Queueing Theory",
1982, chapter 2). Here the flow may change over time and closures may follow each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

HOUR = 60.0


@dataclass(frozen=True)
class Flow:
    """``vehicles``: (minute, vehicles an hour from then on), in order, from the beginning of time to look at.

    ``saturation``: vehicles an hour that leave a queue.
    """

    vehicles: Sequence[tuple[float, float]]
    saturation: float

    def at(self, minute: float) -> float:
        """Vehicles an hour."""
        return next((flow for since, flow in reversed(self.vehicles) if since <= minute), 0.0)


@dataclass(frozen=True)
class Queue:
    """``delay``: vehicle-minutes of all; ``longest``: vehicles; ``delayed``: vehicles that had to wait.

    ``clears``: the minute when the last queue is gone, None where it is not by the end of the time looked at.
    """

    delay: float
    longest: float
    delayed: float
    clears: float | None

    @property
    def mean(self) -> float:
        """Minutes that a delayed vehicle waits."""
        return self.delay / self.delayed if self.delayed else 0.0


def queue(flow: Flow, closed: Sequence[tuple[float, float]], until: float, since: float | None = None) -> Queue:
    """What happens while the road is ``closed`` (minutes, from and until, in order) up to the minute ``until``.

    ``until`` cuts a queue that does not go away: with a flow above saturation it never would. The longest queue is that
    from the minute ``since`` on, which is the beginning or end of a closure.
    """
    moments = sorted({since for since, _ in flow.vehicles} | {minute for span in closed for minute in span} | {until})
    start = min((begin for begin, _ in closed), default=until)
    moments = [start, *(minute for minute in moments if start < minute <= until)]
    waiting = longest = delay = delayed = 0.0
    cleared = start
    for begin, end in pairwise(moments):
        arriving = flow.at(begin) / HOUR
        shut = any(since <= begin < ends for since, ends in closed)
        growth = arriving if shut else arriving - flow.saturation / HOUR
        span = end - begin
        if not shut and waiting <= 0:
            continue
        queued = span if growth >= 0 else min(span, waiting / -growth)
        delay += queued * (waiting + growth * queued / 2)
        delayed += arriving * queued
        if since is None or begin >= since:
            longest = max(longest, waiting, waiting + growth * queued)
        waiting = waiting + growth * queued
        if waiting <= 1e-9:
            waiting, cleared = 0.0, begin + queued
    return Queue(delay, longest, delayed, cleared if waiting == 0 else None)
