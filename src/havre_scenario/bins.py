"""Waste containers of the city with a level sensor each: how full they truly are, and what their sensors send.

A sensor measures the distance from the lid to the waste. One in six misbehaves, the share that cities report: some
repeat one value, some are silent, and in front of some hangs a bag.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from havre_scenario.chance import Chance
from havre_scenario.plane import Floats, Point, at

CONTAINERS = 120
EVERY = 4 * 3600
DAY = 86400
STREAMS = {
    # stream: share, litres, depth in millimetres, median fill a day
    "household": (0.40, 4000, 2100, 0.30),
    "packaging": (0.28, 4000, 2100, 0.26),
    "glass": (0.22, 3000, 1750, 0.07),
    "food": (0.10, 1000, 1100, 0.34),
}
STATES = {"ok": 0.84, "stuck": 0.07, "dead": 0.05, "blocked": 0.04}
DEAD_ZONE_MM = 250
"""Between the sensor and a full container."""
COLLECT_ABOVE = 0.6
HOURLY = np.array([1, 1, 1, 1, 1, 2, 4, 6, 6, 5, 5, 6, 7, 6, 5, 5, 5, 6, 8, 8, 6, 4, 2, 1.0])
"""When people throw away, by hour UTC; only the shape counts."""
NOISE_MM = 12.0


@dataclass(frozen=True)
class Container:
    name: str
    stream: str
    litres: int
    depth_mm: int
    point: Point
    state: str
    """How the sensor does: a key of ``STATES``."""
    fill: Floats = field(repr=False)
    """True share filled at each minute of the period, with the midnight after it."""
    collected: tuple[int, ...] = ()
    """Second of each collection."""
    offset: int = 0
    """Second at which the sensor reads first."""
    battery_mv: int = 3600


@dataclass(frozen=True)
class Reading:
    """What a sensor measured, true or not."""

    container: Container
    time: int
    true_fill: float
    distance_mm: int | None
    """None when the sensor is dead."""
    temperature: float


def containers(chance: Chance, days: int) -> tuple[Container, ...]:
    return tuple(_container(number, chance, days) for number in range(1, CONTAINERS + 1))


def _container(number: int, chance: Chance, days: int) -> Container:
    names, shares = list(STREAMS), [share for share, *_ in STREAMS.values()]
    stream = names[int(chance.choice(len(names), p=shares))]
    _, litres, depth, median = STREAMS[stream]
    point = at(float(chance.uniform(49.490, 49.520)), float(chance.uniform(0.085, 0.170)))
    state = list(STATES)[int(chance.choice(len(STATES), p=list(STATES.values())))]
    round_at = float(chance.uniform(5, 11) * 3600)
    fill = _fill(float(chance.uniform(0.05, 0.85)), float(median * np.exp(chance.normal(0, 0.4))), days)
    collected = []
    for day in range(days):
        moment = day * DAY + int(round_at + float(chance.uniform(-1800, 1800)))
        if fill[moment // 60] > COLLECT_ABOVE and chance.random() < 0.85:
            fill[moment // 60 :] -= fill[moment // 60] - 0.02
            collected.append(moment)
    offset, battery = int(chance.integers(EVERY)), int(chance.integers(3250, 3650))
    return Container(
        f"hv-bin-{number:03}", stream, litres, depth, point, state,
        np.clip(fill, 0, 1), tuple(collected), offset, battery,
    )  # fmt: skip


def _fill(start: float, daily: float, days: int) -> Floats:
    """The fill at each minute with nothing collected."""
    rate = np.tile(np.repeat(HOURLY / HOURLY.sum(), 60) / 60, days)
    return start + daily * np.concatenate([[0.0], np.cumsum(rate)])


def readings(found: Sequence[Container], chance: Chance, days: int) -> tuple[Reading, ...]:
    """All of the period, in order of time."""
    return tuple(sorted((one for each in found for one in _readings(each, chance, days)), key=lambda one: one.time))


def _readings(container: Container, chance: Chance, days: int) -> Iterator[Reading]:
    stuck = int(chance.integers(DEAD_ZONE_MM, container.depth_mm))
    for time in range(container.offset, days * DAY, EVERY):
        fill = float(container.fill[time // 60])
        warmth = 8.5 + 3.5 * np.sin((time / DAY - 0.375) * 2 * np.pi) + chance.normal(0, 0.4)
        measured = _measured(container, fill, stuck, chance)
        yield Reading(container, time, fill, measured, round(float(warmth), 1))


def _measured(container: Container, fill: float, stuck: int, chance: Chance) -> int | None:
    match container.state:
        case "dead":
            return None
        case "stuck":
            return stuck
        case "blocked":
            return max(0, round(DEAD_ZONE_MM + 40 + chance.normal(0, NOISE_MM)))
        case _:
            return max(0, round(distance(container, fill) + chance.normal(0, NOISE_MM)))


def distance(container: Container, fill: float) -> float:
    """Millimetres from the sensor to the waste."""
    return DEAD_ZONE_MM + (1 - fill) * (container.depth_mm - DEAD_ZONE_MM)
