"""The order of stops: a tour from place 0 over some of the others and back, by insertion and exchange.

Costs are a square matrix, not symmetric where streets are not. Every step is one look at all moves at once and takes
the best of them: 2-opt (a piece is turned round) and Or-opt (up to three stops go elsewhere, turned round or not).
"""

import numpy as np

from havre_waste.choice.model import Floats, Ints

LONGEST = 3
"""Of a piece that is moved."""


def tour(cost: Floats, stops: Ints) -> Ints:
    """All ``stops`` in a short order, without the 0 at both ends."""
    if len(stops) == 0:
        return np.zeros(0, np.int64)
    far = int(stops[np.argmax(cost[0, stops] + cost[stops, 0])])
    way, left = np.array([0, far, 0]), stops[stops != far]
    while len(left):
        gaps, more = _insertions(cost, way, left)
        chosen = int(np.argmax(more))
        way, left = np.insert(way, gaps[chosen] + 1, left[chosen]), np.delete(left, chosen)
    return improved(cost, way[1:-1])


def with_prizes(cost: Floats, order: Ints, optional: Ints, worth: Floats) -> Ints:
    """``order`` and those of ``optional`` whose way costs less than they are worth; the best bargain is taken first."""
    way, left, worth = np.concatenate([[0], order, [0]]), optional, worth
    while len(left):
        gaps, more = _insertions(cost, way, left)
        gain = worth - more
        chosen = int(np.argmax(gain))
        if gain[chosen] <= 0:
            break
        way = np.insert(way, gaps[chosen] + 1, left[chosen])
        left, worth = np.delete(left, chosen), np.delete(worth, chosen)
    return way[1:-1]


def savings(cost: Floats, order: Ints) -> Floats:
    """What the way costs less without each stop of ``order``."""
    way = np.concatenate([[0], order, [0]])
    a, b, c = way[:-2], way[1:-1], way[2:]
    return np.asarray(cost[a, b] + cost[b, c] - cost[a, c])


def without_losses(cost: Floats, order: Ints, worth: Floats, longest: int = 8) -> Ints:
    """``order`` without pieces of up to ``longest`` stops whose way costs more than they are worth.

    ``worth``: of each stop of ``order``; the worst loss goes first.
    """
    while len(order):
        way, total = np.concatenate([[0], order, [0]]), np.concatenate([[0.0], np.cumsum(worth)])
        legs = np.concatenate([[0.0], np.cumsum(cost[way[:-1], way[1:]])])
        worst, piece = 1e-9, slice(0, 0)
        for long in (*range(1, min(longest, len(order) - 1) + 1), len(order)):
            first = np.arange(len(order) - long + 1)
            last = first + long
            way_eur = legs[last + 1] - legs[first] - cost[way[first], way[last + 1]]
            loss = way_eur - (total[last] - total[first])
            at = int(np.argmax(loss))
            if loss[at] > worst:
                worst, piece = float(loss[at]), slice(at, at + long)
        if piece.stop == 0:
            break
        order, worth = np.delete(order, piece), np.delete(worth, piece)
    return order


def improved(cost: Floats, order: Ints) -> Ints:
    """No single move makes it shorter."""
    way = np.concatenate([[0], order, [0]])
    while len(order) > 1:
        gain, change = max((_turned(cost, way), *_moved(cost, way)), key=lambda one: one[0])
        if gain < 1e-9:
            break
        way = _changed(way, *change)
    return way[1:-1]


Change = tuple[int, int, int, bool]
"""The piece from, until (both belong to it), after which position it goes (its own: it stays), turned round or not."""


def _insertions(cost: Floats, way: Ints, left: Ints) -> tuple[Ints, Floats]:
    """For each of ``left`` the gap at which it costs least, and what it costs there."""
    a, b = way[:-1], way[1:]
    more = cost[np.ix_(left, b)] + cost[np.ix_(a, left)].T - cost[a, b]
    gaps = np.argmin(more, axis=1)
    return gaps, more[np.arange(len(left)), gaps]


def _turned(cost: Floats, way: Ints) -> tuple[float, Change]:
    stops = way[1:-1]
    there = np.concatenate([[0], np.cumsum(cost[stops[:-1], stops[1:]])])
    back = np.concatenate([[0], np.cumsum(cost[stops[1:], stops[:-1]])])
    inner = (back[None] - back[:, None]) - (there[None] - there[:, None])
    before, after = way[:-2], way[2:]
    gain = cost[before, stops][:, None] + cost[stops, after] - cost[np.ix_(before, stops)]
    gain -= cost[np.ix_(stops, after)] + inner
    gain[np.tri(len(stops), dtype=bool)] = 0
    i, j = divmod(int(np.argmax(gain)), len(stops))
    return float(gain[i, j]), (i + 1, j + 1, i, True)


def _moved(cost: Floats, way: Ints) -> list[tuple[float, Change]]:
    found = []
    a, b = way[:-1], way[1:]
    edge = cost[a, b]
    for long in range(1, min(LONGEST, len(way) - 3) + 1):
        start = np.arange(1, len(way) - long)
        first, last = way[start], way[start + long - 1]
        out = edge[start - 1] + edge[start + long - 1] - cost[way[start - 1], way[start + long]]
        inside = (np.arange(len(a)) >= start[:, None] - 1) & (np.arange(len(a)) < start[:, None] + long)
        for turned in (False, True) if long > 1 else (False,):
            head, tail = (last, first) if turned else (first, last)
            gain = out[:, None] - (cost[np.ix_(a, head)].T + cost[np.ix_(tail, b)] - edge)
            if turned:
                gain -= _turning(cost, way, start, long)[:, None]
            gain[inside] = 0
            i, j = divmod(int(np.argmax(gain)), len(a))
            found.append((float(gain[i, j]), (i + 1, i + long, j, turned)))
    return found


def _turning(cost: Floats, way: Ints, start: Ints, long: int) -> Floats:
    """What the piece itself costs more when it is driven the other way."""
    total = np.zeros(len(start))
    for step in range(long - 1):
        a, b = way[start + step], way[start + step + 1]
        total += cost[b, a] - cost[a, b]
    return total


def _changed(way: Ints, first: int, last: int, after: int, turned: bool) -> Ints:
    piece = way[first : last + 1]
    rest = np.concatenate([way[:first], way[last + 1 :]])
    place = after + 1 if after < first else after - len(piece) + 1
    return np.insert(rest, place, piece[::-1] if turned else piece)
