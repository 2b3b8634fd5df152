"""The problem of one flow on one day, from what a city has: its sites, trucks, plants and depots (pure).

Weekdays and hours are local; a site, a plant or a truck that is closed on the weekday takes no part.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from havre_waste.rounds.model import Closure, Lunch, Matrix, Peak, Problem, Stop, Tip, Vehicle, Window
from havre_waste.rounds.roads import Place
from havre_waste.sites.model import Container, Depot, Flow, Hours, Plant, Side, Site, Truck

MINUTE = 60
SERVICE = 110
"""Seconds at a container: to stand, lift, empty, put back."""


@dataclass(frozen=True)
class City:
    """What stands still."""

    sites: Mapping[str, Site]
    depots: Mapping[str, Depot]
    plants: Sequence[Plant]
    trucks: Sequence[Truck]


@dataclass(frozen=True)
class Load:
    """A container to empty: ``kg`` as expected, ``prize`` EUR of leaving it for another day, None: it must be."""

    container: Container
    kg: int
    prize: float | None = None
    service: int = SERVICE


def problem(
    city: City,
    flow: Flow,
    weekday: int,
    loads: Iterable[Load],
    ways: Callable[[Sequence[Place]], Matrix],
    *,
    closures: tuple[Closure, ...] = (),
    peaks: tuple[Peak, ...] = (),
) -> Problem:
    """Stops are named by their containers, tips by their plants; ``ways`` makes the matrix of the places.

    ``ValueError``: there is no plant or no truck for the flow on that day.
    """
    plants = [one for one in city.plants if flow in one.flows and _open(one.hours, weekday)]
    trucks = [one for one in city.trucks if flow in one.flows and weekday in one.shift.weekdays]
    for name, those in (("plant", plants), ("truck", trucks)):
        if not those:
            raise ValueError(f"{flow}, weekday {weekday}: there is no {name}")
    places: dict[Place, int] = {}
    open_today = [one for one in loads if _open(city.sites[one.container.site].access.hours, weekday)]
    stops = tuple(_stop(city, one, weekday, trucks, places) for one in open_today)
    tips = tuple(
        Tip(
            one.id,
            _at(places, Place(one.longitude, one.latitude)),
            round(one.minutes * MINUTE),
            _open(one.hours, weekday),
        )
        for one in plants
    )
    vehicles = tuple(_vehicle(city.depots[one.depot], one, places) for one in trucks)
    return Problem(stops, vehicles, tips, ways(list(places)), closures, peaks)


def served(side: Side) -> Side:
    """On which side of a truck a site lies that may be served from this side of its street: where traffic keeps to the
    right, on its right."""
    return Side.BOTH if side == Side.BOTH else Side.RIGHT


def _at(places: dict[Place, int], place: Place) -> int:
    return places.setdefault(place, len(places))


def _stop(city: City, load: Load, weekday: int, trucks: Sequence[Truck], places: dict[Place, int]) -> Stop:
    site = city.sites[load.container.site]
    heaviest = site.access.heaviest_t
    light = None if heaviest is None else frozenset(one.id for one in trucks if one.tonnes <= heaviest)
    place = _at(places, Place(site.longitude, site.latitude, served(site.access.side)))
    return Stop(load.container.id, place, load.kg, load.service, _open(site.access.hours, weekday), light, load.prize)


def _vehicle(depot: Depot, truck: Truck, places: dict[Place, int]) -> Vehicle:
    home = _at(places, Place(depot.longitude, depot.latitude))
    lunch = None
    if truck.lunch is not None:
        lunch = Lunch(truck.lunch[0] * MINUTE, truck.lunch[1] * MINUTE, truck.lunch_minutes * MINUTE)
    return Vehicle(
        truck.id,
        home,
        home,
        Window(truck.shift.opens * MINUTE, truck.shift.closes * MINUTE),
        truck.kg,
        lunch,
        kg_a_day=truck.kg_a_day,
        stops_a_day=truck.stops_a_day,
        eur_per_km=truck.eur_per_km,
        eur_per_hour=truck.eur_per_hour,
    )


def _open(hours: Sequence[Hours], weekday: int) -> tuple[Window, ...]:
    """Always, where no hours are said."""
    if not hours:
        return (Window(0, 2 * 86400),)
    return tuple(Window(one.opens * MINUTE, one.closes * MINUTE) for one in hours if weekday in one.weekdays)
