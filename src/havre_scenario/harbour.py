"""Who may be where and when: berths, locks, the entrance and the tide. The only state of the planning."""

import datetime
from collections import defaultdict

import numpy as np

from havre_scenario import tide
from havre_scenario.chance import Chance
from havre_scenario.passages import Passage
from havre_scenario.places import Berth, Places
from havre_scenario.ships import Ship

ENTRANCE_GAP = 900.0
"""Seconds between two ships in the entrance."""
BERTH_GAP = 1800.0
LOCK_GAP = 600.0
CHANNEL_DEPTH = 15.5
UNDER_KEEL = 1.1
"""Water needed, as a multiple of the draught."""


class Harbour:
    """Bookings of one day, by seconds after midnight."""

    def __init__(self, port: Places, day: datetime.date) -> None:
        self.port = port
        self._day = day
        self._busy: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)

    def free_berth(self, ship: Ship, start: float, end: float, chance: Chance, *, not_in: str = "") -> Berth | None:
        """A berth where the ship fits and that nobody has from ``start`` to ``end``."""
        rows = [row for row in ship.kind.rows if row != not_in]
        fits = [
            berth
            for berth in self.port.berths.values()
            if berth.row in rows and ship.length + 20 <= berth.metres and ship.draught + 0.5 <= berth.depth
            if self._is_free(berth.name, start - BERTH_GAP, end + BERTH_GAP)
        ]
        return fits[int(chance.integers(len(fits)))] if fits else None

    def take(self, berth: Berth, start: float, end: float) -> None:
        self._busy[berth.name].append((start, end))

    def allows(self, passage: Passage) -> bool:
        """Whether the entrance, the lock and the tide let this movement happen."""
        return (
            all(self._is_free(what, start, end) for what, start, end in _bookings(passage))
            and (self._lowest(passage) + CHANNEL_DEPTH) >= passage.ship.draught * UNDER_KEEL
        )

    def book(self, passage: Passage) -> None:
        for what, start, end in _bookings(passage):
            self._busy[what].append((start, end))

    def _is_free(self, what: str, start: float, end: float) -> bool:
        return all(end <= taken_from or start >= taken_until for taken_from, taken_until in self._busy[what])

    def _lowest(self, passage: Passage) -> float:
        """The lowest tide while the ship is between the pilot boarding place and the end of the movement."""
        if passage.pilot_at is None:
            return float("inf")
        inner = passage.ended_at if passage.movement == "arrival" else passage.left_at
        start, end = sorted((passage.pilot_at, inner))
        return float(tide.level(self._day, np.arange(start, end + 600, 600)).min())


def _bookings(passage: Passage) -> list[tuple[str, float, float]]:
    found = []
    if passage.entrance_at is not None:
        found.append(("entrance", passage.entrance_at, passage.entrance_at + ENTRANCE_GAP))
    if passage.lock and passage.lock_in_at is not None and passage.lock_out_at is not None:
        found.append((passage.lock, passage.lock_in_at, passage.lock_out_at + LOCK_GAP))
    return found
