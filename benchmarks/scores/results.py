"""What a score is: a value with its interval over the seeds, and what was wanted."""

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

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


def over_seeds(name: str, values: Sequence[float], unit: str, wanted: str = "") -> Score:
    """The mean of one value a seed, with its interval of 95 %."""
    mean = statistics.fmean(values)
    if len(values) == 1:
        return Score(name, mean, mean, mean, unit, wanted)
    t = T_975[len(values) - 2] if len(values) <= len(T_975) + 1 else 1.96
    half = t * statistics.stdev(values) / math.sqrt(len(values))
    return Score(name, mean, mean - half, mean + half, unit, wanted)


def once(name: str, value: float, unit: str, wanted: str = "") -> Score:
    """A value of one run: of a real record there is only one."""
    return Score(name, value, value, value, unit, wanted)


def table(scores: Iterable[Score]) -> str:
    lines = [f"{'NAME':<32} {'VALUE':>10} {'LOW':>10} {'HIGH':>10} {'UNIT':<8} WANTED"]
    lines += [
        f"{one.name:<32} {one.value:>10.4g} {one.low:>10.4g} {one.high:>10.4g} {one.unit:<8} {one.wanted}"
        for one in scores
    ]
    return "\n".join(lines)


def write(scores: Iterable[Score], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(one) for one in scores], indent=2) + "\n")
