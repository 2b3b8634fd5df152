"""Arrivals follow what is booked, when trucks come, and how busy the day looks; what does not fit through waits."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from havre_mobility.trucks import arrivals, hourly, queue
from havre_mobility.trucks.appointments import SCHEMA
from havre_mobility.trucks.queue import Gate
from havre_mobility.trucks.ship_work import ship_work

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEKS = 3
PASSES = {"time": pl.Datetime("us", "UTC")} | dict.fromkeys(("gate", "direction", "kind", "booking"), pl.String)


def booking(name: str, said: datetime, slot: datetime, status: str = "booked") -> dict[str, Any]:
    times = {"said_at": said, "slot_starts_at": slot, "slot_ends_at": slot + HOUR}
    return {**times, "booking": name, "gate": "g", "kind": "drop", "status": status}


def passing(name: str, at: datetime) -> dict[str, Any]:
    return {"time": at, "gate": "g", "direction": "in", "kind": "truck", "booking": name}


def year(factor: float = 1.0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Ten bookings at each hour from 8 to 16 UTC of each day, half said two days before, half two hours before. Of each
    ten, eight trucks come in their hour, one an hour early, and one never."""
    said, came = [], []
    for day in range(7 * WEEKS):
        for hour in range(8, 17):
            slot = START + timedelta(days=day, hours=hour)
            for number in range(round(10 * factor)):
                name = f"{day}-{hour}-{number}"
                lead = 48 if number % 2 else 2
                said.append(booking(name, slot - lead * HOUR, slot))
                if number < 9:
                    came.append(passing(name, slot + timedelta(minutes=-20 if number == 0 else 5 * number)))
    return pl.DataFrame(said, schema=SCHEMA), pl.DataFrame(came, schema=PASSES)


SAID, CAME = year()
NOW = START + timedelta(weeks=WEEKS)
MODEL = arrivals.learn(SAID, CAME, START, NOW, zone="UTC")


def test_what_is_learned_is_what_was() -> None:
    assert MODEL.gates == ("g",)
    assert MODEL.usual[0, 2, 8:17] == pytest.approx(np.full(9, 10.0)) and MODEL.usual[0, 2, 7] == 0
    assert MODEL.known[[0, 2, 3, 48, 49]] == pytest.approx([1, 1, 0.5, 0.5, 0])
    assert MODEL.offsets[arrivals.OFFSETS == -1] == pytest.approx(0.1)
    assert MODEL.offsets[arrivals.OFFSETS == 0] == pytest.approx(0.8) and MODEL.offsets.sum() == pytest.approx(0.9)


def tomorrow(count: int) -> pl.DataFrame:
    """So many bookings each hour, said two days before; usual are five by then."""
    slots = [NOW + timedelta(hours=hour) for hour in range(8, 17)]
    rows = [booking(f"t-{slot}-{number}", slot - 48 * HOUR, slot) for slot in slots for number in range(count)]
    return pl.DataFrame(rows, schema=SCHEMA)


def at(found: pl.DataFrame, hour: int) -> float:
    return float(found.filter(pl.col("hour") == NOW + timedelta(hours=hour))["expected"][0])


def test_a_usual_day_is_forecast_as_usual() -> None:
    found = arrivals.forecast(MODEL, tomorrow(5), CAME, NOW)
    assert found.height == 24 and found["hour"][0] == NOW
    assert at(found, 12) == pytest.approx(9, abs=0.1)
    assert at(found, 7) == pytest.approx(1, abs=0.1)  # those of eight o'clock who come early
    assert at(found, 3) == 0


def test_more_bookings_than_usual_announce_more_that_are_not_there_yet() -> None:
    more, few = (at(arrivals.forecast(MODEL, tomorrow(count), CAME, NOW), 12) for count in (8, 2))
    known_more, known_few = 8 * 0.9, 2 * 0.9
    assert more > known_more + 4.5 > 9 > known_few + 4.5 > few > known_few


