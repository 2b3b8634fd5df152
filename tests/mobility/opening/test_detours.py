"""A lost bridge: who goes where else, what that meets there, and who is cut off."""

from itertools import pairwise, permutations, product

import pytest

from havre_mobility.opening.detours import Demand, Road, chain, loss, way

VEHICLES = frozenset({"car", "truck", "bus"})
# as in Le Havre after September 2025: Pont V is lost, Pont VI and the lock Vétillard are its detours
ROADS = [
    Road("r5", ("city", "island"), 4, 900, "bridge-5"),
    Road("r6", ("city", "island"), 7, 700, "bridge-6"),
    Road("rv", ("city", "island"), 11, 300, "lock-vetillard", VEHICLES),
    Road("quay", ("island", "terminal"), 3),
]
CARS = Demand("commuters", "city", "terminal", "car", 500)
TRUCKS = Demand("trucks", "terminal", "city", "truck", 150)
WALKERS = Demand("on foot", "city", "island", "foot", 40)
LINE = Demand("bus 5", "city", "island", "bus", 6)
DEMANDS = [CARS, TRUCKS, WALKERS, LINE]


def test_everybody_takes_the_quickest_way_that_is_left() -> None:
    found = loss(ROADS, DEMANDS, ["bridge-5"])
    assert {one.demand.name: (one.before, one.after, one.longer) for one in found.detours} == {
        "commuters": (("r5", "quay"), ("r6", "quay"), 3),
        "trucks": (("quay", "r5"), ("quay", "r6"), 3),
        "on foot": (("r5",), ("r6",), 3),
        "bus 5": (("r5",), ("r6",), 3),
    }
    (load,) = found.loads
    assert (load.over, load.before, load.after, load.overloaded) == ("bridge-6", 0, 656, False)
    assert found.vehicle_minutes == 3 * (500 + 150 + 40 + 6)


def test_a_chain_goes_from_the_bridge_to_the_next_and_to_the_lock() -> None:
    first, second = chain(ROADS, DEMANDS, ["bridge-5", "bridge-6"])
    assert [one.over for one in first.loads] == ["bridge-6"]
    (load,) = second.loads
    assert (load.over, load.overloaded) == ("lock-vetillard", True)
    assert second.cut_off == (WALKERS,)
    (last,) = chain(ROADS, [CARS], ["bridge-5", "bridge-6", "lock-vetillard"])[2:]
    assert last.cut_off == (CARS,)


def test_who_did_not_use_the_bridge_is_not_hit() -> None:
    assert loss(ROADS, DEMANDS, ["bridge-6"]).detours == ()


def test_from_a_place_to_itself_there_is_no_way_to_go() -> None:
    assert way(ROADS, "city", "city", "car") == ()
    assert way(ROADS, "city", "nowhere", "car") is None


@pytest.mark.parametrize("seed", range(5))
def test_no_other_way_is_quicker(seed: int) -> None:
    places = "abcde"
    pairs = [(x, y) for x, y in product(places, places) if x < y]
    roads = [Road(f"{x}{y}", (x, y), (7 * number + 3 * seed) % 11 + 1) for number, (x, y) in enumerate(pairs)]
    minutes = {frozenset(road.between): road.minutes for road in roads}
    found = way(roads, "a", "e", "car")
    assert found is not None
    every = [("a", *middle, "e") for count in range(4) for middle in permutations("bcd", count)]
    shortest = min(sum(minutes[frozenset(leg)] for leg in pairwise(one)) for one in every)
    assert sum(road.minutes for road in found) == shortest
