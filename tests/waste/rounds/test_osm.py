"""Ways of a real extract, where an interpreter has OSRM and the extract lies beside the checkout."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from havre_waste.rounds.matrix import great_circles
from havre_waste.rounds.osm import NoRoads, from_osm, network
from havre_waste.rounds.roads import Place
from havre_waste.sites.model import Side

EXTRACT = Path(__file__).parents[4] / "shared/data/geo_osm_le_havre_dollemard/neighborhood.osm"
PLACES = [Place(0.0735, 49.5170), Place(0.0760, 49.5180), Place(0.0780, 49.5160)]


@pytest.fixture(scope="module")
def python() -> Path:
    """Of ``OSRM_PYTHON``, or one on the path that has the wheel."""
    named = [os.environ.get("OSRM_PYTHON"), *(shutil.which(f"python3.{minor}") for minor in (12, 13, 14))]
    for one in named:
        if one and subprocess.run([one, "-c", "import osrm"], capture_output=True, check=False).returncode == 0:
            return Path(one)
    pytest.skip("no Python 3.12 or newer with osrm-bindings (OSRM_PYTHON): this promise is NOT tested here")


@pytest.fixture(scope="module")
def roads(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not EXTRACT.exists():
        pytest.skip(f"there is no {EXTRACT}: this promise is NOT tested here")
    return network(EXTRACT, tmp_path_factory.mktemp("roads"), python)


def test_ways_of_a_real_neighbourhood_are_streets_and_not_straight(roads: Path, python: Path) -> None:
    matrix = from_osm(roads, PLACES, python)
    assert 320 <= matrix.metres[0, 1] < 1000
    straight = great_circles([(one.longitude, one.latitude) for one in PLACES])
    assert matrix.metres[0, 2] > 1.5 * straight[0, 2]
    assert "OSRM" in matrix.basis


def test_a_side_is_reached_on_the_curb(roads: Path, python: Path) -> None:
    sided = [Place(one.longitude, one.latitude, Side.RIGHT) for one in PLACES]
    assert from_osm(roads, sided, python).seconds.sum() > from_osm(roads, PLACES, python).seconds.sum()


def test_a_network_is_made_once(roads: Path, python: Path) -> None:
    made = (roads.parent / f"{roads.name}.mldgr").stat().st_mtime_ns
    assert network(EXTRACT, roads.parent, python) == roads
    assert (roads.parent / f"{roads.name}.mldgr").stat().st_mtime_ns == made


def test_without_osrm_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoRoads, match="cannot be run"):
        from_osm(tmp_path / "none.osrm", PLACES, tmp_path / "no-python")
