"""What is said of levels, rounds, collections and reasons, in the language of ``say`` (pure).

An estimate is never said without how sure it is, and a sensor that is doubted never without since when.
"""

import math
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from havre_ui.texts import Texts
from havre_waste.field.events import RoundProgress
from havre_waste.field.model import (
    Change,
    Collection,
    Crisis,
    Crossing,
    FirstRound,
    Ground,
    Level,
    Reason,
    Replan,
    Round,
    Step,
    View,
    Why,
)
from havre_waste.field.passages import Passage, Turn
from havre_waste.field.standing import is_old, is_past
from havre_waste.sites.model import Side

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
IN_HOURS = timedelta(hours=36)
"""Up to here hours are said, then days."""
SURE = 0.1
"""A share of overflow from which a container is one to watch."""
LATE = timedelta(minutes=5)
EFFECTS = {Why.STRIKE: "maybe", Why.TIMES: "times"}
"""What a change does to collections that are not moved; the others do not come."""


def headline(
    view: View, levels: bool, watched: int, doubted: int, stops: tuple[int, int], now: datetime, say: Texts
) -> list[str]:
    """What to know first, one sentence a line. ``levels`` says that some are known, ``stops`` are done and all."""
    lines = []
    if is_old(view, now):
        lines.append(say("headline.old", at=since(view.at, now, say)))
    elif not view.rounds:
        lines.append(say("headline.no_rounds"))
    else:
        done, total = map(say.number, stops)
        lines.append(say.count("headline.rounds", len(view.rounds), done=done, total=total))
    if not levels:
        return [*lines, say("headline.no_levels")]
    lines.append(say.count("headline.watched", watched) if watched else say("headline.none_watched"))
    return [*lines, say.count("headline.doubted", doubted)] if doubted else lines


def level_line(level: Level, now: datetime, say: Texts) -> str:
    """How full it is, between what, and when it will be full."""
    if is_past(level, now):
        return say("level.past", at=moment(level.at, now, say), share=_share(level.p50, say))
    share, low, high = (_share(one, say) for one in (level.p50, level.p10, level.p90))
    name = "level.sure" if low == high else "level.now"
    return say(name, share=share, low=low, high=high, when=when_full(level, now, say))


def when_full(level: Level, now: datetime, say: Texts) -> str:
    """``full in about 2 days, between 1 and 4``."""
    if level.p50 >= 1:
        return say("full.now")
    early, likely, late = level.full_at
    if likely is None:
        return say("full.not_before", span=span(early - now, say)) if early else say("full.far")
    unit = HOUR if likely - now < IN_HOURS else DAY
    name = "span.hours" if unit is HOUR else "span.days"
    about = max(1, round((likely - now) / unit))
    low = min(about, max(0, math.floor((early - now) / unit))) if early else 0
    values = {"likely": say.count(name, about), "low": say.number(low)}
    if late is None:
        return say("full.open" if low else "full.open_from_now", **values)
    high = max(about, math.ceil((late - now) / unit))
    if low == high:
        return say("full.about", **values)
    return say("full.between" if low else "full.from_now", high=say.number(high), **values)


def span(length: timedelta, say: Texts) -> str:
    """In whole hours, or days."""
    unit, name = (HOUR, "span.hours") if length < IN_HOURS else (DAY, "span.days")
    return say.count(name, max(1, round(length / unit)))


def basis_line(level: Level, now: datetime, say: Texts) -> str:
    """What the estimate is made of, and how old the newest of it is."""
    line = say(f"basis.{level.basis}")
    return line if level.seen_at is None else say("basis.seen", basis=line, at=moment(level.seen_at, now, say))


def fault_line(level: Level, now: datetime, say: Texts) -> str:
    """Empty for a sensor that is believed."""
    if level.fault is None:
        return ""
    kind = say(f"fault.{level.fault.kind}")
    return say("fault.line", kind=kind, since=since(level.fault.since, now, say))


def doubt_line(level: Level, now: datetime, say: Texts) -> str:
    """What is wrong with the sensor, and since when; empty for one that is believed."""
    if level.fault is None:
        return ""
    kind = say(f"fault.{level.fault.kind}")
    return say("fault.short", kind=kind, since=since(level.fault.since, now, say))


def next_line(of: Passage, now: datetime, say: Texts) -> str:
    """When it is emptied next, and whether that is of the day's plan or of the fixed rounds."""
    today = now.astimezone(say.zone).date()
    when = "today" if of.day == today else "day"
    the_day = day(of.day, say)
    if of.starts_at is not None and of.ends_at is not None:
        span = {"starts": say.clock(of.starts_at), "ends": say.clock(of.ends_at)}
        return say(f"passage.{of.turn}_{when}", day=the_day, **span)
    if of.turn is Turn.USUAL and of.starts_at is not None:
        usual = say("passage.usual", day=say.day(of.starts_at))
        return usual if of.day is None else say("passage.not_in_plan", plan=_plan(of.day, today, say), usual=usual)
    return say(f"passage.{of.turn}")


def _plan(of: date, today: date, say: Texts) -> str:
    return say("passage.plan_today") if of == today else say("passage.plan_day", day=day(of, say))


def plan_title(of: date, now: datetime, say: Texts) -> str:
    """``today's plan``, or of which day it is."""
    return _plan(of, now.astimezone(say.zone).date(), say)


