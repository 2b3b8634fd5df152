"""What truly comes into containers, and what of it sensors, cards, crews and trucks tell."""

import csv
import datetime
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from havre_scenario import waste
from havre_scenario.waste import Visits, Waste, fixed, play
from havre_scenario.waste.__main__ import main
from havre_scenario.waste.days import easter, holidays
from tests.scenario.waste.conftest import DAYS

DAY = 86400.0


def test_the_same_arguments_give_the_same_bytes_and_another_seed_other_ones(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        waste.city(seed, days=2).write(tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.csv"))
    assert len(files) == 18
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file
    assert (tmp_path / "a/waste/readings.csv").read_bytes() != (tmp_path / "c/waste/readings.csv").read_bytes()


def test_fixed_rounds_are_safe_and_often_early(month: Waste) -> None:
    done = month.driven.emptied
    assert 0.35 < done.fill.mean() < 0.55
    assert (month.driven.levels() > 1).mean() < 0.01


def test_litres_are_neither_lost_nor_made(month: Waste) -> None:
    """What came in is what was taken out by weight, and what is left."""
    course, rows = month.driven, np.arange(len(month.network.containers))
    end = course.loose(rows, np.full(len(rows), DAYS * DAY))
    came = month.initial * month.network.litres + month.inflow.litres.sum(axis=1)
    dense = np.array([one.kg_per_litre for one in month.network.containers])
    done = course.emptied
    weight = month.heavy[done.container, (done.at // DAY).astype(int)]
    taken = np.bincount(done.container, done.kg / weight / dense[done.container], len(rows))
    assert taken + end * month.network.litres == pytest.approx(came)


def test_emptying_brings_a_container_down(month: Waste) -> None:
    done = month.driven.emptied
    after = month.fill(done.container, done.at + 1)
    assert (after[done.done] < 0.35 * done.fill[done.done] + 0.2).all()
    assert after[~done.done] == pytest.approx(done.fill[~done.done], abs=0.05)
    assert 0 < (~done.done).mean() < 0.02
    much_left = after[done.done] > 0.06 * done.fill[done.done]
    assert 0.01 < much_left.mean() < 0.04


def test_good_sensors_tell_the_level_within_their_noise(month: Waste) -> None:
    read = month.readings
    bad = np.zeros(len(read.at), bool)
    for one in month.faults:
        bad |= (read.container == one.container) & (read.at >= one.from_at) & (read.at < one.to_at)
    depth = np.array([one.depth_mm for one in month.network.containers])[read.container]
    dead = np.array([one.dead_zone_mm for one in month.network.containers])[read.container]
    told = 1 - (read.distance_mm - dead) / (depth - dead)
    error = np.abs(told - np.minimum(1, month.fill(read.container, read.at)))
    assert not np.isnan(read.distance_mm[~bad]).any()
    assert np.median(error[~bad]) < 0.04
    assert 0.005 < (error[~bad] > 0.3).mean() < 0.02, "good sensors have wild values too"
    assert np.nanmedian(error[bad]) > 2 * np.median(error[~bad])


@pytest.mark.parametrize("faulty", (0.05, 0.16))
def test_so_many_sensors_lie_at_any_time(faulty: float) -> None:
    period = waste.city(2, days=70, faulty=faulty)
    share = (period.schedule.fault >= 0).mean()
    assert faulty * 0.6 < share < faulty * 1.3
    assert {one.kind for one in period.faults} == {"spikes", "tilt", "stuck", "dead", "drift", "bag"}


def test_some_readings_do_not_arrive(month: Waste) -> None:
    whole = month.schedule.fault < 0
    assert 0.01 < month.schedule.lost[whole].mean() < 0.12


def test_deposits_explain_the_inflow_of_counted_containers(month: Waste) -> None:
    put = month.deposits
    counted = np.array([one.counts for one in month.network.containers])
    assert set(np.unique(put.container).tolist()) <= set(np.flatnonzero(counted).tolist())
    number = np.bincount(put.container, minlength=len(counted))
    bulky = month.inflow.bulky[counted].sum() / month.inflow.litres[counted].sum()
    assert 0.985 < number.sum() / month.inflow.deposits[counted].sum() < 0.985 + 1.5 * bulky
    correlation = np.corrcoef(number[counted], month.inflow.deposits[counted].sum(axis=1))[0, 1]
    assert correlation > 0.999


def test_what_is_bulky_goes_through_an_opening_in_parts_or_is_not_counted(month: Waste) -> None:
    counted = np.flatnonzero([one.counts for one in month.network.containers])
    container, hour = np.nonzero(month.inflow.bulky[counted] > 1000)
    put = np.zeros(month.inflow.bulky.shape, np.int64)
    np.add.at(put, (month.deposits.container, (month.deposits.at // 3600).astype(np.int64)), 1)
    many = put[counted[container], hour] > 15
    assert len(many) > 20 and 0.6 < many.mean() < 0.9


def test_a_badge_lives_for_a_month() -> None:
    put = waste.city(1, datetime.date(2026, 4, 28), days=6).deposits
    before, after = put.badge[put.at < 3 * DAY], put.badge[put.at >= 3 * DAY]
    assert len(np.unique(before)) < len(before)
    assert not set(before.tolist()) & set(after.tolist())


def test_crews_and_trucks_tell_a_part_and_not_always_right(month: Waste) -> None:
    done, notes, passes = month.driven.emptied, month.crew_notes, month.truck_passes
    assert 0.1 < len(notes.at) / len(done.at) < 0.3
    states = Counter(notes.state.tolist())
    assert states[0] > 5 * states[4] > 0
    visited = set(zip(done.container.tolist(), (done.at // DAY).tolist(), strict=True))
    stood = list(zip(passes.container.tolist(), ((passes.at + 40) // DAY).tolist(), strict=True))
    assert 0.85 < np.mean([one in visited for one in stood]) < 0.99
    assert 0.9 < len(visited & set(stood)) / len(visited) < 1


def test_the_fixed_rounds_day_by_day_give_the_same_city(month: Waste) -> None:
    course = play(month, fixed)
    assert (course.levels() == month.driven.levels()).all()
    assert (course.readings(3 * DAY, 5 * DAY).distance_mm == month.driven.readings(3 * DAY, 5 * DAY).distance_mm).sum()


def test_a_policy_sees_what_was_seen_and_decides_what_is_emptied(month: Waste) -> None:
    seen = []

    def whatever_is_said_to_be_high(course: waste.Play, day: int) -> Visits:
        read = course.readings((day - 1) * DAY, day * DAY)
        assert read.at.max(initial=0) < day * DAY
        seen.append(len(read.at))
        high = np.unique(read.container[read.distance_mm < 700])
        return Visits(high, day * DAY + 6 * 3600 + np.arange(len(high)) * 20.0, np.zeros(len(high), int))

    course = play(month, whatever_is_said_to_be_high, since_day=21)
    assert seen and min(seen) > 3000
    before = month.planned.of(0, 21 * DAY)
    emptied = course.emptied
    assert (emptied.container[: len(before.at)] == month.driven.emptied.container[: len(before.at)]).all()
    sensed = [one.sensor is not None for one in month.network.containers]
    assert np.array(sensed)[emptied.container[len(before.at) :]].all()
    assert emptied.fill[len(before.at) :].mean() > month.driven.emptied.fill.mean() + 0.05


@pytest.mark.parametrize(
    ("at", "why"), [((4.5, 3.9), "before another"), ((5, -0.1), "the period is"), ((5, DAYS), "the period is")]
)
def test_what_was_played_cannot_be_changed(month: Waste, at: tuple[float, float], why: str) -> None:
    course, two = waste.Play(month), np.array([7, 8])
    course.empty(Visits(two, np.array([4.0, 4.0]) * DAY, two))
    before = course.levels()
    with pytest.raises(ValueError, match=why):
        course.empty(Visits(two, np.array(at) * DAY, two))
    assert (course.levels() == before).all() and len(course.emptied.at) == 2


def test_nothing_emptied_means_that_all_overflows(month: Waste) -> None:
    rows = np.arange(1000)
    assert (waste.Play(month).fill(rows, np.full(1000, DAYS * DAY - 1)) > 1).mean() > 0.8


def test_easter_and_holidays_are_those_of_the_calendar() -> None:
    assert [easter(year) for year in (2024, 2025, 2026, 2027)] == [
        datetime.date(2024, 3, 31), datetime.date(2025, 4, 20), datetime.date(2026, 4, 5), datetime.date(2027, 3, 28),
    ]  # fmt: skip
    found = holidays(datetime.date(2026, 1, 1), 365)
    days = {datetime.date(2026, 1, 1) + datetime.timedelta(days=day): name for day, name in found.items()}
    assert len(days) == 11
    assert days[datetime.date(2026, 4, 6)] == "Lundi de Pâques"
    assert days[datetime.date(2026, 5, 25)] == "Lundi de Pentecôte"


def test_the_command_writes_the_period_and_tells_the_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--seed", "4", "--start", "2026-07-13", "--days", "2", "--faulty", "0.16", "--out", str(tmp_path)])
    told = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert (tmp_path / "waste/holidays.csv").read_text("utf-8") == "date,name\n2026-07-14,Fête nationale\n"
    deposits = (tmp_path / "waste/deposits.csv").read_text("utf-8").splitlines()
    assert int(told["waste/deposits.csv"]) == len(deposits) - 1
    assert deposits[1].startswith("2026-07-13T")


def test_the_files_have_their_columns_and_times(month: Waste, tmp_path: Path) -> None:
    period = waste.city(1, days=1)
    written = period.write(tmp_path)
    with (tmp_path / "waste/readings.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == written["waste/readings.csv"] == len(period.readings.at)
    assert list(rows[0]) == ["time", "sensor", "distance_mm", "tilt_deg", "temperature_c", "battery_mv"]
    assert rows[0]["time"].startswith("2026-03-02T00:") and rows[0]["time"].endswith("Z")
    assert written["truth/waste/levels.csv"] == 24_000
