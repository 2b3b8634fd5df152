"""The waste of ships at work: what is lifted from a ship is a stop of the city's plan, at the gate of her quay."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from havre_waste.live.ground import Ground
from havre_waste.live.planning import Extra
from havre_waste.rounds.roads import Place
from havre_waste.ships.desk import Desk
from havre_waste.ships.pickups import Carrier, Pickup
from havre_waste.sites.model import Flow

Row = Mapping[str, Any]


def taken(desk: Desk, rows: pl.DataFrame) -> None:
    """Notifications that another party took: rows as ``ships.wire.to_rows`` makes them. ``ValueError``."""
    desk.restore(rows.to_dicts())


def stops(desk: Desk, ground: Ground, berths: Mapping[str, tuple[float, float]], day: date) -> list[Extra]:
    """What trucks collect from ships on the day, where the berth has a place."""
    flow = Flow.SHIP if any(Flow.SHIP in one.flows for one in ground.city.trucks.values()) else Flow.RESIDUAL
    found = []
    for one in desk.to_come():
        windows = tuple(_of_day(one, day, desk))
        berth = berths.get(one.berth or "")
        if one.carrier is Carrier.TRUCK and berth is not None and windows:
            place = _at_street(ground, berth)
            seconds = int(one.work.total_seconds())
            found.append(Extra(one.id, f"{one.ship} · {one.berth}", flow, place, one.kg, seconds, windows))
    return found


def _of_day(pickup: Pickup, day: date, desk: Desk) -> Iterator[tuple[datetime, datetime]]:
    midnight = datetime(day.year, day.month, day.day, tzinfo=desk.zone)
    for window in pickup.windows:
        opens, closes = max(window.opens_at, midnight), min(window.closes_at, midnight + timedelta(days=1))
        if opens < closes:
            yield opens, closes


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
