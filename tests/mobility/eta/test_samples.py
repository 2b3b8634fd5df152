"""What is known at a moment, and that nothing later is looked at."""

from dataclasses import replace

import polars as pl
import pytest

from havre_mobility.eta.samples import FEATURES, Known, expected, moments, outcomes, samples, steps
from tests.mobility.eta.sea import AGENT_EARLY_H, at, known, leg_hours, network, voyage

KNOWN = known(6)
WAYS = network(KNOWN)
FIRST = 12.0
"""When the first ship begins her way."""


def sample(hours: float, point: str = "pilot", of: Known = KNOWN) -> dict[str, float]:
    moment = pl.DataFrame(
        {"movement": ["m-0"], "mmsi": [227_000_000], "point": [point], "at": [at(hours)]}
    ).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))
    return samples(moment, of, WAYS).row(0, named=True)


def test_far_out_there_is_only_the_agent() -> None:
    found = sample(FIRST - 5)
    assert found["base"] == found["agent"] == pytest.approx(5 + leg_hours()[2] - AGENT_EARLY_H, abs=1.5)
    assert found["straight_h"] is None and found["route_h"] is None


def test_a_ship_that_is_heard_has_a_way_to_go() -> None:
    found = sample(FIRST + 1)
    assert found["route_h"] == pytest.approx(leg_hours()[2] - 1, abs=0.15)
    assert found["straight_h"] < found["route_h"]
    assert found["rests"] == pytest.approx(0, abs=0.1)


def test_behind_the_pilot_lies_the_berth() -> None:
    pilot, berth = (sample(FIRST + 1, point)["route_h"] for point in ("pilot", "berth"))
    assert berth - pilot == pytest.approx(leg_hours()[3] - leg_hours()[2], abs=0.15)


def test_from_the_pilot_on_only_the_rest_counts() -> None:
    found = sample(FIRST + leg_hours()[2] + 0.5, "berth")
    assert found["route_h"] == pytest.approx(leg_hours()[3] - leg_hours()[2] - 0.5, abs=0.2)


def test_a_ship_that_fell_silent_is_nowhere() -> None:
    quiet = replace(KNOWN, steps=KNOWN.steps.filter(pl.col("time") < at(FIRST + 1)))
    assert sample(FIRST + 1.5, of=quiet)["straight_h"] is not None
    assert sample(FIRST + 2, of=quiet)["straight_h"] is None


def test_a_ship_at_anchor_has_the_speed_that_she_had() -> None:
    reports, _ = voyage(0, FIRST)
    resting = reports.filter(pl.col("time") < at(FIRST + 1))
    last = resting.tail(1)
    anchored = pl.concat(
        [resting, *(last.with_columns(pl.col("time") + pl.duration(minutes=3 * n), speed=0.1) for n in range(1, 60))]
    )
    found = sample(FIRST + 3, of=replace(KNOWN, steps=steps(anchored)))
    assert found["speed"] < 1 < found["cruise"]
    assert found["rests"] == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("hours", [FIRST - 5, FIRST + 1.04, FIRST + 3.04])
@pytest.mark.parametrize("point", ["pilot", "berth"])
def test_nothing_later_is_looked_at(hours: float, point: str) -> None:
    now = at(hours)
    until = replace(
        KNOWN,
        steps=KNOWN.steps.filter(pl.col("time") <= now),
        announcements=KNOWN.announcements.filter(pl.col("said_at") <= now),
    )
    assert sample(hours, point, of=until) == sample(hours, point)


def test_every_feature_is_there() -> None:
    assert set(FEATURES) <= set(sample(FIRST))
    assert not {"came", "came_at"} & set(FEATURES)


def test_moments_lie_before_what_took_place() -> None:
    found = moments(outcomes(KNOWN.announcements), within=6)
    assert found["came"].min() > 0  # type: ignore[operator]
    assert found["came"].max() < 6.5  # type: ignore[operator]
    assert set(found["point"]) == {"pilot", "berth"}


def test_expected_is_what_was_announced_and_has_not_been() -> None:
    def points(hours: float) -> list[tuple[str, str]]:
        found = expected(KNOWN.announcements, at(hours)).filter(pl.col("movement") == "m-0")
        return found.select("movement", "point").rows()

    assert points(FIRST - 11) == []
    assert points(FIRST) == [("m-0", "berth"), ("m-0", "pilot")]
    assert points(FIRST + leg_hours()[2] + 0.1) == [("m-0", "berth")]
    assert points(FIRST + leg_hours()[3] + 0.1) == []
