"""Who drives a tour, and what it took: metres, seconds and visits at the tip.

A tour of a flow is cut into pieces, one a crew, at least cost (Beasley: Route first, cluster second, 1983; Prins 2004).
A crew drives to the tip when the next container would not fit any more, and at its end; so the same tour takes more
when more was in the containers than was believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from havre_waste.choice.model import Crew, Floats, Ground, Ints


@dataclass(frozen=True, eq=False)
class Round:
    """``stops``: rows of containers in their order."""

    crew: Crew
    stops: Ints


@dataclass(frozen=True, eq=False)
class Driven:
    """What a round took. ``after``: seconds from its begin to each stop. ``seconds``: of work, without lunch."""

    metres: float
    seconds: float
    tips: int
    after: Floats

    def eur(self, crew: Crew) -> float:
        return crew.eur_per_km * self.metres / 1000 + crew.eur_per_hour * self.seconds / 3600


def drive(ground: Ground, crew: Crew, stops: Ints, kg: Floats) -> Driven:
    """``kg``: what is in each of ``stops``."""
    places: list[int] = []
    at: list[int] = []
    load, tips = 0.0, 0
    for place, more in zip(ground.place[stops].tolist(), kg.tolist(), strict=True):
        if load > 0 and load + more > crew.kg:
            places.append(crew.tip)
            load, tips = 0.0, tips + 1
        at.append(len(places))
        places.append(place)
        load += more
    way = np.array([crew.depot, *places, crew.tip, crew.depot])
    service = np.full(len(way), ground.at_stop)
    service[way == crew.tip] = crew.at_tip
    service[-1] = 0.0
    legs = ground.seconds[way[:-1], way[1:]]
    clock = np.cumsum(legs + service[1:])
    metres = float(ground.metres[way[:-1], way[1:]].sum())
    after = clock[at] - ground.at_stop
    return Driven(metres, float(clock[-1]), tips + 1, after)


def share_out(ground: Ground, crews: Sequence[Crew], order: Ints, kg: Floats) -> tuple[float, list[Round]] | None:
    """The tour cut into rounds at least cost, and that cost in EUR; None when the crews have too little time."""
    if len(order) == 0:
        return 0.0, []
    size = len(order)
    best = np.full(size + 1, np.inf)
    best[0] = 0.0
    cuts: list[Ints] = []
    known: dict[tuple[object, ...], Floats] = {}
    for crew in crews:
        kind = (crew.depot, crew.tip, crew.kg, crew.seconds, crew.at_tip, crew.eur_per_km, crew.eur_per_hour)
        if kind not in known:
            known[kind] = _pieces(ground, crew, order, kg)
        total = best[:, None] + known[kind]
        cuts.append(np.argmin(total, axis=0))
        best = total[cuts[-1], np.arange(size + 1)]
    if not np.isfinite(best[size]):
        return None
    rounds, end = [], size
    for crew, cut in zip(reversed(crews), reversed(cuts), strict=True):
        begin = int(cut[end])
        if begin < end:
            rounds.append(Round(crew, order[begin:end]))
        end = begin
    return float(best[size]), rounds[::-1]


def _pieces(ground: Ground, crew: Crew, order: Ints, kg: Floats) -> Floats:
    """EUR of the piece from each stop (row) up to each (column, not in it); infinite when it takes too long."""
    size, places = len(order), ground.place[order]
    loads = np.concatenate([[0.0], np.cumsum(kg)])
    full = np.maximum(np.searchsorted(loads, loads[:-1] + crew.kg, side="right") - 1, np.arange(size) + 1)
    found = np.full((size + 1, size + 1), np.inf)
    np.fill_diagonal(found, 0.0)
    metres, seconds = _sums(ground.metres, places, crew), _sums(ground.seconds, places, crew)
    for begin in range(size):
        ends = np.arange(begin + 1, size + 1)
        trips = np.zeros(len(ends), np.int64)
        far, long = (one.alone(begin, ends) for one in (metres, seconds))
        over = int(full[begin])
        while over < size:
            beyond = ends > over
            trips += beyond
            far += beyond * metres.detour[over]
            long += beyond * seconds.detour[over]
            if long[beyond].min() > crew.seconds:
                break
            over = int(full[over])
        long += (ends - begin) * ground.at_stop + (trips + 1) * crew.at_tip
        eur = crew.eur_per_km * far / 1000 + crew.eur_per_hour * long / 3600
        found[begin, begin + 1 :] = np.where(long <= crew.seconds, eur, np.inf)
    return found


@dataclass(frozen=True, eq=False)
class _Sums:
    """Of one matrix along the tour. ``detour``: what it takes more to go to the tip before each stop."""

    out: Floats
    total: Floats
    home: Floats
    detour: Floats

    def alone(self, begin: int, ends: Ints) -> Floats:
        return np.asarray(self.out[begin] + self.total[ends - 1] - self.total[begin] + self.home[ends - 1])


def _sums(matrix: Floats, places: Ints, crew: Crew) -> _Sums:
    legs = matrix[places[:-1], places[1:]]
    detour = np.concatenate([[0.0], matrix[places[:-1], crew.tip] + matrix[crew.tip, places[1:]] - legs])
    home = matrix[places, crew.tip] + matrix[crew.tip, crew.depot]
    return _Sums(matrix[crew.depot, places], np.concatenate([[0.0], np.cumsum(legs)]), home, detour)
