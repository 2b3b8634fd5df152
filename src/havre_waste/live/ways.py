"""The line of a round on the map: the streets between its places, for a picture (the times are those of the matrix)."""

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from itertools import pairwise

import numpy as np

from havre_waste.rounds.roads import Graph

Place = tuple[float, float]
"""Longitude and latitude."""


class Streets:
    """Fastest ways over the nodes of the graph, without sides: what is asked again is not looked for again."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._from: list[list[tuple[int, float]]] = [[] for _ in graph.longitude]
        for start, end, seconds in zip(graph.start.tolist(), graph.end.tolist(), graph.seconds.tolist(), strict=True):
            self._from[start].append((end, seconds))
        self._known: dict[tuple[int, int], list[int]] = {}

    def line(self, places: Sequence[Place]) -> tuple[Place, ...]:
        """Through the places in their order."""
        found: list[Place] = list(places[:1])
        for start, end in pairwise(places):
            nodes = self._way(self._nearest(start), self._nearest(end)) if start != end else []
            found += [(float(self._graph.longitude[node]), float(self._graph.latitude[node])) for node in nodes]
            found.append(end)
        return tuple(found)

    def _nearest(self, place: Place) -> int:
        across = (self._graph.longitude - place[0]) * np.cos(np.radians(place[1]))
        return int(np.argmin(across**2 + (self._graph.latitude - place[1]) ** 2))

    def _way(self, start: int, end: int) -> list[int]:
        if (start, end) not in self._known:
            self._known[start, end] = self._fastest(start, end)
        return self._known[start, end]

    def _fastest(self, start: int, end: int) -> list[int]:
        """Dijkstra; empty when there is no way."""
        best, before, open_ = {start: 0.0}, {start: start}, [(0.0, start)]
        while open_:
            seconds, node = heappop(open_)
            if node == end:
                return _back(before, start, end)
            if seconds > best[node]:
                continue
            for to, more in self._from[node]:
                if seconds + more < best.get(to, np.inf):
                    best[to], before[to] = seconds + more, node
                    heappush(open_, (best[to], to))
        return []


def _back(before: dict[int, int], start: int, end: int) -> list[int]:
    found = [end]
    while found[-1] != start:
        found.append(before[found[-1]])
    return found[::-1]


def simplified(line: Iterable[Place]) -> tuple[Place, ...]:
    """Without the same place twice in a row, to the metre or so."""
    found: list[Place] = []
    for longitude, latitude in line:
        place = round(longitude, 5), round(latitude, 5)
        if not found or found[-1] != place:
            found.append(place)
    return tuple(found)
