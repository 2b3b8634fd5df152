"""Which containers are emptied today, by whom and in which order, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from havre_waste.choice import driving, tours
from havre_waste.choice.driving import Round
from havre_waste.choice.model import Crew, Floats, Ground, Ints, Mask, Terms
from havre_waste.choice.outlook import Outlook

MUST = 1e6
"""EUR that it is worth to empty what must be."""
MARGIN = 1.08
"""Of loads, so that a truck is seldom full too early."""
LEAST = 0.05
"""The fill of a container that is all but empty."""
NEIGHBOURS = 4
"""The way of its own of a container is judged by so many others of its flow that are near."""


class Reason(StrEnum):
    RISK = "risk"
    """It may overflow before the next chance: to wait costs more than it saves."""
    FULL = "full"
    """It is as full as the threshold says."""
    ON_THE_WAY = "on_the_way"
    """Not urgent, but the way to it costs less today than it is worth."""
    NOT_WORTH = "not_worth"
    """It may wait."""
    NO_ROOM = "no_room"
    """It should be emptied, but the crews have no time left."""


@dataclass(frozen=True, eq=False)
class Choice:
    """``reason``: one a container. ``worth``: EUR that emptying it today is worth; where it must be, ``MUST`` more."""

    rounds: tuple[Round, ...]
    reason: tuple[Reason, ...]
    worth: Floats = field(repr=False)

    @property
    def chosen(self) -> Ints:
        return np.concatenate([np.zeros(0, np.int64), *(one.stops for one in self.rounds)])


@dataclass(frozen=True, eq=False)
class Wanted:
    """What speaks for each container of a flow today. ``due``: waiting would cost more than it saves."""

    must: Mask
    due: Mask
    full: Mask
    ripe: Mask
    worth: Floats


def wanted(outlook: Outlook, rows: Ints, terms: Terms, usual: Floats) -> Wanted:
    """``usual``: EUR that a way of its own costs to each of ``rows``.

    To wait for the next truck makes the cycle of a container longer: its way is paid less often, by as much as is
    thrown in meanwhile. To empty it before it is due makes it shorter.
    """
    fill, later = np.maximum(outlook.fill[rows], LEAST), outlook.later[rows]
    loss = terms.overflow_eur * outlook.overflow_days[rows]
    near = fill / (fill + np.maximum(1 - outlook.high[rows], 0.0))
    full = fill >= (np.inf if terms.threshold is None else terms.threshold)
    must = full | (outlook.overflow_p[rows] >= terms.must)
    due = must | (loss >= usual * np.minimum((later - fill) / fill, 1.0))
    worth = loss + terms.saved * usual * near + MUST * must
    return Wanted(must, due, full, due | (near >= terms.ripe), worth)


def choose(ground: Ground, outlook: Outlook, terms: Mapping[str, Terms], usual: Floats) -> Choice:
    """``terms``: of the flows that are collected today. ``usual``: EUR that a way of its own costs to each container
    (``own_ways``)."""
    worth = np.zeros(len(ground.ids))
    reason = [Reason.NOT_WORTH] * len(ground.ids)
    rounds: list[Round] = []
    for flow, those in sorted(terms.items()):
        rows, crews = ground.rows(flow), ground.crews[flow]
        found = wanted(outlook, rows, those, usual[rows])
        worth[rows] = found.worth
        kg = MARGIN * np.clip(outlook.fill[rows], LEAST, 1.2) * ground.full_kg[rows]
        stop_eur = crews[0].eur_per_hour * ground.at_stop / 3600
        ripe = np.flatnonzero(found.ripe)
        day = _Day(
            ground, crews, rows[ripe], _local(ground, crews[0], rows[ripe]), found.worth[ripe] - stop_eur, kg[ripe],
            haul_eur(ground, crews[0]),
        )  # fmt: skip
        driven, short = day.best(found.due[ripe])
        rounds += driven
        number = {row: at for at, row in enumerate(rows.tolist())}
        for row in (row for one in driven for row in one.stops.tolist()):
            at = number[row]
            reason[row] = Reason.FULL if found.full[at] else Reason.RISK if found.due[at] else Reason.ON_THE_WAY
        for row in short.tolist():
            reason[row] = Reason.NO_ROOM
    return Choice(tuple(rounds), tuple(reason), worth)


def own_ways(ground: Ground) -> Floats:
    """EUR that a truck pays to come to each container on a day on which it is in the neighbourhood: the way from one of
    those near it and on to another, and the emptying."""
    found = np.zeros(len(ground.ids))
    for flow in set(ground.flow):
        rows, crew = ground.rows(flow), ground.crews[flow][0]
        cost = _eur(ground, crew, ground.place[rows])
        np.fill_diagonal(cost, np.inf)
        near = min(NEIGHBOURS, len(rows) - 1)
        there = np.sort(cost, axis=0)[:near].mean(axis=0) if near else np.zeros(1)
        back = np.sort(cost, axis=1)[:, :near].mean(axis=1) if near else np.zeros(1)
        found[rows] = (there + back) / 2 + crew.eur_per_hour * ground.at_stop / 3600
    return found


def haul_eur(ground: Ground, crew: Crew) -> float:
    """EUR a kilogram that the way to the tip and back costs with a full truck."""
    rows = [row for row, flow in enumerate(ground.flow) if crew in ground.crews[flow]]
    there = _eur(ground, crew, np.concatenate([[crew.tip], ground.place[rows]]))
    return float(np.median(there[0] + there[:, 0]) + crew.eur_per_hour * crew.at_tip / 3600) / crew.kg


def in_rounds(ground: Ground, crews: Sequence[Crew], rows: Ints, kg: Floats) -> list[Round] | None:
    """All of ``rows`` in a short order, shared out; None when the crews cannot do it. ``kg``: what is in each row."""
    cost = _local(ground, crews[0], rows)
    order = tours.tour(cost, np.arange(1, len(rows) + 1)) - 1
    found = driving.share_out(ground, crews, rows[order], kg[order])
    return None if found is None else found[1]


def most_worth(ground: Ground, flow: str, rows: Ints, worth: Floats, fill: Floats, running: int) -> list[Round]:
    """The rounds of the first ``running`` crews of the flow, when they cannot do all: what is worth little for the way
    to it is left, until there is time for the rest. ``worth`` and ``fill``: of each of ``rows``.

    ``ValueError``: ``running`` is not positive.
    """
    if running < 1:
        raise ValueError(f"running: got {running}, expected 1 or more")
    crews = ground.crews[flow][:running]
    cost = _local(ground, crews[0], rows)
    kg = MARGIN * np.clip(fill, LEAST, 1.2) * ground.full_kg[rows]
    stop_eur = crews[0].eur_per_hour * ground.at_stop / 3600
    order = tours.tour(cost, np.arange(1, len(rows) + 1))
    while True:
        found = driving.share_out(ground, crews, rows[order - 1], kg[order - 1])
        if found is not None:
            return found[1]
        rank = worth[order - 1] / (tours.savings(cost, order) + stop_eur)
        few = np.argsort(rank, kind="stable")[: max(1, len(order) // 20)]
        order = tours.improved(cost, np.delete(order, few))


@dataclass(frozen=True, eq=False)
class _Day:
    """What is known of the containers of a flow that may be emptied today; numbers of ``cost`` are one more."""

    ground: Ground
    crews: Sequence[Crew]
    rows: Ints
    cost: Floats
    worth: Floats
    """EUR, without the emptying itself."""
    kg: Floats
    haul: float

    def best(self, urgent: Mask) -> tuple[list[Round], Ints]:
        """The rounds with the most profit, and those that must be emptied but cannot be."""
        order = tours.tour(self.cost, np.flatnonzero(urgent) + 1)
        optional = np.flatnonzero(~urgent) + 1
        order = tours.with_prizes(self.cost, order, optional, self.worth[optional - 1])
        order = self._kept(order)
        found = [self._shared(each) for each in (order, self._more(order), *self._less(order))]
        _, rounds, order = max(found, key=lambda one: one[0])
        missing = np.setdiff1d(np.flatnonzero(self.worth >= MUST), order - 1)
        return rounds, self.rows[missing]

    def _kept(self, order: Ints) -> Ints:
        order = tours.without_losses(self.cost, order, self.worth[order - 1])
        return tours.improved(self.cost, order)

    def _shared(self, order: Ints) -> tuple[float, list[Round], Ints]:
        """Profit and rounds; where there is too little time, without what is worth least."""
        while True:
            found = driving.share_out(self.ground, self.crews, self.rows[order - 1], self.kg[order - 1])
            if found is not None:
                gain = self.worth[order - 1] + self.haul * self.kg[order - 1]
                return float(gain.sum()) - found[0], found[1], order
            few = np.argsort(self.worth[order - 1], kind="stable")[: max(1, len(order) // 20)]
            order = np.delete(order, few)

    def _more(self, order: Ints) -> Ints:
        """With what else would fill the last truck."""
        room = -self._load(order) % self.crews[0].kg
        others = np.setdiff1d(np.arange(1, len(self.rows) + 1), order)
        gain = self.worth[others - 1] + self.haul * self.kg[others - 1]
        added = np.setdiff1d(tours.with_prizes(self.cost, order, others, gain), order)
        best = added[np.argsort(-gain[np.searchsorted(others, added)] / self.kg[added - 1], kind="stable")]
        best = best[np.cumsum(self.kg[best - 1]) <= room]
        return self._kept(tours.with_prizes(self.cost, order, best, np.full(len(best), MUST)))

    def _less(self, order: Ints) -> list[Ints]:
        """Without so much that a truckload less is needed; and nothing at all."""
        over = self._load(order) % self.crews[0].kg
        rank = np.argsort(self.worth[order - 1] / self.kg[order - 1], kind="stable")
        few = rank[: int(np.searchsorted(np.cumsum(self.kg[order - 1][rank]), over)) + 1]
        return [tours.improved(self.cost, np.delete(order, few)), order[self.worth[order - 1] >= MUST]]

    def _load(self, order: Ints) -> float:
        return float(self.kg[order - 1].sum())


def _local(ground: Ground, crew: Crew, rows: Ints) -> Floats:
    """EUR between the tip (0) and the containers of ``rows`` (from 1)."""
    return _eur(ground, crew, np.concatenate([[crew.tip], ground.place[rows]]))


def _eur(ground: Ground, crew: Crew, places: Ints) -> Floats:
    each = np.ix_(places, places)
    return np.asarray(crew.eur_per_km * ground.metres[each] / 1000 + crew.eur_per_hour * ground.seconds[each] / 3600)
