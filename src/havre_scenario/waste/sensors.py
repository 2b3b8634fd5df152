"""What a level sensor measures and what of it arrives: raw millimetres from the lid to the waste.

When a sensor reads, its noise and what gets lost are drawn before and for the whole period, so that two policies of
emptying see the same sensors. Good sensors have wild values too, feel the heat, and see one spot of an uneven heap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from havre_scenario.chance import Chance
from havre_scenario.plane import Floats, Ints
from havre_scenario.waste.days import Weather
from havre_scenario.waste.faults import DAY, Fault
from havre_scenario.waste.model import Network

EVERY = 4 * 3600.0
NOISE_MM = 14.0
HEAP = 0.030
"""Deviation of the spot that it sees from the mean level, as a share of the depth; it changes within days."""
HEAT = 0.0009
"""By which a measured distance grows with each degree above 15 °C."""
WILD = 0.012
"""Share of the readings of a good sensor that are wild: something leans under it, or the echo is lost."""
ECHO_LOST, NO_ECHO_MM = 0.4, 4000
"""The share of these in which the echo is lost, and what is told then."""
SPIKES = 0.45
"""Share of the readings that are wild where that is the fault."""
OUTAGES_A_DAY, OUTAGE_HOURS = 0.03, (2.0, 14.0)
GATEWAYS = 4
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Schedule:
    """Every reading that a sensor would send, in order of time; a column a property, drawn before."""

    container: Ints
    at: Floats
    noise: Floats
    """Millimetres."""
    heap: Floats
    """Share of the depth."""
    wild: Floats
    """From 0 to 1 where the value is wild, else NaN."""
    lost: Mask
    temperature: Floats
    tilt: Floats
    battery: Ints
    fault: Ints
    """The number of the fault in force, or -1."""
    luck: Floats
    """From 0 to 1, for what a fault does."""


@dataclass(frozen=True)
class Readings:
    """Columns of what arrived, in order of time. ``distance_mm`` is NaN where the sensor said that it has none."""

    container: Ints
    at: Floats
    distance_mm: Floats
    tilt_deg: Floats
    temperature_c: Floats
    battery_mv: Ints


def schedule(network: Network, days: int, weather: Weather, faults: Sequence[Fault], chance: Chance) -> Schedule:
    rows = np.array([row for row, one in enumerate(network.containers) if one.sensor is not None])
    times = int(days * DAY / EVERY)
    count = len(rows)
    offset = chance.uniform(0, EVERY, count)
    at = offset[:, None] + np.arange(times) * EVERY + chance.uniform(-120, 120, (count, times))
    at = np.clip(np.round(at), 0, days * DAY - 1)
    shape = at.shape
    heap = _heap(shape, chance) * HEAP
    wild = np.where(
        chance.random(shape) < WILD * np.exp(chance.normal(0, 0.5, count))[:, None], chance.random(shape), np.nan
    )
    lost = chance.random(shape) < chance.beta(1.2, 30, count)[:, None]
    lost |= _outages(rows, at, days, chance)
    temperature = _temperature(at, weather, chance)
    tilt = np.abs(chance.normal(0, 1.2, shape) + chance.uniform(0, 3, count)[:, None])
    battery = chance.uniform(3350, 3650, count)[:, None] - at / DAY * chance.uniform(0.1, 0.6, count)[:, None]
    battery = np.rint(battery + chance.normal(0, 6, shape) - np.maximum(0, 8 - temperature) * 2).astype(np.int64)
    container = np.repeat(rows, times)
    fault = np.full(count * times, -1)
    first = {int(row): number * times for number, row in enumerate(rows)}
    flat = at.ravel()
    for number, one in enumerate(faults):
        mine = slice(first[one.container], first[one.container] + times)
        fault[mine][(flat[mine] >= one.from_at) & (flat[mine] < one.to_at)] = number
    order = np.argsort(flat, kind="stable")
    return Schedule(
        container[order], flat[order], chance.normal(0, NOISE_MM, shape).ravel()[order], heap.ravel()[order],
        wild.ravel()[order], lost.ravel()[order], temperature.ravel()[order], tilt.ravel()[order],
        battery.ravel()[order], fault[order], chance.random(len(order)),
    )  # fmt: skip


def _heap(shape: tuple[int, int], chance: Chance) -> Floats:
    """Of deviation 1, and from one reading to the next nine tenths the same."""
    found = chance.normal(0, 1, shape)
    for column in range(1, shape[1]):
        found[:, column] = 0.9 * found[:, column - 1] + np.sqrt(1 - 0.9**2) * found[:, column]
    return found


def _outages(rows: Ints, at: Floats, days: int, chance: Chance) -> Mask:
    """Hours in which a gateway of the network is silent, and with it a quarter of the sensors."""
    mine = chance.integers(0, GATEWAYS, len(rows))
    silent = np.zeros(at.shape, bool)
    for gateway in range(GATEWAYS):
        for _ in range(int(chance.poisson(OUTAGES_A_DAY * days))):
            began = float(chance.uniform(0, days)) * DAY
            ended = began + float(chance.uniform(*OUTAGE_HOURS)) * 3600
            silent |= (mine == gateway)[:, None] & (at >= began) & (at < ended)
    return silent


def _temperature(at: Floats, weather: Weather, chance: Chance) -> Floats:
    """Under the lid: after the weather, with the day's swing, more where the sun comes."""
    day = np.minimum((at // DAY).astype(np.int64), len(weather.temperature) - 1)
    swing = np.cos((at / DAY - 0.6) * 2 * np.pi)
    sunny = chance.uniform(1.5, 7.0, len(at))[:, None] * np.where(weather.rain[day] > 1, 0.4, 1.0)
    found = weather.temperature[day] - 3 + sunny * swing + chance.normal(0, 0.5, at.shape)
    return np.round(found, 1)


def measured(network: Network, plan: Schedule, chosen: slice, fill: Floats, faults: Sequence[Fault]) -> Readings:
    """What arrives of the readings ``chosen`` when the true fill at each is ``fill``."""
    container, at = plan.container[chosen], plan.at[chosen]
    depth = np.array([one.depth_mm for one in network.containers], float)[container]
    dead = np.array([one.dead_zone_mm for one in network.containers], float)[container]
    level = np.clip(fill + plan.heap[chosen] * np.minimum(1.0, fill * 3), 0, 1.06)
    distance = dead + (1 - level) * (depth - dead)
    distance = distance * (1 + HEAT * (plan.temperature[chosen] - 15)) + plan.noise[chosen]
    wild = plan.wild[chosen]
    strange = ~np.isnan(wild)
    distance[strange] = np.where(wild < ECHO_LOST, NO_ECHO_MM, dead + (wild - ECHO_LOST) * distance)[strange]
    tilt, silent = plan.tilt[chosen].copy(), plan.lost[chosen].copy()
    number = plan.fault[chosen]
    for at_ in np.unique(number[number >= 0]).tolist():
        rows = np.flatnonzero(number == at_)
        told = _Told(
            at[rows], distance[rows], depth[rows], dead[rows], plan.noise[chosen][rows], plan.luck[chosen][rows]
        )
        distance[rows] = _broken(faults[at_], told)
        tilt[rows] += 25 + 40 * faults[at_].value if faults[at_].kind == "tilt" else 0
        silent[rows] |= faults[at_].kind == "dead" and faults[at_].value < 0.6
    distance = np.where(np.isnan(distance), np.nan, np.clip(np.rint(distance), 0, NO_ECHO_MM))
    told_of = ~silent
    return Readings(
        container[told_of], at[told_of], distance[told_of], np.round(tilt, 1)[told_of],
        plan.temperature[chosen][told_of], plan.battery[chosen][told_of],
    )  # fmt: skip


class _Told(NamedTuple):
    """What a good sensor would tell, and what it needs to tell something else."""

    at: Floats
    distance: Floats
    depth: Floats
    dead: Floats
    noise: Floats
    luck: Floats


def _broken(fault: Fault, told: _Told) -> Floats:
    """What it tells instead, millimetres."""
    value, usable = fault.value, told.depth - told.dead
    match fault.kind:
        case "spikes":
            return np.where(told.luck < SPIKES, told.luck / SPIKES * told.depth * 1.2, told.distance)
        case "tilt":
            return told.dead + (0.1 + 0.35 * value) * told.depth + 3 * told.noise
        case "stuck":
            return np.rint(told.dead + value * usable)
        case "dead":
            return np.full(len(told.at), np.nan)
        case "drift":
            slope = (15 + 30 * abs(2 * value - 1)) * (1 if value > 0.5 else -1)
            return np.asarray(told.distance + slope * (told.at - fault.from_at) / DAY)
        case _:
            return np.minimum(told.distance, told.dead * (0.4 + 1.2 * value) + told.noise)
