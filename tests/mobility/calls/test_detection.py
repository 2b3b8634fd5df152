"""Visits of areas: what begins them, what ends them, what does neither."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from havre_mobility.calls.areas import KINDS, Area, Grid, Rims, bits, grid, of_geojson, outside
from havre_mobility.calls.cleaning import clean
from havre_mobility.calls.detection import VISITS, rims, visits
from tests.mobility.calls.port import BOUNDS, CALL, EAST, LATITUDE, LONGITUDE, PORT, at, ship

GRID = grid(PORT, rims())


def seen(*frames: pl.DataFrame, particulars: pl.DataFrame | None = None) -> pl.DataFrame:
    return visits(clean(pl.concat(frames), BOUNDS)[0], GRID, particulars)


def areas_of(found: pl.DataFrame) -> list[str]:
    return found["area"].to_list()


def test_a_call_is_seen_area_by_area() -> None:
    found = seen(ship(CALL))
    assert found.schema == pl.Schema(VISITS)
    assert areas_of(found) == ["approach", "lock", "inner", "lock", "approach"]
    berth = found.filter(pl.col("kind") == "berth").row(0, named=True)
    assert abs((berth["entered_at"] - at(100)).total_seconds()) <= 20
    assert abs((berth["left_at"] - at(400)).total_seconds()) <= 20
    assert berth["entered"] and berth["left"]


def test_a_ship_that_only_passes_a_berth_has_not_been_there() -> None:
    assert areas_of(seen(ship([(0, -1000, 130), (20, 1000, 130)]))) == []


def test_a_stop_of_some_minutes_is_not_a_visit() -> None:
    slow = ship([(0, -1000, 130), (10, 0, 130), (15, 0, 130), (25, 1000, 130)])
    assert areas_of(seen(slow)) == []


def test_a_moored_ship_that_surges_stays() -> None:
    """Speeds between the thresholds, and some minutes above both: the visit goes on."""
    moored = ship([(0, -14000, 0), (60, 0, 130), (400, 0, 130), (460, -14000, 0)])
    row = pl.int_range(pl.len())
    surging = (
        pl.when(row.is_between(1000, 1400)).then(0.9)
        .when(row.is_between(1500, 1510)).then(2.0)
        .otherwise(pl.col("speed"))
    )  # fmt: skip
    found = seen(moored.with_columns(surging.alias("speed")))
    assert areas_of(found.filter(pl.col("kind") == "berth")) == ["west"]


def test_noise_of_the_fix_makes_no_second_visit() -> None:
    chance = np.random.default_rng(1)
    berthed = ship([(0, 250, 130), (600, 250, 130)], every=60)
    noisy = berthed.with_columns(
        pl.col("longitude") + chance.normal(0, 25, berthed.height) / EAST,
        pl.col("latitude") + chance.normal(0, 25, berthed.height) / (60 * 1852),
    )
    assert areas_of(seen(noisy)) == ["east"]


def test_a_ship_alongside_another_is_at_the_same_berth() -> None:
    outer = ship([(0, 250, 130 - 45 - 40), (120, 250, 130 - 45 - 40)], every=60)
    assert areas_of(seen(outer)) == ["east"]


def hull(**metres: int) -> pl.DataFrame:
    sides = {"to_bow": 0, "to_stern": 0, "to_port": 0, "to_starboard": 0} | metres
    return pl.DataFrame({"mmsi": [227_000_001], **{name: [value] for name, value in sides.items()}})


def test_a_ship_longer_than_her_berth_is_where_her_middle_is() -> None:
    """Her antenna, far aft, lies off the neighbouring berth."""
    antenna = ship([(0, 90, 130), (120, 90, 130)], every=60, heading=90)
    assert areas_of(seen(antenna)) == ["west"]
    assert areas_of(seen(antenna, particulars=hull(to_bow=330, to_stern=30))) == ["east"]


def test_the_middle_of_a_ship_that_heads_north_is_the_mean_of_her_headings() -> None:
    """Headings on both sides of north: their median would be south."""
    berthed = ship([(0, 250, 0), (119, 250, 0)], every=60)
    north = berthed.with_columns(pl.when(pl.int_range(pl.len()) % 2 == 0).then(359).otherwise(1).alias("heading"))
    found = seen(
        north.with_columns(pl.lit(LATITUDE + 60 / (60 * 1852)).alias("latitude")), particulars=hull(to_bow=140)
    )
    assert found["latitude"][0] > LATITUDE + 100 / (60 * 1852)


def test_two_ships_do_not_share_a_visit() -> None:
    """One leaves the log in a berth, the next begins it there."""
    first = ship([(0, 0, 130), (60, 0, 130)], mmsi=227_000_001)
    second = ship([(60, 0, 130), (120, 0, 130)], mmsi=227_000_002)
    found = seen(first, second)
    assert found["mmsi"].to_list() == [227_000_001, 227_000_002]
    assert not found["entered"].any() and not found["left"].any()


def test_a_ship_that_falls_silent_at_berth_was_there_until_her_last_report() -> None:
    moored, later = ship([(0, -14000, 0), (60, 0, 130), (120, 0, 130)]), ship([(900, -9000, 0), (930, -14000, 0)])
    berth = seen(moored, later).filter(pl.col("kind") == "berth").row(0, named=True)
    assert berth["left_at"] == at(120)
    assert berth["silence"].total_seconds() == 780 * 60


def test_at_anchor_a_ship_may_swing() -> None:
    swing = [(60 * hour, -10500 + 300 * (-1) ** hour, 3000.0) for hour in range(8)]
    found = seen(ship([(-60, -20_000, 3000), *swing, (480, -20_000, 3000)], every=60))
    assert areas_of(found) == ["roads"]


@given(st.lists(st.tuples(st.floats(-15_000, 5000), st.floats(-2000, 6000)), min_size=1, max_size=40))
def test_the_grid_says_what_the_distances_say(places: list[tuple[float, float]]) -> None:
    x, y = np.array(places).T
    longitude, latitude = LONGITUDE + x / EAST, LATITUDE + y / (60 * 1852)
    assert GRID.levels(longitude, latitude).tolist() == exactly(GRID, longitude, latitude).tolist()


def test_the_grid_says_what_the_distances_say_where_everything_overlaps() -> None:
    ring = PORT[0].ring
    everything = [Area(kind, kind, kind, ring) for kind in KINDS]
    full = grid([*everything, PORT[1]], {kind: Rims(0, 100) for kind in KINDS})
    chance = np.random.default_rng(2)
    longitude = LONGITUDE + chance.uniform(-9000, 0, 5000) / EAST
    latitude = LATITUDE + chance.uniform(-900, 900, 5000) / (60 * 1852)
    found = full.levels(longitude, latitude)
    assert found.tolist() == exactly(full, longitude, latitude).tolist()
    assert set(found.tolist()) == {0, 0xF0, 0xFF}


def exactly(of: Grid, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    x, y = of.plane.metres(longitude, latitude)
    each = [bits(a.kind, of.rims[a.kind], outside(x, y, ring)) for a, ring in zip(of.areas, of.rings, strict=True)]
    return np.bitwise_or.reduce(each)


def test_far_away_is_in_no_area() -> None:
    assert GRID.levels(np.array([-179.0, 179.0, 0.1]), np.array([-89.0, 89.0, 60.0])).tolist() == [0, 0, 0]


def test_distances_to_a_square() -> None:
    square = np.array([[0, 0], [10, 0], [10, 10], [0, 10.0]])
    x, y = np.array([5, 5, 13, -3, 9]), np.array([5, -2, 14, 5, 5.0])
    assert outside(x, y, square).tolist() == [-5, 2, 5, 3, -1]


def test_areas_are_read_from_geojson() -> None:
    ring = [[0.1, 49.4], [0.2, 49.4], [0.2, 49.5], [0.1, 49.4]]
    berth = {"geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {"id": "B1", "kind": "berth"}}
    road = {"geometry": {"type": "LineString", "coordinates": ring}, "properties": {"id": "R", "kind": "road"}}
    assert of_geojson({"features": [berth, road]}) == (Area("B1", "berth", "B1", tuple(map(tuple, ring))),)


def test_a_grid_needs_areas() -> None:
    with pytest.raises(ValueError, match="no area"):
        grid([], rims())
