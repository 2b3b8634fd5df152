"""What tests of several rooms share: a context on a new database, and a clock that they turn.

Tests run on SQLite. A module that imports ``on_both`` from ``tests.engines`` runs all its tests that use a database on
PostgreSQL, too; without a PostgreSQL these are skipped, and the last lines of the run say so.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from havre.context import Context
from havre.database import Database
from havre.settings import Settings
from tests import postgres

hypothesis_settings.register_profile("steady", deadline=None)  # a machine that others use too has slow moments
hypothesis_settings.load_profile("steady")

MISSING = "NOT RUN ON POSTGRESQL"


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


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """The one PostgreSQL server of this run."""
    try:
        with postgres.server(in_memory=True) as running:
            yield running
    except postgres.Missing as why:
        pytest.skip(f"{MISSING}: {why}")


@pytest.fixture(scope="session")
def engine() -> str:
    return "sqlite"


@pytest.fixture
def database_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Of a new, empty database."""
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path / 'havre.db'}"
        return
    server: postgres.Server = request.getfixturevalue("server")
    url = server.database()
    yield url
    server.drop(url)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [one for one in terminalreporter.stats.get("skipped", []) if MISSING in str(one.longrepr)]
    if skipped:
        why = str(skipped[0].longrepr[2]).removeprefix("Skipped: ")
        terminalreporter.write_line(f"{why}: {len(skipped)} tests", red=True, bold=True)


@pytest.fixture
def context(tmp_path: Path, clock: Clock, database_url: str) -> Iterator[Context]:
    database = Database(database_url)
    yield Context(Settings(home=tmp_path), database, clock=clock)
    database.close()
