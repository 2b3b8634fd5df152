"""Announced lifts: what was kept, what a timetable said so many days before, and how far it is to be believed."""

import datetime
from pathlib import Path

import polars as pl
import pytest

from havre_mobility.bridges import lifts

TOWER_BRIDGE = Path(__file__).parents[4] / "shared/data/bridge_lifts_tower_bridge/lifts_2020_2026.csv"
DAY = datetime.datetime(2026, 3, 10, tzinfo=datetime.UTC)


def at(days: float) -> datetime.datetime:
    return DAY + datetime.timedelta(days=days)


def announced(*rows: tuple[float, float, float]) -> pl.DataFrame:
    """When the lift is, when it was first and last seen; in days. A timetable was seen at the beginning of each day."""
    every = [(at(30), "far away", at(day), at(day)) for day in range(-5, 4)]
    some = [(at(lift), "Barge", at(first), at(last)) for lift, first, last in rows]
    return pl.DataFrame([*some, *every], lifts.LIFTS, orient="row")


def test_a_lift_is_kept_when_it_is_in_the_last_timetable_before_it() -> None:
    found = lifts.kept_lifts(announced((0.5, -3, 0), (0.6, -3, -1), (0.7, -3, 0), (0.7, -2, 0)))
    assert found.filter(pl.col("vessel") == "Barge")["kept"].to_list() == [True, False, True, True]


def test_two_ships_at_one_time_are_one_lift_of_the_day() -> None:
    found = lifts.days(announced((0.5, -3, 0), (0.7, -3, 0), (0.7, -2, 0)))
    assert dict(found.rows())[DAY.date()] == 2


@pytest.mark.parametrize(("ahead", "said"), [(1, 2), (2, 1), (4, 1), (5, 1)])
def test_a_timetable_is_known_as_it_was_then(ahead: int, said: int) -> None:
    # announced three days before and kept; announced on the day before; withdrawn two days before
    some = announced((0.5, -3, 0), (0.6, -1, 0), (0.7, -5, -3))
    found = lifts.by_day(some, [ahead]).filter(pl.col("day") == DAY.date())
    assert found.select("kept", "announced").rows() == [(2, said)]


def test_days_without_a_fresh_timetable_are_left_out() -> None:
    # after the timetable of four days before the day comes that of three days after it
    silent = announced((0.5, -5, -4)).filter(~pl.col("first_seen").is_between(at(-3), at(2)))
    found = lifts.days(silent)["day"].to_list()
    assert found == [at(day).date() for day in (-5, -4, -3, 2)]


def test_belief_is_learned_from_days_that_are_over() -> None:
    past = pl.DataFrame({"ahead": [1] * 6, "announced": [0, 1, 2, 3, 4, 5], "kept": [1, 2, 2, 3, 3, 4]})
    (found,) = lifts.learn(past)
    assert found.share == pytest.approx(9.5 / 17.5) and found.come == pytest.approx(2.5 - 2.5 * 9.5 / 17.5)
    assert past.select(found.lifts(pl.col("announced")))["announced"][0] == pytest.approx(found.come)


def test_of_tower_bridge_the_timetable_is_believed_the_less_the_earlier_it_is() -> None:
    if not TOWER_BRIDGE.exists():
        pytest.skip(f"there is no {TOWER_BRIDGE}: this promise is NOT tested here")
    read = pl.read_csv(TOWER_BRIDGE, try_parse_dates=True).select(
        lift_at=pl.col("lift_time"), vessel=pl.col("vessel"), first_seen=pl.col("first_seen_in_feed"),
        last_seen=pl.col("last_seen_in_feed"),
    ).cast(lifts.LIFTS)  # fmt: skip
    assert read.height == 4618
    day, week, fortnight = lifts.learn(lifts.by_day(read, [1, 7, 14]))
    assert 0 < day.come < week.come < fortnight.come and 0.8 < day.share < 1
