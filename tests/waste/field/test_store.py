"""The desk as a file: once is once, whole or not at all, and it is there after the process."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from havre_waste.field.desk import Report, Seen
from havre_waste.field.events import Event, Kind
from havre_waste.field.store import Book
from tests.waste.field.towns import NOW, after

LONG_AGO = after(days=-30)
EVENT = Event("event-0001", "r1", "stop", Kind.BLOCKED, NOW, 0.5, "car", "ab" * 32)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "book")


def test_an_event_comes_back_as_it_was(book: Book) -> None:
    book.accept([EVENT])
    assert book.events(LONG_AGO) == [EVENT]
    assert book.events(after(seconds=1)) == []


@given(st.lists(st.integers(0, 5), max_size=15))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_each_event_is_kept_once_however_it_is_sent(sent: list[int]) -> None:
    book = Book(":memory:")
    for number in sent:
        assert book.accept([replace(EVENT, id=f"event-{number:04}")] * 2) == {}
    assert sorted(one.id for one in book.events(LONG_AGO)) == sorted({f"event-{number:04}" for number in sent})
    book.close()


def test_an_id_that_is_taken_is_refused_and_the_first_stays(book: Book) -> None:
    book.accept([EVENT])
    other = replace(EVENT, stop="another")
    assert list(book.accept([other, replace(EVENT, id="event-0002")])) == [EVENT.id]
    assert {one.id: one.stop for one in book.events(LONG_AGO)} == {"event-0001": "stop", "event-0002": "stop"}


def test_an_event_sent_again_later_is_the_same_one(book: Book) -> None:
    """Its time was cut to that of its arrival, by a phone whose clock is ahead."""
    book.accept([EVENT])
    assert book.accept([replace(EVENT, at=after(minutes=3))]) == {}
    assert book.events(LONG_AGO) == [EVENT]


def test_what_is_kept_is_there_after_the_process(tmp_path: Path) -> None:
    first = Book(tmp_path / "book")
    first.accept([EVENT])
    first.keep_photo("ab" * 32, b"jpeg", NOW)
    first.report(Report(NOW, "c-1", Seen.FULL))
    first.close()
    again = Book(tmp_path / "book")
    assert again.events(LONG_AGO) == [EVENT]
    assert again.photo("ab" * 32) == b"jpeg"
    assert again.reports(LONG_AGO) == [Report(NOW, "c-1", Seen.FULL)]


def test_a_batch_that_fails_leaves_nothing(book: Book) -> None:
    with pytest.raises(AttributeError):
        book.accept([EVENT, None])  # type: ignore[list-item]
    assert book.events(LONG_AGO) == []


def test_what_is_old_is_forgotten_with_its_photos(book: Book) -> None:
    book.accept([EVENT, replace(EVENT, id="event-0002", at=after(days=-40))])
    book.keep_photo("ab" * 32, b"old", after(days=-40))
    book.report(Report(after(days=-40), "c-1", Seen.FULL))
    book.forget(LONG_AGO)
    assert [one.id for one in book.events(after(days=-365))] == ["event-0001"]
    assert book.photo("ab" * 32) is None
    assert book.reports(after(days=-365)) == []


def test_a_report_has_nothing_of_who_made_it(book: Book) -> None:
    assert set(Report.__dataclass_fields__) == {"at", "container", "seen"}
    for _ in range(2):
        book.report(Report(NOW, "c-1", Seen.DAMAGED))
    assert len(book.reports(NOW - timedelta(days=1))) == 1
