"""What is announced of the movements: agents' estimates, requests, the pilotage plan, and what took place.

Agents are wrong as real ones are: each with a habit of its own (most are early), more so far ahead, now and then by
many hours. They speak of the roads: that a ship will have to wait at anchor only the port's plan says. The last
announcements of the pilotage plan are right to some minutes. When something is said follows from what is believed
then, not from what will be true: the moment of a message tells nothing that is not in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from havre_scenario.calls import Movement
from havre_scenario.chance import Chance

HOUR, MINUTE = 3600.0, 60.0
AGENTS = 12
HABIT, HABIT_SPREAD = -0.035, 0.05
"""Hours by which an agent's estimate is early for each hour ahead, over the agents."""
SAYS_HOURS = (72, 48, 36, 24, 18, 12, 9, 6, 4, 2.5)
SKIPS = 0.25
BELIEF = 2.0
"""Spread of what is believed before anything is said, in hours."""
SPREAD = 0.06
"""Hours of error for each hour ahead, with a quarter of an hour at the end; Student's t with 3 degrees of freedom."""
PLANS = (
    # hours before when the port plans, and standard deviation of its error in hours
    (24.0, 2.0),
    (8.0, 0.8),
    (3.0, 0.25),
    (0.75, 0.07),
)
SLIPS = 0.04
"""Share of the last plans that are half an hour wrong or more."""
OTHER_BERTH = 0.12
"""Share of the calls that are announced for another berth than the one they get, until a day before."""


@dataclass(frozen=True)
class Announcement:
    """Seconds after the start."""

    said_at: float
    movement: Movement
    point: str
    berth: str
    classifier: str
    value_at: float
    issuer: str


def announcements(movements: Sequence[Movement], berths: Sequence[str], chance: Chance) -> list[Announcement]:
    """All of them, in the order in which they are said."""
    habits = chance.normal(HABIT, HABIT_SPREAD, AGENTS)
    found: list[Announcement] = []
    for one in movements:
        habit = float(habits[one.ship.mmsi % AGENTS])
        found += _arrival(one, habit, berths, chance) if one.kind == "arrival" else _leaving(one, chance)
    return sorted(found, key=lambda each: (each.said_at, each.movement.name, each.point, each.classifier))


def _arrival(one: Movement, habit: float, berths: Sequence[str], chance: Chance) -> Iterator[Announcement]:
    roads, pilot, berthed = one.roads_at, one.passage.pilot_at, one.passage.ended_at
    assert roads is not None and pilot is not None
    row = one.berth.split("-")[0]
    others = [name for name in berths if name.split("-")[0] == row and name != one.berth]
    early_berth = str(chance.choice(others)) if others and chance.random() < OTHER_BERTH else one.berth
    inner = berthed - pilot
    believed = roads + BELIEF * float(chance.standard_t(3)) * HOUR
    for hours in SAYS_HOURS:
        said = believed - hours * float(chance.uniform(0.85, 1.15)) * HOUR
        if said > roads or chance.random() < SKIPS:
            continue
        ahead = (roads - said) / HOUR
        error = (habit * ahead + (0.2 + SPREAD * ahead) * float(chance.standard_t(3))) * HOUR
        value = believed = max(roads + error, said + 10 * MINUTE)
        berth = early_berth if hours > 24 else one.berth
        yield Announcement(said, one, "pilot", berth, "EST", value, "agent")
        if hours in (24, 6):
            wanted = value + inner * float(chance.uniform(0.9, 1.2))
            yield Announcement(said + 5 * MINUTE, one, "berth", berth, "REQ", wanted, "terminal")
    yield from _planned(one, "pilot", pilot, "pilot", chance)
    yield from _planned(one, "berth", berthed, "port_authority", chance)
    yield Announcement(pilot + float(chance.uniform(1, 6)) * MINUTE, one, "pilot", one.berth, "ACT", pilot, "pilot")
    first_line = berthed + float(chance.normal(0, 2)) * MINUTE
    told = berthed + float(chance.uniform(4, 25)) * MINUTE
    yield Announcement(told, one, "berth", one.berth, "ACT", first_line, "terminal")


def _leaving(one: Movement, chance: Chance) -> Iterator[Announcement]:
    left, wished = one.passage.left_at, one.wished_at
    at = one.passage.start_at
    for hours, error in ((14.0, 2.5), (8.0, 1.5)):
        ahead = hours * float(chance.uniform(0.8, 1.2))
        value = wished + error * float(chance.standard_t(3)) * HOUR
        said = wished - ahead * HOUR
        yield Announcement(said, one, "departure", at, "EST", max(value, said + HOUR), "terminal")
    said = wished - float(chance.uniform(4, 7)) * HOUR
    yield Announcement(said, one, "departure", at, "REQ", wished, "agent")
    yield from _planned(one, "departure", left, "pilot", chance)
    told = left + float(chance.uniform(1, 12)) * MINUTE
    yield Announcement(told, one, "departure", at, "ACT", left + float(chance.normal(0, 1)) * MINUTE, "terminal")
    if one.kind == "shift":
        berthed = one.passage.ended_at
        yield from _planned(one, "berth", berthed, "port_authority", chance)
        told = berthed + float(chance.uniform(4, 25)) * MINUTE
        first_line = berthed + float(chance.normal(0, 2)) * MINUTE
        yield Announcement(told, one, "berth", one.berth, "ACT", first_line, "terminal")


def _planned(one: Movement, point: str, true: float, issuer: str, chance: Chance) -> Iterator[Announcement]:
    """Plans until shortly before; a berth is planned further ahead than her pilot, by what lies between."""
    ahead_of = 0.0 if point != "berth" else true - (one.passage.pilot_at or one.passage.left_at)
    slips = float(chance.uniform(0.5, 1.5)) if chance.random() < SLIPS else 0.0
    berth = one.passage.start_at if point == "departure" else one.berth
    believed = true + BELIEF * float(chance.normal()) * HOUR
    for hours, error in PLANS:
        said = believed - ahead_of - hours * float(chance.uniform(0.7, 1.3)) * HOUR
        last = (hours, error) == PLANS[-1]
        value = true + (error * float(chance.normal()) - (slips if last else 0.0)) * HOUR
        if said < true - 5 * MINUTE:
            value = believed = max(value, said + 10 * MINUTE)
            yield Announcement(said, one, point, berth, "PLN", value, issuer)
