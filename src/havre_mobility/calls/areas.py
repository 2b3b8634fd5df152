"""The areas that movements are detected by, and a grid that tells of millions of positions which they are in.

Four levels: approach, anchorage, lock, berth. Each has two rims, ``enter`` and ``leave``, in metres beyond its
polygon: a position between them changes nothing. Most cells of the grid lie wholly on one side of every rim, so that
one look-up answers; only in a cell that a rim crosses is the distance to the polygon computed.

Distances are metres on an equirectangular plane around the middle of all areas: within a port and its approaches the
error is far below that of a position.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
KINDS = ("approach", "anchorage", "lock", "berth")
METRES_PER_DEGREE = 60 * 1852.0
CELL = 40.0
"""Metres. Small enough that a berth does not fill the cells around it, large enough for a grid of a few megabytes."""
MOST_CELLS = 8_000_000
"""Where areas lie so far apart that the grid would be larger, its cells are."""
BLOCK = 1 << 16
"""Positions handled at once: their columns stay in the processor's cache."""
UNRESOLVED = np.uint8(255)


@dataclass(frozen=True)
class Area:
    """``ring``: longitude and latitude (WGS 84, degrees) of the corners; it need not be closed."""

    id: str
    kind: str
    name: str
    ring: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Rims:
    """Metres beyond the polygon; negative ones lie inside. ``enter`` is at most ``leave``."""

    enter: float
    leave: float


def of_geojson(collection: Mapping[str, Any]) -> tuple[Area, ...]:
    """The polygons of a GeoJSON FeatureCollection (RFC 7946) whose ``kind`` is one of ``KINDS``; holes are left.

    The id is the feature's own or its property ``id``.
    """
    found = []
    for feature in collection["features"]:
        said, shape = feature["properties"], feature["geometry"]
        if said.get("kind") in KINDS and shape["type"] == "Polygon":
            id_ = str(said.get("id") or feature.get("id") or said["name"])
            ring = tuple((float(lon), float(lat)) for lon, lat, *_ in shape["coordinates"][0])
            found.append(Area(id_, said["kind"], str(said.get("name") or id_), ring))
    return tuple(found)


