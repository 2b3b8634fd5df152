"""The matrix of a road graph: fastest ways without turning back, to the side of the street that is served (pure).

R437 of the French occupational safety: no collecting from both sides of a street at once, and no reversing. So a place
that is served from one side is reached in the direction in which it lies on that side, and left onward; nowhere on the
way is a street entered from its own other direction, but at the end of a dead end, or where nothing else leads there.
From a place that may be served from both sides one may leave in both directions.

Times are found for all places at once: labels of all edges are corrected in sweeps over the map from its four sides
until nothing changes (Bellman and Ford, in an order that roads like), each step over a row of all sources.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from havre_waste.rounds.model import Crossing, Ints, Matrix
from havre_waste.sites.model import Side

TURN = 60.0
"""Seconds to turn at the end of a dead end."""
TURN_ANYWHERE = 900.0
"""Seconds that turning at any other crossroads is said to cost: where nothing else leads there."""
FARTHEST = 400.0
"""Metres from a place to its street."""
DEGREE = 111_195.0
"""Metres of a degree of latitude."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes in WGS 84; each edge is one direction of a street. ``crossing`` names the bridge or gate that it is."""

    longitude: Floats
    latitude: Floats
    start: Ints
    end: Ints
    metres: Floats
    seconds: Floats
    crossing: Sequence[str]


@dataclass(frozen=True)
class Place:
    """``side``: on which side of a truck that comes along it lies; in France a truck loads on its right."""

    longitude: float
    latitude: float
    side: Side = Side.BOTH


@dataclass(frozen=True)
class Spot:
    """Where a place meets an edge: ``part`` of the way along it."""

    edge: int
    part: float


def from_graph(
    graph: Graph, places: Sequence[Place], basis: str = "road graph", *, detours: Sequence[Collection[str]] = ()
) -> Matrix:
    """Fastest ways between places; ``detours`` are sets of crossings, without each of which there are other ways.

    ``ValueError``: a place is farther than ``FARTHEST`` from every street, or cannot be reached.
    """
    usual = _from_graph(graph, places, basis)
    return replace(
        usual,
        others=tuple(
            _from_graph(without(graph, one), places, f"without {', '.join(sorted(one))}", usual) for one in detours
        ),
    )


def part(matrix: Matrix, rows: Sequence[int]) -> Matrix:
    """The matrix of some of its places, in this order."""
    number = {row: place for place, row in enumerate(rows)}
    chosen = np.ix_(np.array(rows), np.array(rows))
    return Matrix(
        matrix.metres[chosen],
        matrix.seconds[chosen],
        matrix.basis,
        {(number[a], number[b]): one for (a, b), one in matrix.crossings.items() if a in number and b in number},
        tuple(part(one, rows) for one in matrix.others),
    )


def without(graph: Graph, crossings: Collection[str]) -> Graph:
    """The graph when these are shut."""
    left = np.array([name not in crossings for name in graph.crossing])
    names = [name for name in graph.crossing if name not in crossings]
    return replace(
        graph,
        start=graph.start[left],
        end=graph.end[left],
        metres=graph.metres[left],
        seconds=graph.seconds[left],
        crossing=names,
    )


def _from_graph(graph: Graph, places: Sequence[Place], basis: str, usual: Matrix | None = None) -> Matrix:
    """``usual``: what stands where there is no way."""
    known = list(dict.fromkeys(places))
    number = {place: row for row, place in enumerate(known)}
    spots = snapped(graph, known)
    seconds, metres, crossed = _ways(graph, spots, *_times(graph, spots))
    for start, end in np.argwhere(~np.isfinite(seconds)).tolist():
        if usual is None:
            raise ValueError(f"there is no way from {known[start]} to {known[end]}")
        pair = places.index(known[start]), places.index(known[end])
        seconds[start, end], metres[start, end] = usual.seconds[pair], usual.metres[pair]
        crossed[start, end] = usual.crossings.get(pair, ())
    rows = [number[one] for one in places]
    copies: dict[int, list[int]] = {}
    for at, row in enumerate(rows):
        copies.setdefault(row, []).append(at)
    return Matrix(
        np.rint(metres).astype(np.int64)[np.ix_(rows, rows)],
        np.ceil(seconds).astype(np.int64)[np.ix_(rows, rows)],
        f"{basis}: fastest ways, no turning back, served sides",
        {(a, b): found for (s, e), found in crossed.items() for a in copies[s] for b in copies[e]},
    )


