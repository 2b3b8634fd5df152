"""How fast containers of a flow fill, by hour, weekday, holiday and weather.

The rate of a container at a moment is its own mean rate times the share of the hour times the factor of the day. The
share of the hours is learned by expectation and maximisation from intervals between readings; the factor of the day is
``exp(features · effects)``, learned by weighted least squares with a normal prior (ridge) that shrinks the effects of a
flow towards those of all flows, and these towards none.
"""

import datetime
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from havre_waste.levels.calendar import FEATURES, Calendar

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
HOUR, DAY = 3600.0, 86400.0
BACK, AHEAD = 16, 36
"""Days before and after the moment of learning for which loads are at hand; outside of them every day is usual."""
KEPT = 84
"""Days that the ledger keeps."""
PRIOR = np.array([0.15] * 7 + [0.3, 0.3, 0.15, 0.15])
"""Deviation of each effect over all flows; a flow deviates from it by half of that."""
DAY_NOISE = 0.12
"""Deviation of the factor of a day that no feature tells."""
LONGEST = 16 * HOUR
"""An interval between readings that is longer says nothing of hours."""
STILL, REMEMBERED = 1.0, 0.75
"""Container volumes that keep an hour's share where it was, and the share of what is noted of hours that is kept."""
SMOOTH = 0.08
"""Share of an hour that is smoothed into each of its neighbours (Silverman et al. 1990, JRSS B 52)."""
EVEN = np.array([0.4] * 5 + [1.0] * 18 + [0.6])
"""Before anything is learned: little at night."""


@dataclass(frozen=True, eq=False)
class Ledger:
    """What came in, and what would have if every day were usual, in container volumes; from ``first`` (ordinal) on."""

    first: int
    came: Floats = field(repr=False)
    """Flows by days."""
    usual: Floats = field(repr=False)
    hour_came: Floats = field(repr=False)
    """Flows by 24 local hours."""
    hour_usual: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class Rates:
    calendar: Calendar = field(repr=False)
    hours: Floats = field(repr=False)
    """Flows by 24 local hours; a row sums to 1."""
    effects: Floats = field(repr=False)
    """Flows by ``FEATURES``."""
    ledger: Ledger = field(repr=False)
    now: float
    """When this was learned."""
    since: float
    """Of the first column of ``loads``, a full hour."""
    loads: Floats = field(repr=False)
    """Flows by hours: usual days' worth of waste that came from ``since`` until the hour's beginning."""
    cell_day: Ints = field(repr=False)
    """The local day (ordinal) of each hour."""
    cell_hour: Ints = field(repr=False)

    def load(self, flow: Ints, begin: Floats, end: Floats) -> Floats:
        """Usual days' worth of waste of these flows between two moments."""
        return self._until(flow, end) - self._until(flow, begin)

    def _until(self, flow: Ints, at: Floats) -> Floats:
        place = (at - self.since) / HOUR
        last = self.loads.shape[1] - 1
        inside = np.clip(place, 0, last)
        low = np.minimum(inside.astype(np.int64), last - 1)
        before = self.loads[flow, low]
        return np.asarray(before + (inside - low) * (self.loads[flow, low + 1] - before) + (place - inside) / 24)


def unlearned(calendar: Calendar, flows: int, now: float) -> Rates:
    today = calendar.date(now).toordinal()
    hours = np.tile(EVEN / EVEN.sum(), (flows, 1))
    empty = Ledger(today, *(np.zeros((flows, size)) for size in (KEPT, KEPT, 24, 24)))
    return _tabled(calendar, hours, np.zeros((flows, len(FEATURES))), empty, now)


def _tabled(calendar: Calendar, hours: Floats, effects: Floats, ledger: Ledger, now: float) -> Rates:
    since = now // HOUR * HOUR - BACK * DAY
    days, hour = calendar.local(since, (BACK + AHEAD) * 24)
    features = calendar.features(datetime.date.fromordinal(int(days[0])), int(days[-1] - days[0]) + 1)
    factor = np.exp(features @ effects.T).T
    weight = hours[:, hour] * factor[:, days - days[0]]
    loads = np.concatenate([np.zeros((len(hours), 1)), np.cumsum(weight, axis=1)], axis=1)
    return Rates(calendar, hours, effects, ledger, now, since, loads, days, hour)


