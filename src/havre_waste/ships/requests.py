"""What collectors are asked for, and what they answered: each load with its windows, who plans it, and when they come.

A load that the city's own trucks have in a round says which and when; a time that a collector confirms lies in one of
the load's windows. Until a receipt is given a load is asked for, also for ``AFTER`` behind the ship's departure, since
what was taken is often told later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from havre_waste.ships.pickups import Pickup

AFTER = timedelta(days=3)


@dataclass(frozen=True)
class Planned:
    """In a round of the city's plan, at this time."""

    round: str
    at: datetime


@dataclass(frozen=True)
class Request:
    """``confirmed_at`` is what the collector said; ``over``: the ship has left."""

    load: Pickup
    planned: Planned | None
    confirmed_at: datetime | None
    over: bool


def requests(
    loads: Iterable[Pickup],
    planned: Mapping[str, Planned],
    confirmed: Mapping[str, datetime],
    gone: Iterable[str] = (),
) -> list[Request]:
    """Those that must be done soonest first; ``gone`` are notifications of ships that have left."""
    left = frozenset(gone)
    found = [
        Request(one, planned.get(one.id), confirmed.get(one.id), one.notification in left)
        for one in loads
    ]  # fmt: skip
    return sorted(
        found, key=lambda one: (not one.load.windows, *(w.closes_at for w in one.load.windows[-1:]), one.load.id)
    )


def fits(load: Pickup, at: datetime) -> bool:
    """Whether the work may begin then."""
    return any(one.opens_at <= at <= one.closes_at for one in load.windows)
