"""Deposits counted by card: who opened which container when. A badge is a pseudonym that changes each month."""

import datetime
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from havre_scenario.chance import Chance
from havre_scenario.plane import Floats, Ints
from havre_scenario.waste.faults import DAY
from havre_scenario.waste.inflow import Inflow
from havre_scenario.waste.model import Network

LOST = 0.015
NOMINAL = {"residual": 50.0, "packaging": 60.0, "food": 10.0}
"""Litres of the drum that a card opens; what is put in is less, and two in five containers do not tell it."""
AT_ONCE = {"residual": 40.0, "packaging": 48.0, "food": 8.0, "glass": 12.0, "litter": 50.0}
"""Litres that go through an opening at most at one time: what is bulky comes in so many parts."""
FORCED = 0.25
"""Of what is bulky comes through a lid that stands open or was forced, and is not counted."""
DEPOSITS_A_HOUSEHOLD = 0.8
"""A day."""


@dataclass(frozen=True)
class Deposits:
    """Columns, in order of time. ``badge`` is a number of 40 bits; ``litres`` is nominal, NaN where it is not told."""

    container: Ints
    at: Floats
    badge: npt.NDArray[np.uint64]
    litres: Floats


def deposits(network: Network, start: datetime.date, inflow: Inflow, chance: Chance) -> Deposits:
    rows = np.array([row for row, one in enumerate(network.containers) if one.counts], np.int64)
    hours = inflow.deposits.shape[1]
    number = (inflow.deposits[rows] + _parts(network, rows, inflow.bulky[rows], chance)).ravel()
    cell = np.repeat(np.arange(len(number)), number)
    which, hour = np.divmod(cell, hours)
    at = np.floor((hour + chance.random(len(cell))) * 3600)
    days = hours / 24
    households = np.maximum(3, inflow.deposits[rows].sum(axis=1) / days / DEPOSITS_A_HOUSEHOLD).astype(np.int64)
    household = (households[which] * chance.random(len(cell)) ** 1.4).astype(np.int64)
    month = _months(start, int(days) + 1)[(at // DAY).astype(np.int64)]
    badge = _mixed((rows[which].astype(np.uint64) << np.uint64(32)) + household.astype(np.uint64), month, network.seed)
    nominal = np.array([NOMINAL.get(network.containers[row].flow, np.nan) for row in rows])
    nominal[chance.random(len(rows)) < 0.4] = np.nan
    told = np.flatnonzero(chance.random(len(cell)) >= LOST)
    order = told[np.argsort(at[told], kind="stable")]
    return Deposits(rows[which[order]], at[order], badge[order], nominal[which[order]])


def _parts(network: Network, rows: Ints, bulky: Floats, chance: Chance) -> Ints:
    """Deposits as which ``bulky`` litres are counted, container by hour."""
    at_once = np.array([AT_ONCE[network.containers[row].flow] for row in rows])
    through = np.where(chance.random(bulky.shape) < FORCED, 0.0, bulky)
    return np.asarray(np.ceil(through / at_once[:, None]), np.int64)


def _months(start: datetime.date, days: int) -> npt.NDArray[np.uint64]:
    dates = (start + datetime.timedelta(days=day) for day in range(days))
    return np.array([one.year * 12 + one.month for one in dates], np.uint64)


def _mixed(who: npt.NDArray[np.uint64], month: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.uint64]:
    """Forty bits that tell nothing of who it is, nor that two months are of the same (splitmix64)."""
    with np.errstate(over="ignore"):
        x = who * np.uint64(0x9E3779B97F4A7C15) + month * np.uint64(0xD1B54A32D192ED03) + np.uint64(seed)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray((x ^ (x >> np.uint64(31))) >> np.uint64(24))
