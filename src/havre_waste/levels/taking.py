"""New rows make new levels: ``take`` is the only way in which a state changes, and it gives a new one.

Rows of one container are taken in order of their time, those of many at once: the first of each, then the second.
Rows that come late count as if they came when the container was looked at last. Deposits count until the next row.
"""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from havre_waste.levels import faults, rates, reading, visiting
from havre_waste.levels.calendar import Calendar
from havre_waste.levels.filtering import counting, predict
from havre_waste.levels.pooling import pooled
from havre_waste.levels.rates import DAY
from havre_waste.levels.state import Fault, Floats, Ints, Levels
from havre_waste.levels.work import Work

TIME = pl.Datetime("us", "UTC")
STOP, NOTE, READING = range(3)


def _empty(**columns: type[pl.DataType] | pl.DataType) -> pl.DataFrame:
    return pl.DataFrame(schema={"time": TIME, **columns})


@dataclass(frozen=True, eq=False)
class Rows:
    """New rows of each dataset, in any order. Containers, sensors and trucks that are not known are counted and left.

    readings: time, sensor, distance_mm, tilt_deg. deposits: time, container, litres. crew_notes: time, container,
    state, fill. truck_passes: time, truck, container, seconds. Other columns are not looked at.
    """

    readings: pl.DataFrame = field(
        default_factory=lambda: _empty(sensor=pl.String, distance_mm=pl.Int32, tilt_deg=pl.Float32)
    )
    deposits: pl.DataFrame = field(default_factory=lambda: _empty(container=pl.String, litres=pl.Float64))
    crew_notes: pl.DataFrame = field(
        default_factory=lambda: _empty(container=pl.String, state=pl.String, fill=pl.Float64)
    )
    truck_passes: pl.DataFrame = field(
        default_factory=lambda: _empty(truck=pl.String, container=pl.String, seconds=pl.Int64)
    )


@dataclass(frozen=True, eq=False)
class Taken:
    """``emptyings``: time, container, fill_before, told (sensor, note, pass). ``faults``: time, container, fault
    (null: it is well again), value. Both are what was found with these rows, which may be of an earlier time."""

    levels: Levels
    emptyings: pl.DataFrame
    faults: pl.DataFrame


@dataclass(frozen=True)
class _Events:
    at: Floats
    row: Ints
    kind: Ints
    first: Floats
    second: Floats

    def of(self, which: npt.NDArray[np.bool_] | Ints) -> "_Events":
        return _Events(self.at[which], self.row[which], self.kind[which], self.first[which], self.second[which])


def take(levels: Levels, rows: Rows, now: datetime.datetime, calendar: Calendar | None = None) -> Taken:
    """All rows of which the time is until ``now``; ``calendar``, when given, is what is known of days from now on.

    Rates are learned once a local day. ``ValueError``: ``now`` is before the last one.
    """
    until = now.timestamp()
    if until < levels.now:
        raise ValueError(f"now: got {now}, expected not before {seconds(levels.now)}")
    work = Work.on(levels)
    events = _events(work, rows)
    puts = _Puts.of(work, rows.deposits)
    for one in _ranked(events):
        _apply(work, one, puts)
    _close(work, puts, until)
    made = _learned(work, until, calendar)
    return Taken(made, _emptyings(work), _judged(work))


