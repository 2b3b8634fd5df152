"""The waste of ships at work: what is lifted from a ship is a stop of the city's plan, at the gate of her quay."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from havre_waste.live.ground import Ground
from havre_waste.live.planning import Extra
from havre_waste.rounds.remaining import URGENT
from havre_waste.rounds.roads import Place
from havre_waste.ships.desk import Desk
from havre_waste.ships.pickups import Carrier
from havre_waste.ships.stops import stops as of_day
from havre_waste.sites.model import Flow

CAN_WAIT = 40.0
"""EUR: what it costs to leave a ship for another day of her stay, beside the work, which is the same on any day."""
EUR_PER_SECOND = 70.0 / 3600


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
