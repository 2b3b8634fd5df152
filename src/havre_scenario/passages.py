"""One movement of one ship: from the sea, the anchorage or a berth to another of these, with what happens on the way.

Arrivals keep to the south side of the channel and departures to its north side, as ships keep to starboard.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from havre_scenario import places
from havre_scenario.limits import SHIP, Limits
from havre_scenario.places import Places
from havre_scenario.plane import Point
from havre_scenario.ships import Ship
from havre_scenario.tracks import UNDER_WAY, Track, hold, join, sail

_CHANNEL = ("channel-west", "channel-east", places.ENTRANCE)
_ASIDE = 80.0


@dataclass(frozen=True)
class Passage:
    """A movement in seconds after the start; None where the ship does not pass."""

    wish: "Wish"
    track: Track = field(repr=False)
    pilot_at: float | None = None
    entrance_at: float | None = None
    lock: str | None = None
    lock_in_at: float | None = None
    lock_out_at: float | None = None
    bridges: tuple[tuple[str, float], ...] = ()
    """Each bridge on the way, and when the ship passes it."""

    @property
    def ship(self) -> Ship:
        return self.wish.ship

    @property
    def movement(self) -> str:
        return self.wish.movement

    @property
    def start_at(self) -> str:
        return self.wish.start_at

    @property
    def end_at(self) -> str:
        return self.wish.end_at

    @property
    def left_at(self) -> float:
        return self.track.start

    @property
    def ended_at(self) -> float:
        return self.track.end

    def later(self, seconds: float) -> "Passage":
        """The same movement, all of it so much later."""
        pilot, entrance, lock_in, lock_out = (
            at if at is None else at + seconds
            for at in (self.pilot_at, self.entrance_at, self.lock_in_at, self.lock_out_at)
        )
        bridges = tuple((name, at + seconds) for name, at in self.bridges)
        return Passage(self.wish, self.track.later(seconds), pilot, entrance, self.lock, lock_in, lock_out, bridges)


@dataclass(frozen=True)
class Wish:
    """A movement before it has its time."""

    ship: Ship
    start_at: str
    end_at: str
    pace: float
    """Share of the speed limits that this ship takes."""
    aside: float
    """Metres by which the ship passes beside the waypoint at sea."""
    lock_seconds: float
    open_before: float
    """Seconds for which a bridge is closed to the road before the ship passes, and after."""
    open_after: float

    @property
    def movement(self) -> str:
        """``arrival``, ``departure``, ``shift``, or ``anchoring``: from the sea to the anchorage."""
        if self.end_at == places.ANCHORAGE:
            return "anchoring"
        if self.end_at in places.SEAS:
            return "departure"
        return "arrival" if self.start_at in (*places.SEAS, places.ANCHORAGE) else "shift"


def passage(
    port: Places, wish: Wish, left_at: float, from_point: Point | None = None, to_point: Point | None = None
) -> Passage:
    """The movement when it begins at ``left_at``; from and to these points, or else its first and last waypoint."""
    way = port.way(wish.start_at, wish.end_at)
    points = [_beside(port.point(name), name, wish) for name in way]
    points[0], points[-1] = from_point or points[0], to_point or points[-1]
    lock = next((name for name in way if name in places.LOCKS), None)
    rolling = (wish.start_at in places.SEAS, wish.end_at in places.SEAS)
    limits = SHIP.scaled(wish.pace)
    if lock is None:
        track, lock_in, lock_out = sail(points, left_at, limits, rolling=rolling), None, None
    else:
        track, lock_in, lock_out = _through(points, way.index(lock), left_at, limits, wish.lock_seconds, rolling)
    return Passage(
        wish, track,
        track.nearest(places.PILOT_POINT) if places.PILOT in way else None,
        track.nearest(port.point(places.ENTRANCE)) if places.ENTRANCE in way else None,
        lock, lock_in, lock_out,
        tuple((name, track.nearest(port.point(name))) for name in way if name in places.BRIDGES),
    )  # fmt: skip


def _through(
    points: Sequence[Point], lock: int, left_at: float, limits: Limits, seconds: float, rolling: tuple[bool, bool]
) -> tuple[Track, float, float]:
    """The track by way of a lock, and when the ship lies in it."""
    before = sail(points[: lock + 1], left_at, limits, rolling=(rolling[0], False))
    inside = hold(points[lock], before.end, before.end + seconds, float(before.course[-1]), UNDER_WAY)
    after = sail(points[lock:], inside.end, limits, rolling=(False, rolling[1]))
    return join([before, inside, after]), before.end, inside.end


def _beside(point: Point, name: str, wish: Wish) -> Point:
    if name in places.SEAS:
        return Point(point.x, point.y + wish.aside)
    if name in _CHANNEL:
        return Point(point.x, point.y + (_ASIDE if wish.movement == "departure" else -_ASIDE))
    return point
