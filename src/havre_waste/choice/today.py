"""Which containers are emptied today, by whom and in which order, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from havre_waste.choice import driving, tours
from havre_waste.choice.driving import Round
from havre_waste.choice.model import Crew, Floats, Ground, Ints, Outlook, Terms

NEIGHBOURS = 4
"""The way of its own of a container is judged by so many others of its flow that are near."""


class Reason(StrEnum):
    RISK = "risk"
    """It may overflow before the next chance: it must be emptied."""
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
    """``reason``: one a container. ``worth`` in EUR is what emptying it today is worth, infinite where it must be."""

    rounds: tuple[Round, ...]
    reason: tuple[Reason, ...]
    worth: Floats = field(repr=False)

    @property
    def chosen(self) -> Ints:
        return np.concatenate([np.zeros(0, np.int64), *(one.stops for one in self.rounds)])


def choose(ground: Ground, outlook: Outlook, terms: Terms, usual: Floats) -> Choice:
    """``usual``: EUR that a way of its own costs to each container (``own_ways``)."""
    must = outlook.overflow_p >= terms.risk
    full = outlook.fill >= (np.inf if terms.threshold is None else terms.threshold)
    may = ~must & ~full & (outlook.fill >= terms.least_fill)
    worth = terms.overflow_eur * outlook.overflow_p + terms.saved * usual * np.minimum(outlook.fill, 1.0)
    worth = np.where(must | full, np.inf, np.where(may, worth, 0.0))
    rounds: list[Round] = []
    short: list[int] = []
    for flow in sorted(set(ground.flow)):
        rows = ground.rows(flow)
        found, dropped = _of_flow(ground, ground.crews[flow], rows[worth[rows] > 0], outlook, worth)
        rounds += found
        short += dropped
    chosen = np.zeros(len(must), bool)
    chosen[[row for one in rounds for row in one.stops.tolist()]] = True
    reason = np.where(chosen, Reason.ON_THE_WAY, Reason.NOT_WORTH).astype(object)
    reason[chosen & full], reason[chosen & must], reason[short] = Reason.FULL, Reason.RISK, Reason.NO_ROOM
    return Choice(tuple(rounds), tuple(reason.tolist()), worth)


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


def in_rounds(ground: Ground, crews: Sequence[Crew], rows: Ints, kg: Floats) -> list[Round] | None:
    """All of ``rows`` in a short order, shared out; None when the crews cannot do it. ``kg``: what is in each row."""
    cost = _local(ground, crews[0], rows)
    order = tours.tour(cost, np.arange(1, len(rows) + 1)) - 1
    return driving.share_out(ground, crews, rows[order], kg[order])


def _of_flow(
    ground: Ground, crews: Sequence[Crew], rows: Ints, outlook: Outlook, worth: Floats
) -> tuple[list[Round], list[int]]:
    """The rounds of a flow, and what should be emptied but cannot be: the least risk is left first."""
    dropped: list[int] = []
    stop_eur = crews[0].eur_per_hour * ground.at_stop / 3600
    while True:
        cost = _local(ground, crews[0], rows)
        value = worth[rows] - stop_eur
        must = np.isinf(value)
        order = tours.tour(cost, np.flatnonzero(must) + 1)
        optional = np.flatnonzero(~must) + 1
        if len(order):
            order = tours.with_prizes(cost, order, optional, value[optional - 1])
            order = tours.improved(cost, order)
        chosen = rows[order - 1]
        kg = np.minimum(outlook.fill, 1.2) * ground.full_kg
        rounds = driving.share_out(ground, crews, chosen, kg[chosen])
        if rounds is not None:
            return rounds, dropped
        rows, fewer = _fewer(rows, chosen, outlook, worth)
        dropped += fewer


def _fewer(rows: Ints, chosen: Ints, outlook: Outlook, worth: Floats) -> tuple[Ints, list[int]]:
    """What is tried next: without those that only lie on the way, then with a tenth less of the risk."""
    must = np.isinf(worth[rows])
    if not must.all():
        return rows[must], []
    few = chosen[np.argsort(outlook.overflow_p[chosen], kind="stable")][: max(1, len(chosen) // 10)]
    return rows[~np.isin(rows, few)], few.tolist()


def _local(ground: Ground, crew: Crew, rows: Ints) -> Floats:
    """EUR between the tip (0) and the containers of ``rows`` (from 1)."""
    return _eur(ground, crew, np.concatenate([[crew.tip], ground.place[rows]]))


def _eur(ground: Ground, crew: Crew, places: Ints) -> Floats:
    each = np.ix_(places, places)
    return np.asarray(crew.eur_per_km * ground.metres[each] / 1000 + crew.eur_per_hour * ground.seconds[each] / 3600)
