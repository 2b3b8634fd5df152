"""What to take instead of a lost bridge, by a graph of roads from the settings.

``[[settings.roads]]``: ``between`` (two places), ``minutes``, and ``over``, the bridge or lock on it, where there is
one. The lines of places.geojson do not serve: they are schematic, and no two of them lead to the same place, so that
by them every bridge is the only way.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from havre_mobility.opening.detours import Road, way

KEYS = {"between", "minutes", "over"}


def roads(given: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> tuple[Road, ...]:
    """``names``: of bridges and locks, by id. ``ValueError`` names what is wrong with the settings."""
    return tuple(_road(number, one, names) for number, one in enumerate(given))


def _road(number: int, given: Mapping[str, Any], names: Mapping[str, str]) -> Road:
    where = f"settings.roads[{number}]"
    for key in given.keys() - KEYS:
        raise ValueError(f"{where}.{key} is not known; {', '.join(sorted(KEYS))} are")
    between, minutes, over = given.get("between"), given.get("minutes"), given.get("over")
    if not isinstance(between, list) or len(between) != 2 or not all(isinstance(one, str) for one in between):
        raise ValueError(f"{where}.between: got {between!r}, expected the names of two places")
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 <= minutes < float("inf"):
        raise ValueError(f"{where}.minutes: got {minutes!r}, expected a number, 0 or more")
    if over is not None and over not in names:
        raise ValueError(f"{where}.over: got {over!r}, expected one of {', '.join(sorted(names))}")
    return Road(f"{number}", (between[0], between[1]), float(minutes), over=over)


def detours(graph: Sequence[Road], lost: Collection[str], names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """By lost bridge, the names of the bridges and locks on the quickest way for cars that is left from one of its
    ends to the other; one without such a way is not there."""
    found = {}
    for road in graph:
        if road.over in lost and road.over is not None:
            left = way(graph, *road.between, "car", lost)
            over = tuple(dict.fromkeys(names[one.over] for one in left or () if one.over))
            if over:
                found[road.over] = over
    return found
