"""The network of waste: as large as Le Havre's, on land, and over movable bridges to the quarters beyond the basins."""

from collections import Counter

import numpy as np
import pytest

from havre_scenario import land, waste
from havre_scenario.places import BRIDGES
from havre_scenario.plane import at
from havre_scenario.waste import Network
from havre_scenario.waste.streets import components, inside


@pytest.fixture(scope="module", params=(1, 2, 3))
def network(request: pytest.FixtureRequest) -> Network:
    return waste.network(request.param)


def test_it_is_as_large_as_a_city(network: Network) -> None:
    assert len(network.containers) == 1000
    assert 350 <= len(network.sites) <= 700
    assert 12 <= len(network.trucks) <= 20
    flows = Counter(one.flow for one in network.containers)
    assert flows == {"residual": 360, "packaging": 240, "glass": 170, "food": 110, "litter": 120}
    for flow in flows:
        assert any(flow in plant.flows for plant in network.plants)


def test_the_same_seed_gives_the_same_network_and_another_one_another() -> None:
    assert waste.network(5).sites == waste.network(5).sites
    assert waste.network(5).rounds == waste.network(5).rounds
    assert waste.network(5).sites != waste.network(6).sites


def test_about_one_container_in_eight_lies_beyond_the_basins(network: Network) -> None:
    assert 0.10 <= np.mean([site.beyond for site in network.site_of]) <= 0.15


def test_each_movable_bridge_is_a_street_in_both_directions(network: Network) -> None:
    assert Counter(name for name in network.streets.bridge if name) == dict.fromkeys(BRIDGES, 2)


def test_beyond_the_basins_one_comes_over_bridges_or_by_the_long_way_round(network: Network) -> None:
    streets = network.streets
    short = np.array([not name for name in streets.bridge])
    short &= (streets.longitude[streets.start] < 0.195) & (streets.longitude[streets.end] < 0.195)
    part = components(len(streets.latitude), streets.start[short], streets.end[short])
    town = Counter(part[site.node] for site in network.sites if not site.beyond).most_common(1)[0][0]
    assert all((part[site.node] != town) == site.beyond for site in network.sites)


@pytest.mark.parametrize("closed", ["", *BRIDGES])
def test_a_closed_bridge_cuts_off_nobody(network: Network, closed: str) -> None:
    streets = network.streets
    free = np.array([not name or name != closed for name in streets.bridge])
    assert len(np.unique(components(len(streets.latitude), streets.start[free], streets.end[free]))) == 1


def test_no_street_but_a_bridge_lies_in_water(network: Network) -> None:
    streets = network.streets
    points = [at(lat, lon) for lat, lon in zip(streets.latitude, streets.longitude, strict=True)]
    dry = np.array([not name for name in streets.bridge])
    x = np.array([(points[a].x + points[b].x) / 2 for a, b in zip(streets.start, streets.end, strict=True)])[dry]
    y = np.array([(points[a].y + points[b].y) / 2 for a, b in zip(streets.start, streets.end, strict=True)])[dry]
    outline, *basins = land.rings()
    assert inside(outline, x, y).all()
    for basin in basins:
        assert not inside(basin, x, y).any()


def test_streets_do_not_cross(network: Network) -> None:
    """Without the bridges, the streets of a jittered grid: none is so long that it could reach over another."""
    streets = network.streets
    dry = np.array([not name for name in streets.bridge])
    assert streets.metres[dry].max() < 2 * 110
    assert (streets.seconds > 0).all()
    assert (streets.metres / streets.seconds < 14).all()


def test_on_a_main_street_a_truck_has_what_it_serves_on_its_right(network: Network) -> None:
    sides = Counter(site.side for site in network.sites)
    assert set(sides) == {"right", "both"}
    assert 0.1 < sides["right"] / len(network.sites) < 0.4


def test_a_site_stands_beside_its_street_and_not_on_it(network: Network) -> None:
    streets = network.streets
    xy = np.array([at(lat, lon) for lat, lon in zip(streets.latitude, streets.longitude, strict=True)])
    start, end = xy[streets.start], xy[streets.end]
    for site in network.sites[::10]:
        point = np.array(at(site.latitude, site.longitude))
        part = ((point - start) * (end - start)).sum(axis=1) / ((end - start) ** 2).sum(axis=1)
        away = np.hypot(*(start + np.clip(part, 0, 1)[:, None] * (end - start) - point).T)
        assert away.min() == pytest.approx(7, abs=0.2)


def test_each_container_is_on_a_fixed_round_of_a_truck_of_its_flow(network: Network) -> None:
    trucks = {one.id: one for one in network.trucks}
    flows = {one.id: one.flow for one in network.containers}
    assert {stop.container for stop in network.rounds} == set(flows)
    assert all(flows[stop.container] in trucks[stop.truck].flows for stop in network.rounds)
    orders = Counter((stop.round, stop.order) for stop in network.rounds)
    assert set(orders.values()) == {1}
