"""Openings of bridges that others tell of, for the map alone: GeoJSON points with the state and the times in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from havre_mobility.pages import wire
from havre_ui.texts import Texts

CURRENT = timedelta(hours=1)
"""For how long what was told stands; then it is shown as what it was."""


@dataclass(frozen=True)
class Opening:
    """The last that was told of it. ``status``: planned, starting, in_operation, ended or cancelled."""

    id: str
    bridge: str
    longitude: float
    latitude: float
    status: str
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True)
class Elsewhere:
    """What a feed told at ``at``."""

    at: datetime
    openings: Sequence[Opening]


def collection(told: Elsewhere | None, now: datetime, say: Texts) -> dict[str, Any]:
    """``old``: nothing was told for ``CURRENT``; ``said`` is the line that goes with the layer."""
    if told is None:
        return {"type": "FeatureCollection", "old": True, "said": say("elsewhere.none"), "features": []}
    old = now - told.at > CURRENT
    line = say("elsewhere.old" if old else "elsewhere.told", at=_moment(told.at, say))
    features = [_feature(one, old, say) for one in told.openings]
    return {"type": "FeatureCollection", "at": wire.said_at(told.at), "old": old, "said": line, "features": features}


def _feature(one: Opening, old: bool, say: Texts) -> dict[str, Any]:
    starts = _moment(one.starts_at, say)
    if one.ends_at is None:
        times = say("elsewhere.open_end", starts=starts)
    elif one.ends_at.astimezone(say.zone).date() == one.starts_at.astimezone(say.zone).date():
        times = say("elsewhere.times", starts=starts, ends=say.clock(one.ends_at))
    else:
        times = say("elsewhere.times", starts=starts, ends=_moment(one.ends_at, say))
    properties = {
        "id": one.id, "bridge": one.bridge, "state": "old" if old else one.status,
        "starts_at": wire.said_at(one.starts_at),
        "line": say("elsewhere.line", state=say(f"opening.{one.status}"), times=times),
    }  # fmt: skip
    point = {"type": "Point", "coordinates": (one.longitude, one.latitude)}
    return {"type": "Feature", "geometry": point, "properties": properties}


def _moment(at: datetime, say: Texts) -> str:
    return say("elsewhere.moment", day=say.day(at), year=at.astimezone(say.zone).year, clock=say.clock(at))
