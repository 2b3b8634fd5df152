"""Weeks of a policy, day by day, in a city that answers: what was driven, and what was found in the containers."""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from havre_waste.choice.driving import Driven, Round, drive
from havre_waste.choice.model import Floats, Ground, Ints, Terms
from havre_waste.choice.outlook import Outlook
from havre_waste.choice.today import Reason, choose, own_ways

KG_CO2_A_LITRE = 3.1
"""Of road diesel (B7), from well to wheel: Base Empreinte of ADEME."""
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Found:
    """What was in containers when a truck came: an element a stop, ``fill`` NaN where it could not be emptied."""

    fill: Floats
    kg: Floats


class City(Protocol):
    """A city of a scenario or a drawn one. Only ``outlook`` may be seen by a policy."""

    def outlook(self, day: datetime.date, after: Mapping[str, datetime.date]) -> Outlook:
        """What is believed on the morning of ``day``; ``after``: the day of the next chance, by flow."""

    def empty(self, day: datetime.date, rounds: Sequence[Round], times: Sequence[Floats]) -> list[Found]:
        """``times``: seconds from the begin of each round to each of its stops."""


Policy = Callable[[datetime.date, City], tuple[Sequence[Round], int]]
"""The rounds of a day, and how much should have been emptied that they leave out."""


@dataclass(frozen=True, eq=False)
class Day:
    date: datetime.date
    rounds: tuple[Round, ...] = field(repr=False)
    driven: tuple[Driven, ...] = field(repr=False)
    found: tuple[Found, ...] = field(repr=False)
    left_out: int = 0
    """That should have been emptied, and for which the crews had no time."""


@dataclass(frozen=True)
class Totals:
    """Of a course. ``hours`` are of work, without lunch. ``fill_pct``: of the volume that was emptied, how much was
    full; ``mean_fill_pct``: the mean of the containers, small and large alike."""

    km: float
    hours: float
    emptied: int
    tonnes: float
    tips: int
    fill_pct: float
    mean_fill_pct: float
    eur: float
    co2_kg: float


def dynamic(ground: Ground, terms: Mapping[str, Terms], holidays: frozenset[datetime.date] = frozenset()) -> Policy:
    """The policy that chooses each day what is worth it. ``terms``: by flow."""
    usual = own_ways(ground)

    def drives(flow: str, day: datetime.date) -> bool:
        return day.weekday() in terms[flow].weekdays and day not in holidays

    def policy(day: datetime.date, city: City) -> tuple[Sequence[Round], int]:
        today = {flow: those for flow, those in terms.items() if drives(flow, day)}
        if not today:
            return (), 0
        after = {flow: next(each for each in days(day + DAY, 14) if drives(flow, each)) for flow in terms}
        made = choose(ground, city.outlook(day, after), today, usual)
        return made.rounds, sum(one is Reason.NO_ROOM for one in made.reason)

    return policy


def days(first: datetime.date, number: int) -> Iterator[datetime.date]:
    return (first + number * DAY for number in range(number))


def course(ground: Ground, city: City, policy: Policy, first: datetime.date, number: int) -> list[Day]:
    """``number`` days from ``first`` on."""
    found = []
    for date in days(first, number):
        rounds, left_out = policy(date, city)
        kg = 0.7 * ground.full_kg
        times = [drive(ground, one.crew, one.stops, kg[one.stops]).after for one in rounds]
        seen = city.empty(date, rounds, times)
        took = [drive(ground, one.crew, one.stops, each.kg) for one, each in zip(rounds, seen, strict=True)]
        found.append(Day(date, tuple(rounds), tuple(took), tuple(seen), left_out))
    return found


def totals(ground: Ground, those: Sequence[Day]) -> Totals:
    driven = [(one, took) for day in those for one, took in zip(day.rounds, day.driven, strict=True)]
    fill = np.concatenate([np.zeros(0), *(each.fill for day in those for each in day.found)])
    litres_of = ground.litres[stops_of([one for day in those for one in day.rounds])]
    done = ~np.isnan(fill)
    litres = sum(one.crew.litres_per_100km * took.metres / 100_000 for one, took in driven)
    return Totals(
        km=sum(took.metres for _, took in driven) / 1000,
        hours=sum(took.seconds for _, took in driven) / 3600,
        emptied=int(done.sum()),
        tonnes=sum(float(each.kg.sum()) for day in those for each in day.found) / 1000,
        tips=sum(took.tips for _, took in driven),
        fill_pct=100 * float(np.sum(fill * litres_of, where=done) / max(np.sum(litres_of, where=done), 1e-9)),
        mean_fill_pct=100 * float(np.mean(fill, where=done)) if done.any() else 0.0,
        eur=sum(took.eur(one.crew) for one, took in driven),
        co2_kg=KG_CO2_A_LITRE * litres,
    )


def stops_of(rounds: Sequence[Round]) -> Ints:
    return np.concatenate([np.zeros(0, np.int64), *(one.stops for one in rounds)])
