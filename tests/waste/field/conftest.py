"""A stage for each test; whoever runs the tests without a browser is told in the last lines (tests/mobility/pages)."""

from pathlib import Path

import pytest

from havre_ui import build
from tests.waste.field import towns
from tests.waste.field.served import Stage


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    build.build()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(towns.busy(), tmp_path)
