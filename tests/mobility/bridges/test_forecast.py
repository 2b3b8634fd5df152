"""The forecast: it knows nothing of the future, leaves reserved slots free, and is worth more than the usual hour."""

import datetime
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from havre_mobility.bridges import bins, forecast, learning
from havre_mobility.bridges.coming import CLOSED, CLOSED_FOR_LONG, OPEN, coming
from havre_mobility.bridges.feeds import CLOSURES, Feeds, feeds
from havre_mobility.bridges.learning import Model
from havre_mobility.bridges.model import MESSAGES, TIME
from tests.mobility.bridges.simulated import BRIDGES, MINUTE, SILENT, SPEAKS, START, Simulated, simulate


@pytest.fixture(scope="module")
def model() -> Model:
    past = simulate(1, 21)
    return learning.learn(past.feeds, BRIDGES, START, past.end)


@pytest.fixture(scope="module")
def week() -> Simulated:
    return simulate(2, 4)


def at(*minutes: float) -> pl.Series:
    return pl.Series([START + one * MINUTE for one in minutes], dtype=TIME)


def scored(model: Model, week: Simulated, lead: float = 15) -> pl.DataFrame:
    times = learning.steps(START, week.end - 60 * MINUTE)
    found = forecast.forecast(model, week.feeds, times)
    usual = forecast.climatology(model.learned.usual, week.feeds, times).select(
        "at", "bridge", "lead", usual="probability"
    )
    both = found.join(usual, on=["at", "bridge", "lead"])
    return both.with_columns(closed=bins.closed(both, week.truth)).filter(pl.col("lead") == lead)


def brier(found: pl.DataFrame, column: str) -> float:
    return float(found.select(((pl.col(column) - pl.col("closed").cast(pl.Float64)) ** 2).mean()).item())


@pytest.mark.parametrize("bridge", [SPEAKS, SILENT])
def test_openings_are_foreseen_by_what_bridges_say_and_where_they_are_silent_by_ships(
    model: Model, week: Simulated, bridge: str
) -> None:
    found = scored(model, week).filter(pl.col("bridge") == bridge)
    assert 1 - brier(found, "probability") / brier(found, "usual") > 0.5
    called = found.filter(pl.col("probability") >= 0.5)
    assert called.filter("closed").height > 0.8 * called.height
    assert called.filter("closed").height > 0.7 * found.filter("closed").height


def test_probabilities_are_what_they_say(model: Model, week: Simulated) -> None:
    found = pl.concat([scored(model, week, lead) for lead in (5, 20, 35, 50)])
    for low, high in ((0.0, 0.1), (0.1, 0.9), (0.9, 1.0)):
        some = found.filter(pl.col("probability").is_between(low, high))
        said, true = some["probability"].mean(), some["closed"].mean()
        assert isinstance(said, float) and isinstance(true, float) and abs(said - true) < 0.12


def until(read: Feeds, time: datetime.datetime) -> Feeds:
    """What had been said by then."""
    return replace(
        read,
        messages=read.messages.filter(pl.col("said_at") <= time),
        movements=read.movements.filter(pl.col("said_at") <= time),
        positions=read.positions.filter(pl.col("time") <= time),
    )


@pytest.mark.parametrize("minute", range(600, 3000, 235))
def test_what_is_said_later_changes_nothing(model: Model, week: Simulated, minute: int) -> None:
    now = at(minute)
    whole = forecast.forecast(model, week.feeds, now)
    assert whole.equals(forecast.forecast(model, until(week.feeds, now[0]), now))


def test_one_time_and_many_give_the_same(model: Model, week: Simulated) -> None:
    opened = week.truth.filter(pl.col("bridge") == SILENT)["opened_at"].head(4)
    times = [time - minute * MINUTE for time in opened for minute in (20, 19, 15)]
    many = forecast.forecast(model, week.feeds, pl.Series(times, dtype=TIME))
    for time in times:
        one = forecast.forecast(model, week.feeds, pl.Series([time], dtype=TIME))
        assert many.filter(pl.col("at") == time).equals(one)


def test_no_time_gives_no_forecast(model: Model, week: Simulated) -> None:
    none = forecast.forecast(model, week.feeds, at())
    assert none.height == 0 and coming(none, week.feeds, model.timings) == []


def said(*rows: tuple[float, str, float, float], bridge: str = SPEAKS) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (START + when * MINUTE, bridge, "x", status, START + starts * MINUTE, START + ends * MINUTE, None)
            for when, status, starts, ends in rows
        ],
        MESSAGES,
        orient="row",
    )


def with_messages(read: Feeds, more: pl.DataFrame) -> Feeds:
    return replace(read, messages=pl.concat([read.messages, more]))


def test_nothing_is_forecast_in_a_reserved_slot_even_if_it_was_planned(model: Model, week: Simulated) -> None:
    planned = with_messages(week.feeds, said((350, "planned", 390, 402)))
    found = forecast.forecast(model, planned, at(360, 370, 380, 385)).filter(pl.col("bridge") == SPEAKS)
    inside = found.filter(pl.col("starts_at").is_between(START + 375 * MINUTE, START + 430 * MINUTE))
    assert inside.height > 20 and inside["reserved"].all() and inside["probability"].max() == 0
    # the slot is that of one bridge, and it ends
    assert not found.filter(pl.col("starts_at") >= START + 435 * MINUTE)["reserved"].any()


