"""Ways to a gate over movable bridges, by the roads of places.geojson (pure).

Roads are lines; where the end of one lies within ``JOINED`` metres of a point of another, they meet. A bridge is on the
road that its property ``road`` names.
"""

import heapq
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

SPEED = 30 / 3.6
"""Metres a second, of a truck in the port."""
JOINED = 200.0
METRES_PER_DEGREE = 111_195.0
Point = tuple[float, float]
"""Longitude, latitude, as GeoJSON has them."""


@dataclass(frozen=True)
class OnTheWay:
    """A bridge on the way to a gate. ``detour_s``: by how much the way gets longer without it; None: there is none."""

    bridge: str
    to_gate_s: int
    detour_s: int | None = None


def way(places: Mapping[str, Any], gate: str, bridges: list[str]) -> tuple[OnTheWay, ...]:
    """These bridges as they lie on the way to the gate, the farthest first. ``ValueError``: there is no such gate or
    bridge, or no road from one to the other."""
    found = []
    full = _distances(places, gate)
    for bridge in bridges:
        here = _place(places, bridge, "bridge")
        if here not in full:
            raise ValueError(f"{bridge}: no road leads from there to {gate}")
        found.append(OnTheWay(bridge, round(full[here] / SPEED), _detour(places, gate, bridge, full)))
    return tuple(sorted(found, key=lambda one: -one.to_gate_s))


def _detour(places: Mapping[str, Any], gate: str, bridge: str, full: Mapping[Point, float]) -> int | None:
    """From the ends of the bridge's road, with the bridge and without it: the most that anybody loses."""
    without, line = _distances(places, gate, lost=bridge), _line_of(places, bridge)
    if line[0] not in without or line[-1] not in without:
        return None
    return round(max(without[end] - full[end] for end in (line[0], line[-1])) / SPEED)


def _line_of(places: Mapping[str, Any], bridge: str) -> list[Point]:
    road = next(one["properties"].get("road") for one in places["features"] if one["properties"]["id"] == bridge)
    return next(points for name, points in _roads(places) if name == road)


def _roads(places: Mapping[str, Any]) -> list[tuple[str, list[Point]]]:
    return [
        (one["properties"]["id"], [(float(x), float(y)) for x, y, *_ in one["geometry"]["coordinates"]])
        for one in places["features"]
        if one["properties"]["kind"] == "road"
    ]


def _place(places: Mapping[str, Any], name: str, kind: str) -> Point:
    for one in places["features"]:
        if one["properties"]["id"] == name and one["properties"]["kind"] == kind:
            at = one["geometry"]["coordinates"]
            while isinstance(at[0], list):  # a short line: its middle point
                at = at[len(at) // 2]
            return float(at[0]), float(at[1])
    raise ValueError(f"{kind}: got {name!r}; expected one of places.geojson")


def _metres(one: Point, other: Point) -> float:
    east = (one[0] - other[0]) * math.cos(math.radians(one[1]))
    return math.hypot(east, one[1] - other[1]) * METRES_PER_DEGREE


def _distances(places: Mapping[str, Any], gate: str, lost: str = "") -> dict[Point, float]:
    """Metres by road from each point of the roads to the gate, without the bridge ``lost``."""
    start = _place(places, gate, "gate")
    gone = _place(places, lost, "bridge") if lost else None
    lines = _roads(places)
    points = {point for _, line in lines for point in line} | {start}
    ways: dict[Point, list[tuple[Point, float]]] = {point: [] for point in points}

    def join(one: Point, other: Point) -> None:
        if one != other and gone not in (one, other):
            far = _metres(one, other)
            ways[one].append((other, far))
            ways[other].append((one, far))

    for _, line in lines:
        for one, other in pairwise(line):
            join(one, other)
        for end in (line[0], line[-1]):
            for point in points:
                if _metres(end, point) <= JOINED:
                    join(end, point)
    best = {start: 0.0}
    queue = [(0.0, start)]
    while queue:
        so_far, here = heapq.heappop(queue)
        if so_far > best[here]:
            continue
        for there, far in ways[here]:
            if so_far + far < best.get(there, math.inf):
                best[there] = so_far + far
                heapq.heappush(queue, (so_far + far, there))
    return best
