"""What crews write down and what the trucks' positions tell of their stops: little, and not always right."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from havre_scenario.chance import Chance
from havre_scenario.plane import Floats, Ints

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
    state = np.select([~visits.done, damaged], [4, 5], 0)
    written = ~visits.done | damaged | (luck[:, 0] < NOTED)
    fill = np.where(visits.done, seen, np.nan)
    beside = np.flatnonzero((luck[:, 1] < NEIGHBOUR_NOTED) & (other >= 0))
    level = course.fill(other[beside], visits.at[beside])
    glance = np.select([level > 0.85, level > 0.25], [1, 2], 3)
    container = np.concatenate([visits.container[written], other[beside]])
    at = np.concatenate([visits.at[written] + 60, visits.at[beside] + 75])
    truck = np.concatenate([visits.truck[written], visits.truck[beside]])
    found = Notes(
        container, at, truck, np.concatenate([state[written], glance]),
        np.concatenate([fill[written], np.full(len(beside), np.nan)]),
    )  # fmt: skip
    return joined_notes([found], -np.inf, np.inf)


def _passes(visits: "Emptied", luck: Floats, other: Ints, strangers: Ints, chance: Chance) -> Passes:
    number = len(luck)
    stood = STOP_SECONDS * np.exp(chance.normal(0, STOP_SPREAD, number))
    stood = np.where(visits.done, stood, chance.uniform(15, 45, number))
    seen = luck[:, 2] >= UNSEEN
    beside = np.flatnonzero((luck[:, 2] > 1 - NEIGHBOUR_STOP) & (other >= 0))
    jam = np.flatnonzero(chance.random(number) < TRAFFIC_STOP)
    container = np.concatenate([visits.container[seen], other[beside], visits.container[strangers[jam]]])
    at = np.concatenate([visits.at[seen] - 30, visits.at[beside] - 30, visits.at[jam] - 400])
    truck = np.concatenate([visits.truck[seen], visits.truck[beside], visits.truck[jam]])
    seconds = np.concatenate([stood[seen], stood[beside], chance.uniform(15, 90, len(jam))])
    whole = Passes(container, np.maximum(0, at), truck, np.rint(seconds).astype(np.int64))
    return joined_passes([whole], -np.inf, np.inf)


def _neighbours(course: "Play", container: Ints, luck: Floats) -> Ints:
    """Another container of the same site, or -1."""
    table = course.waste.neighbours
    many = (table[container] >= 0).sum(axis=1)
    chosen = table[container, np.minimum((luck * many).astype(np.int64), np.maximum(0, many - 1))]
    return np.asarray(np.where(many > 0, chosen, -1))


def joined_notes(parts: Sequence[Notes], since: float, until: float) -> Notes:
    return Notes(*_joined(Notes, parts, since, until))


def joined_passes(parts: Sequence[Passes], since: float, until: float) -> Passes:
    return Passes(*_joined(Passes, parts, since, until))


def _joined(kind: type[Notes] | type[Passes], parts: Sequence[Any], since: float, until: float) -> list[Any]:
    names = [one.name for one in fields(kind)]
    if not parts:
        return [np.zeros(0, float if name in ("at", "fill") else int) for name in names]
    whole = {name: np.concatenate([getattr(one, name) for one in parts]) for name in names}
    order = np.argsort(whole["at"], kind="stable")
    order = order[(whole["at"][order] >= since) & (whole["at"][order] < until)]
    return [whole[name][order] for name in names]
