"""The next hour as marks on a row, for drawings. Pure; ``x`` and ``width`` in minutes from now, within 0 to 60."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from havre_mobility.picture.model import BIN, Bridge, Gate, Line, Opening, Place, Ship, Slot

HOUR = 60.0
LONG_WAIT = 60.0
"""Minutes at which the bar of a gate is full."""
WORTH = 0.05
"""A likelihood below this is not drawn."""


@dataclass(frozen=True)
class Mark:
    """``kind`` is reserved, likely, closed, tail, wait, hit or ship; ``strength`` from 0 to 1."""

    kind: str
    x: float
    width: float
    strength: float = 1.0


def bridge_marks(bridge: Bridge, now: datetime, zone: ZoneInfo) -> list[Mark]:
    """Reserved slots, the likelihood of each five minutes, and the opening with the tail it may have."""
    opening = list(_opening(bridge.opening, now)) if bridge.opening else []
    likely = [one for one in _likely(bridge.likelihood) if not any(_overlap(one, other) for other in opening)]
    return [*_reserved(bridge.reserved, now, zone), *likely, *opening]


def _overlap(one: Mark, other: Mark) -> bool:
    return one.x < other.x + other.width and other.x < one.x + one.width


def _reserved(slots: tuple[Slot, ...], now: datetime, zone: ZoneInfo) -> Iterator[Mark]:
    today = now.astimezone(zone).date()
    for slot in slots:
        starts, ends = (datetime.combine(today, at, zone) for at in (slot.starts, slot.ends))
        yield from _span("reserved", starts, ends, now)


def _likely(likelihood: tuple[float, ...]) -> Iterator[Mark]:
    width = BIN / timedelta(minutes=1)
    for place, share in enumerate(likelihood):
        if share >= WORTH:
            yield Mark("likely", place * width, width, share)


def _opening(opening: Opening, now: datetime) -> Iterator[Mark]:
    yield from _span("closed", opening.begins.p50, opening.ends.p50, now)
    yield from _span("tail", max(opening.ends.p50, now), opening.ends.p90, now)


def gate_marks(gate: Gate, now: datetime) -> list[Mark]:
    """The wait of who arrives then, as far as the next one."""
    ends = [*(wait.at for wait in gate.waits[1:]), now + timedelta(hours=1)]
    return [
        mark
        for wait, end in zip(gate.waits, ends, strict=False)
        for mark in _span("wait", wait.at, end, now, min(wait.p50 / LONG_WAIT, 1.0))
    ]


def line_marks(line: Line, now: datetime) -> list[Mark]:
    return list(_span("hit", line.begins, line.ends or now + timedelta(hours=1), now))


def ship_marks(ships: tuple[Ship, ...], bridge: Bridge, now: datetime) -> list[Mark]:
    """Where ships reach this bridge."""
    nexts = [ship.next for ship in ships if ship.next and ship.next.place is Place.BRIDGE]
    times = [_minutes(one.at.p50, now) for one in nexts if one.name == bridge.name]
    return [Mark("ship", time, 0.0) for time in times if 0 <= time <= HOUR]


def _span(kind: str, starts: datetime, ends: datetime, now: datetime, strength: float = 1.0) -> Iterator[Mark]:
    x, end = (round(min(max(_minutes(at, now), 0.0), HOUR), 2) for at in (starts, ends))
    if end > x:
        yield Mark(kind, x, round(end - x, 2), strength)


def _minutes(at: datetime, now: datetime) -> float:
    return (at - now).total_seconds() / 60
