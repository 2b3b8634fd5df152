"""The city in steps: someone decides which containers are emptied when, and sees what would have been seen then.

Everything that does not depend on the emptyings (inflow, sensors' noise, faults, losses, blocked ways) is drawn before,
so that two policies are compared in the same city with the same luck.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from havre_scenario.plane import Floats, Ints
from havre_scenario.waste import crews, sensors
from havre_scenario.waste.columns import joined, part
from havre_scenario.waste.counts import Deposits
from havre_scenario.waste.crews import Notes, Passes
from havre_scenario.waste.faults import DAY
from havre_scenario.waste.sensors import Readings
from havre_scenario.waste.visits import NONE, Visits

if TYPE_CHECKING:
    from havre_scenario.waste.city import Waste

Policy = Callable[["Play", int], Visits]
"""Given the play, played up to the beginning of the day (a number from 0), the visits of that day, in order of time."""


@dataclass(frozen=True)
class Emptied:
    """What became of visits; one element each. ``fill`` is before it, ``kg`` 0 where nothing was emptied."""

    container: Ints
    at: Floats
    truck: Ints
    done: npt.NDArray[np.bool_]
    """False: the way to it was blocked."""
    fill: Floats
    kg: Floats


class Play:
    """One course of the city. Nothing is emptied but by ``empty``; times are seconds of the period."""

    def __init__(self, waste: "Waste") -> None:
        self.waste = waste
        rows = len(waste.network.containers)
        self._chance = waste.chance("crews")
        self._container, self._at, self._after = np.arange(rows), np.zeros(rows), waste.initial.copy()
        self._visited: list[Emptied] = []
        self._notes: list[Notes] = []
        self._passes: list[Passes] = []
        self.empty(NONE)

    def fill(self, containers: Ints, at: Floats) -> Floats:
        """The true share filled of each of ``containers`` (rows) at each of ``at``, more than 1 when it overflows."""
        return self.waste.compacted(containers, self.loose(containers, at))

    def loose(self, containers: Ints, at: Floats) -> Floats:
        """Litres thrown in since it was emptied and what was left then, as a share of its volume."""
        last = np.searchsorted(self._keys, containers * self._width + at, side="right") - 1
        since = self.waste.litres_until(containers, self._at[last])
        return np.asarray(
            self._after[last]
            + (self.waste.litres_until(containers, at) - since) / self.waste.network.litres[containers]
        )

    def levels(self, since_hour: int = 0, until_hour: int | None = None) -> Floats:
        """The true fill of each container (rows) at the beginning of each hour (columns)."""
        hours = np.arange(since_hour, self.waste.days * 24 if until_hour is None else until_hour)
        rows = len(self.waste.network.containers)
        found = self.fill(np.repeat(np.arange(rows), len(hours)), np.tile(hours * 3600.0, rows))
        return found.reshape(rows, len(hours))

    def empty(self, visits: Visits) -> Emptied:
        """Trucks come to containers, in any order of the visits.

        ValueError, and nothing has happened: a visit is before another of its container that was played before, or
        outside of the period.
        """
        order = np.argsort(visits.at, kind="stable")
        container, at, truck = visits.container[order], visits.at[order], visits.truck[order]
        self._check(container, at)
        day = np.minimum((at // DAY).astype(np.int64), self.waste.days - 1)
        done = ~self.waste.blocked[container, day]
        fill, kg = np.zeros(len(at)), np.zeros(len(at))
        for chosen in _once_each(container):
            loose = self.loose(container[chosen], at[chosen])
            fill[chosen] = self.waste.compacted(container[chosen], loose)
            left = loose * self.waste.left[container[chosen], day[chosen]]
            kg[chosen] = (loose - left) * self.waste.kilograms(container[chosen], day[chosen]) * done[chosen]
            self._remember(container[chosen][done[chosen]], at[chosen][done[chosen]], left[done[chosen]])
        found = Emptied(container, at, truck, done, fill, kg)
        self._visited.append(found)
        notes, passes = crews.told(self, found, self._chance)
        self._notes.append(notes)
        self._passes.append(passes)
        return found

    def readings(self, since: float = 0.0, until: float = np.inf) -> Readings:
        """What arrived from the sensors; must be asked when what is emptied before ``until`` has been."""
        plan = self.waste.schedule
        chosen = slice(*np.searchsorted(plan.at, [since, until]).tolist())
        fill = self.fill(plan.container[chosen], plan.at[chosen])
        return sensors.measured(self.waste.network, plan, chosen, fill, self.waste.faults)

    def deposits(self, since: float = 0.0, until: float = np.inf) -> Deposits:
        """What cards counted."""
        return part(self.waste.deposits, since, until)

    def crew_notes(self, since: float = 0.0, until: float = np.inf) -> Notes:
        return part(joined(self._notes), since, until)

    def truck_passes(self, since: float = 0.0, until: float = np.inf) -> Passes:
        return part(joined(self._passes), since, until)

    @property
    def emptied(self) -> Emptied:
        """All visits so far, in order of time."""
        return joined(self._visited)

    @property
    def _width(self) -> float:
        return self.waste.days * DAY + 1

    @cached_property
    def _keys(self) -> Floats:
        return np.asarray(self._container * self._width + self._at)

    def _check(self, container: Ints, at: Floats) -> None:
        if len(at) and not 0 <= at[0] <= at[-1] < self.waste.days * DAY:
            raise ValueError(
                f"visits from {at[0]:g} to {at[-1]:g} s; the period is from 0 to {self.waste.days * DAY:g}"
            )
        later = np.searchsorted(self._keys, container * self._width + at, side="right")
        if np.any(np.append(self._container, -1)[later] == container):
            raise ValueError("a visit is before another of the same container that was played before")

    def _remember(self, container: Ints, at: Floats, after: Floats) -> None:
        place = np.argsort(container, kind="stable")
        container, at, after = container[place], at[place], after[place]
        where = np.searchsorted(self._keys, container * self._width + at, side="right")
        self._container = np.insert(self._container, where, container)
        self._at, self._after = np.insert(self._at, where, at), np.insert(self._after, where, after)
        self.__dict__.pop("_keys", None)


def _once_each(container: Ints) -> list[Ints]:
    """The positions, in parts in which each container comes once, its first visit in the first."""
    order = np.argsort(container, kind="stable")
    first = np.flatnonzero(np.diff(container[order], prepend=-1))
    rank = np.zeros(len(container), np.int64)
    rank[order] = np.arange(len(container)) - np.repeat(first, np.diff(np.append(first, len(container))))
    return [np.flatnonzero(rank == number) for number in range(int(rank.max(initial=-1)) + 1)]


def play(waste: "Waste", policy: Policy, since_day: int = 0) -> Play:
    """Play all days: the fixed rounds before ``since_day``, then what ``policy`` decides each midnight UTC."""
    course = Play(waste)
    course.empty(waste.planned.of(0, since_day * DAY))
    for day in range(since_day, waste.days):
        course.empty(policy(course, day))
    return course


def fixed(course: Play, day: int) -> Visits:
    """The policy that drives the fixed rounds."""
    return course.waste.planned.of(day * DAY, (day + 1) * DAY)