def test_a_cancelled_booking_brings_nobody() -> None:
    gone = tomorrow(5).with_columns(pl.lit("cancelled").alias("status"), pl.col("said_at") + HOUR)
    none, some = (arrivals.forecast(MODEL, one, CAME, NOW) for one in (pl.concat([tomorrow(5), gone]), tomorrow(5)))
    assert at(none, 12) < at(some, 12) - 4.5


def test_nothing_said_later_is_looked_at() -> None:
    later = tomorrow(20).with_columns(said_at=pl.lit(NOW + timedelta(minutes=1)))
    before = arrivals.forecast(MODEL, tomorrow(5), CAME, NOW)
    later = later.with_columns(pl.col("booking") + "-later")
    assert before.equals(arrivals.forecast(MODEL, pl.concat([tomorrow(5), later]), CAME, NOW))


def test_who_is_through_is_expected_no_more() -> None:
    nine = NOW + timedelta(hours=9)
    through = pl.DataFrame([passing(one, nine - timedelta(minutes=1)) for one in tomorrow(5)["booking"]], schema=PASSES)
    waiting, done = (
        arrivals.forecast(MODEL, tomorrow(5), one, nine)["expected"].sum() for one in (CAME, pl.concat([CAME, through]))
    )
    assert waiting - done > 7 * 5 * 0.9


def test_the_band_holds_the_forecast() -> None:
    found = arrivals.forecast(MODEL, tomorrow(5), CAME, NOW)
    assert (found["low"] <= found["expected"]).all() and (found["expected"] <= found["high"]).all()


MOVEMENTS = {"said_at": pl.Datetime("us", "UTC"), "value_at": pl.Datetime("us", "UTC")} | dict.fromkeys(
    ("movement", "kind", "berth"), pl.String
)


def calling(name: str, said: datetime, berths_at: datetime, berth: str = "TIDAL-01") -> dict[str, Any]:
    return {"said_at": said, "value_at": berths_at, "movement": name, "kind": "arrival", "berth": berth}


def test_ships_are_counted_where_they_were_said_to_come_last() -> None:
    noon = START + timedelta(days=3, hours=12)
    rows = [
        calling("m-1", START, noon - HOUR),
        calling("m-2", START, noon - HOUR),
        calling("m-2", START + HOUR, noon + timedelta(days=9)),
        calling("m-3", START, noon, "CANAL-01"),
        calling("m-4", START, noon - timedelta(days=2, hours=1)),
    ]
    ships = pl.DataFrame(rows, schema=MOVEMENTS)
    berths = {"g": ["TIDAL"], "h": ["CANAL", "EURE"]}
    found = [ship_work(ships, berths, [noon.date()], START + late * HOUR, "UTC") for late in (0, 1)]
    assert [list(one.values()) for one in found] == [[2, 1], [1, 1]]


def test_ships_announce_a_busy_day_before_bookings_do() -> None:
    """On every other day there were twice as many ships, and half as many bookings again."""
    days = [NOW.date() - timedelta(days=back) for back in range(1, 7 * WEEKS + 1)]
    busy = {day: day.toordinal() % 2 == 0 for day in days}
    quiet = SAID.filter(pl.col("booking").str.ends_with("-8").not_() & pl.col("booking").str.ends_with("-9").not_())
    rows = pl.concat([(SAID if busy[day] else quiet).filter(pl.col("slot_starts_at").dt.date() == day) for day in days])
    work = {("g", day): 20.0 if busy[day] else 10.0 for day in days}
    model = arrivals.learn(rows, CAME, START, NOW, zone="UTC", work=work)
    none = tomorrow(0)
    many, few = (
        arrivals.forecast(model, none, CAME, NOW, work={("g", NOW.date()): ships})["expected"].sum()
        for ships in (20.0, 10.0)
    )
    assert many > 1.05 * few


def test_without_appointments_there_is_nothing_to_learn() -> None:
    with pytest.raises(ValueError, match="no appointments from"):
        arrivals.learn(SAID.clear(), CAME, START, NOW)


