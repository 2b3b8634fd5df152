"""When a container is emptied next, as residents are told: by the day's plan where it is in it, else by the fixed
rounds, and said which (pure).

1. A plan is told as a span, from ``BEFORE`` the planned time to ``AFTER`` it, in whole tens of minutes; what a round
   is late is added while it is under way.
2. What crews say of the stop is told without its time; in a view that is old, it is not told.
3. While there is a plan of a day, the fixed rounds up to that day are not driven and not told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from havre_waste.field.events import Kind, Progress
from havre_waste.field.model import Round, Step, View
from havre_waste.field.standing import is_old

BEFORE, AFTER = timedelta(minutes=10), timedelta(minutes=20)
TENS = timedelta(minutes=10)


class Turn(StrEnum):
    """PLANNED in the day's plan; PASSED, its time is over and nothing was said; DONE or FAILED, as the crew said;
    USUAL, by the fixed rounds; UNKNOWN."""

    PLANNED = "planned"
    PASSED = "passed"
    DONE = "done"
    FAILED = "failed"
    USUAL = "usual"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Passage:
    """``starts_at`` and ``ends_at`` of PLANNED and PASSED; of USUAL the first alone, of which the day counts. ``day``:
    of the plan that there is, local."""

    turn: Turn
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    day: date | None = None


def plan_day(view: View, now: datetime, zone: ZoneInfo) -> date | None:
    """Of which day there is a plan: today or one to come."""
    return view.day if view.day is not None and view.day >= now.astimezone(zone).date() else None


def passages(view: View, said: Progress, now: datetime, zone: ZoneInfo) -> Mapping[str, Passage]:
    """Of each container with a level."""
    day, old = plan_day(view, now, zone), is_old(view, now)
    steps = {id: (one, step) for one in view.rounds for step in one.steps for id in step.containers} if day else {}
    found = {}
    for level in view.levels:
        if level.container in steps:
            found[level.container] = _planned(*steps[level.container], None if old else said, now, day)
        elif level.usual_at is not None:
            found[level.container] = Passage(Turn.USUAL, level.usual_at, day=day)
        else:
            found[level.container] = Passage(Turn.UNKNOWN, day=day)
    return found


def _planned(round: Round, step: Step, said: Progress | None, now: datetime, day: date | None) -> Passage:
    event = said.states.get(step.id) if said is not None else None
    if event is not None:
        return Passage(Turn.DONE if event.kind is Kind.DONE else Turn.FAILED, day=day)
    of = said.rounds.get(round.id) if said is not None else None
    late = max(of.late, timedelta(0)) if of is not None and of.late is not None else timedelta(0)
    starts, ends = _tens(step.at + late - BEFORE), _tens(step.at + late + AFTER, up=True)
    return Passage(Turn.PLANNED if ends >= now else Turn.PASSED, starts, ends, day)


def _tens(at: datetime, *, up: bool = False) -> datetime:
    over = timedelta(minutes=at.minute % 10, seconds=at.second, microseconds=at.microsecond)
    return at - over + (TENS if up and over else timedelta(0))