def seconds(at: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(at, datetime.UTC)


class _Puts:
    """Deposits that are not counted yet, by container and time."""

    def __init__(self, row: Ints, at: Floats, rows: int) -> None:
        self._origin, self._width = (float(at.min()), float(np.ptp(at)) + 2) if len(at) else (0.0, 2.0)
        order = np.lexsort((at, row))
        self._keys = row[order] * self._width + at[order] - self._origin
        self._at = at[order]
        self._next = np.searchsorted(self._keys, np.arange(rows) * self._width - 0.5)

    @classmethod
    def of(cls, work: Work, deposits: pl.DataFrame) -> "_Puts":
        row = _rows_of(work, deposits["container"], work.levels.fleet.row)
        known = row >= 0
        return cls(row[known], _seconds(deposits["time"])[known], len(work.levels.fleet.ids))

    def until(self, work: Work, rows: Ints, at: Floats) -> Floats:
        """Deposits of ``rows`` since they were asked for last; NaN where nothing is counted, or not any more."""
        keys = rows * self._width + np.clip(at - self._origin, -1, self._width - 1.5)
        last = np.maximum(np.searchsorted(self._keys, keys, side="right"), self._next[rows])
        number = last - self._next[rows]
        self._next[rows] = last
        some = number > 0
        work.visits.put[rows[some]] = self._at[last[some] - 1]
        counts = counting(work.levels, work.belief, work.visits, rows, at)
        return np.where(counts, number.astype(float), np.nan)


def _events(work: Work, rows: Rows) -> _Events:
    fleet = work.levels.fleet
    parts = [_readings(work, rows.readings)]
    notes, passes = rows.crew_notes, rows.truck_passes
    state = notes["state"].replace_strict(dict(visiting.NOTES), default=-1, return_dtype=pl.Int64).to_numpy()
    row = np.where(state < 0, -1, _rows_of(work, notes["container"], fleet.row))
    parts.append(_Events(
        _seconds(notes["time"]), row, np.full(len(row), NOTE), state.astype(float), _floats(notes["fill"])
    ))  # fmt: skip
    row = _rows_of(work, passes["container"], fleet.row)
    other = [
        float(flows is not None and at >= 0 and int(fleet.flow[at]) not in flows)
        for flows, at in zip(map(fleet.trucks.get, passes["truck"].to_list()), row.tolist(), strict=True)
    ]
    odds = visiting.odds(_floats(passes["seconds"]), np.array(other))
    parts.append(_Events(_seconds(passes["time"]), row, np.full(len(row), STOP), odds, np.full(len(row), np.nan)))
    whole = _Events(*(np.concatenate([getattr(one, name) for one in parts]) for name in _Events.__dataclass_fields__))
    known = whole.row >= 0
    work.count(unknown=int((~known).sum()))
    return whole.of(known)


def _readings(work: Work, readings: pl.DataFrame) -> _Events:
    """Without those that are there twice or come late."""
    row = _rows_of(work, readings["sensor"], work.levels.fleet.row_of_sensor)
    at, mm = _seconds(readings["time"]), _floats(readings["distance_mm"])
    order = np.lexsort((at, row))
    same = np.zeros(len(row), bool)
    same[order[1:]] = (np.diff(row[order]) == 0) & (np.diff(at[order]) == 0)
    seen = work.watch.seen[np.maximum(row, 0)]
    again = same | ((at == seen) & (mm == work.watch.value[np.maximum(row, 0)]) & (row >= 0))
    late = ~again & (at <= seen) & (row >= 0)
    work.count(readings=len(row), duplicates=int(again.sum()), late=int(late.sum()))
    whole = _Events(at, row, np.full(len(row), READING), mm, _floats(readings["tilt_deg"]))
    return whole.of(~again & ~late)


def _ranked(events: _Events) -> Iterator[_Events]:
    """The first event of each container, the second of each …; in order of time for each."""
    order = np.lexsort((events.kind, events.at, events.row))
    row = events.row[order]
    begins = np.flatnonzero(np.diff(row, prepend=-1))
    rank = np.arange(len(row)) - np.repeat(begins, np.diff(np.append(begins, len(row))))
    by_rank = np.argsort(rank, kind="stable")
    for part in np.split(order[by_rank], np.flatnonzero(np.diff(rank[by_rank])) + 1):
        if len(part):
            yield events.of(part)


def _apply(work: Work, events: _Events, puts: _Puts) -> None:
    rows = events.row
    to = np.maximum(events.at, work.belief.at[rows])
    predict(work.levels, work.belief, rows, to, puts.until(work, rows, to))
    visiting.settle(work, rows, events.at)
    for kind in (STOP, NOTE, READING):
        of = events.kind == kind
        if not of.any():
            continue
        chosen = events.of(of)
        if kind == STOP:
            visiting.stop(work, chosen.row, chosen.at, chosen.first)
        elif kind == NOTE:
            visiting.note(work, chosen.row, chosen.at, chosen.first.astype(np.int64), chosen.second)
        else:
            reading.read(work, chosen.row, chosen.at, chosen.first, chosen.second)


def _close(work: Work, puts: _Puts, until: float) -> None:
    """Bring those to ``until`` of which something is known by nothing having come."""
    fleet = work.levels.fleet
    every = np.arange(len(fleet.ids))
    counted = every[fleet.counted | ~np.isnan(work.visits.stood)]
    to = np.maximum(until, work.belief.at[counted])
    predict(work.levels, work.belief, counted, to, puts.until(work, counted, to))
    visiting.settle(work, counted, to)
    faults.quiet(work, until)


def _learned(work: Work, until: float, calendar: Calendar | None) -> Levels:
    levels = work.levels
    made = levels.rates
    if work.intervals:
        rows, begin, end, came, rate = (np.concatenate(column) for column in zip(*work.intervals, strict=True))
        made = rates.noted(made, levels.fleet.flow[rows], begin, end, came, rate)
    known = calendar or made.calendar
    new = replace(
        levels, rates=made, belief=work.belief, watch=work.watch, visits=work.visits, now=until, counters=work.counters
    )
    if known.date(until) == known.date(made.now) and (calendar is None or until - made.now < DAY):
        return new
    return pooled(replace(new, rates=rates.learned(made, known, until)))


def _emptyings(work: Work) -> pl.DataFrame:
    ids = np.array(work.levels.fleet.ids, object)
    parts = work.emptied
    at = np.concatenate([when for _, when, _, _ in parts]) if parts else np.zeros(0)
    return pl.DataFrame(
        {
            "time": _stamps(at),
            "container": [name for rows, *_ in parts for name in ids[rows]],
            "fill_before": [value for *_, before, _ in parts for value in before.tolist()],
            "told": [told for rows, _, _, told in parts for _ in rows],
        },
        schema={"time": TIME, "container": pl.String, "fill_before": pl.Float64, "told": pl.String},
    ).sort("time", "container")


def _judged(work: Work) -> pl.DataFrame:
    ids = np.array(work.levels.fleet.ids, object)
    parts = work.judged
    at = np.concatenate([when for _, _, when, _ in parts]) if parts else np.zeros(0)
    return pl.DataFrame(
        {
            "time": _stamps(at),
            "container": [name for rows, *_ in parts for name in ids[rows]],
            "fault": [Fault(one).name.lower() if one else None for _, kinds, _, _ in parts for one in kinds.tolist()],
            "value": [None if value != value else value for *_, shown in parts for value in shown.tolist()],
        },
        schema={"time": TIME, "container": pl.String, "fault": pl.String, "value": pl.Float64},
    ).sort("time", "container")


def _stamps(at: Floats) -> pl.Series:
    return pl.Series(np.rint(at * 1e6).astype(np.int64)).cast(TIME)


def _seconds(times: pl.Series) -> Floats:
    return np.asarray(times.dt.timestamp("us").cast(pl.Float64).to_numpy() / 1e6)


def _floats(column: pl.Series) -> Floats:
    return np.asarray(column.cast(pl.Float64).fill_null(np.nan).to_numpy(), float).copy()


def _rows_of(work: Work, names: pl.Series, known: Mapping[str, int]) -> Ints:
    """The containers' rows; -1 where a name is not known."""
    return np.asarray(names.replace_strict(dict(known), default=-1, return_dtype=pl.Int64).to_numpy())
