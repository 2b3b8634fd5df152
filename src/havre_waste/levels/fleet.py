"""The containers as columns, and which of them are alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from havre_waste.sites.model import Container, Site, Truck

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
CELL = 0.009, 0.0139
"""Degrees of latitude and longitude of a neighbourhood's cell: about a kilometre at 49.5° N."""


@dataclass(frozen=True, eq=False)
class Fleet:
    """One element a container in each column. ``flow`` and ``group`` (flow and neighbourhood) are numbers from 0."""

    ids: tuple[str, ...]
    flows: tuple[str, ...]
    flow: Ints
    group: Ints
    groups: int
    depth_mm: Floats
    dead_mm: Floats
    litres: Floats
    sensed: Mask
    counted: Mask
    row: Mapping[str, int] = field(repr=False)
    """Of a container's id."""
    row_of_sensor: Mapping[str, int] = field(repr=False)
    trucks: Mapping[str, frozenset[int]] = field(repr=False)
    """The flows that each truck takes."""

    @classmethod
    def of(cls, containers: Sequence[Container], sites: Sequence[Site], trucks: Sequence[Truck] = ()) -> "Fleet":
        """``ValueError``: two containers have one id or one sensor, or a sensor has no room to measure in."""
        flows = tuple(sorted({str(one.flow) for one in containers}))
        cells = {one.id: (int(one.latitude // CELL[0]), int(one.longitude // CELL[1])) for one in sites}
        kinds = [(str(one.flow), cells.get(one.site, (0, 0))) for one in containers]
        groups = {kind: number for number, kind in enumerate(sorted(set(kinds)))}
        shallow = [one.id for one in containers if one.sensor and one.depth_mm <= one.dead_zone_mm]
        if shallow:
            raise ValueError(f"{shallow[0]}: depth_mm must be more than dead_zone_mm")
        return cls(
            ids=tuple(one.id for one in containers),
            flows=flows,
            flow=np.array([flows.index(str(one.flow)) for one in containers], np.int64),
            group=np.array([groups[kind] for kind in kinds], np.int64),
            groups=len(groups),
            depth_mm=np.array([one.depth_mm for one in containers], float),
            dead_mm=np.array([one.dead_zone_mm for one in containers], float),
            litres=np.array([one.litres for one in containers], float),
            sensed=np.array([one.sensor is not None for one in containers], bool),
            counted=np.array([one.counts for one in containers], bool),
            row=_unique([one.id for one in containers]),
            row_of_sensor=_unique([one.sensor for one in containers]),
            trucks={
                one.id: frozenset(flows.index(str(flow)) for flow in one.flows if str(flow) in flows) for one in trucks
            },
        )

    def fill(self, rows: Ints, distance_mm: Floats) -> Floats:
        """The share filled that a distance from the lid means; NaN stays."""
        room = np.maximum(self.depth_mm[rows] - self.dead_mm[rows], 1.0)
        return np.asarray((self.depth_mm[rows] - distance_mm) / room)


def _unique(names: Sequence[str | None]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row, name in enumerate(names):
        if name in found:
            raise ValueError(f"{name} is there twice")
        if name is not None:
            found[name] = row
    return found
