"""Of several processes on one database one reads the sources; the others pass on what they are asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from havre.context import Context
from havre.database import Database
from havre.settings import Settings
from havre.sources import store
from havre.sources.model import Source, State
from havre.sources.runner import Runner
from tests.conftest import Clock
from tests.postgres import Server
from tests.sources.sources import declare, numbers, source, status, until


@pytest.fixture
def two(server: Server, tmp_path: Path, clock: Clock) -> Iterator[list[tuple[Context, Runner]]]:
    """Two processes; the first one leads."""
    url = server.database()
    found = []
    for _ in range(2):
        database = Database(url)
        database.create_tables()
        assert database.processes is not None
        database.processes.join()
        context = Context(Settings(home=tmp_path, source_folders=(tmp_path,)), database, clock)
        runner = Runner(context)
        if not found:
            until(lambda processes=database.processes: processes._leads)
        runner.start()
        found.append((context, runner))
    yield found
    for context, runner in found:
        runner.stop()
        context.database.close()
    server.drop(url)


def watched(context: Context, folder: Path) -> Source:
    """A file that is looked at again and again."""
    (folder / "live.csv").write_text("number,name\n1,one\n")
    return source(context, "file", "csv", path=str(folder / "live.csv"), watch=True, every=0.1)


def jobs(two: list[tuple[Context, Runner]]) -> list[int]:
    return [len(runner._jobs) for _, runner in two]


def test_a_source_is_read_by_the_process_that_leads_whoever_is_asked(
    two: list[tuple[Context, Runner]], tmp_path: Path
) -> None:
    (first, _), (second, asked) = two
    dataset = declare(first)
    one = watched(second, tmp_path)
    asked.begin(one)
    until(lambda: numbers(first, dataset) == [1])
    assert jobs(two) == [1, 0]
    second.database.write(lambda conn: store.delete(conn, one.participant, one.id))
    asked.forget(one)
    until(lambda: jobs(two) == [0, 0])


def test_another_process_goes_on_when_the_one_that_reads_has_gone(
    two: list[tuple[Context, Runner]], tmp_path: Path
) -> None:
    (first, reads), (second, _) = two
    dataset = declare(first)
    reads.begin(watched(first, tmp_path))
    until(lambda: numbers(second, dataset) == [1])
    reads.stop()
    first.database.close()
    with (tmp_path / "live.csv").open("a") as file:
        file.write("2,two\n")
    until(lambda: numbers(second, dataset) == [1, 2])
    assert status(second).state in (State.WAITING, State.RUNNING)
