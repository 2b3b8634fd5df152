"""The city that the service works in: what stands there, and the ways between all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from havre_waste.levels import Fleet
from havre_waste.live.intake import ESSENTIAL
from havre_waste.rounds import today
from havre_waste.rounds.matrix import from_coordinates
from havre_waste.rounds.model import Matrix
from havre_waste.rounds.roads import Graph, Place, from_graph
from havre_waste.sites.city import City, city
from havre_waste.sites.datasets import DATASETS
from havre_waste.sites.model import Side, Site
from havre_waste.sites.rows import read

Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, eq=False)
class Ground:
    """``streets`` is None where none are known: ways are then made from coordinates, and that is said."""

    city: City
    streets: Graph | None = field(repr=False)

    @cached_property
    def fleet(self) -> Fleet:
        known = self.city
        return Fleet.of(list(known.containers.values()), list(known.sites.values()), list(known.trucks.values()))

    @cached_property
    def stands(self) -> today.City:
        known = self.city
        return today.City(known.sites, known.depots, tuple(known.plants.values()), tuple(known.trucks.values()))

    @cached_property
    def places(self) -> Mapping[Place, int]:
        """Rows of the matrix: depots, plants, then sites, each where it is served from."""
        known = self.city
        spots = [Place(one.longitude, one.latitude) for one in known.depots.values()]
        spots += [Place(one.longitude, one.latitude) for one in known.plants.values()]
        spots += [place_of(one) for one in known.sites.values()]
        return {one: row for row, one in enumerate(dict.fromkeys(spots))}

    @cached_property
    def matrix(self) -> Matrix:
        """Between all of them; takes seconds, once."""
        spots = list(self.places)
        if self.streets is None:
            return _straight(spots)
        return from_graph(self.streets, spots)

    def between(self, places: Sequence[Place]) -> Matrix:
        """The ways between some of them, or others, in this order."""
        if any(one not in self.places for one in places):
            return from_graph(self.streets, places) if self.streets is not None else _straight(places)
        rows = [self.places[one] for one in places]
        chosen = {row: place for place, row in enumerate(rows)}
        whole = self.matrix
        crossings = {
            (chosen[start], chosen[end]): found
            for (start, end), found in whole.crossings.items()
            if start in chosen and end in chosen
        }
        some = np.ix_(rows, rows)
        return Matrix(whole.metres[some], whole.seconds[some], whole.basis, crossings)


def _straight(places: Sequence[Place]) -> Matrix:
    return from_coordinates([(one.longitude, one.latitude) for one in places])


def place_of(site: Site) -> Place:
    """A truck loads on its right (``rounds.today``)."""
    return Place(site.longitude, site.latitude, Side.BOTH if site.access.side == Side.BOTH else Side.RIGHT)


def ground(frames: Frames) -> Ground | None:
    """None until there are sites and containers. ``NotAccepted`` names what does not fit together.

    Of rows with the same key the last counts.
    """
    if any(name not in frames for name in ESSENTIAL):
        return None
    rows = {
        name: read(enumerate(_last(name, frame).iter_rows(named=True), 1), frame.columns, name)
        for name, frame in frames.items()
    }
    nodes, edges = rows.pop("street_nodes", []), rows.pop("streets", [])
    return Ground(city(rows), _streets(nodes, edges) if nodes and edges else None)


def _last(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    key = [one for one in DATASETS[name].key if one in frame.columns]
    return frame.unique(key, keep="last", maintain_order=True) if key else frame


def _streets(nodes: list[dict[str, object]], edges: list[dict[str, object]]) -> Graph:
    number = {node["node"]: row for row, node in enumerate(nodes)}
    return Graph(
        longitude=np.array([one["longitude"] for one in nodes], float),
        latitude=np.array([one["latitude"] for one in nodes], float),
        start=np.array([number[one["start"]] for one in edges], np.int64),
        end=np.array([number[one["end"]] for one in edges], np.int64),
        metres=np.array([one["metres"] for one in edges], float),
        seconds=np.array([one["seconds"] for one in edges], float),
        crossing=[str(one["bridge"] or "") for one in edges],
    )
