"""What a collector is asked to do for a ship: what, where, with a barge or a truck, and when.

The rules are ours, with numbers that can be set (``Rules``):

1. Waste is collected by family, since one tank or one body holds no two of them. What is lifted travels together:
   garbage with garbage; special waste (ashes, e-waste, ozone-depleting substances, harmful cargo residues) by itself.
2. A **barge** takes what is pumped, when one family is more than ``barge_from_m3``: it comes alongside on the water
   side, waits for no gate and no bridge of the road. All else goes by **truck**, in as many loads as it needs.
3. The window is the stay at the berth, from ``after_arrival`` behind the latest arrival that is likely until the work
   is done ``before_departure``, within the collector's hours. A stay that is too short has no window, and says why.
4. A load that goes by truck is a stop of the city's plan (flow ``SHIP``) like any other (``stops``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from math import ceil
from zoneinfo import ZoneInfo

from havre_waste.ships.kinds import Family
from havre_waste.ships.model import Notification, Waste
from havre_waste.ships.stays import Stay


class Carrier(StrEnum):
    BARGE = "barge"
    TANK_TRUCK = "tank truck"
    TRUCK = "truck"


@dataclass(frozen=True)
class Rules:
    """Volumes in m³, times of day local. ``pumped_m3_per_hour``: what a ship's pump gives."""

    barge_from_m3: float = 40.0
    barge_m3: float = 400.0
    tank_truck_m3: float = 20.0
    truck_m3: float = 12.0
    truck_kg: int = 6000
    after_arrival: timedelta = timedelta(hours=1)
    before_departure: timedelta = timedelta(hours=1)
    pumped_m3_per_hour: float = 30.0
    lifted_m3_per_hour: float = 12.0
    rigging: timedelta = timedelta(minutes=20)
    opens: time = time(6, 0)
    closes: time = time(22, 0)
    """Of collection by truck; barges come at any hour."""


@dataclass(frozen=True)
class Window:
    """The work begins within it; both ends belong to it."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class Pickup:
    """One load. ``windows`` is empty where it cannot be done, and ``why_not`` says why: no_time or no_berth."""

    id: str
    notification: str
    ship: str
    berth: str | None
    family: Family
    carrier: Carrier
    m3: float
    kg: int
    work: timedelta
    windows: tuple[Window, ...]
    why_not: str = ""
    waste: tuple[Waste, ...] = ()


def pickups(of: Notification, stay: Stay, zone: ZoneInfo, rules: Rules | None = None) -> list[Pickup]:
    """Of all that is to be delivered; a family that needs several loads has several. ``zone``: of the rules' hours."""
    rules = rules or Rules()
    found: list[Pickup] = []
    for family, waste in _families(of).items():
        m3, kg = (sum(one.deliver_m3 * weight(one) for one in waste) for weight in (_one, _density))
        carrier = _carrier(family, m3, rules)
        loads = _loads(carrier, m3, kg, rules)
        for load in range(1, loads + 1):
            work = rules.rigging + timedelta(hours=m3 / loads / _rate(family, rules))
            windows = _windows(stay, work, carrier, zone, rules)
            why_not = "no_berth" if stay.berth is None else "" if windows else "no_time"
            found.append(
                Pickup(
                    f"{of.id}/{family}/{load}", of.id, of.ship.name, stay.berth, family, carrier, m3 / loads,
                    ceil(kg / loads), work, () if why_not else windows, why_not, tuple(waste),
                )
            )  # fmt: skip
    return found


def _families(of: Notification) -> Mapping[Family, Sequence[Waste]]:
    found: dict[Family, list[Waste]] = {}
    for one in of.waste:
        if one.deliver_m3 > 0:
            found.setdefault(one.kind.family, []).append(one)
    return found


def _one(_: Waste) -> float:
    return 1.0


def _density(one: Waste) -> float:
    return one.kind.kg_per_m3


def _carrier(family: Family, m3: float, rules: Rules) -> Carrier:
    if not family.pumped:
        return Carrier.TRUCK
    return Carrier.BARGE if m3 > rules.barge_from_m3 else Carrier.TANK_TRUCK


def _loads(carrier: Carrier, m3: float, kg: float, rules: Rules) -> int:
    match carrier:
        case Carrier.BARGE:
            return ceil(m3 / rules.barge_m3)
        case Carrier.TANK_TRUCK:
            return ceil(m3 / rules.tank_truck_m3)
        case Carrier.TRUCK:
            return max(ceil(m3 / rules.truck_m3), ceil(kg / rules.truck_kg))


def _rate(family: Family, rules: Rules) -> float:
    return rules.pumped_m3_per_hour if family.pumped else rules.lifted_m3_per_hour


def _windows(stay: Stay, work: timedelta, carrier: Carrier, zone: ZoneInfo, rules: Rules) -> tuple[Window, ...]:
    opens = stay.latest_arrival + rules.after_arrival
    closes = stay.departs_at - rules.before_departure - work
    if opens > closes:
        return ()
    if carrier is Carrier.BARGE:
        return (Window(opens, closes),)
    return tuple(_within_hours(opens, closes, work, zone, rules))


def _within_hours(opens: datetime, closes: datetime, work: timedelta, zone: ZoneInfo, rules: Rules) -> Iterator[Window]:
    day = opens.astimezone(zone).date()
    while day <= closes.astimezone(zone).date():
        first = datetime.combine(day, rules.opens, zone).astimezone(opens.tzinfo)
        last = datetime.combine(day, rules.closes, zone).astimezone(opens.tzinfo) - work
        begins, ends = max(first, opens), min(last, closes)
        if begins <= ends:
            yield Window(begins, ends)
        day += timedelta(days=1)
