"""What truly comes into each container, hour by hour, whatever is emptied when.

Deposits come as a Poisson process whose rate follows the hour, the weekday, holidays, weather, season, the
neighbourhood and the container; each brings a gamma distributed volume. To this come surprises: days that are busier
or quieter, bulky deposits at once, events, and rates that change for good.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from havre_scenario.chance import Chance
from havre_scenario.plane import Floats, Ints
from havre_scenario.slots import local
from havre_scenario.waste.days import Weather
from havre_scenario.waste.model import FLOWS, Network

DEPOSIT = {"residual": 32.0, "packaging": 38.0, "glass": 9.0, "food": 7.0, "litter": 1.6}
"""Litres of a mean deposit."""
SHAPE = 2.2
"""Of the gamma distribution of a deposit's volume."""
HOURLY = {
    "homes": (1, 1, 0, 0, 0, 2, 6, 10, 9, 7, 7, 8, 9, 7, 6, 6, 7, 10, 13, 12, 9, 5, 3, 2),
    "litter": (2, 1, 1, 0, 0, 1, 3, 6, 8, 8, 9, 11, 14, 13, 11, 11, 12, 13, 12, 10, 8, 6, 5, 3),
}
"""By local hour; only the shape counts."""
WEEKLY = {
    "residual": (1.12, 0.97, 0.95, 0.96, 0.98, 1.07, 0.95),
    "packaging": (1.12, 0.94, 0.92, 0.94, 0.98, 1.12, 0.98),
    "glass": (1.30, 0.82, 0.80, 0.85, 0.95, 1.22, 1.06),
    "food": (1.06, 0.98, 0.97, 0.98, 0.98, 1.00, 1.03),
    "litter": (0.85, 0.85, 0.95, 0.90, 1.05, 1.30, 1.10),
}
HOLIDAY = {"residual": 0.88, "packaging": 0.92, "glass": 1.05, "food": 0.95, "litter": 1.25}
AFTER_HOLIDAY = {"residual": 1.22, "packaging": 1.32, "glass": 1.40, "food": 1.12, "litter": 1.00}
SUMMER = {"centre": -0.12, "homes": -0.18, "beach": 0.45, "port": -0.10}
"""What high summer adds, by the kind of neighbourhood."""
KINDS = {"Plage": "beach", "Îlot": "port", "Quai Sud": "port", "Bassin Sud": "port", "Centre": "centre"}
WARM = {"residual": 0.004, "packaging": 0.008, "glass": 0.008, "food": 0.012, "litter": 0.030}
"""By which each degree above 13 °C raises the rate."""
RAINY = {"residual": -0.004, "packaging": -0.006, "glass": -0.012, "food": -0.004, "litter": -0.030}
"""By which each millimetre of rain, up to ten, changes it."""
OWN_DAY, CARRIED, SHARED_DAY = 0.24, 0.35, 0.09
"""Deviation of the logarithm of a container's day, how much of it goes on, and of a neighbourhood's day."""
BULKY_A_DAY, BULKY = 0.012, (0.10, 0.40)
EVENTS_A_DAY, EVENT = 0.035, (1.5, 3.0)
SHIFTS_A_DAY, SHIFT = 0.0010, 0.45


@dataclass(frozen=True)
class Inflow:
    """``litres`` and ``deposits`` have a row for each container and a column for each hour UTC of the period."""

    litres: Floats
    deposits: Ints
    bulky: Floats
    """The part of ``litres`` that came much at once, and is not among ``deposits``."""


def inflow(
    network: Network, start: datetime.date, weather: Weather, holidays: dict[int, str], chance: Chance
) -> Inflow:
    days = len(weather.temperature)
    flow = np.array([FLOWS.index(one.flow) for one in network.containers])
    deposit = np.array([DEPOSIT[one] for one in FLOWS])[flow]
    rate = _daily(network, flow, start, weather, holidays, chance)
    hour_of = np.array([local(start, hour * 3600.0).hour for hour in range(days * 24)])
    own_hours = _own_hours(flow, chance)
    expected = np.repeat(rate, 24, axis=1) * own_hours[:, hour_of] / deposit[:, None]
    number = chance.poisson(expected)
    litres = np.zeros(number.shape)
    some = number > 0
    litres[some] = chance.gamma(SHAPE * number[some], 1 / SHAPE)
    litres *= deposit[:, None]
    bulky = _bulky(network, days, chance)
    return Inflow(litres + bulky, number, bulky)


