"""Port calls: the visits of a ship in sequence, approach → anchorage? → lock? → berth (→ shift) → departure.

Rules:

1. Two stays belong to one call unless the ship was at sea between them: she left an approach and entered one again,
   or was in no area for longer than ``AT_SEA``.
2. Confidence is Global Fishing Watch's for port visits (pipe-anchorages, ``compute_confidence``): 4 = entry, exit, and
   a stop or a gap; 3 = a stop or a gap, and one of the two; 2 = only a stop or a gap; 1 = only entry or exit. Entry and
   exit are rims of an approach or an anchorage that the ship was seen to cross: one that lay in port when the log
   began has not entered.
3. A gap is a silence of more than ``GAP`` (theirs too), within a stay.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import polars as pl

AT_SEA = timedelta(hours=8)
GAP = timedelta(hours=4)
SERVICE = frozenset({30, 31, 32, 33, 34, 36, 37, 50, 51, 52, 53, 54, 55})
"""Ships that lie in a port and do not call at it: fishing, towing, dredging, diving, sailing, pleasure; pilot, search
and rescue, tug, tender, anti-pollution, law enforcement (ITU-R M.1371-5, table 53)."""


@dataclass(frozen=True)
class Stay:
    """One visit of an area; ``entered``, ``left``: the crossing was seen, else the time is that of the log's edge."""

    kind: str
    area: str
    entered_at: datetime
    left_at: datetime
    entered: bool
    left: bool
    silence: timedelta


@dataclass(frozen=True)
class Call:
    """``stays`` in order of time, approaches too. ``entered_at`` and ``left_at`` are None where not seen."""

    mmsi: int
    track: int
    stays: tuple[Stay, ...]
    entered_at: datetime | None
    left_at: datetime | None
    confidence: int

    @property
    def berths(self) -> tuple[Stay, ...]:
        return tuple(stay for stay in self.stays if stay.kind == "berth")

    @property
    def shifts(self) -> tuple[tuple[Stay, Stay], ...]:
        """From which berth to which."""
        return tuple(zip(self.berths, self.berths[1:], strict=False))


def calls(visits: pl.DataFrame, *, without: Iterable[int] = ()) -> list[Call]:
    """The calls in ``visits`` (as ``detection.visits`` gives them), by ship, track and time.

    ``without``: the numbers of ships that do not call, see ``service``. A passage of the approach alone is one of
    confidence 1.
    """
    left_out = frozenset(without)
    rows = (row for row in visits.iter_rows(named=True) if row["mmsi"] not in left_out)
    return [
        call
        for (mmsi, track), ship in groupby(rows, key=lambda row: (row["mmsi"], row["track"]))
        for call in _of_ship(mmsi, track, [_stay(row) for row in ship])
    ]


def service(particulars: pl.DataFrame) -> frozenset[int]:
    """The numbers of ships that say that they are of a kind that does not call (mmsi, ship_type)."""
    return frozenset(particulars.filter(pl.col("ship_type").is_in(list(SERVICE)))["mmsi"].to_list())


def confidence(*, entry: bool, exit: bool, stopped: bool) -> int:
    """``stopped``: a stop or a gap. ``ValueError`` when there is nothing at all."""
    if not (entry or exit or stopped):
        raise ValueError("a call has an entry, an exit, a stop or a gap")
    return 2 + entry + exit if stopped else 1


def _stay(row: dict[str, Any]) -> Stay:
    return Stay(**{name: row[name] for name in Stay.__dataclass_fields__})


def _of_ship(mmsi: int, track: int, visits: Sequence[Stay]) -> Iterator[Call]:
    begun: list[Stay] = []
    for visit in visits:
        if begun and _at_sea(begun, visit):
            yield from _called(mmsi, track, begun)
            begun = []
        begun.append(visit)
    yield from _called(mmsi, track, begun)


def _at_sea(before: Sequence[Stay], visit: Stay) -> bool:
    """Whether the ship was at sea between what was before and this visit, as rule 1 says."""
    if visit.entered_at - max(stay.left_at for stay in before) > AT_SEA:
        return True
    if visit.kind != "approach":
        return False
    stopped = [stay for stay in before if stay.kind in ("lock", "berth")]
    return bool(stopped) and any(
        stay.kind == "approach" and stopped[-1].left_at <= stay.left_at <= visit.entered_at for stay in before
    )


def _called(mmsi: int, track: int, stays: Sequence[Stay]) -> Iterator[Call]:
    """The call of these stays; none of a ship that was in the approach before and after the log."""
    stops = [stay for stay in stays if stay.kind == "berth"] or [stay for stay in stays if stay.kind == "anchorage"]
    first, last = (stops[0], stops[-1]) if stops else (stays[-1], stays[0])
    crossed = [stay for stay in stays if stay.kind in ("approach", "anchorage")]
    entries = [stay.entered_at for stay in crossed if stay.entered and stay.entered_at <= first.entered_at]
    exits = [stay.left_at for stay in crossed if stay.left and stay.left_at >= last.left_at]
    stopped = any(stay.kind in ("anchorage", "berth") or stay.silence > GAP for stay in stays)
    if stopped or entries or exits:
        entered_at, left_at = min(entries, default=None), max(exits, default=None)
        sure = confidence(entry=bool(entries), exit=bool(exits), stopped=stopped)
        yield Call(mmsi, track, tuple(stays), entered_at, left_at, sure)
