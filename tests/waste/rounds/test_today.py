"""The problem of a flow on a day, from what a city has."""

from collections.abc import Sequence

import pytest

from havre_waste.rounds.matrix import from_coordinates
from havre_waste.rounds.model import Lunch, Matrix, Problem, Window
from havre_waste.rounds.roads import Place
from havre_waste.rounds.today import City, Load, problem
from havre_waste.sites.model import Access, Container, Depot, Flow, Hours, Plant, Side, Site, Truck

MONDAY, SUNDAY = 0, 6
SITES = (
    Site("plain", "", 0.10, 49.49),
    Site("main street", "", 0.11, 49.49, access=Access(Side.LEFT)),
    Site("mornings", "", 0.12, 49.49, access=Access(hours=(Hours(300, 660, frozenset({MONDAY})),))),
    Site("weak bridge", "", 0.13, 49.49, access=Access(heaviest_t=19.0)),
)
SHIFT = Hours(300, 780)
CITY = City(
    {one.id: one for one in SITES},
    {"depot": Depot("depot", 0.14, 49.49)},
    [Plant("plant", "", 0.15, 49.49, frozenset({Flow.GLASS}), (Hours(300, 720),), 10)],
    [
        Truck("heavy", "depot", frozenset({Flow.GLASS}), 9000, SHIFT, tonnes=26.0),
        Truck("light", "depot", frozenset({Flow.GLASS}), 4000, SHIFT, lunch=None),
    ],
)
LOADS = [Load(Container(one.id, one.id, Flow.GLASS, 3000, 1750), 300) for one in SITES]


def posed(weekday: int = MONDAY, flow: Flow = Flow.GLASS) -> tuple[Problem, list[Place]]:
    seen: list[Place] = []

    def ways(places: Sequence[Place]) -> Matrix:
        seen.extend(places)
        return from_coordinates([(one.longitude, one.latitude) for one in places])

    return problem(CITY, flow, weekday, LOADS, ways), seen


def test_hours_weights_and_sides_of_the_city_are_those_of_the_problem() -> None:
    given, places = posed()
    stops = {one.id: one for one in given.stops}
    assert stops["mornings"].windows == (Window(300 * 60, 660 * 60),)
    assert stops["weak bridge"].vehicles == frozenset({"light"})
    assert stops["plain"].vehicles is None
    assert places[stops["main street"].place].side == Side.RIGHT, "a truck has it on its right"
    assert [one.lunch for one in given.vehicles] == [Lunch(660 * 60, 720 * 60, 45 * 60), None]
    assert given.tips[0].windows == (Window(300 * 60, 720 * 60),)


def test_a_site_that_is_closed_today_takes_no_part() -> None:
    given, _ = posed(SUNDAY)
    assert "mornings" not in {one.id for one in given.stops}


def test_a_flow_without_a_plant_is_refused() -> None:
    with pytest.raises(ValueError, match="food, weekday 0: there is no plant"):
        posed(flow=Flow.FOOD)
