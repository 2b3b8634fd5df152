"""How far it is to go: along the ways that ships take, and what is said where none was seen."""

import polars as pl
import pytest

from havre_mobility.eta.network import Network, learn
from tests.mobility.eta.sea import BEND, KNOTS, PILOT, TARGETS, known, leg_hours, network

KNOWN = known(6)
WAYS = network(KNOWN)
KM_AN_HOUR = KNOTS * 1.852


def asked(
    ways: Network, longitude: float, latitude: float, class_: str = "cargo", target: str = "pilot"
) -> dict[str, float]:
    place = {"target": [target], "class": [class_], "longitude": [longitude], "latitude": [latitude]}
    return {
        name: value / 1000
        for name, value in ways.to_go(pl.DataFrame(place)).row(0, named=True).items()
        if name in ("straight", "route")
    }


def test_the_way_goes_round_the_headland() -> None:
    found = asked(WAYS, *BEND[0])
    assert found["route"] == pytest.approx(leg_hours()[2] * KM_AN_HOUR, rel=0.03)
    assert found["straight"] < 0.97 * found["route"]


def test_the_way_to_a_berth_begins_at_the_pilot() -> None:
    found = asked(WAYS, *PILOT, target="berth-1")
    assert found["route"] == pytest.approx((leg_hours()[3] - leg_hours()[2]) * KM_AN_HOUR, rel=0.1)


def test_a_class_that_never_came_goes_the_way_of_all() -> None:
    assert asked(WAYS, *BEND[0], class_="tanker") == asked(WAYS, *BEND[0])


def told(*to_go_km: float, classes: str = "cargo") -> pl.DataFrame:
    """What so many voyages told of one place, half a degree west of the pilot."""
    return pl.DataFrame(
        {
            "target": "pilot", "class": classes, "voyage": [f"{classes}-{one}" for one in to_go_km],
            "longitude": PILOT[0] - 0.5, "latitude": PILOT[1], "to_go": [one * 1000 for one in to_go_km],
        }
    )  # fmt: skip


def test_where_nobody_came_it_is_longer_than_straight_by_as_much_as_elsewhere() -> None:
    ways = learn(told(72, 72), TARGETS)
    seen, unseen = asked(ways, PILOT[0] - 0.5, PILOT[1]), asked(ways, -0.9, 49.3)
    assert seen["route"] == 72
    assert unseen["route"] / unseen["straight"] == pytest.approx(72 / seen["straight"])


def test_no_way_is_shorter_than_the_straight_line() -> None:
    """Of a cell only the median is known, and a track can be wrong."""
    found = asked(learn(told(5, 5), TARGETS), PILOT[0] - 0.5, PILOT[1])
    assert found["route"] == found["straight"] > 30


def test_to_a_place_that_is_not_known_nothing_is_said() -> None:
    place = {"target": ["nowhere"], "class": ["cargo"], "longitude": [0.0], "latitude": [49.5]}
    assert WAYS.to_go(pl.DataFrame(place)).select("straight", "route").row(0) == (None, None)


def test_each_class_has_its_own_way_once_two_of_it_came() -> None:
    ways = learn(pl.concat([told(60, 62), told(90, 92, classes="tanker"), told(70, classes="passenger")]), TARGETS)
    found = [asked(ways, PILOT[0] - 0.5, PILOT[1], class_=one)["route"] for one in ("cargo", "tanker", "passenger")]
    assert found == [61, 91, 70]
