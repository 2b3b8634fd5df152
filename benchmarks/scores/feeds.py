"""The scenario's ship feeds as the service gets them: decoded by the exchange, areas from the places.

Nothing here is truth: that is read by the scores alone.
"""

import atexit
import json
import shutil
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import polars as pl

from havre.sources.formats import pieces
from havre_mobility.calls.areas import Area, of_geojson
from havre_mobility.calls.cleaning import Bounds
from havre_scenario import city

BOUNDS = Bounds(-1.5, 49.0, 0.8, 50.5)
"""What a receiver at the harbour can hear."""


@cache
def written(seed: int, days: int) -> Path:
    """The folder with the feeds of ``days`` days, and their truth: made once, and gone with the process."""
    folder = Path(tempfile.mkdtemp(prefix="havre-score-"))
    atexit.register(shutil.rmtree, folder)
    city(seed, days=days).write(folder)
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
    return of_geojson(json.loads((folder / "places.geojson").read_text(encoding="utf-8")))
