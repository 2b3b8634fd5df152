"""Port calls: what belongs to one, what makes two, and how sure each is."""

import polars as pl
import pytest

from havre_mobility.calls import sequence
from havre_mobility.calls.areas import grid
from havre_mobility.calls.cleaning import clean
from havre_mobility.calls.detection import rims, visits
from havre_mobility.calls.sequence import Call, confidence
from tests.mobility.calls.port import BOUNDS, CALL, PORT, at, ship

GRID = grid(PORT, rims())


def calls(*frames: pl.DataFrame, without: tuple[int, ...] = ()) -> list[Call]:
    return sequence.calls(visits(clean(pl.concat(frames), BOUNDS)[0], GRID), without=without)


def part(begin: float, end: float) -> pl.DataFrame:
    return ship(CALL).filter(pl.col("time").is_between(at(begin), at(end)))


def test_entry_stop_and_exit_are_confidence_4() -> None:
    (call,) = calls(ship(CALL))
    assert call.confidence == 4
    assert [stay.area for stay in call.berths] == ["inner"]
    assert call.entered_at is not None and call.left_at is not None
    assert at(20) < call.entered_at < at(30) and at(470) < call.left_at < at(480)


@pytest.mark.parametrize(
    ("begin", "end", "sure"),
    [
        (0, 300, 3),  # she is still there
        (110, 500, 3),  # she was there before
        (30, 500, 3),  # heard first in the approach
        (0, 465, 3),  # heard last in the approach
        (110, 300, 2),
        (0, 50, 1),
        (470, 500, 1),
    ],
)
def test_what_was_not_seen_makes_less_sure(begin: float, end: float, sure: int) -> None:
    (call,) = calls(part(begin, end))
    assert call.confidence == sure


@pytest.mark.parametrize(
    ("entry", "left", "stopped", "sure"),
    [
        (True, True, True, 4),
        (True, False, True, 3),
        (False, True, True, 3),
        (False, False, True, 2),
        (True, True, False, 1),
        (True, False, False, 1),
        (False, True, False, 1),
    ],
)
def test_confidence_is_that_of_global_fishing_watch(entry: bool, left: bool, stopped: bool, sure: int) -> None:
    assert confidence(entry=entry, exit=left, stopped=stopped) == sure


def test_confidence_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError):
        confidence(entry=False, exit=False, stopped=False)


def test_a_shift_is_in_the_same_call() -> None:
    inner = (
        *CALL[:5],
        (200, 3150, 130),
        (215, 1200, 0),
        (235, 1200, 0),
        (245, 0, 130),
        (400, 0, 130),
        (460, -14000, 0),
    )
    (call,) = calls(ship(inner))
    assert [(before.area, after.area) for before, after in call.shifts] == [("inner", "west")]
    assert call.confidence == 4


def test_a_shift_by_way_of_the_approach_is_in_the_same_call() -> None:
    out_and_in = ((0, -14000, 0), (60, 0, 130), (200, 0, 130), (230, -4000, 0), (260, 250, 130), (400, 250, 130))
    (call,) = calls(ship((*out_and_in, (460, -14000, 0))))
    assert [stay.area for stay in call.berths] == ["west", "east"]


def test_who_was_at_sea_calls_again() -> None:
    twice = [*CALL, *((minute + 600, x, y) for minute, x, y in CALL)]
    first, second = calls(ship(twice, every=30))
    assert (first.confidence, second.confidence) == (4, 4)


def test_from_the_anchorage_is_one_call() -> None:
    waits = ((0, -20000, 3000), (40, -10500, 3000), (160, -10500, 3000), (200, -9000, 0), (240, 0, 130))
    (call,) = calls(ship((*waits, (400, 0, 130), (460, -14000, 0))))
    assert [stay.kind for stay in call.stays] == ["anchorage", "approach", "berth", "approach"]
    assert call.confidence == 4


def test_a_gap_at_berth_counts_as_a_stop() -> None:
    """She is heard in the approach and then, hours later, again: no stop was seen."""
    (call,) = calls(ship([(0, -14000, 0), (20, -3000, 0)]), ship([(300, -3000, 0), (320, -14000, 0)]))
    assert call.confidence == 4 and not call.berths


def test_tugs_do_not_call() -> None:
    assert calls(ship(CALL), without=(227_000_001,)) == []
    particulars = pl.DataFrame({"mmsi": [1, 2, 3, 4], "ship_type": [52, 71, None, 50]})
    assert sequence.service(particulars) == {1, 4}


def test_two_ships_of_one_number_are_two_calls() -> None:
    moored = ship([(0, 250, 130), (500, 250, 130)], every=60)
    found = calls(ship(CALL), moored)
    assert sorted([stay.area for call in found for stay in call.berths]) == ["east", "inner"]
