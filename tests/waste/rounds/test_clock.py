"""What holds in the solver's time holds in the day's."""

from hypothesis import given
from hypothesis import strategies as st

from havre_waste.rounds.clock import without_lunch
from havre_waste.rounds.model import Lunch, Window

LUNCH = Lunch(660, 720, 45)
times = st.integers(0, 1440)


@given(times, st.integers(0, 600), times, st.integers(LUNCH.earliest, LUNCH.latest))
def test_a_window_that_is_kept_without_lunch_is_kept_with_it(opens: int, length: int, at: int, lunch: int) -> None:
    window = Window(opens, opens + length)
    told = without_lunch(window, (LUNCH,))
    narrow = max(opens, LUNCH.earliest) <= min(window.closes, LUNCH.latest + LUNCH.seconds) and length < LUNCH.seconds
    if told.opens <= at <= told.closes and not narrow:
        before_or_after = (
            {at} if at <= LUNCH.earliest else {at + LUNCH.seconds} if at > LUNCH.latest else {at, at + LUNCH.seconds}
        )
        assert all(window.opens <= one <= window.closes for one in before_or_after)


@given(times, st.integers(0, 600))
def test_a_window_is_never_emptied(opens: int, length: int) -> None:
    told = without_lunch(Window(opens, opens + length), (LUNCH, None))
    assert told.opens <= told.closes


@given(times, st.integers(0, 600))
def test_without_lunch_nothing_changes(opens: int, length: int) -> None:
    window = Window(opens, opens + length)
    assert without_lunch(window, (None,)) == window
