"""What is kept for a moment: read once, forgotten with the commit that changes it, never older than a second."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from havre.database import Database, touch
from havre.participants.kept import Kept

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(f"sqlite:///{tmp_path / 'havre.db'}")
    yield found
    found.close()


def test_it_is_read_once_in_a_second(database: Database) -> None:
    kept: Kept[str] = Kept(database, "key")
    values = iter(["first", "second"])
    moments = [NOW, NOW + timedelta(seconds=0.9), NOW + timedelta(seconds=1)]
    assert [kept.find("a", now, lambda: next(values)) for now in moments] == ["first", "first", "second"]


def test_a_clock_that_was_put_back_keeps_nothing(database: Database) -> None:
    kept: Kept[str] = Kept(database, "key")
    kept.find("a", NOW, lambda: "old")
    assert kept.get("a", NOW - timedelta(hours=1)) is None


def test_that_nothing_is_there_is_asked_again(database: Database) -> None:
    kept: Kept[str] = Kept(database, "key")
    assert kept.find("a", NOW, lambda: None) is None
    assert kept.find("a", NOW, lambda: "now it is") == "now it is"


def test_a_change_is_seen_with_its_commit(database: Database) -> None:
    kept: Kept[str] = Kept(database, "key")
    kept.find("a", NOW, lambda: "old")
    database.write(lambda conn: touch(conn, "another"))
    assert kept.get("a", NOW) == "old"
    database.write(lambda conn: touch(conn, "key"))
    assert kept.get("a", NOW) is None


def test_what_was_read_before_a_change_is_not_kept_after_it(database: Database) -> None:
    kept: Kept[str] = Kept(database, "key")

    def overtaken() -> str:
        database.write(lambda conn: touch(conn, "key"))
        return "old"

    assert kept.find("a", NOW, overtaken) == "old"
    assert kept.get("a", NOW) is None
