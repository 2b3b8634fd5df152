"""Where a craft is at any second of the day: nodes along a smooth way, with a speed profile.

A profile never exceeds the limit of a place nor the craft's acceleration; both hold by construction, because the
square of the speed is the lower envelope of cones of slope 2a over the squares of the limits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from havre_scenario.limits import Limits
from havre_scenario.plane import KNOT, Floats, Ints, Point, course, distance

UNDER_WAY, AT_ANCHOR, MOORED = 0, 1, 5
"""Navigational status, as message 1 tells it (ITU-R M.1371-5, annex 8)."""
STEP = 20.0
BEND = 400.0
TURN, PACE, STRETCH = 1.5, 0.15, 1000.0
"""Degrees, knots and metres, of which each asks for a node: a long track in the open sea has few."""


@dataclass(frozen=True)
class Track:
    """Nodes in order of time: seconds after midnight, metres, knots, degrees (unwrapped), navigational status.

    A node's status holds from this node to the next one.
    """

    t: Floats
    x: Floats
    y: Floats
    knots: Floats
    course: Floats
    status: Ints

    @property
    def start(self) -> float:
        return float(self.t[0])

    @property
    def end(self) -> float:
        return float(self.t[-1])

    def place(self, second: float) -> Point:
        return Point(float(np.interp(second, self.t, self.x)), float(np.interp(second, self.t, self.y)))

    def at(self, seconds: Floats) -> "Track":
        """The state at each of these seconds, which lie between the first node and the last."""
        held = np.clip(np.searchsorted(self.t, seconds, side="right") - 1, 0, len(self.t) - 1)
        x, y, knots, degrees = (np.interp(seconds, self.t, of) for of in (self.x, self.y, self.knots, self.course))
        return Track(np.asarray(seconds, float), x, y, knots, degrees, self.status[held])

    def later(self, seconds: float) -> "Track":
        return replace(self, t=self.t + seconds)

    def nearest(self, point: Point) -> float:
        """The second at which the craft is nearest to ``point``, also between two nodes."""
        dx, dy, to_x, to_y = np.diff(self.x), np.diff(self.y), point.x - self.x[:-1], point.y - self.y[:-1]
        part = np.clip((dx * to_x + dy * to_y) / np.maximum(dx**2 + dy**2, 1e-9), 0, 1)
        at = int(np.argmin(np.hypot(part * dx - to_x, part * dy - to_y)))
        return float(self.t[at] + part[at] * (self.t[at + 1] - self.t[at]))

    def between(self, start: float, end: float) -> "Track":
        """The part from ``start`` to ``end``, with a node at both."""
        inside = self.t[(self.t > start) & (self.t < end)]
        return self.at(np.concatenate([[start], inside, [end]]))


def sail(
    points: Sequence[Point], start: float, limits: Limits, *, rolling: tuple[bool, bool] = (False, False)
) -> Track:
    """Along these points from the second ``start``; a ``rolling`` end is passed at full speed, the others at rest."""
    x, y = _dense(_rounded(points))
    way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    square = (limits.knots(x, y) * KNOT) ** 2
    square[0] *= rolling[0]
    square[-1] *= rolling[1]
    cone = 2 * limits.acceleration * way
    square = np.minimum.accumulate(square - cone) + cone
    square = np.minimum.accumulate((square + cone)[::-1])[::-1] - cone
    speed = np.sqrt(np.maximum(square, 0))
    seconds = np.concatenate([[0.0], np.cumsum(2 * np.diff(way) / (speed[1:] + speed[:-1]))])
    degrees = _unwrapped(course(np.gradient(x), np.gradient(y)))
    kept = _telling(way, degrees, speed / KNOT)
    t, x, y, knots, degrees = (each[kept] for each in (start + seconds, x, y, speed / KNOT, degrees))
    return Track(t, x, y, knots, degrees, np.full(len(kept), UNDER_WAY))


def _telling(way: Floats, degrees: Floats, knots: Floats) -> Ints:
    """The nodes that a track needs: one for so many degrees of turn, knots of change or metres; and both ends."""
    change = np.abs(np.diff(degrees)) / TURN + np.abs(np.diff(knots)) / PACE + np.diff(way) / STRETCH
    told = np.floor(np.concatenate([[0.0], np.cumsum(change)]))
    return np.unique(np.concatenate([[0], np.flatnonzero(np.diff(told)) + 1, [len(way) - 1]]))


def hold(point: Point, start: float, end: float, heading: float, status: int) -> Track:
    """At rest at a point, bow to ``heading``."""
    two = np.ones(2)
    return Track(
        np.array([start, end]), point.x * two, point.y * two, 0 * two, heading * two, np.full(2, status, np.int64)
    )


def join(parts: Sequence[Track]) -> Track:
    """One track of parts that follow each other in time."""
    columns = {field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Track)}
    columns["course"] = _unwrapped(columns["course"])
    return Track(**columns)


def _unwrapped(degrees: Floats) -> Floats:
    return np.unwrap(degrees, period=360)


def _rounded(points: Sequence[Point]) -> list[Point]:
    """The points with every bend replaced by a curve (quadratic Bézier) tangent to both legs."""
    rounded = [points[0]]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        reach = min(BEND, distance(before, corner) / 2, distance(corner, after) / 2)
        begin, finish = corner.towards(before, reach), corner.towards(after, reach)
        for part in np.linspace(0, 1, 9):
            a, b, c = (1 - part) ** 2, 2 * part * (1 - part), part**2
            x, y = (a * begin[axis] + b * corner[axis] + c * finish[axis] for axis in (0, 1))
            rounded.append(Point(float(x), float(y)))
    return [*rounded, points[-1]]


def _dense(points: Sequence[Point]) -> tuple[Floats, Floats]:
    """The points of a polyline, about ``STEP`` metres apart."""
    xy = np.array(points)
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    steps = np.linspace(0, way[-1], max(5, round(way[-1] / STEP) + 1))
    return np.interp(steps, way, xy[:, 0]), np.interp(steps, way, xy[:, 1])
