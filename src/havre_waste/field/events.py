"""What crews tell from the street, and how far the rounds have come with it (pure).

An event is said once: its id is made on the phone, and the first with an id stays. Events come in any order, hours
late when a phone was without a network. What stands at a step is the event that was said last there, by its ``at``
(equal times: the greater id), whichever round or phone it came from: so the order in which they come changes nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from havre_waste.field.model import Do, Round, Step, View
from havre_waste.sites.model import Flow


class Kind(StrEnum):
    """DONE is emptied, at a tip or a break: over. UNDONE takes back what was said. The others were not emptied."""

    DONE = "done"
    BLOCKED = "blocked"
    DAMAGED = "damaged"
    UNDONE = "undone"


NOTES = {
    Kind.DONE: (),
    Kind.BLOCKED: ("car", "works", "street_closed", "market", "other"),
    Kind.DAMAGED: ("lid", "body", "fire", "missing", "other"),
    Kind.UNDONE: (),
}
"""What may be said of it, as a code: there is no free text, so that nobody writes of people."""
OLDEST = timedelta(hours=36)
MOST = 200
"""Events in one message."""
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_HASH = re.compile(r"[0-9a-f]{64}")
FIELDS = frozenset({"id", "stop", "kind", "at", "fill", "note", "photo"})


@dataclass(frozen=True)
class Event:
    """``fill`` is how full it was when the crew came, 0 to 1, None when that was not said; ``photo`` a SHA-256."""

    id: str
    round: str
    stop: str
    kind: Kind
    at: datetime
    fill: float | None = None
    note: str | None = None
    photo: str | None = None


class BadEvent(ValueError):
    """Names the field that is wrong, what it is, and what was expected."""


def read(given: object, round: str, now: datetime) -> Event:
    """An event of JSON; ``at`` is never later than ``now``. ``BadEvent``."""
    if not isinstance(given, Mapping):
        raise BadEvent(f"event: got {type(given).__name__}; expected an object")
    if extra := given.keys() - FIELDS:
        raise BadEvent(f"{sorted(map(str, extra))[0]}: is not a field of an event; {', '.join(sorted(FIELDS))} are")
    kind = _kind(given.get("kind"))
    fill = given.get("fill")
    if fill is not None and (isinstance(fill, bool) or not isinstance(fill, int | float) or not 0 <= fill <= 1):
        raise BadEvent(f"fill: got {fill!r:.40}; expected a number from 0 to 1")
    note = given.get("note")
    if note is not None and note not in NOTES[kind]:
        raise BadEvent(f"note: got {note!r:.40}; expected {', '.join(NOTES[kind]) or 'none'} for {kind}")
    photo = given.get("photo")
    return Event(
        id=_text(given.get("id"), "id", _ID),
        round=round,
        stop=_text(given.get("stop"), "stop", re.compile(r"[^\x00-\x1f]{1,100}")),
        kind=kind,
        at=_at(given.get("at"), now),
        fill=None if fill is None else float(fill),
        note=note,
        photo=None if photo is None else _text(photo, "photo", _HASH),
    )


def _kind(given: object) -> Kind:
    try:
        return Kind(given)  # type: ignore[arg-type]
    except ValueError:
        raise BadEvent(f"kind: got {given!r:.40}; expected {', '.join(Kind)}") from None


def _text(given: object, field: str, form: re.Pattern[str]) -> str:
    if not isinstance(given, str) or not form.fullmatch(given):
        raise BadEvent(f"{field}: got {given!r:.40}; expected {form.pattern}")
    return given


def _at(given: object, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise BadEvent(f"at: got {given!r:.40}; expected a time with its offset (RFC 3339)") from None
    if at.tzinfo is None:
        raise BadEvent(f"at: got {given!r:.40}; expected a time with its offset (RFC 3339)")
    at = at.astimezone(UTC)
    if at < now - OLDEST:
        raise BadEvent(f"at: got {given!r:.40}; expected one of the last {OLDEST // timedelta(hours=1)} hours")
    return min(at, now)


@dataclass(frozen=True)
class RoundProgress:
    """Of the collections of a round. ``late`` is how much later than planned the last settled step was, or None."""

    done: int
    troubled: int
    total: int
    next: Step | None
    late: timedelta | None


@dataclass(frozen=True)
class Progress:
    """``states`` has what stands at each step of the plan; ```elsewhere``, at steps that were taken out of them."""

    states: Mapping[str, Event]
    rounds: Mapping[str, RoundProgress]
    elsewhere: Mapping[str, Event]


def progress(plan: View, events: Iterable[Event]) -> Progress:
    """How far the plan's rounds are, by all events of the day, in any order, however often each."""
    last: dict[str, Event] = {}
    for one in events:
        before = last.get(one.stop)
        if before is None or (one.at, one.id) > (before.at, before.id):
            last[one.stop] = one
    standing = {stop: one for stop, one in last.items() if one.kind is not Kind.UNDONE}
    planned = {step.id for round in plan.rounds for step in round.steps}
    rounds = {round.id for round in plan.rounds}
    return Progress(
        states={stop: one for stop, one in standing.items() if stop in planned},
        rounds={round.id: _of(round, standing) for round in plan.rounds},
        elsewhere={stop: one for stop, one in standing.items() if stop not in planned and one.round in rounds},
    )


def _of(round: Round, states: Mapping[str, Event]) -> RoundProgress:
    collections = [step for step in round.steps if step.do is Do.COLLECT]
    settled = [states[step.id] for step in collections if step.id in states]
    done = sum(one.kind is Kind.DONE for one in settled)
    to_go = [step for step in round.steps if step.id not in states and step.do is not Do.DEPOT]
    timed = [(states[step.id].at, step.at) for step in round.steps if step.id in states]
    late = max(timed)[0] - max(timed)[1] if timed else None
    return RoundProgress(done, len(settled) - done, len(collections), to_go[0] if to_go else None, late)


def crew_notes(plan: View, events: Sequence[Event]) -> list[dict[str, Any]]:
    """What stands at containers, as rows of the dataset ``crew_notes``: time, container, truck, state, fill."""
    said = progress(plan, events)
    rows = []
    for round in plan.rounds:
        for step in round.steps:
            if step.do is Do.COLLECT and step.flow is not Flow.SHIP and step.id in said.states:
                event = said.states[step.id]
                state = "emptied" if event.kind is Kind.DONE else _state(event)
                rows += [
                    {"time": event.at, "container": one, "truck": round.truck, "state": state, "fill": event.fill}
                    for one in step.containers
                ]
    return sorted(rows, key=lambda row: (row["time"], row["container"]))


def _state(event: Event) -> str:
    return "not_found" if event.note == "missing" else event.kind.value
