"""The view as JSON: what the map draws (GeoJSON, RFC 7946), what a driver's phone keeps, and levels for programs."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from havre_ui.texts import Texts
from havre_waste.field import words
from havre_waste.field.events import Event, Progress
from havre_waste.field.model import Do, Level, Place, Round, Step, View
from havre_waste.field.passages import Passage
from havre_waste.field.standing import is_old, is_past

UNSURE = 0.4
"""From this width of P10 to P90 on, an estimate is drawn as one that is not very sure."""
BOUNDS = ((0.9, "full"), (0.7, "high"), (0.4, "half"))


def colour(level: Level, now: datetime) -> str:
    """The class of its level: low, half, high, full, or past."""
    if is_past(level, now):
        return "past"
    return next((name for bound, name in BOUNDS if level.p50 >= bound), "low")


def is_unsure(level: Level) -> bool:
    return level.p90 - level.p10 >= UNSURE


def city(view: View, said: Progress, now: datetime) -> dict[str, Any]:
    """Containers, rounds and their stops, for the map."""
    old = is_old(view, now)
    features = [_container(one, now) for one in view.levels]
    for one in () if old else view.rounds:
        features += _round(one, said)
    return {"type": "FeatureCollection", "at": rfc3339(view.at), "old": old, "features": features}


def _container(one: Level, now: datetime) -> dict[str, Any]:
    return _point(
        one.place, kind="container", id=one.container, level=colour(one, now), fill=round(min(1.0, one.p50), 2),
        unsure=is_unsure(one), doubted=one.fault is not None,
    )  # fmt: skip


def _round(one: Round, said: Progress) -> list[dict[str, Any]]:
    ways = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": part},
            "properties": {"kind": "round", "id": one.id, "driven": driven},
        }
        for driven, part in zip((True, False), _parts(one, said), strict=True)
        if len(part) > 1
    ]
    coming = said.rounds[one.id].next
    stops = [
        _point(
            step.place, kind="stop", round=one.id, number=number, name=step.name,
            state=said.states[step.id].kind.value if step.id in said.states else "next" if step is coming else "todo",
        )
        for number, step in numbered(one)
        if number is not None
    ]  # fmt: skip
    return [*ways, *stops]


def _parts(one: Round, said: Progress) -> tuple[Sequence[Place], Sequence[Place]]:
    """The way to the last settled stop, and the way from there: cut at the point of the line that is nearest to it."""
    line = one.line or tuple(step.place for step in one.steps)
    settled = [step.place for step in one.steps if step.id in said.states]
    if not settled:
        return (), line
    longitude, latitude = settled[-1]
    at = min(range(len(line)), key=lambda n: abs(line[n][0] - longitude) + abs(line[n][1] - latitude))
    return line[: at + 1], line[at:]


def _point(place: tuple[float, float], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": properties}


def container(level: Level, passage: Passage, now: datetime, say: Texts) -> dict[str, Any]:
    """What the map says of a container that was touched."""
    lines = [
        words.level_line(level, now, say), words.basis_line(level, now, say), words.fault_line(level, now, say),
        words.next_line(passage, now, say),
    ]  # fmt: skip
    return {"name": level.name, "flow": say(f"flow.{level.flow}"), "lines": [one for one in lines if one]}


def numbered(round: Round) -> list[tuple[int | None, Step]]:
    """The steps, collections with their number from 1."""
    count, found = 0, []
    for step in round.steps:
        count += step.do is Do.COLLECT
        found.append((count if step.do is Do.COLLECT else None, step))
    return found


def driver(view: View, round: Round, said: Progress, now: datetime, say: Texts) -> dict[str, Any]:
    """All that a phone needs to drive the round, in words already; ``revision`` changes when the steps do."""
    steps = [_step(number, step, round, say) for number, step in numbered(round)]
    replans = [{"id": rfc3339(one.at), "line": words.replan_line(one, say)} for one in round.replans]
    return {
        "round": round.id, "name": round.name, "at": rfc3339(view.at), "clock": say.clock(view.at),
        "now": rfc3339(now), "revision": hashlib.sha256(repr(steps).encode()).hexdigest()[:12],
        "line": round.line or [step.place for step in round.steps], "steps": steps, "replans": replans,
        "states": {step.id: event(said.states[step.id]) for step in round.steps if step.id in said.states},
    }  # fmt: skip


def _step(number: int | None, step: Step, round: Round, say: Texts) -> dict[str, Any]:
    crossings = [one for one in round.crossings if one.before == step.id and one.closed is not None]
    return {
        "id": step.id, "do": step.do, "number": number, "name": step.name, "place": step.place,
        "at": rfc3339(step.at), "clock": say.clock(step.at), "what": words.step_line(step, say),
        "expected": None if step.fill is None else say("step.expected", share=say.percent(min(1.0, step.fill))),
        "reversing": step.reversing,
        "bridges": [
            {"line": words.crossing_line(one, say), "waits": one.wait >= timedelta(minutes=1)} for one in crossings
        ],
    }  # fmt: skip


def event(one: Event) -> dict[str, Any]:
    """As a phone has it, but for the round."""
    return {
        "id": one.id, "stop": one.stop, "kind": one.kind, "at": rfc3339(one.at), "fill": one.fill, "note": one.note,
        "photo": one.photo,
    }  # fmt: skip


def whole(view: View, said: Progress, now: datetime) -> dict[str, Any]:
    """Levels and the progress of rounds, for programs; nothing of when a crew was where."""
    return {
        "at": rfc3339(view.at),
        "example": view.example,
        "rounds": [_said(one, said) for one in ([] if is_old(view, now) else view.rounds)],
        "levels": [_level(one) for one in view.levels if not is_past(one, now)],
    }


def _said(one: Round, said: Progress) -> dict[str, Any]:
    of = said.rounds[one.id]
    return {"id": one.id, "flow": one.flow, "done": of.done, "troubled": of.troubled, "total": of.total}


def _level(one: Level) -> dict[str, Any]:
    fault: Mapping[str, str] | None = None
    if one.fault is not None:
        fault = {"kind": one.fault.kind, "since": rfc3339(one.fault.since)}
    return {
        "time": rfc3339(one.at), "container": one.container, "p10": one.p10, "p50": one.p50, "p90": one.p90,
        "overflow_p": one.overflow_p, "basis": one.basis, "fault": fault,
    }  # fmt: skip


def rfc3339(at: datetime) -> str:
    """To the millisecond, in UTC."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