@dataclass(frozen=True)
class Plane:
    """Metres east and north of a place."""

    longitude: float
    latitude: float

    @property
    def east(self) -> float:
        """Metres in a degree of longitude."""
        return METRES_PER_DEGREE * float(np.cos(np.radians(self.latitude)))

    def metres(self, longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
        return (longitude - self.longitude) * self.east, (latitude - self.latitude) * METRES_PER_DEGREE


def outside(x: Floats, y: Floats, ring: Floats) -> Floats:
    """Metres from points to the polygon ``ring`` (corners, 2); negative inside."""
    square = np.full(x.shape, np.inf)
    within = np.zeros(x.shape, np.bool_)
    for (ax, ay), (bx, by) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        dx, dy, ex, ey = bx - ax, by - ay, x - ax, y - ay
        along = np.clip((ex * dx + ey * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
        np.minimum(square, (ex - along * dx) ** 2 + (ey - along * dy) ** 2, out=square)
        if dy:
            within ^= ((ey < 0) != (y < by)) & (ex < ey * (dx / dy))
    metres: Floats = np.sqrt(square) * np.where(within, -1, 1)
    return metres


@dataclass(frozen=True)
class Grid:
    """``inside`` holds for each cell the bits of the levels (bit k: within the enter rim of an area of kind k; bit
    4 + k: within its leave rim), or ``UNRESOLVED`` where a rim crosses it. ``row`` tells of such a cell in which row
    of ``near`` (rows, areas) the areas stand that have to be looked at.
    """

    areas: tuple[Area, ...]
    rims: Mapping[str, Rims]
    plane: Plane
    west: float
    south: float
    cell: float
    shape: tuple[int, int]
    inside: NDArray[np.uint8] = field(repr=False)
    row: NDArray[np.int32] = field(repr=False)
    near: NDArray[np.bool_] = field(repr=False)
    rings: tuple[Floats, ...] = field(repr=False)

    def levels(self, longitude: Floats, latitude: Floats) -> NDArray[np.uint8]:
        """The bits of each position (degrees, n)."""
        found = np.empty(len(longitude), np.uint8)
        for begin in range(0, len(found), BLOCK):
            block = slice(begin, begin + BLOCK)
            found[block] = self._block(longitude[block], latitude[block])
        return found

    def _block(self, longitude: Floats, latitude: Floats) -> NDArray[np.uint8]:
        cells = self._cells(longitude, latitude)
        found: NDArray[np.uint8] = self.inside.take(cells)
        open_ = np.flatnonzero(found == UNRESOLVED)
        if len(open_):
            x, y = self.plane.metres(longitude[open_], latitude[open_])
            found[open_] = self._exactly(self.row[cells[open_]], x, y)
        return found

    def _cells(self, longitude: Floats, latitude: Floats) -> NDArray[np.int32]:
        rows, columns = self.shape
        column = (longitude - self.plane.longitude) * (self.plane.east / self.cell) - self.west / self.cell
        row = (latitude - self.plane.latitude) * (METRES_PER_DEGREE / self.cell) - self.south / self.cell
        # the outermost cells are empty: they stand for all that lies beyond
        np.clip(column, 0, columns - 1, out=column)
        np.clip(row, 0, rows - 1, out=row)
        return row.astype(np.int32) * np.int32(columns) + column.astype(np.int32)

    def _exactly(self, rows: NDArray[np.int32], x: Floats, y: Floats) -> NDArray[np.uint8]:
        found = np.zeros(len(rows), np.uint8)
        near = self.near[rows]
        for index in np.flatnonzero(near.any(axis=0)).tolist():
            area, here = self.areas[index], np.flatnonzero(near[:, index])
            found[here] |= bits(area.kind, self.rims[area.kind], outside(x[here], y[here], self.rings[index]))
        return found


def bits(kind: str, rims: Rims, metres: Floats) -> NDArray[np.uint8]:
    """Of positions so many metres outside an area of this kind."""
    place = KINDS.index(kind)
    enter, leave = np.uint8(1 << place), np.uint8(16 << place)
    return (metres <= rims.enter) * enter | (metres <= rims.leave) * leave


def grid(areas: Sequence[Area], rims: Mapping[str, Rims], cell: float = CELL) -> Grid:
    """The grid of these areas; ``cell`` in metres. ``ValueError`` when there is no area."""
    if not areas:
        raise ValueError("there is no area of the kinds " + ", ".join(KINDS))
    corners = np.array([corner for area in areas for corner in area.ring])
    plane = Plane(*(float(of) for of in (corners.min(0) + corners.max(0)) / 2))
    rings = tuple(_ring(plane, area.ring) for area in areas)
    margin = max(rims[area.kind].leave for area in areas)
    low = np.min([ring.min(0) for ring in rings], axis=0) - margin
    high = np.max([ring.max(0) for ring in rings], axis=0) + margin
    cell = max(cell, float(np.sqrt(np.prod(high - low) / MOST_CELLS)))
    low, high = low - 2 * cell, high + 2 * cell
    columns, rows = (int(of) for of in np.ceil((high - low) / cell))
    inside, crossed = np.zeros((rows, columns), np.uint8), np.zeros((rows, columns), np.bool_)
    touched = []
    for area, ring in zip(areas, rings, strict=True):
        window, metres = _window(ring, rims[area.kind].leave, low, cell, (rows, columns))
        half = cell * float(np.sqrt(0.5))
        surely, maybe = (bits(area.kind, rims[area.kind], metres + of) for of in (half, -half))
        inside[window] |= surely
        crossed[window] |= surely != maybe
        touched.append((window, maybe != 0))
    crossed |= inside == UNRESOLVED
    inside[crossed] = UNRESOLVED
    row = np.full((rows, columns), -1, np.int32)
    row[crossed] = np.arange(crossed.sum())
    near = np.zeros((int(crossed.sum()), len(areas)), np.bool_)
    for index, (window, here) in enumerate(touched):
        near[row[window][here & crossed[window]], index] = True
    return Grid(
        tuple(areas), rims, plane, float(low[0]), float(low[1]), cell, (rows, columns),
        inside.ravel(), row.ravel(), near, rings,
    )  # fmt: skip


def _ring(plane: Plane, corners: Iterable[tuple[float, float]]) -> Floats:
    degrees = np.array(list(corners), np.float64)
    if len(degrees) > 1 and (degrees[0] == degrees[-1]).all():
        degrees = degrees[:-1]
    return np.column_stack(plane.metres(degrees[:, 0], degrees[:, 1]))


def _window(
    ring: Floats, margin: float, low: Floats, cell: float, shape: tuple[int, int]
) -> tuple[tuple[slice, slice], Floats]:
    """The cells around an area, and how far their middles lie outside it."""
    first = np.maximum(((ring.min(0) - margin - low) / cell).astype(int) - 1, 0)
    last = np.minimum(((ring.max(0) + margin - low) / cell).astype(int) + 2, shape[::-1])
    x = low[0] + (np.arange(first[0], last[0]) + 0.5) * cell
    y = low[1] + (np.arange(first[1], last[1]) + 0.5) * cell
    across, up = np.meshgrid(x, y)
    return (slice(first[1], last[1]), slice(first[0], last[0])), outside(across, up, ring)
