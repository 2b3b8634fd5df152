"""What a score is: a value with its interval over the seeds, and what was wanted."""

import json
import math
import re
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

DATA = Path(__file__).parents[3] / "shared/data"
"""Real records lie beside the checkout."""
T_975 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""Student's t for a two-sided interval of 95 %, by degrees of freedom from 1; from 10 on 1.96 is near enough."""


@dataclass(frozen=True)
class Score:
    """``low`` and ``high`` bound the mean over the seeds at 95 %; of one run they are the value itself.

    ``wanted`` is in words with its sign: ``>= 0.98``, ``75-85``; empty where nothing is.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    wanted: str = ""


Said = Mapping[str, tuple[str, str]]
"""What a part measures: unit and what is wanted, by name."""
Values = Mapping[str, float]


@dataclass(frozen=True)
class Record:
    """A real record that lies beside the checkout, or does not; what is found in it has no interval."""

    path: Path
    said: Said
    found: Callable[[Path], Values]

    def measure(self) -> list[Score]:
        values = self.found(self.path)
        return [Score(name, values[name], values[name], values[name], *said) for name, said in self.said.items()]


def over_seeds(said: Said, runs: Sequence[Values]) -> list[Score]:
    """The means of what was found with each seed, with their intervals of 95 %."""
    return [_over_seeds(name, [one[name] for one in runs], *said[name]) for name in said]


def _over_seeds(name: str, values: Sequence[float], unit: str, wanted: str) -> Score:
    mean = statistics.fmean(values)
    if len(values) == 1:
        return Score(name, mean, mean, mean, unit, wanted)
    t = T_975[len(values) - 2] if len(values) <= len(T_975) + 1 else 1.96
    half = t * statistics.stdev(values) / math.sqrt(len(values))
    return Score(name, mean, mean - half, mean + half, unit, wanted)


def gain_pct(errors: npt.NDArray[np.float64], others: npt.NDArray[np.float64]) -> float:
    """By how many per cent the root mean square error is less than the other."""
    return 100 * (1 - float(np.sqrt((errors**2).mean() / (others**2).mean())))


def reached(score: Score) -> bool:
    """Whether the value is what was wanted; true where nothing was. ``ValueError``: what was wanted cannot be read."""
    if score.wanted == "":
        return True
    if within := re.fullmatch(r"(\d+\.?\d*)-(\d+\.?\d*)", score.wanted):
        return float(within[1]) <= score.value <= float(within[2])
    match score.wanted.split():
        case [">=", least]:
            return score.value >= float(least)
        case [">", least]:
            return score.value > float(least)
        case ["<=", most]:
            return score.value <= float(most)
    raise ValueError(f"{score.name}: wanted is {score.wanted!r}, and not like >= 1, > 1, <= 1 or 1-2")


def table(scores: Iterable[Score]) -> str:
    """What is not as it was wanted is marked as missed."""
    lines = [f"{'NAME':<32} {'VALUE':>10} {'LOW':>10} {'HIGH':>10} {'UNIT':<8} WANTED"]
    for one in scores:
        numbers = f"{one.value:>10.4g} {one.low:>10.4g} {one.high:>10.4g}"
        missed = "" if reached(one) else "  MISSED"
        lines.append(f"{one.name:<32} {numbers} {one.unit:<8} {one.wanted}{missed}".rstrip())
    return "\n".join(lines)


def write(scores: Iterable[Score], file: Path) -> None:
    """``ValueError``: a value is no number."""
    text = json.dumps([asdict(one) for one in scores], indent=2, allow_nan=False) + "\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
