"""What of a view still stands at a given time (pure).

1. A view that the service has not renewed for ``OLD`` tells no progress: where the rounds are is not known.
2. An estimate of a level holds for ``LEVELS``: from then on it is shown as what it was, with its time, never as now.
3. A collection that has ended, or does not come, is not the next one; a change is told until its last day is over.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from havre_waste.field.model import Change, Collection, Level, Street, View
from havre_waste.sites.model import Flow

OLD = timedelta(seconds=60)
LEVELS = timedelta(hours=2)


def is_old(view: View, now: datetime) -> bool:
    return now - view.at > OLD


def is_past(level: Level, now: datetime) -> bool:
    """Whether the estimate is over."""
    return now - level.at > LEVELS


def worst_first(levels: Sequence[Level], now: datetime) -> list[Level]:
    """Those that hold, the likeliest to overflow before it is collected first."""
    standing = [one for one in levels if not is_past(one, now)]
    return sorted(standing, key=lambda one: (-one.overflow_p, -one.p50, one.container))


def coming(view: View, street: Street, now: datetime) -> list[Collection]:
    """All collections at the street from now on, the next first; cancelled ones stay in, to be shown as such."""
    those = [one for one in view.collections if one.zone == street.zone and one.ends_at > now]
    return sorted(those, key=lambda one: (one.starts_at, one.flow))


def after(collections: Sequence[Collection], day: date | None, zone: ZoneInfo) -> list[Collection]:
    """Those of later days: up to that of a plan, the plan stands for the fixed rounds."""
    return [one for one in collections if day is None or one.starts_at.astimezone(zone).date() > day]


def next_of_each(collections: Sequence[Collection]) -> dict[Flow, Collection]:
    """Of each flow the first that comes."""
    found: dict[Flow, Collection] = {}
    for one in collections:
        if not one.cancelled:
            found.setdefault(one.flow, one)
    return found


def changes(view: View, now: datetime, zone: ZoneInfo, street: Street | None = None) -> list[Change]:
    """Those that are not over, for a street or for all; the first to begin first."""
    today = now.astimezone(zone).date()
    those = [one for one in view.changes if max(one.ends, one.moved_to or one.ends) >= today]
    if street is not None:
        those = [one for one in those if not one.zones or street.zone in one.zones]
    return sorted(those, key=lambda one: (one.starts, one.id))
