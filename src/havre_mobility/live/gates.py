"""The gates of the picture: who waits now, how long one will wait, when to come, and who comes in the next day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from havre_mobility.bridges import slots
from havre_mobility.picture.model import Gate, How, Said, Wait
from havre_mobility.trucks import arrivals, queue, ship_work

HOUR = timedelta(hours=1)
LEARNED_FROM = timedelta(days=28)
EVERY = timedelta(minutes=15)
AHEAD = timedelta(hours=6)
DAY = 24
"""Hours of the forecast of arrivals."""
Served = Mapping[str, Iterable[str]]
"""Of each gate, how the names of the berths behind it begin."""
WORTH_MOVING = 5.0
"""Minutes of waiting that another hour must spare one to be advised."""


@dataclass(frozen=True)
class Learned:
    """What days that are over tell of the gates."""

    model: arrivals.ArrivalModel
    gates: tuple[queue.Gate, ...]
    served: Served = field(default_factory=dict)

    def work(self, movements: pl.DataFrame, now: datetime) -> ship_work.Work:
        """On ships, today and tomorrow, as announced until ``now``."""
        today = now.astimezone(slots.LOCAL).date()
        days = [today, today + timedelta(days=1)]
        return ship_work.ship_work(movements, self.served, days, now, self.model.zone)


@dataclass(frozen=True)
class Place:
    id: str
    name: str
    longitude: float
    latitude: float


def learn(told: Mapping[str, pl.DataFrame], now: datetime, served: Served) -> Learned | None:
    """From the frames of appointments, passes and movements; None where there is not enough to learn from."""
    appointments, passes = told["appointments"], told["gates"]
    until = now.replace(hour=0, minute=0, second=0, microsecond=0)
    earliest = passes["time"].min()
    if not isinstance(earliest, datetime) or until - earliest < timedelta(days=2):
        return None
    since = max(until - LEARNED_FROM, earliest.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1))
    first, count = since.astimezone(slots.LOCAL).date(), (until - since).days + 1
    days = [first + timedelta(days=number) for number in range(count)]
    try:
        work = ship_work.history(told["movements"], served, days, slots.LOCAL.key)
        model = arrivals.learn(appointments, passes, since, until, slots.LOCAL.key, work)
        gates = tuple(_gate(passes, name) for name in model.gates)
    except ValueError:
        return None
    return Learned(model, gates, served)


def _gate(passes: pl.DataFrame, name: str) -> queue.Gate:
    lanes = passes.filter((pl.col("gate") == name) & (pl.col("direction") == "in"))["lane"].n_unique()
    return queue.Gate(name, lanes, queue.handling(passes, name, lanes))


def gates(
    learned: Learned, places: Mapping[str, Place], told: Mapping[str, pl.DataFrame], now: datetime
) -> tuple[Gate, ...]:
    """Of the gates that have a place. ``told``: the frames of appointments, passes and movements."""
    passes = told["gates"]
    hour = now.replace(minute=0, second=0, microsecond=0)
    origin = hour - queue.BACK
    back = queue.BACK // HOUR
    recent = passes.filter(pl.col("time") >= now - timedelta(days=2))
    work = learned.work(told["movements"], now)
    found = arrivals.forecast(learned.model, told["appointments"], recent, origin, back + DAY, work)
    last = recent["time"].max()
    said = Said("gates", How.OBSERVED, last if isinstance(last, datetime) else now)
    return tuple(
        _one(gate, places[gate.name], found, recent, said, now) for gate in learned.gates if gate.name in places
    )


def ahead(learned: Learned, told: Mapping[str, pl.DataFrame], now: datetime) -> Sequence[Mapping[str, Any]]:
    """Arrivals of each of the next 24 hours, from the hour of ``now`` on: gate, hour, expected, low, high."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    work = learned.work(told["movements"], now)
    found = arrivals.forecast(learned.model, told["appointments"], told["gates"], hour, DAY, work)
    return found.select("gate", "hour", "expected", "low", "high").sort("gate", "hour").to_dicts()


def _one(gate: queue.Gate, place: Place, found: pl.DataFrame, passes: pl.DataFrame, said: Said, now: datetime) -> Gate:
    waiting = queue.waiting_now(passes, gate, _steps(found, gate.name, now), now)
    ahead = queue.waits(gate, found.filter(pl.col("hour") >= now - HOUR), waiting, now)
    shown = ahead.filter(pl.col("time") <= now + HOUR).gather_every(EVERY // queue.STEP)
    waits = tuple(_wait(row) for row in shown.iter_rows(named=True))
    return Gate(
        place.id, place.name, place.longitude, place.latitude, said, round(waiting), waits, _best(ahead, waits, now)
    )


def _steps(found: pl.DataFrame, gate: str, now: datetime) -> list[float]:
    """Expected arrivals of each step of the last three hours."""
    hours = dict(found.filter(pl.col("gate") == gate).select("hour", "expected").iter_rows())
    steps = queue.BACK // queue.STEP
    times = [now - queue.BACK + number * queue.STEP for number in range(steps)]
    share = queue.STEP / HOUR
    return [share * hours.get(one.replace(minute=0, second=0, microsecond=0), 0.0) for one in times]


def _wait(row: Mapping[str, object]) -> Wait:
    at, low, wait, high = row["time"], row["low"], row["wait"], row["high"]
    assert isinstance(at, datetime) and isinstance(low, float) and isinstance(wait, float) and isinstance(high, float)
    return Wait(at, low, wait, high)


def _best(ahead: pl.DataFrame, waits: tuple[Wait, ...], now: datetime) -> Wait | None:
    """The hour in which one waits least, where that is much less than now."""
    best = queue.best_times(ahead, now + HOUR, now + AHEAD, 1)
    if not best.height or not waits or waits[0].p50 - best["wait"][0] < WORTH_MOVING:
        return None
    hour, wait, high = best["hour"][0], float(best["wait"][0]), float(best["high"][0])
    return Wait(hour, 0.0, wait, high)
