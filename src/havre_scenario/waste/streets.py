"""Streets of the sketch: a jittered grid on land, thinned, with the movable bridges as its only ways over water.

A street may be driven in both directions. No two streets cross but at a node, so that the graph is planar; the bridges
of ``places`` are edges with a name. East of the basins there is a long way round, so that a closed bridge costs a
detour and cuts off nobody.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from havre_scenario import land
from havre_scenario.chance import Chance
from havre_scenario.plane import Floats, Ints, Point, at, degrees
from havre_scenario.waste.model import Streets

SPACING, JITTER = 110.0, 0.22
SOUTH_WEST, NORTH_EAST = at(49.4665, 0.066), at(49.5270, 0.208)
MAIN_EVERY = 5
"""Every so many-th line of the grid is a main street: faster, and never thinned."""
THINNED = 0.18
SPEED = {"street": 6.4, "main": 9.2, "port": 11.0, "bridge": 8.0}
"""Metres a second of a truck, lights and corners included."""
CROOKED = 1.04
"""By how much a street is longer than the straight line."""
COLUMNS_FROM = 100
PORT_SOUTH_OF = at(49.4855, 0.107).y
WAY_ROUND = at(49.48, 0.197).x
"""Only east of it do the town and the land behind the basins hang together."""
CENTRE = at(49.4940, 0.1070)
LOCK = ((49.4803, 0.1430), (49.4803, 0.1490), (49.4832, 0.1490), (49.4832, 0.1430), (49.4803, 0.1430))
"""Quinette lock, which the sketch of the land leaves out, and over which no truck drives."""
BRIDGES = {
    # where its two ends meet the streets
    "bridge-rouge": ((49.4875, 0.1488), (49.4868, 0.1532)),
    "bridge-5": ((49.4836, 0.1530), (49.4788, 0.1520)),
    "bridge-6": ((49.4842, 0.1632), (49.4813, 0.1668)),
    "bridge-7": ((49.4793, 0.1790), (49.4767, 0.1802)),
    "bridge-7bis": ((49.4806, 0.1812), (49.4776, 0.1840)),
}
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Ground:
    """The streets, and of their edges the line of the grid on which they lie, and which are of main streets."""

    streets: Streets
    line: Ints
    main: Mask
    beyond: Mask
    """The nodes that lie beyond the basins."""


def build(chance: Chance) -> Ground:
    x, y, start, end, line = _grid(chance)
    main = line % MAIN_EVERY == 0
    port = (y[start] < PORT_SOUTH_OF) & (y[end] < PORT_SOUTH_OF)
    keep = (main | port | (chance.random(len(start)) >= THINNED)) & _dry(x, y, start, end)
    start, end, line = start[keep], end[keep], line[keep]
    speed = np.where(main[keep], SPEED["main"], np.where(port[keep], SPEED["port"], SPEED["street"]))
    used = np.bincount(np.concatenate([start, end]), minlength=len(x)) > 1
    centre = _nearest(x, y, CENTRE, used)
    beyond = _beyond(x, start, end, centre)
    ends = np.array([[_nearest(x, y, at(*bank), used) for bank in banks] for banks in BRIDGES.values()])
    names = np.array([""] * len(start) + list(BRIDGES))
    start, end = np.concatenate([start, ends[:, 0]]), np.concatenate([end, ends[:, 1]])
    line = np.concatenate([line, np.zeros(len(ends), np.int64)])
    speed = np.concatenate([speed, np.full(len(ends), SPEED["bridge"])])
    label = components(len(x), start, end)
    nodes = label == label[centre]
    edges = nodes[start]
    number = np.cumsum(nodes) - 1
    x, y, start, end = x[nodes], y[nodes], number[start[edges]], number[end[edges]]
    streets = _both_ways(x, y, start, end, speed[edges], names[edges])
    line = np.tile(line[edges], 2)
    return Ground(streets, line, line % MAIN_EVERY == 0, beyond[nodes])


def _both_ways(x: Floats, y: Floats, start: Ints, end: Ints, speed: Floats, names: npt.NDArray[np.str_]) -> Streets:
    metres = np.round(np.hypot(x[start] - x[end], y[start] - y[end]) * CROOKED, 1)
    seconds: Floats = np.round(metres / speed, 1)
    latitude, longitude = degrees(x, y)
    return Streets(
        latitude=np.round(latitude, 6), longitude=np.round(longitude, 6),
        start=np.concatenate([start, end]), end=np.concatenate([end, start]),
        metres=np.tile(metres, 2), seconds=np.tile(seconds, 2), bridge=tuple(names.tolist() * 2),
    )  # fmt: skip


def _grid(chance: Chance) -> tuple[Floats, Floats, Ints, Ints, Ints]:
    """Nodes (x, y), and of each edge its two nodes and its line: rows from 0, and columns from ``COLUMNS_FROM``."""
    columns = int((NORTH_EAST.x - SOUTH_WEST.x) / SPACING)
    rows = int((NORTH_EAST.y - SOUTH_WEST.y) / SPACING)
    column, row = np.meshgrid(np.arange(columns), np.arange(rows))
    x = SOUTH_WEST.x + (column.ravel() + chance.uniform(-JITTER, JITTER, column.size)) * SPACING
    y = SOUTH_WEST.y + (row.ravel() + chance.uniform(-JITTER, JITTER, row.size)) * SPACING
    node = np.arange(rows * columns).reshape(rows, columns)
    start = np.concatenate([node[:, :-1].ravel(), node[:-1].ravel()])
    end = np.concatenate([node[:, 1:].ravel(), node[1:].ravel()])
    line = np.concatenate([row[:, :-1].ravel(), COLUMNS_FROM + column[:-1].ravel()])
    return x, y, start, end, line


def _dry(x: Floats, y: Floats, start: Ints, end: Ints) -> Mask:
    """Which edges are on land all along."""
    outline, *basins = land.rings()
    basins.append([at(*corner) for corner in LOCK])
    dry = np.ones(len(start), bool)
    for part in np.linspace(0, 1, 5):
        px, py = x[start] + part * (x[end] - x[start]), y[start] + part * (y[end] - y[start])
        dry &= inside(outline, px, py)
        for basin in basins:
            dry &= ~inside(basin, px, py)
    return dry


def inside(ring: list[Point], x: Floats, y: Floats) -> Mask:
    """Which points lie in the closed ring, by the number of its sides to their east."""
    odd = np.zeros(len(x), bool)
    for a, b in pairwise(ring):
        if a.y != b.y:
            odd ^= ((a.y > y) != (b.y > y)) & (x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x)
    return odd


def components(nodes: int, start: Ints, end: Ints) -> Ints:
    """A label of each node; the same for those that hang together."""
    label = np.arange(nodes)
    while True:
        before = label.copy()
        low = np.minimum(label[start], label[end])
        np.minimum.at(label, start, low)
        np.minimum.at(label, end, low)
        label = label[label]
        if np.array_equal(before, label):
            return label


def _beyond(x: Floats, start: Ints, end: Ints, centre: int) -> Mask:
    """Nodes that one reaches from the centre only over a bridge or by the long way round."""
    west = (x[start] < WAY_ROUND) & (x[end] < WAY_ROUND)
    label = components(len(x), start[west], end[west])
    return np.asarray((label != label[centre]) & (x < WAY_ROUND))


def _nearest(x: Floats, y: Floats, point: Point, of: Mask) -> int:
    return int(np.argmin(np.where(of, np.hypot(x - point.x, y - point.y), np.inf)))
