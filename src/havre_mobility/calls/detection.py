"""Visits: when a ship was in the approach, at anchor, in a lock, at a berth.

A visit begins with the first report within the enter rim of an area of its kind (at berth, at anchor and in a lock:
below ``stop`` knots). A report beyond the leave rim, or above ``go`` knots, ends it, at the last report before it that
was in the area and at rest. What lies between changes nothing (hysteresis), as in Global Fishing Watch's port events
(entry within 3 km, exit beyond 4 km, stop below 0.2 kn, going above 0.5 kn: "Anchorages, voyages and port visits",
technical documentation, 2021), with thresholds for a port whose berths are known one by one. Short interruptions are
closed (``pause``), then short visits dropped (``dwell``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from havre_mobility.calls.areas import BLOCK, KINDS, Floats, Grid, Rims, outside

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Level:
    """Metres beyond the polygon, knots, seconds. Without ``stop`` and ``go`` speed does not matter."""

    rims: Rims
    stop: float = np.inf
    go: float = np.inf
    dwell: int = 0
    pause: int = 0


LEVELS: Mapping[str, Level] = {
    "approach": Level(Rims(0, 300), dwell=120, pause=600),
    # a ship swings around her anchor, and some lie a little beside the ground
    "anchorage": Level(Rims(0, 600), stop=0.7, go=2.5, dwell=1800, pause=1800),
    "lock": Level(Rims(20, 60), stop=1.0, go=2.5, dwell=300, pause=180),
    # a second ship alongside lies a beam further from the quay
    "berth": Level(Rims(60, 120), stop=0.5, go=1.0, dwell=600, pause=1200),
}
"""Starting points; each was tried on the scenario (docs/explanation/port-calls.md)."""

VISITS: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "mmsi": pl.Int64,
    "track": pl.Int64,
    "kind": pl.String,
    "area": pl.String,
    "entered_at": pl.Datetime("us", "UTC"),
    "left_at": pl.Datetime("us", "UTC"),
    "entered": pl.Boolean,
    "left": pl.Boolean,
    "silence": pl.Duration("us"),
    "longitude": pl.Float64,
    "latitude": pl.Float64,
}
"""``entered``, ``left``: the ship was seen before and after, so that the time is that of an event and not of the log's
edge. ``silence``: the longest time between two reports of the visit or until the next one. The place is that of the
middle report; at a berth the median, see ``_middle``."""


def rims(levels: Mapping[str, Level] = LEVELS) -> dict[str, Rims]:
    """What ``areas.grid`` needs."""
    return {kind: level.rims for kind, level in levels.items()}


def visits(
    positions: pl.DataFrame,
    grid: Grid,
    particulars: pl.DataFrame | None = None,
    levels: Mapping[str, Level] = LEVELS,
) -> pl.DataFrame:
    """All visits, in order of ship, track and time (columns: ``VISITS``).

    ``positions``: what ``cleaning.clean`` gives, sorted by mmsi, track, time. ``particulars`` (mmsi, to_bow, to_stern,
    to_port, to_starboard; one row a ship, see ``cleaning.particulars``) put the middle of the hull in place of the
    antenna where a berth is chosen.
    """
    columns = Columns.of(positions)
    near = grid.levels(columns.longitude, columns.latitude)
    hulls = {} if particulars is None else {row["mmsi"]: row for row in particulars.iter_rows(named=True)}
    frames = [_frame(columns, grid, kind, *stays(columns, near, kind, levels[kind]), hulls) for kind in KINDS]
    return pl.concat(frames).sort("mmsi", "track", "entered_at", maintain_order=True)


@dataclass(frozen=True)
class Columns:
    """Positions as arrays; ``first`` marks those where a track begins."""

    mmsi: Integers
    track: Integers
    time: Integers
    longitude: Floats
    latitude: Floats
    speed: Floats
    heading: Floats
    first: NDArray[np.bool_]

    @classmethod
    def of(cls, positions: pl.DataFrame) -> "Columns":
        mmsi, track = positions["mmsi"].to_numpy(), positions["track"].to_numpy()
        first = np.ones(len(mmsi), np.bool_)
        first[1:] = (mmsi[1:] != mmsi[:-1]) | (track[1:] != track[:-1])
        longitude, latitude, speed, heading = (
            positions[name].cast(pl.Float64).to_numpy() for name in ("longitude", "latitude", "speed", "heading")
        )
        time = positions["time"].to_physical().to_numpy()
        return cls(mmsi, track, time, longitude, latitude, speed, heading, first)


def stays(columns: Columns, near: NDArray[np.uint8], kind: str, level: Level) -> tuple[Integers, Integers]:
    """The first and the last report of each visit of one kind, as places in the columns; ``near``: ``Grid.levels``."""
    changes, states = _changes(near, columns.speed, columns.first, KINDS.index(kind), level)
    entered = np.flatnonzero(states)
    begin = changes[entered]
    end = np.append(changes, len(columns.mmsi))[entered + 1] - 1
    begin, end = _closed(columns, begin, _at_rest(columns, begin, end, level), level)
    return _lasting(columns, begin, end, level)


def _changes(
    near: NDArray[np.uint8], speed: Floats, first: NDArray[np.bool_], place: int, level: Level
) -> tuple[Integers, NDArray[np.bool_]]:
    """Where the state changes or a track begins, and the state from there on.

    Each report says in, out or nothing; nothing keeps the state. That is a forward fill, written so that it touches
    only the reports that say something else than the one before.
    """
    enter, leave = np.uint8(1 << place), np.uint8(16 << place)
    says = np.empty(len(near), np.uint8)
    for begin in range(0, len(near), BLOCK):
        block = slice(begin, begin + BLOCK)
        bits, knots = near[block], speed[block]
        says[block] = ((bits & enter) != 0) & (knots <= level.stop if level.stop < np.inf else True)
        out = (bits & leave) == 0
        says[block] |= (out | (knots > level.go) if level.go < np.inf else out).view(np.uint8) << 1
    other = first.copy()
    other[1:] |= says[1:] != says[:-1]
    where = np.flatnonzero(other)
    said, begins = says[where], first[where]
    # a track that begins between the rims is out
    known = (said != 0) | begins
    where, state, begins = where[known], (said == 1)[known], begins[known]
    change = begins.copy()
    change[:1] = True
    change[1:] |= state[1:] != state[:-1]
    return where[change], state[change]


def _at_rest(columns: Columns, begin: Integers, end: Integers, level: Level) -> Integers:
    """The last report of each visit that was still at rest: a ship leaves before she is fast enough to be believed."""
    if level.stop == np.inf:
        return end
    at_rest = [
        first + int(np.flatnonzero(columns.speed[first : last + 1] <= level.stop)[-1])
        for first, last in zip(begin.tolist(), end.tolist(), strict=True)
    ]
    return np.array(at_rest, np.int64)


def _closed(columns: Columns, begin: Integers, end: Integers, level: Level) -> tuple[Integers, Integers]:
    """Visits with the short interruptions between them closed."""
    if len(begin) < 2:
        return begin, end
    same = columns.mmsi[begin[1:]] == columns.mmsi[end[:-1]]
    same &= columns.track[begin[1:]] == columns.track[end[:-1]]
    away = columns.time[begin[1:]] - columns.time[end[:-1]]
    apart = ~(same & (away <= level.pause * 1_000_000) & _beside(columns, begin, end))
    return begin[np.append(True, apart)], end[np.append(apart, True)]


def _beside(columns: Columns, begin: Integers, end: Integers) -> NDArray[np.bool_]:
    """Whether a ship came back to where she had been: within 300 m."""
    x = (columns.longitude[begin[1:]] - columns.longitude[end[:-1]]) * np.cos(np.radians(columns.latitude[end[:-1]]))
    y = columns.latitude[begin[1:]] - columns.latitude[end[:-1]]
    return np.asarray(np.hypot(x, y) * 60 * 1852 <= 300)


def _lasting(columns: Columns, begin: Integers, end: Integers, level: Level) -> tuple[Integers, Integers]:
    until = columns.time[_next(columns, end)]
    lasting = until - columns.time[begin] >= level.dwell * 1_000_000
    return begin[lasting], end[lasting]


def _next(columns: Columns, at: Integers) -> Integers:
    """The next report of the same track, or the same one where there is none."""
    after = np.minimum(at + 1, len(columns.first) - 1)
    return np.where(columns.first[after], at, after)


def _frame(
    columns: Columns, grid: Grid, kind: str, begin: Integers, end: Integers, hulls: Mapping[int, Mapping[str, int]]
) -> pl.DataFrame:
    after = _next(columns, end)
    half = (begin + end) // 2
    longitude, latitude = columns.longitude[half], columns.latitude[half]
    if kind == "berth":
        for index, (first, last) in enumerate(zip(begin.tolist(), end.tolist(), strict=True)):
            longitude[index], latitude[index] = _middle(columns, first, last, hulls)
    return pl.DataFrame(
        {
            "mmsi": columns.mmsi[begin],
            "track": columns.track[begin],
            "kind": [kind] * len(begin),
            "area": _areas(grid, kind, longitude, latitude),
            "entered_at": columns.time[begin],
            "left_at": columns.time[end],
            "entered": ~columns.first[begin],
            "left": after != end,
            "silence": _longest(np.diff(columns.time), begin, after),
            "longitude": longitude,
            "latitude": latitude,
        },
        schema_overrides={"kind": pl.String, "area": pl.String},
    ).cast(dict(VISITS))  # type: ignore[arg-type]


def _longest(waits: Integers, begin: Integers, after: Integers) -> Integers:
    """The longest of the ``waits`` after each of ``begin`` and before ``after``; 0 where there is none."""
    some = after > begin
    found = np.zeros(len(begin), np.int64)
    if some.any():
        bounds = np.column_stack((begin[some], after[some])).ravel()
        # what lies between two visits is computed too, and left
        found[some] = np.maximum.reduceat(np.append(waits, 0), bounds)[::2]
    return found


def _middle(columns: Columns, first: int, last: int, hulls: Mapping[int, Mapping[str, int]]) -> tuple[float, float]:
    """The median place of a visit to a berth: of the hull's middle where her particulars and heading are known."""
    stay = slice(first, last + 1)
    longitude, latitude = float(np.median(columns.longitude[stay])), float(np.median(columns.latitude[stay]))
    hull, heading = hulls.get(int(columns.mmsi[first])), np.radians(columns.heading[stay])
    if hull is None or np.isnan(heading).all():
        return longitude, latitude
    north, east = float(np.nanmean(np.cos(heading))), float(np.nanmean(np.sin(heading)))
    ahead = ((hull["to_bow"] or 0) - (hull["to_stern"] or 0)) / 2
    right = ((hull["to_starboard"] or 0) - (hull["to_port"] or 0)) / 2
    up, across = ahead * north - right * east, ahead * east + right * north
    metres = 60 * 1852
    return longitude + across / metres / float(np.cos(np.radians(latitude))), latitude + up / metres


def _areas(grid: Grid, kind: str, longitude: Floats, latitude: Floats) -> list[str]:
    """The area of this kind that each place lies in, or is nearest to."""
    x, y = grid.plane.metres(longitude, latitude)
    each = zip(grid.areas, grid.rings, strict=True)
    chosen = [(area.id, outside(x, y, ring)) for area, ring in each if area.kind == kind]
    if not chosen or not len(x):
        return []
    nearest = np.argmin([metres for _, metres in chosen], axis=0)
    return [chosen[index][0] for index in nearest.tolist()]
