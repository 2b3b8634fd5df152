"""What a notification must say, and when (directive (EU) 2019/883, articles 6 and 9).

1. It is due from ships of 300 gross tonnage and more (those of directive 2002/59/EC), 24 hours before arrival; as soon
   as the port of call is known, where that is later; on leaving the port before, where the voyage is shorter. A ship
   with an exemption after article 9 need not notify. A late notification is taken, and called late.
2. What it says must agree with itself; what is only strange is a caution and stops nothing.

Not modelled: that fishing vessels, traditional ships and recreational craft under 45 metres are outside of directive
2002/59/EC whatever their tonnage; who may grant an exemption and on which evidence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from havre_waste.ships.model import Delivering, Notification, Waste
from havre_waste.ships.wrong import Wrong

LEAST_TONNAGE = 300
BEFORE = timedelta(hours=24)


@dataclass(frozen=True)
class Due:
    """``rule``: 24h, known or departure. ``late`` is zero when it came in time."""

    at: datetime
    rule: str
    late: timedelta


def is_required(gross_tonnage: int, *, exempted: bool = False) -> bool:
    """``exempted``: the ship has an exemption certificate after article 9 for this port."""
    return gross_tonnage >= LEAST_TONNAGE and not exempted


def due(of: Notification) -> Due:
    """By when it had to be there, and how late it was."""
    voyage = of.voyage
    at, rule = voyage.arrives_at - BEFORE, "24h"
    if voyage.port_known_at is not None and voyage.port_known_at > at:
        at, rule = voyage.port_known_at, "known"
    if voyage.left_last_port_at is not None and voyage.left_last_port_at > voyage.arrives_at - BEFORE:
        at, rule = max(at, voyage.left_last_port_at), "departure"
    return Due(at, rule, max(of.notified_at - at, timedelta(0)))


def contradictions(of: Notification) -> list[Wrong]:
    """What cannot be true together; empty when nothing is wrong."""
    return [*_times(of), *_together(of), *(wrong for at, one in enumerate(of.waste) for wrong in _line(of, at, one))]


def _times(of: Notification) -> Iterator[Wrong]:
    voyage = of.voyage
    if voyage.departs_at <= voyage.arrives_at:
        values = {"got": f"{voyage.departs_at:%Y-%m-%dT%H:%MZ}", "expected": f"{voyage.arrives_at:%Y-%m-%dT%H:%MZ}"}
        yield Wrong("voyage.departs_at", "departs_before", values)
    if voyage.last_delivery_date is not None and voyage.last_delivery_date > of.notified_at.date():
        yield Wrong("voyage.last_delivery_date", "delivered_later", {"got": voyage.last_delivery_date.isoformat()})


def _together(of: Notification) -> Iterator[Wrong]:
    seen: set[tuple[str, str]] = set()
    for at, one in enumerate(of.waste):
        name = one.kind.id, one.specified
        if name in seen:
            yield Wrong(f"waste[{at}].type", "twice", {"got": " ".join(name).strip()})
        seen.add(name)
    if of.voyage.delivering is Delivering.SOME:
        if not any(one.deliver_m3 for one in of.waste):
            yield Wrong("voyage.delivering", "some_but_none")
        elif not any(one.retained_m3 for one in of.waste):
            yield Wrong("voyage.delivering", "some_but_all")


def _line(of: Notification, at: int, one: Waste) -> Iterator[Wrong]:
    kept, given = {"got": f"{one.retained_m3:g}"}, {"got": f"{one.deliver_m3:g}"}
    if one.retained_m3 > one.capacity_m3:
        yield Wrong(f"waste[{at}].retained_m3", "over_capacity", {**kept, "expected": f"{one.capacity_m3:g}"})
    if of.voyage.delivering is Delivering.ALL and one.retained_m3:
        yield Wrong(f"waste[{at}].retained_m3", "all_but_retained", kept)
    if of.voyage.delivering is Delivering.NONE and one.deliver_m3:
        yield Wrong(f"waste[{at}].deliver_m3", "none_but_delivered", given)
    if one.retained_m3 and one.remaining_port is None:
        yield Wrong(f"waste[{at}].remaining_port", "remaining_port", kept)


def cautions(of: Notification) -> list[str]:
    """Keys of what is strange: ``late``; ``small``, no notification is required; ``empty``; ``over:<type>``, more is on
    board than the storage dedicated to it holds (for garbage the port may then charge, article 8(2)(c))."""
    found = ["late"] if due(of).late else []
    found += [] if is_required(of.ship.gross_tonnage) else ["small"]
    found += [f"over:{one.kind.id}" for one in of.waste if one.on_board_m3 > one.capacity_m3]
    return found if any(one.on_board_m3 for one in of.waste) else [*found, "empty"]