def snapped(graph: Graph, places: Sequence[Place]) -> list[list[Spot]]:
    """Where each place meets the nearest street that is no crossing: on one direction of it, or on both."""
    scale = np.cos(np.radians(graph.latitude.mean())) * DEGREE
    x, y = graph.longitude * scale, graph.latitude * DEGREE
    ax, ay = x[graph.start], y[graph.start]
    dx, dy = x[graph.end] - ax, y[graph.end] - ay
    length = np.maximum(dx**2 + dy**2, 1e-9)
    shut = np.array([bool(name) for name in graph.crossing])
    reverse = _reverse(graph)
    found = []
    for place in places:
        px, py = place.longitude * scale - ax, place.latitude * DEGREE - ay
        part = np.clip((px * dx + py * dy) / length, 0, 1)
        off = np.hypot(px - part * dx, py - part * dy) + np.where(shut, np.inf, 0)
        edge = int(np.argmin(off))
        if off[edge] > FARTHEST:
            raise ValueError(f"{place}: the nearest street is {off[edge]:.0f} m away; expected {FARTHEST:g} or less")
        right = dx[edge] * py[edge] - dy[edge] * px[edge] <= 0
        here, back = Spot(edge, float(part[edge])), Spot(int(reverse[edge]), 1 - float(part[edge]))
        if back.edge < 0:
            found.append([here])
        elif place.side == Side.BOTH:
            found.append([here, back])
        else:
            found.append([here if right == (place.side == Side.RIGHT) else back])
    return found


def _reverse(graph: Graph) -> Ints:
    """Of each edge that of the other direction, or -1."""
    known = {pair: number for number, pair in enumerate(zip(graph.start.tolist(), graph.end.tolist(), strict=True))}
    pairs = zip(graph.end.tolist(), graph.start.tolist(), strict=True)
    return np.array([known.get(pair, -1) for pair in pairs], dtype=np.int64)


def _before(graph: Graph) -> list[list[tuple[int, float]]]:
    """Of each edge those that may lead into it, with the seconds of turning."""
    into: list[list[int]] = [[] for _ in range(len(graph.longitude))]
    for number, end in enumerate(graph.end.tolist()):
        into[end].append(number)
    reverse = _reverse(graph).tolist()
    out = np.bincount(graph.start, minlength=len(into)).tolist()
    found = []
    for number, start in enumerate(graph.start.tolist()):
        onward = [(one, 0.0) for one in into[start] if one != reverse[number]]
        back = [(reverse[number], TURN if out[start] == 1 else TURN_ANYWHERE)] if reverse[number] >= 0 else []
        found.append(onward + back)
    return found


def _times(graph: Graph, spots: Sequence[Sequence[Spot]]) -> tuple[Floats, Floats]:
    """Seconds from each place (column) to the beginning and to the end of each edge (row)."""
    edges = len(graph.start)
    begin = np.full((edges, len(spots)), np.inf)
    finish = np.full((edges, len(spots)), np.inf)
    before = _before(graph)
    after: list[list[int]] = [[] for _ in range(edges)]
    for edge, those in enumerate(before):
        for one, _ in those:
            after[one].append(edge)
    stale = np.zeros(edges, dtype=bool)
    for source, ways in enumerate(spots):
        for spot in ways:
            finish[spot.edge, source] = (1 - spot.part) * graph.seconds[spot.edge]
            stale[after[spot.edge]] = True
    seconds, sweeps = graph.seconds.tolist(), _sweeps(graph)
    turn = 0
    while stale.any():
        for edge in sweeps[turn % len(sweeps)]:
            if stale[edge]:
                stale[edge] = False
                _correct(edge, before[edge], begin, finish, seconds[edge], stale, after[edge])
        turn += 1
    return begin, finish


def _correct(
    edge: int,
    before: Sequence[tuple[int, float]],
    begin: Floats,
    finish: Floats,
    seconds: float,
    stale: npt.NDArray[np.bool_],
    after: Sequence[int],
) -> None:
    here = begin[edge]
    for one, turning in before:
        np.minimum(here, finish[one] + turning if turning else finish[one], out=here)
    ends = here + seconds
    if (ends < finish[edge]).any():
        np.minimum(finish[edge], ends, out=finish[edge])
        for one in after:
            stale[one] = True


