"""Caps of the day as one number, which is all that the solver keeps (pure).

Where the load and the number of stops are both capped, the tighter one is tried alone; only when a plan breaks the
other, both are kept by what stands for them: the larger of a stop's shares in the two.
"""

from math import ceil, gcd

from havre_waste.rounds.model import Problem, Stop, Tip, Vehicle
from havre_waste.rounds.posing import Share
from havre_waste.rounds.timetable import Order

FINE = 10_000
ROOMY = 1 << 40


def shares(problem: Problem) -> tuple[Share | None, ...]:
    """What to keep, in the order of trying."""
    kg = {one.id: one.kg_a_day - one.kg_done for one in problem.vehicles if one.kg_a_day is not None}
    stops = {one.id: one.stops_a_day - one.stops_done for one in problem.vehicles if one.stops_a_day is not None}
    total = sum(one.kg for one in problem.stops)
    tight_kg, tight_stops = total / (sum(kg.values()) or 1), len(problem.stops) / (sum(stops.values()) or 1)
    loads = {one.id: one.kg for one in problem.stops}
    unit = gcd(*loads.values()) or 1
    by_kg = Share({id: one // unit for id, one in loads.items()}, {id: max(one, 0) // unit for id, one in kg.items()})
    by_stops = Share(dict.fromkeys(loads, 1), {id: max(one, 0) for id, one in stops.items()})
    binds_kg = any(one < total for one in kg.values())
    binds_stops = any(one < len(problem.stops) for one in stops.values())
    match binds_kg, binds_stops:
        case False, False:
            return (None,)
        case True, False:
            return (by_kg,)
        case False, True:
            return (by_stops,)
    return (by_kg if tight_kg >= tight_stops else by_stops, _both(loads, kg, stops))


def _both(loads: dict[str, int], kg: dict[str, int], stops: dict[str, int]) -> Share:
    least_kg, least_stops = max(min(kg.values()), 1), max(min(stops.values()), 1)
    caps = {id: kg.get(id, ROOMY) / least_kg for id in {*kg, *stops}}
    caps = {id: min(one, stops.get(id, ROOMY) / least_stops) for id, one in caps.items()}
    return Share(
        {id: ceil(FINE * max(one / least_kg, 1 / least_stops)) for id, one in loads.items()},
        {id: int(FINE * max(one, 0)) for id, one in caps.items()},
    )


def kept(vehicle: Vehicle, order: Order) -> bool:
    """Whether the order keeps the vehicle's caps of the day."""
    stops = [one for one in order if isinstance(one, Stop)]
    kg = vehicle.kg_done + sum(one.kg for one in stops)
    return (vehicle.kg_a_day is None or kg <= vehicle.kg_a_day) and (
        vehicle.stops_a_day is None or vehicle.stops_done + len(stops) <= vehicle.stops_a_day
    )


def fits(vehicle: Vehicle, order: Order) -> bool:
    """Whether each trip of the order keeps what the vehicle takes in one."""
    kg, stops, trips = vehicle.on_board, 0, vehicle.trips_done + 1
    for number, one in enumerate(order):
        if isinstance(one, Tip):
            kg, stops, trips = 0, 0, trips + (number < len(order) - 1)
            continue
        kg, stops = kg + one.kg, stops + 1
        if kg > vehicle.kg or (vehicle.stops_a_trip is not None and stops > vehicle.stops_a_trip):
            return False
    return vehicle.trips is None or trips <= vehicle.trips