def _own_hours(flow: Ints, chance: Chance) -> Floats:
    """The share of a day in each local hour, for each container."""
    shapes = np.array([HOURLY["litter" if one == "litter" else "homes"] for one in FLOWS], float)[flow]
    shapes *= np.exp(chance.normal(0, 0.15, shapes.shape))
    return np.asarray(shapes / shapes.sum(axis=1, keepdims=True))


def _daily(
    network: Network, flow: Ints, start: datetime.date, weather: Weather, holidays: dict[int, str], chance: Chance
) -> Floats:
    """Litres expected in each container on each day."""
    days = len(weather.temperature)
    dates = [start + datetime.timedelta(days=day) for day in range(days)]
    usual = _calendar(dates, holidays, chance, len(flow), flow)
    warm = 1 + _of(WARM, flow)[:, None] * (weather.temperature - 13)
    wet = 1 + _of(RAINY, flow)[:, None] * np.minimum(weather.rain, 10)
    kinds = [KINDS.get(one.neighbourhood, "homes") for one in network.site_of]
    high = np.maximum(0, -np.cos((np.array([one.timetuple().tm_yday for one in dates]) - 30) / 365.25 * 2 * np.pi))
    season = 1 + np.array([SUMMER[one] for one in kinds])[:, None] * high**2
    rate = network.daily[:, None] * usual * np.maximum(warm, 0.3) * np.maximum(wet, 0.3) * season
    return np.asarray(rate * _surprises(network, flow, days, chance))


def _calendar(
    dates: Sequence[datetime.date], holidays: dict[int, str], chance: Chance, rows: int, flow: Ints
) -> Floats:
    """Weekdays, each container's a little its own, and holidays with the day after them."""
    weekly = np.array([WEEKLY[one] for one in FLOWS])[flow] * np.exp(chance.normal(0, 0.10, (rows, 7)))
    found = weekly[:, [one.weekday() for one in dates]]
    for day in holidays:
        found[:, day] *= _of(HOLIDAY, flow)
        if day + 1 < len(dates):
            found[:, day + 1] *= _of(AFTER_HOLIDAY, flow)
    return np.asarray(found)


def _of(table: dict[str, float], flow: Ints) -> Floats:
    return np.array([table[one] for one in FLOWS])[flow]


def _surprises(network: Network, flow: Ints, days: int, chance: Chance) -> Floats:
    """Days of one's own and of the neighbourhood, events, and rates that change for good."""
    rows = len(flow)
    noise, own = chance.normal(0, OWN_DAY, (rows, days)), np.zeros((rows, days))
    for day in range(days):
        own[:, day] = noise[:, day] + (CARRIED * own[:, day - 1] if day else 0)
    places = sorted({one.neighbourhood for one in network.site_of})
    where = np.array([places.index(one.neighbourhood) for one in network.site_of])
    factor = np.exp(own + chance.normal(0, SHARED_DAY, (len(places), days))[where])
    litter = flow == FLOWS.index("litter")
    for place in range(len(places)):
        for day in np.flatnonzero(chance.random(days) < EVENTS_A_DAY).tolist():
            size = float(chance.uniform(*EVENT))
            factor[where == place, day] *= np.where(litter, size, 1 + (size - 1) * 0.15)[where == place]
    for row in np.flatnonzero(chance.random(rows) < SHIFTS_A_DAY * days).tolist():
        factor[row, int(chance.integers(days)) :] *= float(np.exp(chance.normal(0, SHIFT)))
    return np.asarray(factor)


def _bulky(network: Network, days: int, chance: Chance) -> Floats:
    """Much at once, by day: a move, a market, a shop."""
    rows = len(network.containers)
    found = np.zeros((rows, days * 24))
    row, day = np.nonzero(chance.random((rows, days)) < BULKY_A_DAY)
    found[row, day * 24 + chance.integers(6, 20, len(row))] = chance.uniform(*BULKY, len(row)) * network.litres[row]
    return found
