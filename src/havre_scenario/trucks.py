"""The trucks that keep, or miss, their appointments: what delays each on the road, and the queue at the gate.

A truck sets out for a moment in its slot. Its driver may be early or late, there may be traffic, a bridge on its way
may be open to ships or closed for long; then it waits in the lane with the shortest queue until it is let in. The
delays add up to the second, so that for each late truck the largest of them is its reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from havre_scenario.bookings import Bookings
from havre_scenario.chance import Chance
from havre_scenario.closures import Closure, closed
from havre_scenario.openings import Barriers
from havre_scenario.places import GATES
from havre_scenario.plane import Floats, Ints

DAY, HOUR, MINUTE = 86400.0, 3600.0, 60.0
Way = tuple[tuple[str, float], ...]
APPROACHES: dict[str, tuple[tuple[float, Way], ...]] = {
    # share of the trucks, and the bridges on their way, each with minutes from there to the gate
    "gate-1": (
        (0.60, ()), (0.15, (("bridge-7bis", 11),)), (0.13, (("bridge-7", 10),)),
        (0.12, (("bridge-rouge", 19), ("bridge-6", 14))),
    ),
    "gate-2": (
        (0.40, ()), (0.25, (("bridge-rouge", 9), ("bridge-5", 5))), (0.20, (("bridge-6", 8),)),
        (0.15, (("bridge-7", 11),)),
    ),
    "gate-3": ((0.70, ()), (0.30, (("bridge-7bis", 14),))),
}  # fmt: skip
NO_SHOWS = 0.035
EARLY, LATE = 0.16, 0.10
"""Share of the drivers who come much earlier or later than they meant to."""
DISCHARGE = 0.6
"""Seconds of queue behind a closed barrier, to be worked off, for each second that it was closed before one came."""
DETOUR, SURPRISED, SURPRISE = (9.0, 18.0), (20.0, 40.0), 6 * HOUR
"""Minutes of detour, also while nobody knows yet; and how long that is."""
JAMS_A_DAY, JAM_LASTS, JAM_COSTS = 1.2, (40.0, 100.0), (6.0, 28.0)
TROUBLE, TROUBLE_LASTS, TROUBLE_SLOWS = 0.25, (30.0, 80.0), 1.7
"""Probability that a gate has trouble on a day, for so many minutes, in which it takes so many times as long."""
SERVICE, SERVICE_SPREAD = 140.0, 0.35
"""Median seconds at a gate, and standard deviation of the logarithm."""
STAY_MINUTES, STAY_SPREAD = 38.0, 0.45
REASONS = ("driver", "traffic", "opening", "closure", "queue")


@dataclass(frozen=True)
class Trucks:
    """Columns, one element a truck, in order of arrival at its gate; seconds after the start.

    ``delays`` has a column for each of ``REASONS``: planned + its sum = ``gate_in_at``.
    """

    booking: Ints
    gate: Ints
    lane: Ints
    slot: Floats
    planned_at: Floats
    arrived_at: Floats
    gate_in_at: Floats
    out_at: Floats
    delays: Floats
    ways: Sequence[Way]
    """The bridges on its way, each with minutes from there to the gate."""
    opening: Sequence[str]
    """The opening for which it waited longest, or nothing."""

    def why(self, number: int) -> str:
        """Why it was let in after the end of its slot; empty when it was not."""
        late = self.gate_in_at[number] > self.slot[number] + HOUR
        return REASONS[int(np.argmax(self.delays[number]))] if late else ""


def drive(days: int, booked: Bookings, barriers: Barriers, closures: tuple[Closure, ...], chance: Chance) -> Trucks:
    """All trucks that come for a slot from the day before the period to the day after it."""
    final = booked.new_slot
    comes = (final >= -DAY) & (final < (days + 1) * DAY) & (chance.random(len(booked)) >= NO_SHOWS)
    chosen = np.flatnonzero(comes)
    gate, slot, rows = booked.gate[chosen], final[chosen], len(chosen)
    planned = np.floor(slot + chance.uniform(0, 0.95, rows) * HOUR)
    delays = np.zeros((rows, len(REASONS)))
    delays[:, 0] = np.rint(_drivers(rows, chance))
    delays[:, 1] = np.rint(_traffic(days, planned, gate, chance))
    ways = [_way(list(GATES)[number], share) for number, share in zip(gate, chance.random(rows).tolist(), strict=True)]
    opening = _bridges(ways, planned, delays, barriers, closures, chance)
    arrived = planned + delays.sum(axis=1)
    order = np.argsort(arrived, kind="stable")
    service = np.rint(SERVICE * np.exp(chance.normal(0, SERVICE_SPREAD, rows)) * _trouble(days, arrived, gate, chance))
    lane, entered = _queued(arrived[order], gate[order], service[order])
    stay = np.exp(chance.normal(np.log(STAY_MINUTES * 60), STAY_SPREAD, rows))
    delays = delays[order]
    delays[:, 4] = entered - arrived[order]
    return Trucks(
        booking=chosen[order], gate=gate[order], lane=lane, slot=slot[order], planned_at=planned[order],
        arrived_at=arrived[order], gate_in_at=entered, out_at=np.rint(entered + stay), delays=delays,
        ways=[ways[at] for at in order], opening=[opening[at] for at in order],
    )  # fmt: skip


def _drivers(rows: int, chance: Chance) -> Floats:
    """Seconds by which drivers are late of their own: a few minutes, now and then much more, or negative."""
    fate = chance.random(rows)
    usual = chance.normal(-3, 7, rows)
    early, late = -chance.exponential(35, rows), chance.exponential(30, rows)
    return np.asarray(np.select([fate < EARLY, fate < EARLY + LATE], [early, late], usual) * MINUTE)


def _traffic(days: int, planned: Floats, gate: Ints, chance: Chance) -> Floats:
    """Seconds lost in traffic: little each time, and much in one of the jams of a day."""
    lost = chance.exponential(1.5, len(planned))
    for day in range(-1, days + 1):
        for _ in range(chance.poisson(JAMS_A_DAY)):
            began = (day + float(chance.uniform(5, 19)) / 24) * DAY
            ended = began + float(chance.uniform(*JAM_LASTS)) * MINUTE
            hit = (planned >= began) & (planned < ended) & (gate == chance.integers(len(GATES)))
            hit &= chance.random(len(planned)) < 0.6
            lost[hit] += float(chance.uniform(*JAM_COSTS)) * chance.uniform(0.6, 1.2, int(hit.sum()))
    return lost * MINUTE


def _bridges(
    ways: Sequence[Way],
    planned: Floats,
    delays: Floats,
    barriers: Barriers,
    closures: tuple[Closure, ...],
    chance: Chance,
) -> list[str]:
    """Fill in what openings and closures cost each truck, and give the opening that cost it most."""
    detours = chance.uniform(*DETOUR, len(ways)) * MINUTE
    surprised = chance.uniform(*SURPRISED, len(ways)) * MINUTE
    blamed = [""] * len(ways)
    for at, way in enumerate(ways):
        worst = 0.0
        for bridge, minutes in way:
            there = float(planned[at] + delays[at].sum() - minutes * MINUTE)
            shut = closed(closures, bridge, there)
            if shut is not None:
                unknown = there < shut.said[0][0] or (shut.ends_at is None and there < shut.starts_at + SURPRISE)
                delays[at, 3] = np.rint(surprised[at] if unknown else detours[at])
                break
            opening = barriers.at(bridge, there)
            if opening is not None:
                wait = np.rint(opening.closed_at - there + DISCHARGE * (there - opening.opened_at))
                delays[at, 2] += wait
                worst, blamed[at] = max((worst, blamed[at]), (float(wait), opening.name))
    return blamed


def _way(gate: str, share: float) -> Way:
    for part, bridges in APPROACHES[gate]:
        share -= part
        if share < 0:
            return bridges
    return ()


def _trouble(days: int, arrived: Floats, gate: Ints, chance: Chance) -> Floats:
    """By how much longer than usual each truck takes at the gate."""
    factor = np.ones(len(arrived))
    for day in range(-1, days + 1):
        for number in range(len(GATES)):
            if chance.random() < TROUBLE:
                began = (day + float(chance.uniform(6, 17)) / 24) * DAY
                ended = began + float(chance.uniform(*TROUBLE_LASTS)) * MINUTE
                factor[(gate == number) & (arrived >= began) & (arrived < ended)] = TROUBLE_SLOWS
    return factor


def _queued(arrived: Floats, gate: Ints, service: Floats) -> tuple[Ints, Floats]:
    """Lane (from 1) and moment of entry of each truck; they come in order, and each lane serves one after the other."""
    free = [[-np.inf] * lanes for _, _, lanes, _ in GATES.values()]
    lanes, entered = np.zeros(len(arrived), np.int64), np.zeros(len(arrived))
    for at, (came, number, takes) in enumerate(zip(arrived.tolist(), gate.tolist(), service.tolist(), strict=True)):
        heads = free[number]
        lane = min(range(len(heads)), key=heads.__getitem__)
        heads[lane] = max(came, heads[lane]) + takes
        lanes[at], entered[at] = lane + 1, heads[lane]
    return lanes, entered


def waiting(found: Trucks, times: Floats) -> Floats:
    """Trucks in the queue of each gate (rows) at each of these seconds: arrived, and not yet in."""
    return np.array(
        [
            np.searchsorted(found.arrived_at[found.gate == number], times, side="right")
            - np.searchsorted(np.sort(found.gate_in_at[found.gate == number]), times, side="right")
            for number in range(len(GATES))
        ]
    )
