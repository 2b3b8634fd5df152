"""All connections of some hours, with what real time and forecasts of openings say of them: a snapshot for queries.

A connection is one vehicle from one stop to the next (Dibbelt, Pajor, Strasser, Wagner: Connection Scan Algorithm,
2018, section 3). Rules that hold here:

1. A run is one trip on one service day. What real time says of a stop holds for those after it, until it says more.
2. A run that comes to a bridge while it may be closed waits what is expected, or the P90; it keeps that delay. A wait
   of more than ``LONGEST_WAIT`` nobody sits out: the run ends before the bridge.
3. Times never fall along a run.
4. A snapshot is never changed: with the next message comes the next one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

import numpy as np

from havre_mobility.people.crossings import Crossing
from havre_mobility.people.openings import Opening, Wait, by_bridge, wait
from havre_mobility.people.realtime import Match, StopUpdate, day_start, located
from havre_mobility.people.timetable import Flags, Ints, Timetable
from havre_mobility.people.walking import Footpaths

LONGEST_WAIT = 3600.0
Connection = tuple[int, int, int, int, int, int]
"""Departure and arrival in seconds since 1970, from stop, to stop, run, event that it departs from."""


class Risk(Enum):
    """Which wait at a bridge is planned with."""

    EXPECTED = "expected"
    P90 = "p90"

    def seconds(self, met: Wait) -> float:
        return met.expected if self is Risk.EXPECTED else met.late


@dataclass(frozen=True, eq=False)
class Network:
    """Events are the stop times of all runs, one run after the other. Where one may not board or alight, the connection
    has a stop that is none in its place: the number of stops, or one more."""

    timetable: Timetable
    footpaths: Footpaths
    risk: Risk
    connections: list[Connection] = field(repr=False)
    departures: list[int] = field(repr=False)
    run_trip: Ints = field(repr=False)
    run_first: Ints = field(repr=False)
    """The first event of each run, and one more."""
    live: Flags = field(repr=False)
    """By run: whether real time has said something of it."""
    call: Ints = field(repr=False)
    """By event: the stop time in the timetable."""
    scheduled_arrival: Ints = field(repr=False)
    scheduled_departure: Ints = field(repr=False)
    arrival: Ints = field(repr=False)
    departure: Ints = field(repr=False)
    waits: Mapping[int, tuple[Wait, ...]] = field(repr=False)
    """By the event before the bridge."""


@dataclass(frozen=True)
class _Runs:
    trip: Ints
    day: Ints
    """As ``date.toordinal``."""
    start: Ints
    """Seconds since 1970 that the run's stop times count from."""


def network(
    timetable: Timetable,
    footpaths: Footpaths,
    starts: datetime,
    ends: datetime,
    *,
    matches: Iterable[Match] = (),
    openings: Iterable[Opening] = (),
    crossings: Mapping[int, Sequence[Crossing]] | None = None,
    risk: Risk = Risk.EXPECTED,
    on_demand: bool = False,
) -> Network:
    """The connections that depart from ``starts`` until ``ends``; trips that one must book only if ``on_demand``."""
    draft = _Draft(timetable, _runs(timetable, starts, ends), on_demand)
    draft.follow(matches)
    draft.wait(by_bridge(openings), crossings or {}, risk)
    connections = _connections(draft, int(starts.timestamp()), int(ends.timestamp()))
    return Network(
        timetable=timetable,
        footpaths=footpaths,
        risk=risk,
        connections=connections,
        departures=[one[0] for one in connections],
        run_trip=draft.runs.trip,
        run_first=draft.first,
        live=draft.live,
        call=draft.call,
        scheduled_arrival=draft.scheduled_arrival,
        scheduled_departure=draft.scheduled_departure,
        arrival=draft.arrival,
        departure=draft.departure,
        waits=draft.waits,
    )


def _runs(timetable: Timetable, starts: datetime, ends: datetime) -> _Runs:
    """Runs of all service days of which something may lie in the time, an hour of delay included."""
    zone = ZoneInfo(timetable.timezone)
    before = timedelta(seconds=int(timetable.departure.max(initial=0))) + timedelta(hours=1)
    day, last = (starts - before).astimezone(zone).date(), ends.astimezone(zone).date()
    begin, leave = timetable.first[:-1], timetable.departure
    filled = np.flatnonzero(np.diff(timetable.first) > 1)
    leaves = np.zeros(len(timetable.trip_ids), np.int64)
    comes = leaves.copy()
    leaves[filled], comes[filled] = leave[begin[filled]], timetable.arrival[timetable.first[filled + 1] - 1]
    repeated = {one.trip for one in timetable.frequencies}
    single = filled[~np.isin(filled, list(repeated))]
    found: list[tuple[Ints, Ints, Ints]] = []
    while day <= last:
        start, runs = day_start(day, timetable.timezone), timetable.services.on(day)[timetable.trip_service]
        today = single[runs[single]]
        inside = (start + leaves[today] < ends.timestamp()) & (start + comes[today] > starts.timestamp() - 3600)
        today = today[inside]
        found.append((today, np.full(len(today), day.toordinal()), np.full(len(today), start)))
        for one in timetable.frequencies:
            if runs[one.trip]:
                shifts = np.arange(one.starts, one.ends, one.headway) - leaves[one.trip] + start
                found.append((np.full(len(shifts), one.trip), np.full(len(shifts), day.toordinal()), shifts))
        day += timedelta(days=1)
    return _Runs(*(np.concatenate(parts).astype(np.int64) for parts in zip(*found, strict=True)))


