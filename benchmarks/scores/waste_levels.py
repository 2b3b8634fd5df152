"""Levels, emptyings and faulty sensors, against the truth of the scenario.

Protocol: 56 days in which the fixed rounds are driven, rows taken every six hours; the first 21 days teach and are not
judged. Judged at 03:00 UTC of each day after: the level then and 12, 24, 48 and 72 hours later if nothing is emptied
meanwhile (the truth is computed the same way), for all containers, whatever their level rests on.

- ``level_coverage_pct``: truths from P10 to P90; also for each basis.
- ``pinball_gain_pct``: by how much the pinball loss (mean of P10, P50 and P90) of the forecasts 24, 48 and 72 hours
  ahead is less than that of a constant rate, where the level rests on a sensor. The constant rate is the container's own
  mean since its last emptying, or, within a day of it, over the cycle before; it starts from the last good reading. Its
  quantiles are those of its own errors for that flow and time ahead in the first 21 days, known from the truth, which
  favours it. ``median_gain_pct``: the same of P50 alone against the same forecast without quantiles.
- ``emptying_f1``: emptyings that are told within six hours of a true one of that container, one to one, of containers
  with a sensor (the faulty ones too); ``emptying_all_f1``: of all containers.
- ``fault_found_h``: hours from the beginning of a fault until it is told, with those never found as never: P50, P75 and
  P90 of the faults that begin after the first week and five days before the end, all seeds together.
- ``false_alarms_per_100_week``: sensors accused that are good, of 100 in a week, after the first week.
``_16`` in a name: the same with 16 % of the sensors faulty, instead of 5 %.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from benchmarks.scores import waste_frames
from benchmarks.scores.results import Score, over_seeds, table
from havre_scenario.waste.city import SETTLES, Waste, city
from havre_waste.levels import Levels, projected, started, take
from havre_waste.levels.projection import Z90, basis, sensing

Floats = npt.NDArray[np.float64]
DAYS, LEARNED, EVERY = 56, 21, 6
AHEAD = (0, 12, 24, 48, 72)
NEAR = 6 * 3600.0
DAY = 86400.0
LEVELS = (0.1, 0.5, 0.9)
SCORES = {
    "level_coverage_pct": ("%", "75-85"),
    "level_coverage_sensor_pct": ("%", ""),
    "level_coverage_counts_pct": ("%", ""),
    "level_coverage_model_pct": ("%", ""),
    "pinball_gain_pct": ("%", ">= 15"),
    "median_gain_pct": ("%", "> 0"),
    "emptying_f1": ("", ">= 0.97"),
    "emptying_all_f1": ("", ""),
    "fault_found_h": ("h", "<= 48"),
    "false_alarms_per_100_week": ("", "<= 1"),
}


@dataclass
class Course:
    """What was told on the way, and what was believed at each judged morning."""

    emptyings: list[tuple[str, float]] = field(default_factory=list)
    faults: list[tuple[str, float, str | None]] = field(default_factory=list)
    inside: list[tuple[int, str, bool]] = field(default_factory=list)
