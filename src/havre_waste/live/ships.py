"""The waste of ships at work: what is lifted from a ship is a stop of the city's plan, at the gate of her quay."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from havre_waste.field.events import Event, Kind, progress
from havre_waste.field.model import Do, Round, Step, View
from havre_waste.live.day import Day
from havre_waste.live.ground import Ground
from havre_waste.live.planning import Extra
from havre_waste.rounds.remaining import URGENT
from havre_waste.rounds.roads import Place
from havre_waste.ships.desk import Desk
from havre_waste.ships.model import Receipt
from havre_waste.ships.pickups import Carrier
from havre_waste.ships.receipts import as_told, receipt
from havre_waste.ships.requests import Planned
from havre_waste.ships.stops import stops as of_day
from havre_waste.sites.model import Flow

CAN_WAIT = 40.0
"""EUR: what it costs to leave a ship for another day of her stay, beside the work, which is the same on any day."""
EUR_PER_SECOND = 70.0 / 3600
TAKEN_BACK = timedelta(minutes=2)
"""For so long a crew may take back that a stop is done; then the receipt is given."""
RECEIPTS, TIMES, STATISTICS = "ship-waste-receipts", "ship-waste-pickups", "ship-waste-statistics"


def taken(desk: Desk, rows: pl.DataFrame) -> None:
    """Notifications that another party took: rows as ``ships.wire.to_rows`` makes them. ``ValueError``."""
    desk.restore(rows.to_dicts())


def stops(desk: Desk, ground: Ground, berths: Mapping[str, tuple[float, float]], day: date) -> list[Extra]:
    """What trucks of the city collect from ships on the day, where the berth has a place.

    Trucks that take the flow of ships come; where there are none, what is lifted goes with the residual waste. Tank
    trucks and barges are the collectors' own.
    """
    flow = Flow.SHIP if any(Flow.SHIP in one.flows for one in ground.city.trucks.values()) else Flow.RESIDUAL
    loads = {one.id: one for one in desk.to_come() if one.carrier is Carrier.TRUCK and one.berth in berths}
    return [
        Extra(
            one.id, f"{loads[one.id].ship} · {one.berth}", flow, _at_street(ground, (one.longitude, one.latitude)),
            one.kg, one.service, one.windows, URGENT if one.must else CAN_WAIT + EUR_PER_SECOND * one.service,
        )
        for one in of_day(loads.values(), berths, day, desk.zone)
    ]  # fmt: skip


def restore(desk: Desk, published: Callable[[str], Iterable[Mapping[str, Any]]]) -> None:
    """What was said before this start: ``published`` gives the rows of a product."""
    desk.restore(published("ship-waste-notifications"))
    desk.restore_receipts(published(RECEIPTS))
    desk.restore_times(published(TIMES))
    desk.restore_statistics(published(STATISTICS))


def news(desk: Desk, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """What is said of ships since the last time."""
    return {
        "ship-waste-notifications": desk.news(),
        RECEIPTS: desk.receipt_news(now),
        TIMES: desk.time_news(now),
        STATISTICS: desk.statistics_news(now),
    }


def planned(day: Day | None) -> dict[str, Planned]:
    """The loads that are in a round of the day, which and when."""
    if day is None:
        return {}
    rounds = [round for one in day.flows for round in one.plan.rounds]
    names = {stop: day.name(one.vehicle) for one in rounds for stop in one.stops}
    return {id: Planned(names[id], at) for id, at in day.visits.items() if id in day.titles}


def collected(desk: Desk, view: View, events: Iterable[Event], facility: str, now: datetime) -> Iterator[Receipt]:
    """Receipts of the loads that crews marked as done, for those that have none. What was taken is what the ship had
    notified, which they say; a truck is its own reception facility where ``facility`` has no name."""
    said = progress(view, events).states
    for round in view.rounds:
        for number, step in enumerate(round.steps):
            event = said.get(step.id)
            ship = step.do is Do.COLLECT and step.flow is Flow.SHIP
            if ship and event is not None and event.kind is Kind.DONE and now - event.at >= TAKEN_BACK:
                yield from _receipts(desk, round, number, step, event.at, facility)


def _receipts(desk: Desk, round: Round, number: int, step: Step, at: datetime, facility: str) -> Iterator[Receipt]:
    tip = next((one.name for one in round.steps[number:] if one.do is Do.TIP), None)
    for load in filter(None, map(desk.load, step.containers)):
        of = desk.find(load.notification)
        if of is not None and all(one.load not in (load.id, None) for one in desk.receipts(of)):
            yield receipt(
                of, load.id, as_told(load), reception_facility=facility or round.truck, delivered_from=at - load.work,
                delivered_to=at, treatment_facility=tip, load=load.id, as_notified=True,
            )  # fmt: skip


def _at_street(ground: Ground, where: tuple[float, float]) -> Place:
    """The end of the street that is nearest to it."""
    streets = ground.streets
    if streets is None:
        return Place(*where)
    across = (streets.longitude - where[0]) * np.cos(np.radians(where[1]))
    node = int(np.argmin(across**2 + (streets.latitude - where[1]) ** 2))
    return Place(float(streets.longitude[node]), float(streets.latitude[node]))


def berths(places: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """The middle of each berth of the map's ground, by its id."""
    found = {}
    for one in places["features"]:
        said, geometry = one["properties"], one["geometry"]
        if said.get("kind") == "berth" and geometry["type"] == "Polygon":
            longitude, latitude = np.mean(np.array(geometry["coordinates"][0][:-1], float), axis=0)
            found[said["id"]] = float(longitude), float(latitude)
    return found
