"""What crews write down and what the trucks' positions tell of their stops: little, and not always right."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from havre_scenario.chance import Chance
from havre_scenario.plane import Floats, Ints
from havre_scenario.waste.columns import joined

if TYPE_CHECKING:
    from havre_scenario.waste.play import Emptied, Play

STATES = ("emptied", "full", "half", "empty", "blocked", "damaged", "not_found")
NOTED, NEIGHBOUR_NOTED, DAMAGED = 0.15, 0.03, 0.001
UNSEEN, NEIGHBOUR_STOP, TRAFFIC_STOP = 0.03, 0.08, 0.03
STOP_SECONDS, STOP_SPREAD = 85.0, 0.30


@dataclass(frozen=True)
class Notes:
    """Columns, in order of time. ``state`` is a place in ``STATES``; ``fill`` as the crew saw it, NaN if not told.

    ``emptied``: it was, and ``fill`` was before. ``full``, ``half``, ``empty``: seen in passing, not emptied. The
    others: it could not be emptied.
    """

    container: Ints
    at: Floats
    truck: Ints
    state: Ints
    fill: Floats


@dataclass(frozen=True)
class Passes:
    """Columns, in order of time: a truck stood ``seconds`` by a container. Whether it emptied it, nobody says."""

    container: Ints
    at: Floats
    truck: Ints
    seconds: Ints


def told(course: "Play", visits: "Emptied", chance: Chance) -> tuple[Notes, Passes]:
    """What is told of these visits."""
    number = len(visits.at)
    luck = chance.random((number, 4))
    other = _neighbours(course, visits.container, luck[:, 3])
    strangers = chance.permutation(number)
    return _notes(course, visits, luck, other, chance), _passes(visits, luck, other, strangers, chance)


def _notes(course: "Play", visits: "Emptied", luck: Floats, other: Ints, chance: Chance) -> Notes:
    seen = np.clip(np.round((visits.fill + chance.normal(0, 0.08, len(luck))) * 4) / 4, 0, 1)
    damaged = luck[:, 0] > 1 - DAMAGED
    state = np.select(
        [~visits.done, damaged], [STATES.index("blocked"), STATES.index("damaged")], STATES.index("emptied")
    )
    written = ~visits.done | damaged | (luck[:, 0] < NOTED)
    fill = np.where(visits.done, seen, np.nan)
    beside = np.flatnonzero((luck[:, 1] < NEIGHBOUR_NOTED) & (other >= 0))
    level = course.fill(other[beside], visits.at[beside])
    glance = np.select(
        [level > 0.85, level > 0.25], [STATES.index("full"), STATES.index("half")], STATES.index("empty")
    )
    return joined([
        Notes(visits.container[written], visits.at[written] + 60, visits.truck[written], state[written], fill[written]),
        Notes(other[beside], visits.at[beside] + 75, visits.truck[beside], glance, np.full(len(beside), np.nan)),
    ])  # fmt: skip


def _passes(visits: "Emptied", luck: Floats, other: Ints, strangers: Ints, chance: Chance) -> Passes:
    number = len(luck)
    stood = STOP_SECONDS * np.exp(chance.normal(0, STOP_SPREAD, number))
    stood = np.where(visits.done, stood, chance.uniform(15, 45, number))
    seen = luck[:, 2] >= UNSEEN
    beside = np.flatnonzero((luck[:, 2] > 1 - NEIGHBOUR_STOP) & (other >= 0))
    jam = np.flatnonzero(chance.random(number) < TRAFFIC_STOP)
    halted = np.concatenate([stood[seen], stood[beside], chance.uniform(15, 90, len(jam))])
    seconds = np.split(np.rint(halted).astype(np.int64), np.cumsum([seen.sum(), len(beside)]))
    came, before = np.maximum(0, visits.at - 30), np.maximum(0, visits.at - 400)
    return joined([
        Passes(visits.container[seen], came[seen], visits.truck[seen], seconds[0]),
        Passes(other[beside], came[beside], visits.truck[beside], seconds[1]),
        Passes(visits.container[strangers[jam]], before[jam], visits.truck[jam], seconds[2]),
    ])  # fmt: skip


def _neighbours(course: "Play", container: Ints, luck: Floats) -> Ints:
    """Another container of the same site, or -1."""
    table = course.waste.neighbours
    many = (table[container] >= 0).sum(axis=1)
    chosen = table[container, np.minimum((luck * many).astype(np.int64), np.maximum(0, many - 1))]
    return np.asarray(np.where(many > 0, chosen, -1))
