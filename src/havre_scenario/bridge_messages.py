"""What the bridges say of their openings: planned, revised, starting, in operation, ended, cancelled.

The status is seen from the road. Plans are made hours before from the pilotage plan and get better; the last one is
minutes wrong. Not every bridge tells everything: of some openings there is no plan, of some nothing at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from havre_scenario.chance import Chance
from havre_scenario.openings import Opening

MINUTE = 60.0
TELLS = {
    # bridge: share of its openings that are told whole, and of those without a plan; the rest is silence
    "bridge-rouge": (1.0, 0.0), "bridge-5": (0.97, 0.03), "bridge-6": (0.90, 0.05),
    "bridge-7": (0.97, 0.03), "bridge-7bis": (0.60, 0.05),
}  # fmt: skip
PLANS = (
    # minutes before the opening when it is told, and standard deviation of its error, in minutes
    ((110, 240), 9.0),
    ((48, 75), 3.5),
    ((22, 40), 1.6),
)
MOVED = 600.0
"""Seconds by which an opening has to be moved for the bridge to say so."""
SLIPS, SLIP = 0.03, (8.0, 30.0)
"""Share of the last plans that are wrong by more, and by how many minutes: the ship is not ready."""
UNTOLD = {"small craft": 0.5, "service": 0.2}
"""Share without a plan among the openings that no ship announced; of the others it comes some minutes before."""
LATE_NOTICE = (16.0, 35.0)
PHANTOMS = 0.04
"""Openings that were planned and cancelled, as a share of those that took place."""


@dataclass(frozen=True)
class Message:
    """Seconds after the start."""

    said_at: float
    bridge: str
    opening: str
    status: str
    starts_at: float
    ends_at: float
    movement: str


def messages(openings: Sequence[Opening], chance: Chance) -> list[Message]:
    """All messages, in the order in which they are said."""
    found = [message for one in openings for message in _of(one, chance)]
    for number, one in enumerate(openings, start=1):
        if one.movement is not None and chance.random() < PHANTOMS:
            found += _cancelled(one, f"o-c{number:05}", chance)
    return sorted(found, key=lambda one: (one.said_at, one.opening, one.status))


def _of(one: Opening, chance: Chance) -> Iterator[Message]:
    whole, without_plan = TELLS[one.bridge]
    tells = float(chance.random())
    if tells < whole:
        yield from _plans(one, chance)
    if tells < whole + without_plan:
        yield from _actual(one, chance)


def _plans(one: Opening, chance: Chance) -> Iterator[Message]:
    length = one.closed_at - one.opened_at
    if one.movement is None:
        if chance.random() >= UNTOLD[one.cause]:
            said, starts = one.opened_at - float(chance.uniform(*LATE_NOTICE)) * MINUTE, _about(one, 2.0, chance)
            yield _message(one, said, "planned", starts, starts + length)
        return
    moments = [one.opened_at - float(chance.uniform(*before)) * MINUTE for before, _ in PLANS]
    delay = one.movement.passage.left_at - one.movement.wished_at
    if delay > MOVED:
        # what the ship asked for, before it was moved out of a reserved slot or behind another ship
        asked = _about(one, PLANS[1][1], chance) - delay
        said = min(moments[0], asked - float(chance.uniform(60, 150)) * MINUTE)
        moments[0] = min(moments[0], said + float(chance.uniform(10, 40)) * MINUTE)
        yield _message(one, said, "planned", asked, asked + length)
    for said, (_, error) in zip(moments, PLANS, strict=True):
        slips = error == PLANS[-1][1] and chance.random() < SLIPS
        starts = _about(one, error, chance) - slips * float(chance.uniform(*SLIP)) * MINUTE
        starts = max(starts, said + 5 * MINUTE)
        yield _message(one, said, "planned", starts, starts + length + float(chance.normal(0, 1)) * MINUTE)


def _about(one: Opening, error: float, chance: Chance) -> float:
    return one.opened_at + float(chance.normal(0, error)) * MINUTE


def _actual(one: Opening, chance: Chance) -> Iterator[Message]:
    """The first warning light is about a minute before the barriers are down."""
    length = (one.closed_at - one.opened_at) * float(chance.uniform(0.9, 1.1))
    warned, down = one.opened_at - float(chance.uniform(40, 80)), one.opened_at + float(chance.uniform(0, 20))
    yield _message(one, warned, "starting", one.opened_at, one.opened_at + length)
    yield _message(one, down, "in_operation", one.opened_at, one.opened_at + length)
    yield _message(one, one.closed_at + float(chance.uniform(5, 40)), "ended", one.opened_at, one.closed_at)


def _cancelled(near: Opening, name: str, chance: Chance) -> Iterator[Message]:
    """A plan for a ship that then goes at another time: she has an opening of her own before or after."""
    starts = near.opened_at + float(chance.choice((-1, 1))) * float(chance.uniform(50, 180)) * MINUTE
    ends, movement = starts + (near.closed_at - near.opened_at), near.movement.name if near.movement else ""
    said = starts - float(chance.uniform(90, 200)) * MINUTE
    yield Message(said, near.bridge, name, "planned", starts, ends, movement)
    gone = starts - float(chance.uniform(12, 60)) * MINUTE
    yield Message(gone, near.bridge, name, "cancelled", starts, ends, movement)


def _message(one: Opening, said_at: float, status: str, starts_at: float, ends_at: float) -> Message:
    movement = one.movement.name if one.movement else ""
    return Message(said_at, one.bridge, one.name, status, starts_at, ends_at, movement)
