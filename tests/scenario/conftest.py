"""Two days of the scenario, made once, and their files."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from havre_scenario import City, city

Rows = list[dict[str, str]]


@pytest.fixture(scope="session", name="city")
def of_two_days() -> City:
    return city(seed=1, days=2)


@pytest.fixture(scope="session")
def weeks() -> list[City]:
    """Three weeks of three seeds, without what only passes by."""
    return [city(seed, days=7, density=0) for seed in (1, 2, 3)]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scenario")


@pytest.fixture(scope="session")
def written(city: City, folder: Path) -> dict[str, int]:
    return city.write(folder)


@pytest.fixture(scope="session")
def table(folder: Path, written: dict[str, int]) -> Callable[[str], Rows]:
    """The rows of a CSV file of the folder."""

    def read(name: str) -> Rows:
        with (folder / name).open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return read
