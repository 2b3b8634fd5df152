"""Port calls as they come: visits of the last days, laid to those that were found before, and told once.

Rules that hold here:

1. Only the positions of ``WINDOW`` are looked at. A visit that has been going on since before goes on.
2. What is told has the time at which it can be known, which follows from the positions alone: an arrival when the ship
   has stayed, a departure when she can no more be said to have come back. So it is the same after a new start.
3. What turns out late, when later things were told already, is told behind them; after ``LATE`` no more.
4. Nothing is changed that was told. When a stay turns out to be at another berth, that is told again, and the last one
   stands.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import polars as pl

from havre_mobility.calls import sequence, timestamps
from havre_mobility.calls.areas import Grid
from havre_mobility.calls.cleaning import clean
from havre_mobility.calls.cleaning import particulars as known_of
from havre_mobility.calls.detection import LEVELS, VISITS, visits
from havre_mobility.calls.sequence import Call, Stay
from havre_mobility.calls.services import Classifier, Event
from havre_mobility.eta import samples
from havre_mobility.live.ships import EVERYWHERE

FIRST, WINDOW = timedelta(days=10), timedelta(days=2)
"""How far back is looked the first time, and after that."""
SETTLED = timedelta(minutes=4)
"""A moored ship reports every 3 minutes: what can be known so long after is known."""
LATE = timedelta(hours=24)
ISSUER = "mobility"
"""Who says what was seen: this service."""
DWELL = {kind: timedelta(seconds=level.dwell) for kind, level in LEVELS.items()}
PAUSE = {kind: timedelta(seconds=level.pause) for kind, level in LEVELS.items()}
AT_SEA = PAUSE["anchorage"]
"""How long a ship has to be out of the approaches and the anchorage before she is said to be at sea."""
Row = dict[str, Any]
Told = tuple[Hashable, datetime, Row]
"""What it is, when it can be known, and the row."""


@dataclass(frozen=True)
class Seen:
    """What positions tell, all that can be known by ``until``.

    ``steps``: of ``WINDOW``, see ``samples.steps``; ``known``: one row a ship.
    """

    until: datetime
    visits: pl.DataFrame
    calls: tuple[Call, ...]
    steps: pl.DataFrame
    known: pl.DataFrame


def look(positions: pl.DataFrame, particulars: pl.DataFrame, grid: Grid, before: Seen | None, now: datetime) -> Seen:
    """``positions`` and ``particulars`` as the intake keeps them; ``before``: what was seen the last time."""
    since = now - (FIRST if before is None else WINDOW)
    sound, _ = clean(positions.filter(pl.col("time").is_between(since, now)), EVERYWHERE)
    known = known_of(particulars)
    found = visits(sound, grid, known)
    if before is not None:
        found = continued(before.visits, found, since).filter(pl.col("left_at") >= now - FIRST)
    newest = sound["time"].max()
    until = (newest if isinstance(newest, datetime) else since) - SETTLED
    calls = sequence.calls(found, without=sequence.service(known))
    recent = sound.filter(pl.col("time") >= now - WINDOW)
    return Seen(until, found, tuple(calls), samples.steps(recent), known)


def continued(before: pl.DataFrame, found: pl.DataFrame, since: datetime) -> pl.DataFrame:
    """The visits that were over before ``since`` and those that were found from then on (both ``VISITS``).

    A visit that began with the first report of all may be the rest of one that was found before: it has its beginning.
    """
    over = before.filter(pl.col("left_at") < since)
    begun = before.filter((pl.col("entered_at") < since) & (pl.col("left_at") >= since))
    earlier = begun.unique(["mmsi", "kind"], keep="last", maintain_order=True)
    joined = found.join(earlier, on=["mmsi", "kind"], how="left", maintain_order="left", suffix="_before")
    goes_on = ~pl.col("entered") & (pl.col("entered_at") <= pl.col("left_at_before")).fill_null(False)
    same = ("track", "area", "entered_at", "entered")
    rest = joined.with_columns(
        *(pl.when(goes_on).then(f"{name}_before").otherwise(name).alias(name) for name in same),
        silence=pl.when(goes_on).then(pl.max_horizontal("silence", "silence_before")).otherwise("silence"),
    )
    return pl.concat([over, rest.select(VISITS.keys())]).sort("mmsi", "track", "entered_at", maintain_order=True)


def of_calls(seen: Seen) -> Iterator[Told]:
    """The rows of ``port-calls``: a stay at a berth that has begun, one that is over, a ship that is at sea again."""
    names = dict(seen.known.select("mmsi", "name").iter_rows())
    for call in seen.calls:
        for stay in call.berths:
            arrived = stay.entered_at if stay.entered else None
            if stay.entered:
                yield _stay(call, stay, names, "arrived", stay.entered_at + DWELL["berth"], arrived_at=arrived)
            if stay.left:
                known_at = stay.left_at + PAUSE["berth"]
                yield _stay(call, stay, names, "left", known_at, arrived_at=arrived, left_at=stay.left_at)
        gone = gone_at(call)
        if gone is not None:
            last = call.berths[-1]
            arrived = last.entered_at if last.entered else None
            yield _stay(
                call, last, names, "gone", gone + AT_SEA, arrived_at=arrived, left_at=last.left_at, gone_at=gone
            )


def gone_at(call: Call) -> datetime | None:
    """When she first left an approach or an anchorage after her last berth; None while she has not."""
    if not call.berths or not call.berths[-1].left:
        return None
    left = [stay.left_at for stay in call.stays if stay.kind in ("approach", "anchorage") and stay.left]
    return min((at for at in left if at >= call.berths[-1].left_at), default=None)


def _stay(
    call: Call, stay: Stay, names: Mapping[int, str | None], state: str, known_at: datetime, **times: datetime | None
) -> Told:
    sure = sequence.confidence(entry=call.entered_at is not None, exit=state == "gone", stopped=True)
    row = {
        "said_at": known_at, "call": timestamps.key(call), "mmsi": call.mmsi, "name": names.get(call.mmsi),
        "state": state, "berth": stay.area, "entered_at": call.entered_at, "arrived_at": None, "left_at": None,
        "gone_at": None, "confidence": sure, **times,
    }  # fmt: skip
    return (state, call.mmsi, stay.area, times["arrived_at"], times.get("left_at")), known_at, row


def of_events(seen: Seen) -> Iterator[Told]:
    """The rows of ``port-call-timestamps`` that were seen; of ships that stopped, from then on."""
    for call in seen.calls:
        stops = [stay.entered_at + DWELL[stay.kind] for stay in call.stays if stay.kind in ("anchorage", "berth")]
        if not stops:
            continue
        for one in timestamps.of_call(replace(call, left_at=gone_at(call)), ISSUER):
            known_at = max(one.at + _settles(one), min(stops))
            said = row(replace(one, said_at=known_at), None, known_at)
            yield (one.mmsi, one.service, one.event, one.place, one.at), known_at, said


def _settles(one: timestamps.Timestamp) -> timedelta:
    kind = {"BERTH": "berth", "ANCHORAGE": "anchorage"}.get(one.service)
    if kind is None:
        return AT_SEA
    return (DWELL if one.event in (Event.ARRIVED, Event.STARTED) else PAUSE)[kind]


def of_announcements(
    movements: pl.DataFrame, calls: Sequence[Call], since: datetime, until: datetime
) -> Iterator[Told]:
    """The rows of ``port-call-timestamps`` that parties said; what is no point or classifier of ours is left out."""
    told = movements.filter(
        pl.col("said_at").is_between(since, until),
        pl.col("point").is_in(list(timestamps.POINTS)),
        pl.col("classifier").is_in([one.value for one in Classifier]),
        pl.all_horizontal(pl.col("movement", "mmsi", "value_at").is_not_null()),
    ).with_columns(pl.col("berth", "issuer").fill_null(""))
    said = list(timestamps.of_announcements(told.sort("said_at").iter_rows(named=True)))
    for one, about in zip(said, timestamps.linked(said, calls), strict=True):
        what = (one.call, one.said_at, one.service, one.classifier, one.issuer, one.at, one.place)
        yield what, one.said_at, row(about, one.call, one.said_at)


def row(one: timestamps.Timestamp, movement: str | None, told_at: datetime) -> Row:
    """Of ``port-call-timestamps``."""
    plain = {name: value.value if isinstance(value, StrEnum) else value for name, value in asdict(one).items()}
    return {**plain, "movement": movement, "told_at": told_at}


@dataclass
class Once:
    """What was told, so that it is not told again. Rows are in order of the column ``time``, over all sources."""

    time: str
    _told: dict[Hashable, datetime] = field(default_factory=dict)
    _until: dict[str, datetime] = field(default_factory=dict)
    _last: datetime | None = None

    def begun(self, source: str) -> bool:
        """Whether rows of it have been told."""
        return source in self._until

    def new(self, source: str, found: Iterable[Told], until: datetime) -> list[Row]:
        """Those that can be known by ``until`` and were not told yet.

        The first time those of a source keep their times, as what was told before the start is known by them; after
        that they come behind all that was told.
        """
        before = self._until.get(source)
        rows = []
        for what, known_at, row in sorted(found, key=lambda one: one[1]):
            if known_at > until or (source, what) in self._told or (before and known_at < before - LATE):
                continue
            self._told[source, what] = known_at
            behind = known_at if before is None or self._last is None else self._last + timedelta.resolution
            told_at = max(known_at, behind)
            self._last = max(told_at, self._last or told_at)
            rows.append({**row, self.time: told_at})
        self._until[source] = until
        oldest = min(self._until.values()) - LATE
        self._told = {what: known_at for what, known_at in self._told.items() if known_at >= oldest}
        return rows
