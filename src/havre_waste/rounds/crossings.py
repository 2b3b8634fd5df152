"""What bridges and gates cost whoever comes at some time of the day (pure).

A closure costs its probability times the time that is left of it; of several at once, the later ends count first. A
peak costs its seconds when nothing is shut, but never more than to wait for its end: so who comes later never leaves
earlier.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence

from havre_waste.rounds.model import Closure, Peak, Problem


class Roads:
    """The ways of a problem, with what is lost at crossings by the time of day."""

    def __init__(self, problem: Problem) -> None:
        self.metres = problem.matrix.metres.tolist()
        self.seconds = problem.matrix.seconds.tolist()
        self.crossings = problem.matrix.crossings if problem.closures or problem.peaks else {}
        self.lost = {
            name: Lost(
                [one for one in problem.closures if one.crossing == name],
                [one for one in problem.peaks if one.crossing == name],
            )
            for name in {one.crossing for one in problem.closures} | {one.crossing for one in problem.peaks}
        }

    def arrival(self, start: int, end: int, at: int) -> int:
        return int(at + self.seconds[start][end] + (self.waits(start, end, at) if self.crossings else 0))

    def waits(self, start: int, end: int, at: int) -> int:
        """Seconds lost at crossings by who leaves at that time, as expected and rounded up."""
        lost = 0
        for crossing in self.crossings.get((start, end), ()):
            if crossing.name in self.lost:
                lost += self.lost[crossing.name].at(at + crossing.after + lost)
        return lost


class Lost:
    """Of one crossing."""

    def __init__(self, closures: Sequence[Closure], peaks: Sequence[Peak]) -> None:
        self.closures = sorted(closures, key=lambda one: one.ends)
        self.ends = [one.ends for one in self.closures]
        self.peaks = peaks

    def at(self, time: int) -> int:
        """Seconds that are lost by who comes at that time, as expected and rounded up."""
        shut = [one for one in self.closures[bisect_right(self.ends, time) :] if one.starts <= time]
        lost, passed = 0.0, 1.0
        for one in reversed(shut):
            lost += passed * one.probability * (one.ends - time)
            passed *= 1 - one.probability
        peaks = [min(one.seconds, one.ends - time) for one in self.peaks if one.starts <= time < one.ends]
        lost += passed * max(peaks, default=0)
        return math.ceil(lost)