def _sweeps(graph: Graph) -> list[list[int]]:
    """The edges from west to east, back, from south to north, and back."""
    middles = [axis[graph.start] + axis[graph.end] for axis in (graph.longitude, graph.latitude)]
    return [order.tolist() for middle in middles for order in (np.argsort(middle), np.argsort(-middle))]


Crossings = dict[tuple[int, int], tuple[Crossing, ...]]


def _ways(
    graph: Graph, spots: Sequence[Sequence[Spot]], begin: Floats, finish: Floats
) -> tuple[Floats, Floats, Crossings]:
    """Seconds, metres and crossings from place to place, along the edges from the last back to the first."""
    places = len(spots)
    seconds, metres = np.full((places, places), np.inf), np.zeros((places, places))
    last = np.full((places, places), -1)
    for target, those in enumerate(spots):
        for spot in those:
            found = begin[spot.edge] + spot.part * graph.seconds[spot.edge]
            better = found < seconds[:, target]
            seconds[better, target] = found[better]
            metres[better, target] = spot.part * graph.metres[spot.edge]
            last[better, target] = spot.edge
    crossings = _traced(graph, spots, begin, finish, last, metres)
    for source, target, time, length in _beside(graph, spots):
        if time < seconds[source, target]:
            seconds[source, target], metres[source, target] = time, length
            crossings.pop((source, target), None)
    return seconds, metres, crossings


def _traced(
    graph: Graph, spots: Sequence[Sequence[Spot]], begin: Floats, finish: Floats, last: Ints, metres: Floats
) -> Crossings:
    """Adds the metres before the last edge; gives what was crossed."""
    widest = max(len(one) for one in _before(graph))
    before = np.full((len(graph.start), widest), -1)
    turning = np.zeros((len(graph.start), widest))
    for row, some in enumerate(_before(graph)):
        for column, (one, cost) in enumerate(some):
            before[row, column], turning[row, column] = one, cost
    starts = np.full(finish.shape, np.nan)
    for number, those in enumerate(spots):
        for spot in those:
            starts[spot.edge, number] = spot.part
    named = np.array([bool(one) for one in graph.crossing])
    crossed: dict[tuple[int, int], list[Crossing]] = {}
    source, target = np.nonzero(last >= 0)
    edge = last[source, target]
    while len(edge):
        options = before[edge]
        times = np.where(options >= 0, finish[options, source[:, None]] + turning[edge], np.inf)
        rows = np.arange(len(edge))
        choice = np.argmin(times, axis=1)
        alive = np.isfinite(times[rows, choice])
        source, target, edge = source[alive], target[alive], options[rows, choice][alive]
        part = starts[edge, source]
        done = ~np.isnan(part) & (finish[edge, source] >= (1 - part) * graph.seconds[edge] - 1e-9)
        done &= finish[edge, source] < begin[edge, source] + graph.seconds[edge] - 1e-9
        np.add.at(metres, (source, target), np.where(done, 1 - np.nan_to_num(part), 1.0) * graph.metres[edge])
        for at in np.flatnonzero(named[edge]).tolist():
            name, after = graph.crossing[int(edge[at])], round(float(begin[edge[at], source[at]]))
            crossed.setdefault((int(source[at]), int(target[at])), []).append(Crossing(name, after))
        source, target, edge = source[~done], target[~done], edge[~done]
    return {pair: tuple(reversed(found)) for pair, found in crossed.items()}


def _beside(graph: Graph, spots: Sequence[Sequence[Spot]]) -> list[tuple[int, int, float, float]]:
    """Places that lie one behind the other on one edge, and each to itself."""
    found = [(one, one, 0.0, 0.0) for one in range(len(spots))]
    on: dict[int, list[tuple[float, int]]] = {}
    for place, those in enumerate(spots):
        for spot in those:
            on.setdefault(spot.edge, []).append((spot.part, place))
    for edge, some in on.items():
        ordered = sorted(some)
        for number, (part, place) in enumerate(ordered):
            for further, other in ordered[number + 1 :]:
                along = further - part
                found.append((place, other, along * float(graph.seconds[edge]), along * float(graph.metres[edge])))
    return found
