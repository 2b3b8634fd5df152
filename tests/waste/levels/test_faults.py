"""A sensor that lies is found, shown with a value, not followed, and believed again when it is well."""

from collections.abc import Callable

import pytest

from havre_waste.levels import faulty, levels
from tests.waste.levels import bins

BROKEN, WELL, END = 100, 196, 300
Fill = Callable[[float], float | None]


def true(hour: float) -> float:
    """Emptied every 48 hours at the seventh."""
    return 0.01 + 0.011 * ((hour - 7) % 48)


LIES: dict[str, Fill] = {
    "spikes": lambda hour: true(hour) if hour % 8 else 1.1 * (hour * 0.29 % 1),
    "dead": lambda hour: None,
    "drift": lambda hour: true(hour) - 0.003 * (hour - BROKEN),
    "bag": lambda hour: 1.02,
}
STOPS = [bins.stop(hour, container=f"c-{number}") for number in (0, 1) for hour in range(7, END, 48)]


def course(kind: str) -> list[dict[str, object]]:
    """Readings of one that lies between ``BROKEN`` and ``WELL``."""
    lie = LIES.get(kind, lambda hour: 0.4)
    found = bins.at(range(0, END, 4), lambda hour: lie(hour) if BROKEN <= hour < WELL else true(hour))
    for number, row in enumerate(found):
        if BROKEN <= number * 4 < WELL:
            row |= {"stuck": {"distance_mm": 1400}, "tilt": {"tilt_deg": 40.0}}.get(kind, {})
    others = bins.at(range(0, END, 4), true, 1)
    return others + [row for number, row in enumerate(found) if kind != "silent" or not BROKEN <= number * 4 < WELL]


@pytest.mark.parametrize("kind", ["spikes", "tilt", "stuck", "dead", "silent", "drift", "bag"])
def test_a_lying_sensor_is_found_not_followed_and_believed_again(kind: str) -> None:
    told = bins.rows(course(kind), STOPS)
    state, _, faults = bins.run(bins.start(bins.fleet(2)), told, 180)
    assert faults["fault"].to_list() == ["dead" if kind == "silent" else kind]
    assert (faults["time"][0] - bins.after(BROKEN)).total_seconds() <= 56 * 3600
    assert faults["value"][0] is not None
    (shown,) = faulty(state).iter_rows()
    assert shown == faults.select("time", "container", "fault", "value").row(0)
    row = levels(state, bins.after(180)).row(0, named=True)
    assert (row["basis"], row["fault"]) == ("model", faults["fault"][0])
    assert row["p10"] < true(180) < row["p90"], "the estimate goes on, from stops and its own rate"
    state, _, faults = bins.run(state, told, END)
    assert faults["fault"].to_list() == [None] and faulty(state).is_empty()
    row = levels(state, bins.after(END)).row(0, named=True)
    assert row["basis"] == "sensor" and row["p50"] == pytest.approx(true(END), abs=0.07)


def test_good_sensors_are_not_accused() -> None:
    readings = [row for number in range(20) for row in bins.at(range(0, END, 4), true, number)]
    stops = [bins.stop(hour, container=f"c-{number}") for number in range(20) for hour in range(7, END, 48)]
    _, emptyings, faults = bins.run(bins.start(bins.fleet(20)), bins.rows(readings, stops), END)
    assert faults.is_empty() and emptyings.height == 20 * len(STOPS) / 2


def test_when_the_network_is_silent_no_sensor_is_accused() -> None:
    readings = [row for number in range(5) for row in bins.at(range(0, 60, 4), true, number)]
    state, _, faults = bins.run(bins.start(bins.fleet(5)), bins.rows(readings), 120)
    assert faults.is_empty()
    assert set(levels(state, bins.after(120))["basis"][:5]) == {"model"}, "what it does not see it does not claim"


def test_a_coarse_sensor_that_repeats_itself_by_nature_is_not_stuck() -> None:
    coarse = [
        row | {"distance_mm": round(float(str(row["distance_mm"])) / 200) * 200}
        for row in bins.at(range(0, END, 1), true)
    ]
    told = bins.rows(coarse, STOPS)
    state, _, _ = bins.run(bins.start(bins.fleet()), told, 48)
    _, _, faults = bins.run(state, bins.rows(coarse, STOPS), END)
    assert "stuck" not in faults["fault"].to_list()


def test_two_visits_that_change_nothing_show_that_a_sensor_does_not_follow() -> None:
    readings = bins.at(range(0, 140, 4), lambda hour: true(hour) if hour < 53 else 0.5)
    _, emptyings, faults = bins.run(bins.start(bins.fleet()), bins.rows(readings, STOPS), 140)
    assert faults["fault"].to_list() == ["stuck"]
    assert bins.after(103.0) < emptyings["time"].max() < bins.after(103.1), "then it was emptied after all"
