"""Who may be where and when: berths, locks, bridges, the entrance and the tide. The only state of the planning."""

import datetime
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from havre_scenario import slots, tide
from havre_scenario.chance import Chance
from havre_scenario.closures import Closure
from havre_scenario.passages import Passage
from havre_scenario.places import Berth, Places
from havre_scenario.plane import Point
from havre_scenario.ships import Ship
from havre_scenario.slots import Span

ENTRANCE_GAP = 900.0
"""Seconds between two ships in the entrance."""
BERTH_GAP = 1800.0
LOCK_GAP = 600.0
BRIDGE_GAP = 480.0
"""The road has the bridge for at least so long between two openings."""
PASSING = 120.0
"""Seconds around the moment at the bridge in which a ship must find it open."""
CHANNEL_DEPTH = 15.5
UNDER_KEEL = 1.1
"""Water needed, as a multiple of the draught."""


class Harbour:
    """Bookings by seconds after the start; those of one thing never overlap."""

    def __init__(
        self, port: Places, start: datetime.date, reserved: Sequence[Span], closures: tuple[Closure, ...],
        anchors: Mapping[str, Point],
    ) -> None:  # fmt: skip
        self.port, self.anchors = port, anchors
        self._start = start
        self._reserved = reserved
        self._closures = closures
        self._busy: defaultdict[str, list[Span]] = defaultdict(list)

    def free_berth(self, ship: Ship, start: float, end: float, chance: Chance, *, not_in: str = "") -> Berth | None:
        """A berth where the ship fits and that nobody has from ``start`` to ``end``: of any of its rows alike."""
        rows: defaultdict[str, list[Berth]] = defaultdict(list)
        for berth in self.port.berths.values():
            suits = berth.row in ship.kind.rows and berth.row != not_in and self._fits(ship, berth)
            if suits and self.is_free(berth.name, start - BERTH_GAP, end + BERTH_GAP):
                rows[berth.row].append(berth)
        if not rows:
            return None
        found = list(rows.values())[int(chance.integers(len(rows)))]
        return found[int(chance.integers(len(found)))]

    @staticmethod
    def _fits(ship: Ship, berth: Berth) -> bool:
        return ship.length + 20 <= berth.metres and ship.draught + 0.5 <= berth.depth

    def free_anchorage(self, start: float, end: float) -> str | None:
        return next((name for name in self.anchors if self.is_free(name, start, end)), None)

    def take(self, what: str, start: float, end: float) -> None:
        insort(self._busy[what], (start, end))

    def allows(self, passage: Passage, *, insists: bool = False) -> bool:
        """Whether entrance, lock, bridges and tide let this movement happen; one that ``insists`` breaks a slot."""
        return (
            all(self.is_free(what, start, end) for what, start, end in self._bookings(passage))
            and (insists or self.reserved(passage) is None)
            and self._is_deep(passage)
        )

    def reserved(self, passage: Passage) -> Span | None:
        """The reserved slot that this movement would break."""
        for bridge, start, end in self.openings(passage):
            if bridge in slots.BRIDGES and (slot := _overlapped(self._reserved, start, end)):
                return slot
        return None

    def openings(self, passage: Passage) -> list[tuple[str, float, float]]:
        """Bridge, begin and end of each opening that this movement needs: none where the road is closed anyway."""
        return [
            (bridge, at - passage.wish.open_before, at + passage.wish.open_after)
            for bridge, at in passage.bridges
            if not any(one.bridge == bridge and one.covers(at - PASSING, at + PASSING) for one in self._closures)
        ]

    def may_open(self, bridge: str, start: float, end: float) -> bool:
        """Whether neither a reserved slot nor a closure forbids this opening."""
        slot = _overlapped(self._reserved, start, end) if bridge in slots.BRIDGES else None
        return slot is None and not any(one.bridge == bridge and one.overlaps(start, end) for one in self._closures)

    def book(self, passage: Passage) -> None:
        for what, start, end in self._bookings(passage):
            insort(self._busy[what], (start, end))

    def is_free(self, what: str, start: float, end: float) -> bool:
        return _overlapped(self._busy[what], start, end) is None

    def _is_deep(self, passage: Passage) -> bool:
        """By the lowest tide while the ship is between the pilot boarding place and the end of the movement."""
        if passage.pilot_at is None or passage.ship.draught * UNDER_KEEL <= CHANNEL_DEPTH:
            return True
        inner = passage.ended_at if passage.movement == "arrival" else passage.left_at
        start, end = sorted((passage.pilot_at, inner))
        lowest = float(tide.level(self._start, np.arange(start, end + 600, 600)).min())
        return lowest + CHANNEL_DEPTH >= passage.ship.draught * UNDER_KEEL

    def _bookings(self, passage: Passage) -> list[tuple[str, float, float]]:
        found = [(bridge, start, end + BRIDGE_GAP) for bridge, start, end in self.openings(passage)]
        if passage.entrance_at is not None:
            found.append(("entrance", passage.entrance_at, passage.entrance_at + ENTRANCE_GAP))
        if passage.lock and passage.lock_in_at is not None and passage.lock_out_at is not None:
            found.append((passage.lock, passage.lock_in_at, passage.lock_out_at + LOCK_GAP))
        return found


def _overlapped(taken: Sequence[Span], start: float, end: float) -> Span | None:
    """The last of these spans, sorted and apart from each other, that has a part in common with the given one."""
    before = bisect_left(taken, (end, end))
    return taken[before - 1] if before and taken[before - 1][1] > start else None
