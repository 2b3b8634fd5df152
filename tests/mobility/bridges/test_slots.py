"""Reserved slots: local hours on working days, and how they were kept."""

import datetime
from datetime import UTC, date

import polars as pl
import pytest

from havre_mobility.bridges import slots
from havre_mobility.bridges.slots import Slot

MORNING = Slot("b", 0, datetime.time(7, 15), datetime.time(8, 15))


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime.datetime:
    return datetime.datetime(2026, month, day, hour, minute, tzinfo=UTC)


def openings(*spans: tuple[datetime.datetime, datetime.datetime]) -> pl.DataFrame:
    rows = [("b", *span) for span in spans]
    return pl.DataFrame(rows, {"bridge": pl.String, "opened_at": slots.TIME, "closed_at": slots.TIME}, orient="row")


@pytest.mark.parametrize(("day", "begins"), [(date(2026, 3, 23), at(23, 6, 15)), (date(2026, 3, 30), at(30, 5, 15))])
def test_a_slot_is_at_its_local_hour_before_and_after_clocks_are_changed(day: date, begins: datetime.datetime) -> None:
    assert slots.spans([MORNING], day, day).rows() == [("b", begins, begins + datetime.timedelta(hours=1))]


def test_a_slot_is_on_its_weekday_only_and_not_on_a_free_day() -> None:
    week = slots.spans([MORNING], date(2026, 4, 1), date(2026, 4, 14), slots.public_holidays(2026))
    # Monday the 6th is Easter Monday
    assert week["starts_at"].dt.day().to_list() == [13]


def test_the_holidays_of_2026_are_those_of_the_decree() -> None:
    published = [(1, 1), (4, 6), (5, 1), (5, 8), (5, 14), (5, 25), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    assert sorted(slots.public_holidays(2026)) == [date(2026, *one) for one in published]


@pytest.mark.parametrize(
    ("year", "monday"), [(2000, (4, 24)), (2008, (3, 24)), (2019, (4, 22)), (2024, (4, 1)), (2038, (4, 26))]
)
def test_easter_monday_is_found(year: int, monday: tuple[int, int]) -> None:
    assert date(year, *monday) in slots.public_holidays(year)


def test_a_dataset_of_slots_is_read() -> None:
    frame = pl.DataFrame({"bridge": ["b"], "weekday": [0], "starts": ["07:15"], "ends": ["08:15"]})
    assert slots.slots(frame) == (MORNING,)


def test_a_slot_counts_as_kept_when_no_second_of_an_opening_is_in_it() -> None:
    reserved = slots.spans([MORNING], date(2026, 3, 2), date(2026, 3, 15))
    # the first ends when the slot begins; the second begins when it ends; the third cuts eight minutes off the next
    some = openings((at(2, 6), at(2, 6, 15)), (at(2, 7, 15), at(2, 7, 30)), (at(9, 7, 7), at(9, 7, 20)))
    assert slots.respect(some, reserved).rows() == [
        ("b", date(2026, 3, 2), 1, 1, 1.0, 0.0),
        ("b", date(2026, 3, 9), 1, 0, 0.0, 8.0),
    ]
