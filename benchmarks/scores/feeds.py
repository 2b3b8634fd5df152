"""The scenario's ship feeds as the service gets them: decoded by the exchange, areas from the places.

Nothing here is truth: that is read by the scores alone.
"""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from havre.sources.formats import pieces
from havre_mobility.calls.areas import Area, of_geojson
from havre_mobility.calls.cleaning import Bounds
from havre_scenario.day import day

BOUNDS = Bounds(-1.5, 49.0, 0.8, 50.5)
"""What a receiver at the harbour can hear."""
_APPROACH = ((-0.16, 49.500), (0.08, 49.475), (0.09, 49.495), (-0.16, 49.535))


def written(folder: Path, *, seed: int, days: int) -> Path:
    """The folder with the feeds of ``days`` days."""
    if days != 1:
        raise ValueError("this scenario has days of one")
    day(seed).write(folder)
    return folder


def decoded(log: Path, messages: str) -> tuple[pl.DataFrame, int]:
    """The rows of an NMEA log (``messages``: positions or static), and how many sentences were put aside."""
    frames, aside = [], 0
    with log.open("rb") as source:
        for piece in pieces("nmea", source, {"messages": messages}, datetime(2026, 1, 1, tzinfo=UTC)):
            frames.append(pl.DataFrame(piece.rows))
            aside += len(piece.rejected)
    return pl.concat(frames), aside


def areas_of(folder: Path) -> tuple[Area, ...]:
    collection = json.loads((folder / "places.geojson").read_text(encoding="utf-8"))
    found = of_geojson(collection)
    if any(area.kind == "approach" for area in found):
        return found
    return (*found, Area("approach", "approach", "Approach", _APPROACH), *_around_points(collection))


def _around_points(collection: dict[str, Any]) -> list[Area]:
    """Locks and anchorages of a scenario that tells only their middles."""
    around = []
    for feature in collection["features"]:
        kind, shape = feature["properties"]["kind"], feature["geometry"]
        if kind in ("lock", "anchorage") and shape["type"] == "Point":
            lon, lat = shape["coordinates"]
            metres = feature["properties"].get("radius_m", 200)
            turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
            place = partial(
                np.column_stack, (lon + metres / 72_300 * np.cos(turn), lat + metres / 111_120 * np.sin(turn))
            )
            around.append(Area(feature["id"], kind, feature["properties"]["name"], tuple(map(tuple, place().tolist()))))
    return around