def noted(rates: Rates, flow: Ints, begin: Floats, end: Floats, came: Floats, rate: Floats) -> Rates:
    """``came`` came into containers that fill by ``rate`` a day, in intervals of at most ``LONGEST``."""
    fits = (end - begin <= LONGEST) & (end > begin) & (begin >= rates.since)
    flow, (begin, end, came, rate) = flow[fits], (column[fits] for column in (begin, end, came, rate))
    if not len(flow):
        return rates
    expected = np.maximum(rates.load(flow, begin, end), 1e-9)
    first = ((begin - rates.since) // HOUR).astype(np.int64)
    ledger = _with_days(rates.ledger, int(rates.cell_day[min(int(first.max()) + 24, len(rates.cell_day) - 1)]))
    parts = [np.zeros_like(one) for one in (ledger.came, ledger.usual, ledger.hour_came, ledger.hour_usual)]
    for step in range(int(LONGEST / HOUR) + 1):
        cell = np.minimum(first + step, len(rates.cell_day) - 1)
        left, right = rates.since + cell * HOUR, rates.since + (cell + 1) * HOUR
        share = np.clip(np.minimum(end, right) - np.maximum(begin, left), 0, None) / HOUR
        if not share.any():
            break
        load = share * (rates.loads[flow, cell + 1] - rates.loads[flow, cell])
        day, hour = rates.cell_day[cell] - ledger.first, rates.cell_hour[cell]
        inside = (day >= 0) & (day < KEPT)
        part = came * load / expected
        np.add.at(parts[0], (flow[inside], day[inside]), part[inside])
        np.add.at(parts[1], (flow[inside], day[inside]), (rate * share * rates.hours[flow, hour])[inside])
        np.add.at(parts[2], (flow, hour), part)
        np.add.at(parts[3], (flow, hour), rate * load)
    columns = (ledger.came, ledger.usual, ledger.hour_came, ledger.hour_usual)
    return replace(rates, ledger=Ledger(ledger.first, *(a + b for a, b in zip(columns, parts, strict=True))))


def _with_days(ledger: Ledger, last: int) -> Ledger:
    """The ledger moved so that the day ``last`` has room."""
    move = last - ledger.first - KEPT + 1
    if move <= 0:
        return ledger
    came, usual = (np.zeros_like(ledger.came) for _ in range(2))
    if move < KEPT:
        came[:, : KEPT - move], usual[:, : KEPT - move] = ledger.came[:, move:], ledger.usual[:, move:]
    return replace(ledger, first=ledger.first + move, came=came, usual=usual)


def learned(rates: Rates, calendar: Calendar, now: float) -> Rates:
    """What the ledger teaches until ``now``, with loads for the time around it."""
    ledger = rates.ledger
    hours = rates.hours * np.clip((ledger.hour_came + STILL) / (ledger.hour_usual + STILL), 0.5, 2)
    hours += SMOOTH * (np.roll(hours, 1, axis=1) + np.roll(hours, -1, axis=1) - 2 * hours)
    hours /= hours.sum(axis=1, keepdims=True)
    kept = REMEMBERED
    faded = replace(ledger, hour_came=ledger.hour_came * kept, hour_usual=ledger.hour_usual * kept)
    return _tabled(calendar, hours, _effects(ledger, calendar), faded, now)


def _effects(ledger: Ledger, calendar: Calendar) -> Floats:
    """Flows by features."""
    features = calendar.features(datetime.date.fromordinal(ledger.first), KEPT)
    flows = len(ledger.came)
    pooled = _fitted(features, ledger.came.sum(axis=0), ledger.usual.sum(axis=0), np.zeros(len(FEATURES)), PRIOR)
    return np.stack([_fitted(features, ledger.came[f], ledger.usual[f], pooled, PRIOR / 2) for f in range(flows)])


def _fitted(features: Floats, came: Floats, usual: Floats, mean: Floats, deviation: Floats) -> Floats:
    """Effects around ``mean`` that explain the factors of days; a level common to all days is fitted and left out."""
    known = usual > 0.2
    if known.sum() < 3:
        return mean
    x = np.column_stack([features[known], np.ones(known.sum())])
    factor = np.clip(came[known] / usual[known], 0.2, 5)
    weight = 1 / (DAY_NOISE**2 + 0.3 / usual[known])
    centre, precision = np.append(mean, 0.0), np.append(1 / deviation**2, 1e-6)
    normal = x.T @ (weight[:, None] * x) + np.diag(precision)
    found: Floats = np.linalg.solve(normal, x.T @ (weight * np.log(factor)) + precision * centre)
    effects = found[:-1]
    # the mean day must stay usual: what all weekdays share belongs to the containers' own rates
    effects[:7] -= effects[:7].mean()
    return np.asarray(effects)