def test_the_slot_decides_and_not_what_the_model_would_say(model: Model, week: Simulated) -> None:
    free = replace(week.feeds, reserved=week.feeds.reserved.clear())
    planned = with_messages(free, said((350, "planned", 390, 402)))
    found = forecast.forecast(model, planned, at(375)).filter(pl.col("bridge") == SPEAKS)
    assert found["probability"].max() > 0.5


def test_an_opening_that_is_under_way_goes_on_into_the_slot(model: Model, week: Simulated) -> None:
    running = with_messages(week.feeds, said((369, "starting", 370, 382), (370, "in_operation", 370, 382)))
    found = forecast.forecast(model, running, at(375)).filter(pl.col("bridge") == SPEAKS)
    assert found["under_way"].all() and found["probability"][0] > 0.8
    (now,) = coming(found, running, model.timings)
    assert (now.state, now.source) == (CLOSED, "under way")
    assert now.lasts_p50 is not None and now.lasts_p90 is not None and 5 < now.lasts_p50 <= now.lasts_p90 < 10


def test_a_bridge_that_never_spoke_is_believed_when_it_does(model: Model, week: Simulated) -> None:
    running = with_messages(week.feeds, said((5, "in_operation", 5, 17), bridge=SILENT))
    found = forecast.forecast(model, running, at(6)).filter(pl.col("bridge") == SILENT)
    assert found["probability"][0] >= 0.95 and found["probability"][2] >= 0.95 and found["probability"][-1] < 0.5


def closure(said_at: float, starts: float, ends: float | None) -> pl.DataFrame:
    end = None if ends is None else START + ends * MINUTE
    row = (START + said_at * MINUTE, "c", SPEAKS, START + starts * MINUTE, end, "works")
    return pl.DataFrame([row], CLOSURES, orient="row")


def test_a_bridge_that_is_closed_for_long_is_closed_as_soon_as_it_is_told(model: Model, week: Simulated) -> None:
    told = replace(week.feeds, closures=closure(600, 620, None))
    found = forecast.forecast(model, told, at(599, 600)).filter(pl.col("bridge") == SPEAKS)
    before, after = found.head(12), found.tail(12)
    assert before["closure"].null_count() == 12
    assert after["closure"].to_list() == [None] * 4 + ["works"] * 8
    assert after["probability"].to_list()[4:] == [1.0] * 8
    now = coming(forecast.forecast(model, told, at(700)), told, model.timings)
    assert {one.bridge: one.state for one in now}[SPEAKS] == CLOSED_FOR_LONG


def test_without_any_feed_the_usual_hour_is_known_and_slots_are_kept(model: Model, week: Simulated) -> None:
    silent = feeds(reserved=week.feeds.reserved)
    found = forecast.climatology(model.learned.usual, silent, at(370, 700))
    slot = found.filter((pl.col("bridge") == SPEAKS) & pl.col("reserved"))
    assert slot.height > 0 and slot["probability"].max() == 0
    rest = found.filter((pl.col("bridge") == SPEAKS) & (pl.col("at") == START + 700 * MINUTE))
    assert 0 < float(rest["probability"].mean()) < 0.4  # type: ignore[arg-type]
    assert forecast.forecast(model, silent, at(700))["probability"].max() < 0.5  # type: ignore[operator]


def next_opening(model: Model, read: Feeds, minute: float) -> Any:
    found = forecast.forecast(model, read, at(minute)).filter(pl.col("bridge") == SPEAKS)
    (one,) = coming(found, read, model.timings)
    return one


def test_the_next_opening_is_told_with_its_start_and_duration(model: Model, week: Simulated) -> None:
    truth = week.truth.filter(pl.col("bridge") == SPEAKS)
    for opened_at, closed_at in truth.select("opened_at", "closed_at").head(8).iter_rows():
        minute = (opened_at - START).total_seconds() / 60
        said = next_opening(model, week.feeds, minute - 15)
        assert (said.state, said.source) == (OPEN, "plan")
        assert abs(said.starts_p50 - 15) < 4 and said.starts_p50 <= said.starts_p90
        assert abs(said.lasts_p50 - (closed_at - opened_at).total_seconds() / 60) < 3


def test_nothing_is_announced_where_nothing_is_likely(model: Model, week: Simulated) -> None:
    said = next_opening(model, week.feeds, 5)
    assert (said.state, said.starts_p50, said.lasts_p50) == (OPEN, None, None)


def test_the_ninetieth_percentile_is_exceeded_once_in_ten_times(model: Model) -> None:
    week = simulate(3, 7)
    times = learning.steps(START, week.end - 60 * MINUTE)
    found = coming(forecast.forecast(model, week.feeds, times), week.feeds, model.timings)
    starts = {bridge: some["opened_at"].to_list() for (bridge,), some in week.truth.group_by("bridge")}
    within = [
        min((true for true in starts[one.bridge] if true >= one.at), key=lambda true: true - one.at)
        <= one.at + one.starts_p90 * MINUTE
        for one in found
        if one.source == "plan" and one.starts_p90 is not None and 5 < one.starts_p90 < 50
    ]
    assert len(within) > 300 and 0.8 <= sum(within) / len(within) <= 0.97