class _Draft:
    """Times of a snapshot while it is made."""

    def __init__(self, timetable: Timetable, runs: _Runs, on_demand: bool) -> None:
        self.timetable, self.runs = timetable, runs
        counts = timetable.first[runs.trip + 1] - timetable.first[runs.trip]
        self.first = np.concatenate(([0], np.cumsum(counts)))
        self.call = np.arange(self.first[-1]) + np.repeat(timetable.first[runs.trip] - self.first[:-1], counts)
        self.scheduled_arrival = timetable.arrival[self.call] + np.repeat(runs.start, counts)
        self.scheduled_departure = timetable.departure[self.call] + np.repeat(runs.start, counts)
        self.arrival, self.departure = self.scheduled_arrival.copy(), self.scheduled_departure.copy()
        self.served = np.ones(len(self.call), bool) if on_demand else ~timetable.on_demand[self.call]
        self.live = np.zeros(len(runs.trip), bool)
        self.broken = np.zeros(len(self.call), bool)
        """By event: no vehicle goes on from there."""
        self.waits: dict[int, tuple[Wait, ...]] = {}

    def follow(self, matches: Iterable[Match]) -> None:
        """Rule 1."""
        runs: dict[tuple[int, int], list[int]] = {}
        for run, key in enumerate(zip(self.runs.trip.tolist(), self.runs.day.tolist(), strict=True)):
            runs.setdefault(key, []).append(run)
        for one in matches:
            several = runs.get((one.trip, one.day.toordinal()), [])
            meant = several if len(several) == 1 else self._leaving(several, one)
            if len(meant) == 1:
                self._follow(meant[0], one)

    def _leaving(self, runs: Sequence[int], one: Match) -> list[int]:
        """Of several runs of a trip by frequency, the one that leaves when the update says."""
        leaves = day_start(one.day, self.timetable.timezone) + (one.update.start_time or 0)
        return [run for run in runs if self.scheduled_departure[self.first[run]] == leaves]

    def _follow(self, run: int, one: Match) -> None:
        begin, end = int(self.first[run]), int(self.first[run + 1])
        self.live[run] = True
        if one.update.cancelled:
            self.broken[begin:end] = True
            return
        for place, stop in located(self.timetable, one.trip, one.update.stops):
            if stop.skipped:
                self.served[begin + place] = False
            else:
                self._take(begin + place, end, stop)
        both = np.column_stack([self.arrival[begin:end], self.departure[begin:end]]).ravel()
        both = np.maximum.accumulate(both)
        self.arrival[begin:end], self.departure[begin:end] = both[::2], both[1::2]

    def _take(self, event: int, end: int, stop: StopUpdate) -> None:
        """What is said of one stop; the events after it, up to ``end``, are as late as its departure."""
        comes = _said(stop.arrival, stop.arrival_late, self.scheduled_arrival[event])
        leaves = _said(stop.departure, stop.departure_late, self.scheduled_departure[event])
        if comes is None and leaves is None:
            return
        arrival, departure = int(self.arrival[event]), int(self.departure[event])
        if comes is None:
            comes = arrival if leaves is None else min(arrival, leaves)
        leaves = max(comes + departure - arrival if leaves is None else leaves, comes)
        self.arrival[event:end] += leaves - departure
        self.departure[event:end] += leaves - departure
        self.arrival[event] = comes

    def wait(
        self, openings: Mapping[str, Sequence[Opening]], crossings: Mapping[int, Sequence[Crossing]], risk: Risk
    ) -> None:
        """Rule 2."""
        if not openings:
            return
        for run, trip in enumerate(self.runs.trip.tolist()):
            for one in crossings.get(trip, ()):
                if one.bridge in openings:
                    self._wait(run, one, openings[one.bridge], risk)

    def _wait(self, run: int, crossing: Crossing, openings: Sequence[Opening], risk: Risk) -> None:
        event, end = int(self.first[run]) + crossing.after, int(self.first[run + 1])
        way = int(self.arrival[event + 1] - self.departure[event])
        met = wait(crossing.bridge, openings, int(self.departure[event]) + round(way * crossing.share))
        if met.probability == 0:
            return
        self.waits[event] = (*self.waits.get(event, ()), met)
        seconds = round(risk.seconds(met))
        if seconds > LONGEST_WAIT:
            self.broken[event:end] = True
            return
        self.arrival[event + 1 : end] += seconds
        self.departure[event + 1 : end] += seconds


def _said(time: int | None, late: int | None, scheduled: np.int64) -> int | None:
    if time is not None:
        return time
    return None if late is None else int(scheduled) + late


def _connections(draft: _Draft, starts: int, ends: int) -> list[Connection]:
    timetable = draft.timetable
    stop, nowhere = timetable.stop[draft.call], len(timetable.stop_ids)
    from_stop = np.where(timetable.boarding[draft.call] & draft.served, stop, nowhere)
    to_stop = np.where(timetable.alighting[draft.call] & draft.served, stop, nowhere + 1)
    run = np.repeat(np.arange(len(draft.runs.trip)), np.diff(draft.first))
    goes_on = ~draft.broken & (draft.departure >= starts) & (draft.departure < ends)
    goes_on[draft.first[1:] - 1] = False
    event = np.flatnonzero(goes_on)
    event = event[np.argsort(draft.departure[event], kind="stable")]
    columns = (
        draft.departure[event],
        draft.arrival[event + 1],
        from_stop[event],
        to_stop[event + 1],
        run[event],
        event,
    )
    return list(zip(*(column.tolist() for column in columns), strict=True))
