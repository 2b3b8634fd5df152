"""What made a truck late: the rule of the certificate "not my fault" (pure).

Lateness is counted at the gate, from the end of the slot. The rule goes back from the gate along the way, and at each
place takes off what the place may have cost, in favour of the driver: it supposes that the truck came to each place as
late as it could and still have been in time. So a cause counts with the part of the lateness that would not be there
without it, and never with more than is left.

1. Queue: the wait at the gate without the handling, as logged for the time at which it was let in (the last row, at
   most ``queue_age`` old); then an incident at the gate.
2. Opening: when the truck, after what was taken off so far, passed the bridge while the road was closed or while the
   vehicles before it were let off (``discharge_pct`` hundredths of a second for each second of the closure), give or
   take ``doubt``, it counts from the later of two moments, the beginning of the opening and the moment at which the
   truck was due there, to its passage.
3. Closure: when the truck passed during a closure that was told less than ``notice`` before the slot, the detour; where
   no other road is known, ``detour``.
4. Incident: when the truck passed its place while it lasted, the delay logged with it.

What is left is not explained. At most one opening counts for a bridge. All in whole seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

RULE = "havre:not-my-fault:1"


@dataclass(frozen=True)
class Parameters:
    """Seconds, but for ``discharge_pct``."""

    handling: int = 180
    discharge_pct: int = 60
    doubt: int = 180
    detour: int = 1200
    notice: int = 6 * 3600
    queue_age: int = 900
    tolerance: int = 60
    """Up to this, what is not explained is no fault."""


@dataclass(frozen=True)
class Cause:
    """A fact, by its name in the document, and the seconds of lateness that it counts for."""

    fact: str
    cause: str
    place: str
    seconds: int


@dataclass(frozen=True)
class Verdict:
    """``verdict``: on time, not at fault, partly explained, not explained, or did not come."""

    late_s: int
    causes: tuple[Cause, ...]
    unexplained_s: int
    verdict: str

    def document(self) -> dict[str, Any]:
        return {**asdict(self), "causes": [asdict(one) for one in self.causes]}  # lists, as JSON has them


Fact = Mapping[str, Any]
"""``id``, ``kind`` and ``values`` (see ``document.VALUES``)."""


def judge(way: Sequence[Mapping[str, Any]], facts: Sequence[Fact], parameters: Parameters) -> Verdict:
    """The verdict on the one booking of the facts. ``way``: bridges with ``to_gate_s`` and ``detour_s``, in any order.

    ``ValueError``: no appointment, or more than one appointment or pass."""
    booked = _one(facts, "appointment")
    passed = _one(facts, "pass", none=True)
    if booked is None:
        raise ValueError("facts: no appointment; expected one")
    ends = seconds(booked["values"]["slot_ends_at"])
    if passed is None:
        return Verdict(0, (), 0, "did not come")
    came = seconds(passed["values"]["time"])
    late = max(came - ends, 0)
    if late == 0:
        return Verdict(0, (), 0, "on time")
    trip = _Trip(came, late, booked["values"], parameters)
    trip.wait_at_gate(facts)
    for one in sorted(way, key=lambda bridge: (bridge["to_gate_s"], bridge["bridge"])):
        trip.pass_bridge(one, facts)
    explained = late - trip.left
    if trip.left <= parameters.tolerance:
        verdict = "not at fault"
    else:
        verdict = "partly explained" if explained > 0 else "not explained"
    return Verdict(late, tuple(trip.causes), trip.left, verdict)


class _Trip:
    """Back from the gate: when the truck was where, and what of its lateness is left to explain."""

    def __init__(self, came: int, late: int, booked: Mapping[str, Any], parameters: Parameters) -> None:
        self.came, self.left, self.parameters = came, late, parameters
        self.gate, self.starts, self.ends = booked["gate"], seconds(booked["slot_starts_at"]), came - late
        self.causes: list[Cause] = []

    def take(self, fact: Fact, place: str, cost: int) -> None:
        counted = min(max(cost, 0), self.left)
        if counted > 0:
            self.causes.append(Cause(fact["id"], fact["kind"], place, counted))
            self.left -= counted

    def at(self, to_gate: int) -> int:
        """When the truck left a place so far from the gate, without what was taken off so far."""
        return self.ends + self.left - self.parameters.handling - to_gate

    def wait_at_gate(self, facts: Sequence[Fact]) -> None:
        oldest = self.came - self.parameters.queue_age
        queues = [
            one
            for one in _of(facts, "queue", "gate", self.gate)
            if oldest <= seconds(one["values"]["time"]) <= self.came
        ]
        if queues:
            last = max(queues, key=lambda one: seconds(one["values"]["time"]))
            self.take(last, self.gate, last["values"]["wait_s"])
        self._incidents(facts, self.gate, self.at(0))

    def pass_bridge(self, bridge: Mapping[str, Any], facts: Sequence[Fact]) -> None:
        name, to_gate = bridge["bridge"], bridge["to_gate_s"]
        self._incidents(facts, name, self.at(to_gate))
        for one in _of(facts, "closure", "place", name):
            told_late = self.starts - seconds(one["values"]["said_at"]) < self.parameters.notice
            if told_late and _within(one, self.at(to_gate)):
                detour = bridge["detour_s"]
                self.take(one, name, self.parameters.detour if detour is None else detour)
        costs = [(self._opening(one, to_gate), one) for one in _of(facts, "opening", "bridge", name)]
        cost, opening = max(costs, key=lambda pair: pair[0], default=(0, None))
        if opening is not None:
            self.take(opening, name, cost)

    def _incidents(self, facts: Sequence[Fact], place: str, at: int) -> None:
        for one in _of(facts, "incident", "place", place):
            if _within(one, at):
                self.take(one, place, one["values"]["delay_s"])

    def _opening(self, fact: Fact, to_gate: int) -> int:
        """Rule 2."""
        starts, ends = seconds(fact["values"]["starts_at"]), seconds(fact["values"]["ends_at"])
        passed, due = self.at(to_gate), self.ends - self.parameters.handling - to_gate
        worked_off = ends + (ends - starts) * self.parameters.discharge_pct // 100
        doubt = self.parameters.doubt
        return min(passed, worked_off) - max(starts, due) if starts - doubt <= passed <= worked_off + doubt else 0


def seconds(text: str) -> int:
    """RFC 3339 to seconds since 1970, rounded down. ``ValueError``: no time with its offset."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"got {text!r}; expected a time with its offset from UTC")
    return int(found.timestamp() // 1)


def _one(facts: Sequence[Fact], kind: str, none: bool = False) -> Fact | None:
    found = [one for one in facts if one["kind"] == kind]
    if len(found) > 1 or (not found and not none):
        raise ValueError(f"facts: {len(found)} of kind {kind}; expected one")
    return found[0] if found else None


def _of(facts: Sequence[Fact], kind: str, member: str, name: str) -> list[Fact]:
    found = [one for one in facts if one["kind"] == kind and one["values"][member] == name]
    return sorted(found, key=lambda one: str(one["id"]))


def _within(fact: Fact, at: int) -> bool:
    ends = fact["values"]["ends_at"]
    return seconds(fact["values"]["starts_at"]) <= at and (not ends or at < seconds(ends))
