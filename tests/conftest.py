"""What tests of several rooms share: a context on a new SQLite file, and a clock that they turn."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from havre.context import Context
from havre.database import Database
from havre.settings import Settings


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        self.now += timedelta(**step)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def context(tmp_path: Path, clock: Clock) -> Iterator[Context]:
    database = Database(f"sqlite:///{tmp_path / 'havre.db'}")
    yield Context(Settings(home=tmp_path), database, clock=clock)
    database.close()
