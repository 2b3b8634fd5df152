"""Which files to read follows from the log; small ones are joined, large ones left, replaced ones deleted at last."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from havre.context import Context
from havre.lake import files, query, table
from havre.lake.model import Dataset
from havre.lake.reading import window
from havre.lake.writer import Writer
from tests.lake.rows import SCHEMA, START, declare, parsed, row, statistics


def commit(context: Context, dataset: Dataset, rows: range) -> None:
    with Writer(context, dataset) as writer:
        writer.add(parsed([row(index) for index in rows], rows.start), source="s", offset=rows.stop)


def positions(found: files.Files) -> list[range]:
    return sorted((file.positions for file in found.all), key=lambda one: one.start)


@pytest.fixture
def dataset(context: Context) -> Dataset:
    found = declare(context)
    for first in range(0, 300, 100):
        commit(context, found, range(first, first + 100))
    return found


def test_the_log_says_which_positions_are_in_a_file(context: Context, dataset: Dataset) -> None:
    found = files.files(context.settings, dataset)
    assert positions(found) == [range(100), range(100, 200), range(200, 300)]
    assert found.next == 300
    assert [len(found.uris(one)) for one in (range(99, 101), range(100, 101), range(300, 400))] == [2, 1, 0]
    assert len(found.uris()) == 3


def test_who_knows_the_version_does_not_look_again(
    context: Context, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = files.files(context.settings, dataset)
    commit(context, dataset, range(300, 310))
    assert files.files(context.settings, dataset, known.version) is known
    assert files.files(context.settings, dataset, statistics(context, dataset).version).next == 310
    commit(context, dataset, range(310, 320))
    monkeypatch.setattr(files, "LOOKED_AGAIN_SECONDS", 0)
    assert files.files(context.settings, dataset, known.version).next == 320


def test_a_table_without_rows_has_a_beginning(context: Context) -> None:
    found = files.files(context.settings, declare(context, id="empty"))
    assert (found.next, found.written, found.uris(), found.first_since(START)) == (0, None, [], 0)


@pytest.mark.parametrize("minute", [-1, 0, 99, 100, 150, 299, 300])
def test_no_row_of_a_time_is_before_its_first_position(context: Context, dataset: Dataset, minute: int) -> None:
    first = files.files(context.settings, dataset).first_since(START + timedelta(minutes=minute))
    assert max(0, minute - 100) < first + 1 <= max(0, minute) + 1


FILTERS: list[tuple[list[tuple[str, str]], Callable[[dict[str, Any]], bool]]] = [
    ([], lambda one: True),
    ([("filter", "ship:eq:ship 3")], lambda one: one["ship"] == "ship 3"),
    ([("filter", "ship:eq:nobody")], lambda one: False),
    ([("from", "2026-03-02T02:00:00Z")], lambda one: one["at"] >= START + timedelta(hours=2)),
]


@pytest.mark.parametrize(("asked", "holds"), FILTERS, ids=str)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(after=st.integers(-1, 299), sizes=st.lists(st.integers(1, 150), min_size=1, max_size=8))
def test_windows_one_after_the_other_are_all_rows_once_in_order(
    context: Context,
    dataset: Dataset,
    asked: list[tuple[str, str]],
    holds: Callable[[dict[str, Any]], bool],
    after: int,
    sizes: list[int],
) -> None:
    known, found, at, number = files.files(context.settings, dataset), [], after, 0
    while at + 1 < known.next:
        wanted = query.followed([*asked, ("after", str(at))], SCHEMA)
        size = sizes[number % len(sizes)]
        rows, last = window(dataset, known, wanted, size)
        assert rows.num_rows <= size and last > at
        found += rows["_position"].to_pylist()
        at, number = last, number + 1
    assert found == [index for index in range(after + 1, 300) if holds(row(index))]


# Joining


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps that a test comes to: eight files of a few kilobytes, then eight of those."""
    monkeypatch.setattr(table, "SMALL_FILES", 8)
    monkeypatch.setattr(table, "STEPS", (30_000, 300_000))


@pytest.mark.usefixtures("small")
def test_what_is_large_is_not_written_again(context: Context) -> None:
    dataset = declare(context)
    commit(context, dataset, range(20_000))
    large = files.files(context.settings, dataset).all[0]
    assert Path(large.uri).stat().st_size > 300_000 / 2
    for first in range(20_000, 20_400, 10):
        commit(context, dataset, range(first, first + 10))
    found = files.files(context.settings, dataset)
    assert large in found.all and 1 < len(found.all) < 10
    assert statistics(context, dataset).rows == found.next == 20_400


@pytest.mark.usefixtures("small")
def test_what_was_replaced_is_deleted_when_nobody_can_read_it(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "KEPT_HOURS", 0)
    dataset, count = declare(context), 0
    where = Path(table.location(context.settings, dataset))
    joined = False
    while not joined:
        commit(context, dataset, range(count, count + 700))
        count += 700
        joined = max(file.stat().st_size for file in where.glob("*.parquet")) > 300_000 / 2
    found = files.files(context.settings, dataset)
    assert {file.name for file in where.glob("*.parquet")} == {Path(uri).name for uri in found.uris()}
    assert sorted(DeltaTable(where).to_pyarrow_table()["_position"].to_pylist()) == list(range(count))


def test_rows_are_told_of_before_files_are_joined(
    context: Context, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(table, "compact", lambda _: told.append(statistics(context, dataset).next))
    commit(context, dataset, range(300, 310))
    assert told == [310]


def test_the_log_is_kept_for_minutes_and_what_was_replaced_for_hours(context: Context, dataset: Dataset) -> None:
    kept = DeltaTable(table.location(context.settings, dataset)).metadata().configuration
    assert kept["delta.logRetentionDuration"] == "interval 15 minutes"
    assert kept["delta.deletedFileRetentionDuration"] == "interval 6 hours"


def test_who_looked_last_before_the_log_was_cut_goes_on(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = {"delta.logRetentionDuration": "interval 0 seconds", "delta.checkpointInterval": "10"}
    monkeypatch.setattr(table, "KEPT", table.KEPT | cut)
    dataset = declare(context)
    commit(context, dataset, range(10))
    assert files.files(context.settings, dataset).next == 10
    for number in range(1, 30):
        commit(context, dataset, range(10 * number, 10 * number + 10))
    log = Path(table.location(context.settings, dataset)) / "_delta_log"
    assert not (log / f"{2:020}.json").exists()
    assert files.files(context.settings, dataset).next == 300
