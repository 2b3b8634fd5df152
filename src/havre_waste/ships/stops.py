"""Loads of ships as stops of the city's plan for a day: what, where, and when, in the terms of ``rounds.model``.

A plan knows seconds after the local midnight of its day, as a clock on the wall shows them. What comes by barge is no
stop of the road.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from havre_waste.ships.pickups import Carrier, Pickup
from havre_waste.sites.model import Flow

DAY = 86_400
BY_ROAD = frozenset({Carrier.TRUCK, Carrier.TANK_TRUCK})


@dataclass(frozen=True)
class ShipStop:
    """``service`` seconds of work that begins in one of the ``windows`` (both ends belong to them), at the berth.

    ``carrier`` says which trucks may come; ``must``: it cannot wait for another day.
    """

    id: str
    berth: str
    longitude: float
    latitude: float
    kg: int
    service: int
    windows: tuple[tuple[int, int], ...]
    carrier: Carrier
    must: bool
    flow: Flow = Flow.SHIP


def stops(
    pickups: Iterable[Pickup], berths: Mapping[str, tuple[float, float]], day: date, zone: ZoneInfo
) -> list[ShipStop]:
    """Of the loads that can be done on this day, in the order of the end of their last window.

    ``berths``: longitude and latitude. ``KeyError``: a berth of which nobody knows where it is.
    """
    found = [one for each in pickups if each.carrier in BY_ROAD for one in _stop(each, berths, day, zone)]
    return sorted(found, key=lambda one: (one.windows[-1][1], one.id))


def _stop(of: Pickup, berths: Mapping[str, tuple[float, float]], day: date, zone: ZoneInfo) -> Iterable[ShipStop]:
    spans = [(_seconds(one.opens_at, day, zone), _seconds(one.closes_at, day, zone)) for one in of.windows]
    today = tuple((max(opens, 0), min(closes, DAY - 1)) for opens, closes in spans if opens < DAY and closes >= 0)
    if not today or of.berth is None:
        return ()
    longitude, latitude = berths[of.berth]
    must = all(closes < DAY for _, closes in spans)
    service = int(of.work.total_seconds())
    return (ShipStop(of.id, of.berth, longitude, latitude, of.kg, service, today, of.carrier, must),)


def _seconds(at: datetime, day: date, zone: ZoneInfo) -> int:
    """Of the wall's clock: also on a day of 23 or 25 hours noon is at 43,200."""
    local = at.astimezone(zone).replace(tzinfo=None)
    return int((local - datetime.combine(day, time())).total_seconds())
