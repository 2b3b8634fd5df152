"""Ways of a road graph: to the side that is served, without turning back, as Dijkstra finds them."""

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from havre_waste.rounds.matrix import from_coordinates
from havre_waste.rounds.roads import DEGREE, TURN, TURN_ANYWHERE, Graph, Place, from_graph, part, snapped
from havre_waste.sites.model import Side

METRE = 1 / DEGREE
"""Degrees, at the equator."""


def graph(
    nodes: list[tuple[float, float]], streets: list[tuple[int, int]], crossing: dict[int, str] | None = None
) -> Graph:
    """Nodes in metres from 0° 0°; every street in both directions, at 10 m/s."""
    xy = np.array(nodes, dtype=float)
    start = np.array([a for a, _ in streets] + [b for _, b in streets])
    end = np.array([b for _, b in streets] + [a for a, _ in streets])
    metres = np.hypot(*(xy[start] - xy[end]).T)
    names = [(crossing or {}).get(number, "") for number in range(len(streets))] * 2
    return Graph(xy[:, 0] * METRE, xy[:, 1] * METRE, start, end, metres, metres / 10, names)


def place(x: float, y: float, side: Side = Side.BOTH) -> Place:
    return Place(x * METRE, y * METRE, side)


BLOCK = graph([(0, 0), (1000, 0), (1000, 1000), (0, 1000)], [(0, 1), (1, 2), (2, 3), (3, 0)])
"""Four streets of a kilometre around a block."""


def test_a_place_is_reached_with_its_side_on_the_right() -> None:
    south = place(500, -5, Side.RIGHT)
    corner = place(0, 500)
    matrix = from_graph(BLOCK, [corner, south])
    assert matrix.metres[0, 1] == 1000, "eastward it lies on the right: straight on over the corner"
    assert matrix.metres[1, 0] == 3000, "and on around the block, not back"


def test_the_other_side_is_reached_the_other_way() -> None:
    matrix = from_graph(BLOCK, [place(0, 500), place(500, 5, Side.RIGHT)])
    assert matrix.metres[0, 1] == 3000


def test_a_place_served_from_both_sides_is_left_both_ways() -> None:
    matrix = from_graph(BLOCK, [place(0, 500), place(500, 5)])
    assert matrix.metres[0, 1] == matrix.metres[1, 0] == 1000


def test_nobody_turns_back_but_at_the_end_of_a_dead_end() -> None:
    dead_end = graph([(0, 0), (1000, 0), (2000, 0)], [(0, 1), (1, 2)])
    matrix = from_graph(dead_end, [place(1500, -5, Side.RIGHT), place(500, 5, Side.RIGHT)])
    assert matrix.metres[0, 1] == 2000
    assert matrix.seconds[0, 1] == 200 + TURN


def test_where_only_turning_leads_one_turns_at_a_price() -> None:
    ring = from_graph(BLOCK, [place(500, -5, Side.RIGHT), place(0, 500, Side.RIGHT), place(500, 5, Side.RIGHT)])
    assert ring.seconds[0, 2] >= TURN_ANYWHERE


def test_what_is_crossed_is_told_with_its_time() -> None:
    bridged = graph([(0, 0), (1000, 0), (1000, 1000), (0, 1000)], [(0, 1), (1, 2), (2, 3), (3, 0)], {1: "bridge"})
    matrix = from_graph(bridged, [place(500, 0), place(500, 1000)], detours=[("bridge",)])
    leg = matrix.crossings.get((0, 1), ())
    assert [(one.name, one.after) for one in leg] in ([("bridge", 50)], [])
    assert matrix.others[0].crossings == {}
    assert matrix.others[0].metres[0, 1] == 2000


def test_a_place_far_from_every_street_is_refused() -> None:
    with pytest.raises(ValueError, match="the nearest street is 500"):
        from_graph(BLOCK, [place(-500, 500), place(500, 0)])


def test_a_place_that_cannot_be_reached_is_refused() -> None:
    apart = graph([(0, 0), (1000, 0), (0, 1000), (1000, 1000)], [(0, 1), (2, 3)])
    with pytest.raises(ValueError, match="there is no way"):
        from_graph(apart, [place(500, 0), place(500, 1000)])


def test_a_part_of_the_places_has_the_same_ways() -> None:
    places = [place(0, 500), place(500, 5), place(1000, 200), place(300, 1000)]
    whole, some = from_graph(BLOCK, places), from_graph(BLOCK, [places[3], places[1]])
    assert (part(whole, [3, 1]).metres == some.metres).all()


@given(st.integers(2, 5), st.integers(2, 5), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_times_are_those_of_dijkstra_over_edges(columns: int, rows: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    nodes = [
        (x * 100 + float(chance.uniform(-30, 30)), y * 100 + float(chance.uniform(-30, 30)))
        for y in range(rows)
        for x in range(columns)
    ]
    streets = [(y * columns + x, y * columns + x + 1) for y in range(rows) for x in range(columns - 1)]
    streets += [(y * columns + x, (y + 1) * columns + x) for y in range(rows - 1) for x in range(columns)]
    given = graph(nodes, streets)
    sides = [Side.BOTH, Side.RIGHT, Side.LEFT]
    places = [
        place(
            float(chance.uniform(0, 100 * (columns - 1))),
            float(chance.uniform(0, 100 * (rows - 1))),
            sides[int(chance.integers(3))],
        )
        for _ in range(6)
    ]
    matrix = from_graph(given, places)
    for source in range(6):
        assert matrix.seconds[source] == pytest.approx(dijkstra(given, places, source), abs=1.01)


def dijkstra(given: Graph, places: list[Place], source: int) -> list[float]:
    """Over directed edges, written for this test alone."""
    spots = snapped(given, places)
    start, end, seconds = given.start.tolist(), given.end.tolist(), given.seconds.tolist()
    queue = [((1 - one.part) * seconds[one.edge], one.edge) for one in spots[source]]
    heapq.heapify(queue)
    begun: dict[int, float] = {}
    done: set[int] = set()
    while queue:
        at, edge = heapq.heappop(queue)
        if edge in done and at > begun.get(edge, np.inf) + seconds[edge] + 1e-9:
            continue
        for other in range(len(start)):
            back = start[other] == end[edge] and end[other] == start[edge]
            if start[other] != end[edge]:
                continue
            found = at + (0 if not back else TURN if start.count(end[edge]) == 1 else TURN_ANYWHERE)
            if found < begun.get(other, np.inf) - 1e-9:
                begun[other] = found
                heapq.heappush(queue, (found + seconds[other], other))
        done.add(edge)
    times = []
    for number, those in enumerate(spots):
        ways = [begun.get(one.edge, np.inf) + one.part * seconds[one.edge] for one in those]
        ways += [
            (one.part - other.part) * seconds[one.edge]
            for one in those
            for other in spots[source]
            if one.edge == other.edge and one.part >= other.part
        ]
        times.append(0.0 if number == source else min(ways))
    return times


def test_coordinates_alone_say_that_they_are() -> None:
    matrix = from_coordinates([(0.1, 49.49), (0.1, 49.50)])
    assert matrix.metres[0, 1] == pytest.approx(1112 * 1.3, abs=2)
    assert "no roads" in matrix.basis
