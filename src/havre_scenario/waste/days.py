"""The days of a period: public holidays of France, and an invented weather of the Channel coast."""

import datetime
from dataclasses import dataclass

import numpy as np

from havre_scenario.chance import Chance
from havre_scenario.plane import Floats

FIXED = {
    (1, 1): "Jour de l’An", (5, 1): "Fête du Travail", (5, 8): "Victoire 1945", (7, 14): "Fête nationale",
    (8, 15): "Assomption", (11, 1): "Toussaint", (11, 11): "Armistice 1918", (12, 25): "Noël",
}  # fmt: skip
AFTER_EASTER = {1: "Lundi de Pâques", 39: "Ascension", 50: "Lundi de Pentecôte"}


@dataclass(frozen=True)
class Weather:
    """One value a day: degrees Celsius in the afternoon, millimetres of rain."""

    temperature: Floats
    rain: Floats


def holidays(start: datetime.date, days: int) -> dict[int, str]:
    """The public holidays by day of the period."""
    found = {}
    for number in range(days):
        day = start + datetime.timedelta(days=number)
        name = FIXED.get((day.month, day.day)) or AFTER_EASTER.get((day - easter(day.year)).days)
        if name:
            found[number] = name
    return found


def easter(year: int) -> datetime.date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 19 * m) // 433
    month = (h + m - 7 * n + 90) // 25
    return datetime.date(year, month, (h + m - 7 * n + 33 * month + 19) % 32)


def weather(start: datetime.date, days: int, chance: Chance) -> Weather:
    """Seasons, with spells of some days, and rain on two days in five."""
    season = np.array([(start + datetime.timedelta(days=day)).timetuple().tm_yday for day in range(days)])
    noise, spell = chance.normal(0, 1, days), np.zeros(days)
    for day in range(days):
        spell[day] = 0.75 * (spell[day - 1] if day else 0) + noise[day]
    temperature = 13.5 - 7.5 * np.cos((season - 20) / 365.25 * 2 * np.pi) + 2.0 * spell
    rain = chance.gamma(0.8, 6.0, days) * (chance.random(days) < 0.4)
    return Weather(np.round(temperature, 1), np.round(rain, 1))