# ------------------------------------------------------------------ queues

GATE = Gate("g", lanes=3, handling=180.0)  # 60 an hour


def flow(*counts: float) -> pl.DataFrame:
    hours = [NOW + hour * HOUR for hour in range(len(counts))]
    frame = {"hour": hours, "gate": ["g"] * len(counts), "expected": counts, "low": counts, "high": counts}
    return pl.DataFrame(frame, schema_overrides={"hour": pl.Datetime("us", "UTC")})


def test_what_does_not_fit_through_waits_until_it_does() -> None:
    found = queue.waits(GATE, flow(90, 40, 0), 0.0, NOW)
    assert found.height == 36
    lengths = dict(zip(found["time"].to_list(), found["queue"].to_list(), strict=True))
    assert [round(lengths[NOW + timedelta(minutes=one)]) for one in (0, 30, 60, 90, 120)] == [0, 15, 30, 20, 10]
    assert lengths[NOW + timedelta(minutes=150)] == 0


def test_a_truck_waits_for_those_before_it() -> None:
    found = queue.waits(GATE, flow(0, 0), 30.0, NOW)
    assert found["wait"][0] == pytest.approx(30.0)  # minutes, at one a minute


@given(st.lists(st.floats(0, 200), min_size=1, max_size=8), st.floats(0, 50))
def test_a_queue_is_never_negative_and_grows_with_the_flow(counts: list[float], waiting: float) -> None:
    found = queue.waits(GATE, flow(*counts), waiting, NOW)
    more = queue.waits(GATE, flow(*(one + 10 for one in counts)), waiting, NOW)
    assert (found["queue"] >= 0).all() and (found["wait"] >= 0).all()
    assert (more["queue"] >= found["queue"] - 1e-9).all()


def test_the_queue_now_is_what_came_less_what_went_in() -> None:
    came = pl.DataFrame([passing("", NOW - timedelta(seconds=60 * step + 1)) for step in range(180)], schema=PASSES)
    assert queue.waiting_now(came, GATE, [5.5] * 36, NOW) == pytest.approx(18)
    assert queue.waiting_now(came, GATE, [4.0] * 36, NOW) == 0
    idle = came.filter(pl.col("time") < NOW - timedelta(minutes=20))
    assert queue.waiting_now(idle, GATE, [5.5] * 36, NOW) == 0


def test_the_best_hours_are_those_of_the_shortest_wait() -> None:
    found = queue.waits(GATE, flow(90, 40, 0, 0), 0.0, NOW)
    best = queue.best_times(found, NOW, NOW + 3 * HOUR, count=2)
    assert best["hour"].to_list() == [NOW + 2 * HOUR, NOW]


# ------------------------------------------------------------------ counts alone


def test_counts_of_gates_are_forecast_from_their_past_alone() -> None:
    chance = np.random.default_rng(1)
    days = 120
    weekday = np.array([(date(2026, 1, 5) + timedelta(days=day)).weekday() < 5 for day in range(days)])
    counts = chance.poisson(np.where(weekday[:, None], 40.0, 4.0) * np.ones((1, 24))).astype(float)
    series = {"g": hourly.Series(date(2026, 1, 5), counts, np.zeros((days, 24)))}
    model = hourly.learn(series, 100)
    found = [hourly.forecast(model, series, day)["g"] for day in range(100, days)]
    assert np.mean(found) == pytest.approx(counts[100:].mean(), rel=0.1)
    future = hourly.Series(
        date(2026, 1, 5), np.where(np.arange(days)[:, None] >= 110, 999.0, counts), np.zeros((days, 24))
    )
    assert np.array_equal(hourly.forecast(model, {"g": future}, 110)["g"], found[10])


def test_a_few_days_are_not_enough_to_learn() -> None:
    series = {"g": hourly.Series(date(2026, 1, 5), np.ones((30, 24)), np.zeros((30, 24)))}
    with pytest.raises(ValueError, match="expected at least 1000"):
        hourly.learn(series, 30)
