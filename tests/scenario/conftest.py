"""One day of the scenario, made once, and its files."""

from pathlib import Path

import pytest

from havre_scenario import Day, Written, day


@pytest.fixture(scope="session")
def city() -> Day:
    return day(seed=1)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scenario")


@pytest.fixture(scope="session")
def written(city: Day, folder: Path) -> Written:
    return city.write(folder)