def progress_line(said: RoundProgress, say: Texts) -> str:
    line = say("progress.line", done=say.number(said.done), total=say.number(said.total))
    if said.troubled:
        line = say("progress.and", first=line, second=say.count("progress.troubled", said.troubled))
    if said.next is not None and said.late is not None and abs(said.late) >= LATE:
        late = say(
            "progress.late" if said.late > timedelta(0) else "progress.early", length=say.duration(abs(said.late))
        )
        line = say("progress.and", first=line, second=late)
    return line


def hours_line(round: Round, say: Texts) -> str:
    """From when to when, as planned."""
    return say.hours(_local(round.steps[0].at, say), _local(round.steps[-1].at, say)) if round.steps else ""


def crossing_line(crossing: Crossing, say: Texts) -> str:
    """What the bridge does about when the round crosses it."""
    at = say.clock(crossing.at)
    if crossing.closed is None:
        return say("crossing.open", bridge=crossing.bridge, at=at)
    starts, ends = (say.clock(one) for one in crossing.closed)
    values = {"bridge": crossing.bridge, "starts": starts, "ends": ends, "at": at}
    if crossing.wait >= timedelta(minutes=1):
        return say("crossing.wait", wait=say.duration(crossing.wait), **values)
    return say("crossing.avoided", **values)


def replan_line(replan: Replan, say: Texts) -> str:
    name = f"replan.{replan.cause}"
    why = say(name, name=replan.name) if replan.name else say(f"{name}_plain")
    parts = [
        say.count(f"replan.{key}", count)
        for key, count in (("added", replan.added), ("removed", replan.removed))
        if count
    ]
    return say("replan.line", at=say.clock(replan.at), why=why, what=say.listed(parts or [say("replan.order")]))


def step_line(step: Step, say: Texts) -> str:
    """What is to do there, in few words."""
    if step.minutes:
        length = say.duration(timedelta(minutes=step.minutes))
        return length if step.flow is None else f"{say(f'flow.{step.flow}')}, {length}"
    parts = []
    if step.containers and step.flow:
        parts.append(say.count("step.containers", len(step.containers), flow=say(f"flow.{step.flow}")))
    if step.side is not Side.BOTH:
        parts.append(say(f"side.{step.side}"))
    return ", ".join(parts)


def collection_line(one: Collection, now: datetime, say: Texts) -> str:
    at = say(
        "collection.at",
        day=say.day(one.starts_at),
        hours=say.hours(_local(one.starts_at, say), _local(one.ends_at, say)),
    )
    if one.cancelled:
        return say("collection.cancelled", at=at)
    return say("collection.moved", at=at, day=day(one.instead_of, say)) if one.instead_of else at


def change_line(change: Change, say: Texts) -> str:
    """What changes, for which waste, when."""
    days = day(change.starts, say)
    if change.ends != change.starts:
        days = say("change.days", starts=days, ends=day(change.ends, say))
    flows = say.listed([say(f"flow.{one}") for one in change.flows]) if change.flows else say("change.all")
    values = {"why": say(f"why.{change.why}"), "days": days, "flows": flows}
    if change.moved_to is not None:
        return say("change.moved", to=day(change.moved_to, say), **values)
    return say(
        "change.maybe" if change.why == "strike" else "change.times" if change.why == "times" else "change.none",
        **values,
    )


def reason_line(reason: Reason, say: Texts) -> str:
    value = say.percent(reason.value / 100) if reason.ground is Ground.OVERFLOW else say.number(reason.value)
    if reason.ground is Ground.WAITED:
        return say.count("ground.waited", round(reason.value))
    return say(f"ground.{reason.ground}", value=value, name=reason.name)


def reasons_line(reasons: Sequence[Reason], say: Texts) -> str:
    return ", ".join(reason_line(one, say) for one in reasons)


def crisis_line(crisis: Crisis, now: datetime, say: Texts) -> str:
    values = {"running": say.number(crisis.running), "planned": say.number(crisis.planned)}
    return say("crisis.line", why=say(f"why.{crisis.why}"), since=since(crisis.since, now, say), **values)


def first_round_line(one: FirstRound, say: Texts) -> str:
    """How many stops, how far, how long."""
    stops = say.count("crisis.stops", len(one.stops))
    return say("crisis.round", stops=stops, km=say.number(one.km), length=say.duration(one.length))


def moment(at: datetime, now: datetime, say: Texts) -> str:
    """The time of day; on another day with the day."""
    if at.astimezone(say.zone).date() == now.astimezone(say.zone).date():
        return say("moment.today", at=say.clock(at))
    return say("moment.day", day=say.day(at), at=say.clock(at))


def since(at: datetime, now: datetime, say: Texts) -> str:
    """The time of day; of another day that day."""
    if at.astimezone(say.zone).date() == now.astimezone(say.zone).date():
        return say("since.today", at=say.clock(at))
    return say("since.day", day=say.day(at))


def day(one: date | None, say: Texts) -> str:
    return "" if one is None else say.day(datetime.combine(one, time(12), say.zone))


def _local(at: datetime, say: Texts) -> time:
    return at.astimezone(say.zone).time()


def _share(fill: float, say: Texts) -> str:
    return say.percent(min(1.0, max(0.0, fill)))
