"""Ways from an OpenStreetMap extract, by OSRM as its Python wheel ships it (``osrm-bindings``).

The wheel needs Python 3.12 or newer, so it is run as a program of an interpreter that has it, never imported. Ways are
those of OSRM's profile for cars, ``slower`` for a truck; a place with a side is reached with it on the curb, and left
onward. What is crossed on the way is not told.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from havre_waste.rounds.model import Matrix
from havre_waste.rounds.roads import Place
from havre_waste.sites.model import Side

STEPS = ("extract", "partition", "customize")
LONGEST = 3600.0
"""Seconds for one step."""
PROFILE = "import osrm, pathlib; print(pathlib.Path(osrm.__file__).parent / 'share/profiles/car.lua')"
TABLE = """
import json, sys, osrm
asked = json.load(sys.stdin)
engine = osrm.OSRM(
    algorithm="MLD", storage_config=asked["network"], use_shared_memory=False,
    max_locations_distance_table=max(len(asked["coordinates"]), 3),
)
found = engine.Table(osrm.TableParameters(
    coordinates=[tuple(one) for one in asked["coordinates"]], approaches=asked["approaches"],
    annotations=["duration", "distance"],
))
json.dump({name: [list(row) for row in found[name]] for name in ("durations", "distances")}, sys.stdout)
"""


class NoRoads(RuntimeError):
    """OSRM is not there, or could not read the extract; the reason is its own."""


def network(extract: Path, folder: Path, python: Path) -> Path:
    """Make OSRM's road network of an extract (``.osm``, ``.osm.bz2``, ``.osm.pbf``) in ``folder``, once: one that is
    there and no older than the extract is used again. ``python`` is an interpreter that has ``osrm-bindings``.
    """
    copy = folder / extract.name
    found = folder / (extract.name.removesuffix(".bz2").removesuffix(".pbf").removesuffix(".osm") + ".osrm")
    made = found.with_name(f"{found.name}.mldgr")
    if made.exists() and made.stat().st_mtime >= extract.stat().st_mtime:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    copy.unlink(missing_ok=True)
    copy.symlink_to(extract.resolve())
    profile = _run(python, ["-c", PROFILE]).strip()
    _run(python, ["-m", "osrm", "extract", "-p", profile, str(copy)])
    for step in STEPS[1:]:
        _run(python, ["-m", "osrm", step, str(found)])
    return found


def from_osm(roads: Path, places: Sequence[Place], python: Path, *, slower: float = 1.25) -> Matrix:
    """Fastest ways over a ``network``. ``NoRoads`` when there is no way between two places, too."""
    asked = {
        "network": str(roads),
        "coordinates": [(one.longitude, one.latitude) for one in places],
        "approaches": ["unrestricted" if one.side == Side.BOTH else "curb" for one in places],
    }
    found = json.loads(_run(python, ["-c", TABLE], json.dumps(asked)))
    seconds, metres = (np.array(found[name], dtype=np.float64) for name in ("durations", "distances"))
    if not np.isfinite(seconds).all():
        start, end = np.argwhere(~np.isfinite(seconds))[0].tolist()
        raise NoRoads(f"there is no way from {places[start]} to {places[end]}")
    return Matrix(
        np.rint(metres).astype(np.int64),
        np.ceil(seconds * slower).astype(np.int64),
        f"OpenStreetMap, OSRM, cars' times × {slower:g}, curb side where a side is served",
    )


def _run(python: Path, arguments: Sequence[str], given: str = "") -> str:
    try:
        done = subprocess.run(
            [str(python), *arguments], input=given, capture_output=True, text=True, timeout=LONGEST, check=True
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoRoads(f"{python} cannot be run: {error}") from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr or error.stdout or "").strip().splitlines()[-1:]
        raise NoRoads(f"OSRM: {''.join(last) or error}") from error
    return done.stdout
