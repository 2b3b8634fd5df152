"""A city's waste over a period: what is true, and what would be seen of it.

Inside, times are seconds after midnight UTC of ``start``, containers and trucks are rows of the network's lists.
"""

import datetime
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from havre_scenario.chance import Chance, stream
from havre_scenario.plane import Floats, Ints
from havre_scenario.waste import counts, faults, inflow, sensors, visits
from havre_scenario.waste import days as calendar
from havre_scenario.waste.counts import Deposits
from havre_scenario.waste.crews import Notes, Passes
from havre_scenario.waste.days import Weather
from havre_scenario.waste.faults import Fault
from havre_scenario.waste.inflow import Inflow
from havre_scenario.waste.model import Network
from havre_scenario.waste.network import network as built
from havre_scenario.waste.play import Play
from havre_scenario.waste.sensors import Readings, Schedule
from havre_scenario.waste.visits import Visits

DEFAULT_START = datetime.date(2026, 3, 2)
SETTLES = {"residual": 0.16, "packaging": 0.28, "glass": 0.05, "food": 0.22, "litter": 0.12}
"""How much waste sinks under its own weight: fill = log(1 + s·loose)/s, of loose litres by the container's volume."""
BLOCKED, BADLY = 0.006, 0.02
"""Share of visits at which something stands before it, and of emptyings that leave much in it."""
WET = 0.12
"""Deviation of the logarithm of what a litre weighs."""


@dataclass(frozen=True)
class Waste:
    """The whole period; ``planned`` are the visits of the fixed rounds. What ``readings`` and the others tell is what
    is seen when those are driven; ``play.Play`` gives what is seen when others are."""

    seed: int
    start: datetime.date
    days: int
    network: Network = field(repr=False)
    weather: Weather = field(repr=False)
    holidays: dict[int, str]
    """Names of the public holidays, by day of the period."""
    inflow: Inflow = field(repr=False)
    faults: tuple[Fault, ...] = field(repr=False)
    schedule: Schedule = field(repr=False)
    planned: Visits = field(repr=False)
    initial: Floats = field(repr=False)
    """Loose share in each container at the beginning."""
    blocked: npt.NDArray[np.bool_] = field(repr=False)
    """Containers by days: cannot be emptied."""
    left: Floats = field(repr=False)
    """Containers by days: share of the waste that an emptying leaves."""
    heavy: Floats = field(repr=False)
    """Containers by days: factor on what a litre weighs."""

    def chance(self, part: str) -> Chance:
        return stream(self.seed, self.start, f"waste {part}")

    @cached_property
    def driven(self) -> Play:
        """The course in which the fixed rounds are driven."""
        course = Play(self)
        course.empty(self.planned)
        return course

    @cached_property
    def readings(self) -> Readings:
        return self.driven.readings()

    @cached_property
    def deposits(self) -> Deposits:
        return counts.deposits(self.network, self.start, self.inflow, self.chance("deposits"))

    @property
    def crew_notes(self) -> Notes:
        return self.driven.crew_notes()

    @property
    def truck_passes(self) -> Passes:
        return self.driven.truck_passes()

    def fill(self, containers: Ints, at: Floats) -> Floats:
        """The true fill of each of ``containers`` at each of ``at``, with the fixed rounds."""
        return self.driven.fill(containers, at)

    def litres_until(self, containers: Ints, at: Floats) -> Floats:
        """Litres that came into each of ``containers`` from the beginning until each of ``at``."""
        hour = np.clip((at // 3600).astype(np.int64), 0, self.days * 24 - 1)
        before, part = self._total[containers, hour], at / 3600 - hour
        return np.asarray(before + (self._total[containers, hour + 1] - before) * part)

    def compacted(self, containers: Ints, loose: Floats) -> Floats:
        """The share filled by so much loose waste."""
        settles = self._settles[containers]
        return np.asarray(np.log1p(settles * loose) / settles)

    def kilograms(self, containers: Ints, day: Ints) -> Floats:
        """What a full load of loose waste weighs."""
        return np.asarray(self._full_kg[containers] * self.heavy[containers, day])

    def write(self, folder: Path) -> dict[str, int]:
        """Write what is seen into ``folder/waste`` and the truth into ``folder/truth/waste``; gives rows by file."""
        from havre_scenario.waste.files import write

        return write(self, folder)

    @cached_property
    def _total(self) -> Floats:
        rows = len(self.network.containers)
        return np.concatenate([np.zeros((rows, 1)), np.cumsum(self.inflow.litres, axis=1)], axis=1)

    @cached_property
    def _settles(self) -> Floats:
        return np.array([SETTLES[one.flow] for one in self.network.containers])

    @cached_property
    def _full_kg(self) -> Floats:
        return np.array([one.litres * one.kg_per_litre for one in self.network.containers])

    @cached_property
    def neighbours(self) -> Ints:
        """Of each container the others of its site, then -1."""
        by_site: dict[str, list[int]] = {}
        for row, one in enumerate(self.network.containers):
            by_site.setdefault(one.site, []).append(row)
        widest = max(len(rows) for rows in by_site.values())
        found = np.full((len(self.network.containers), widest), -1)
        for row, one in enumerate(self.network.containers):
            others = [other for other in by_site[one.site] if other != row]
            found[row, : len(others)] = others
        return found


def city(
    seed: int = 1,
    start: datetime.date = DEFAULT_START,
    days: int = 7,
    *,
    faulty: float = 0.05,
    network: Network | None = None,
) -> Waste:
    """The same for the same arguments. ``faulty`` is the share of the sensors that lie at any moment; ``network`` is
    that of the seed when it is not given."""
    network = network or built(seed)
    rows = len(network.containers)

    def chance(part: str) -> Chance:
        return stream(seed, start, f"waste {part}")

    weather = calendar.weather(start, days, chance("weather"))
    off = calendar.holidays(start, days)
    broken = faults.faults(network, days, faulty, chance("faults"))
    luck = chance("visits")
    usual = network.daily / network.litres
    return Waste(
        seed=seed, start=start, days=days, network=network, weather=weather, holidays=off,
        inflow=inflow.inflow(network, start, weather, off, chance("inflow")),
        faults=broken, schedule=sensors.schedule(network, days, weather, broken, chance("sensors")),
        planned=visits.planned(network, start, days, chance("rounds")),
        initial=np.minimum(0.7, usual * luck.uniform(0, 3, rows)),
        blocked=luck.random((rows, days)) < BLOCKED,
        left=np.where(
            luck.random((rows, days)) < BADLY, luck.uniform(0.08, 0.3, (rows, days)),
            luck.uniform(0, 0.02, (rows, days)),
        ),
        heavy=np.exp(luck.normal(0, WET, (rows, days))),
    )  # fmt: skip
