"""What bridges and gates cost whoever comes at some time of the day (pure).

A closure costs its probability times the time that is left of it. Of several at once the probabilities add up, to one
at most, and those that end later count first: they are different times of one opening rather than several. A peak
costs its seconds, after a closure too, but never more than to wait for its end: who comes later never leaves earlier.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from havre_waste.rounds.model import Closure, Peak, Problem


class Way(NamedTuple):
    """How a leg is driven: when it ends, which of the matrix's ways it takes, what is lost at its crossings."""

    arrives: int
    number: int
    waited: int


class Roads:
    """The ways of a problem, with what is lost at crossings by the time of day."""

    def __init__(self, problem: Problem) -> None:
        self.metres = [one.rows[0] for one in problem.matrix.ways]
        self.seconds = [one.rows[1] for one in problem.matrix.ways]
        self.crossings = [one.crossings for one in problem.matrix.ways]
        self.lost = losses(problem)
        self.waiting = problem.waiting
        rates = [(one.eur_per_km, one.eur_per_hour) for one in problem.vehicles if one.eur_per_hour]
        self.metre = rates[0][0] / 1000 / (rates[0][1] / 3600) if rates else math.inf
        """Seconds that a metre is worth."""

    def leave(self, start: int, end: int, at: int) -> Way:
        """The usual way, or another one if that is worth its metres, for what is lost on the usual one."""
        usual = self.way(start, end, at, 0)
        if not usual.waited or len(self.metres) == 1:
            return usual
        ways = [usual, *(self.way(start, end, at, number) for number in range(1, len(self.metres)))]
        return min(ways, key=lambda one: self._counted(one, self.metres[one.number][start][end]))

    def _counted(self, way: Way, metres: int) -> float:
        return way.arrives + (self.waiting - 1) * way.waited + self.metre * metres

    def way(self, start: int, end: int, at: int, number: int) -> Way:
        waited = self.waits(start, end, at, number) if self.lost else 0
        return Way(at + self.seconds[number][start][end] + waited, number, waited)

    def waits(self, start: int, end: int, at: int, number: int) -> int:
        """Seconds lost at crossings by who leaves at that time, as expected and rounded up."""
        lost = 0
        for crossing in self.crossings[number].get((start, end), ()):
            if crossing.name in self.lost:
                lost += self.lost[crossing.name].at(at + crossing.after + lost)
        return lost


def losses(problem: Problem) -> "dict[str, Lost]":
    """By crossing."""
    named = {one.crossing for one in problem.closures} | {one.crossing for one in problem.peaks}
    return {
        name: Lost(
            [one for one in problem.closures if one.crossing == name],
            [one for one in problem.peaks if one.crossing == name],
        )
        for name in named
    }


class Lost:
    """Of one crossing."""

    def __init__(self, closures: Sequence[Closure], peaks: Sequence[Peak]) -> None:
        self.closures = sorted(closures, key=lambda one: one.ends)
        self.ends = [one.ends for one in self.closures]
        self.peaks = peaks

    def at(self, time: int) -> int:
        """Seconds that are lost by who comes at that time, as expected and rounded up."""
        shut = [one for one in self.closures[bisect_right(self.ends, time) :] if one.starts <= time]
        lost, free = 0.0, 1.0
        for one in reversed(shut):
            share = min(one.probability, free)
            lost, free = lost + share * (one.ends - time + self._peak(one.ends)), free - share
        return math.ceil(lost + free * self._peak(time) - 1e-9)

    def _peak(self, time: int) -> int:
        return max(
            (min(one.seconds, one.ends - time) for one in self.peaks if one.starts <= time < one.ends), default=0
        )
